"""Requests to programs, and what programs still have to do."""

from __future__ import annotations

from typing import Any, ClassVar

from django.contrib import admin
from django.utils.translation import gettext_lazy as _

from alerts.models import Duty, ExtensionRequest
from cases.admin.case_data import CaseDataAdmin

from .exchange import (
    LowerNoticeRows,
    NoteBlocks,
    OutsideActivationBlocks,
    OutsideAnswerRows,
    OutsideChangeBlocks,
    RoundBlocks,
)


@admin.register(ExtensionRequest)
class ExtensionRequestAdmin(CaseDataAdmin):
    """Requests with the times of their clocks and everything said on them; decisions are made in the portal only."""

    inlines = (
        RoundBlocks,
        NoteBlocks,
        LowerNoticeRows,
        OutsideActivationBlocks,
        OutsideChangeBlocks,
        OutsideAnswerRows,
    )
    list_display = ("number", "case", "requesting_agency", "program", "kind_label", "status", "sent_at")
    list_filter = ("status",)
    list_select_related = ("case", "requesting_agency", "program")
    search_fields = ("number", "case__reference")
    search_help_text = _("Search by the number or by the reference of the case.")
    sortable_by = ("number", "status", "sent_at")
    fieldsets: ClassVar[Any] = [
        (None, {"fields": ("number", "case", "requesting_agency", "program", "kind_label", "status")}),
        (_("The request"), {"fields": (
                    "note", "note_language", "follows", "link", "created_at", "created_by", "saved_at", "saved_by",
                    "sent_at", "sent_by",
                )}),
        (
            _("The decision"),
            {
                "fields": (
                    "acknowledged_at", "acknowledged_by", "receiver_reference", "decided_at", "decided_by", "criteria",
                    "decline_reason_label", "alternative_label", "decision_note", "decision_language",
                )
            },
        ),
        (_("Afterwards"), {"fields": (
                    "withdrawal_reason_label", "activated_at", "cancellation_reason_label", "cancelled_at",
                    "confirmed_at",
                )}),
    ]  # fmt: skip

    def reference_of(self, obj: Any) -> str:
        """Return the number."""
        return str(obj.number)


@admin.register(Duty)
class DutyAdmin(CaseDataAdmin):
    """Duties of the reader's own programs; only officers discharge them."""

    list_display = ("subject", "kind", "program", "status", "due_at", "discharged_at")
    list_filter = ("status", "kind")
    list_select_related = ("alert", "request", "case", "program")
    search_fields = ("alert__number", "request__number", "case__reference")
    search_help_text = _("Search by the number of the alert or by the reference of the case.")
    sortable_by = ("status", "due_at", "discharged_at")
    fieldsets: ClassVar[Any] = [
        (None, {"fields": ("case", "alert", "request", "kind", "program", "status", "created_at", "due_at")}),
        (_("Discharged"), {"fields": ("discharged_at", "discharged_by", "outcome", "reason_label", "told_overdue_at")}),
    ]
