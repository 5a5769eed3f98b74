"""Alerts with their words, and the CAP messages that were sent."""

from __future__ import annotations

from typing import Any, ClassVar

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from agencies.admin.acting import acting
from agencies.admin.scoped import ReadOnlyBlocks, ReadOnlyRows
from agencies.models import User
from alerts.models import Alert, AlertArea, AlertMessage, AlertText, CoveredAlert
from cases.admin.case_data import CaseDataAdmin


class AlertTextBlocks(ReadOnlyBlocks):
    """The words in each language, with author and reviewer."""

    model = AlertText
    fields = (
        "language", "source", "event", "headline", "description", "instruction", "author", "written_at", "reviewer",
        "reviewed_at",
    )  # fmt: skip
    readonly_fields = fields

    def get_queryset(self, request: HttpRequest) -> QuerySet:
        """Load what every block names with the blocks."""
        return super().get_queryset(request).select_related("alert", "author", "reviewer")


class AlertAreaRows(ReadOnlyRows):
    """The subdivisions that the alert covers."""

    model = AlertArea
    fields = ("subdivision",)
    readonly_fields = fields

    def get_queryset(self, request: HttpRequest) -> QuerySet:
        """Load what every row names with the rows."""
        return super().get_queryset(request).select_related("alert", "subdivision")


class CoveredAlertRows(ReadOnlyRows):
    """The alerts of states that a national alert covers, in the portal or outside it; only what the reader may see."""

    model = CoveredAlert
    fk_name = "national"
    fields = ("alert", "request", "linked_at")
    readonly_fields = fields

    def get_queryset(self, request: HttpRequest) -> QuerySet:
        """Return the links whose both ends this person may see."""
        rows: QuerySet = CoveredAlert.objects.visible_to(acting(request))  # type: ignore[attr-defined]
        return rows.select_related("national", "alert", "request")


@admin.register(Alert)
class AlertAdmin(CaseDataAdmin):
    """Alerts: the words are read here; they are written, approved and withdrawn in the portal only."""

    inlines = (AlertTextBlocks, AlertAreaRows, CoveredAlertRows)
    list_display = ("number", "case", "program", "status", "is_exercise", "activated_at", "expires_at")
    list_filter = ("status", "is_exercise")
    list_select_related = ("case", "program")
    search_fields = ("number", "case__reference")
    search_help_text = _("Search by the number or by the reference of the case.")
    sortable_by = ("number", "status", "activated_at", "expires_at")
    fieldsets: ClassVar[Any] = [
        (None, {"fields": ("number", "case", "program", "request", "status", "is_exercise", "duration_hours")}),
        (
            _("Who"),
            {
                "fields": (
                    "created_at", "created_by", "submitted_at", "submitted_by", "approved_at", "approved_by",
                    "content_hash",
                )
            },
        ),
        (
            _("Exception"),
            {"fields": ("exception", "fallback", "exception_reason", "exception_at", "exception_by")},
        ),
        (
            _("Term"),
            {"fields": ("criteria", "activated_at", "expires_at", "ended_at", "end_reason_label", "end_explanation")},
        ),
    ]  # fmt: skip

    def reference_of(self, obj: Any) -> str:
        """Return the number."""
        return str(obj.number)


@admin.register(AlertMessage)
class AlertMessageAdmin(CaseDataAdmin):
    """CAP messages by their identifiers; neither their bytes nor their words are loaded."""

    case_path = "alert.case_id"
    list_display = ("identifier", "alert", "msg_type", "sent", "created_at")
    list_filter = ("msg_type",)
    list_select_related = ("alert",)
    search_fields = ("identifier", "alert__number", "alert__case__reference")
    search_help_text = _("Search by the identifier, the number of the alert or the reference of the case.")
    sortable_by = ("identifier", "created_at")
    fieldsets: ClassVar[Any] = [
        (None, {"fields": ("alert", "msg_type", "identifier", "sender", "sent", "references", "created_at")}),
    ]

    def scope(self, rows: QuerySet, user: User) -> QuerySet:
        """The messages of alerts that this person may see."""
        return rows.filter(alert__in=Alert.objects.visible_to(user)).defer("xml", "texts")
