"""Updates of alerts and withdrawals from the public, for looking up; both are made in the portal only."""

from __future__ import annotations

from typing import Any, ClassVar

from django.contrib import admin
from django.utils.translation import gettext_lazy as _

from alerts.models import AlertUpdate, Redaction
from cases.admin.case_data import CaseDataAdmin

SEARCHED = ("alert__number", "alert__case__reference")
SEARCH_HELP = _("Search by the number of the alert or by the reference of the case.")


@admin.register(AlertUpdate)
class AlertUpdateAdmin(CaseDataAdmin):
    """Updates of the reader's own programs, without words and facts: those are read on the Update's page."""

    case_path = "alert.case_id"
    list_display = ("alert", "kind", "status", "created_at", "decided_at")
    list_filter = ("status", "kind")
    list_select_related = ("alert",)
    search_fields = SEARCHED
    search_help_text = SEARCH_HELP
    sortable_by = ("status", "created_at", "decided_at")
    fieldsets: ClassVar[Any] = [
        (None, {"fields": ("alert", "kind", "status", "message")}),
        (_("Renewal"), {"fields": ("hours", "reason_label", "renewal_asked_at")}),
        (
            _("Who"),
            {
                "fields": (
                    "created_at", "created_by", "submitted_at", "submitted_by", "decided_at", "decided_by",
                    "refusal_reason_label",
                )
            },
        ),
    ]  # fmt: skip

    def scope(self, rows: Any, user: Any) -> Any:
        """The Updates of the reader's own programs; words, facts and the bytes of the message are not loaded."""
        return rows.visible_to(user).select_related("alert", "message").defer("texts", "facts", "message__xml")


@admin.register(Redaction)
class RedactionAdmin(CaseDataAdmin):
    """Withdrawals from the public of the reader's own programs; whom they concern is shown as a reference."""

    case_path = "alert.case_id"
    list_display = ("alert", "kind", "reason_label", "at", "by", "lifted_at")
    list_filter = ("kind",)
    list_select_related = ("alert", "by")
    search_fields = SEARCHED
    search_help_text = SEARCH_HELP
    sortable_by = ("at", "lifted_at")
    fieldsets: ClassVar[Any] = [
        (
            None,
            {"fields": ("alert", "kind", "child", "person", "reason_label", "at", "by", "lifted_at", "lifted_by")},
        ),
    ]
