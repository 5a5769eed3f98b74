"""What was said and recorded on a request: shown on its page, read-only. It is written in the portal only."""

from __future__ import annotations

from typing import Any

from django.db.models import QuerySet
from django.http import HttpRequest

from agencies.admin.scoped import ReadOnlyBlocks, ReadOnlyRows
from alerts.models import (
    InformationRound,
    LowerNotice,
    OutsideActivation,
    OutsideAnswer,
    OutsideChange,
    RequestNote,
)
from cases.admin.case_data import CodedInline


class OfRequestInline(CodedInline):
    """Rows of one request; whoever sees the request sees them."""

    people: tuple[str, ...] = ()

    def get_queryset(self, request: HttpRequest) -> QuerySet:
        """Load what every row names with the rows."""
        rows: Any = super().get_queryset(request)  # type: ignore[misc]
        return rows.select_related("request", *self.people)  # type: ignore[no-any-return]


class RoundBlocks(OfRequestInline, ReadOnlyBlocks):
    """Questions and answers."""

    model = InformationRound
    people = ("asked_by", "answered_by")
    fields = (
        "number", "questions_label", "text", "text_language", "asked_at", "asked_by", "answer_text", "answer_language",
        "answered_at", "answered_by",
    )  # fmt: skip
    readonly_fields = fields


class NoteBlocks(OfRequestInline, ReadOnlyBlocks):
    """Free words of one side to the other."""

    model = RequestNote
    people = ("written_by",)
    fields = ("kind", "reason_label", "text", "language", "written_at", "written_by")
    readonly_fields = fields


class LowerNoticeRows(OfRequestInline, ReadOnlyRows):
    """What the program put in force below an alert."""

    model = LowerNotice
    people = ("recorded_by", "raised_by")
    fields = ("level_label", "in_force_at", "recorded_by", "raised_at", "raised_by", "ended_at")
    readonly_fields = fields


class OutsideActivationBlocks(OfRequestInline, ReadOnlyBlocks):
    """An alert in the program's own system."""

    model = OutsideActivation
    people = ("recorded_by",)
    fields = (
        "number", "area", "area_language", "channels_label", "starts_at", "expires_at", "time_zone", "text",
        "text_language", "link", "recorded_at", "recorded_by",
    )  # fmt: skip
    readonly_fields = fields


class OutsideChangeBlocks(OfRequestInline, ReadOnlyBlocks):
    """What was recorded of it before it was corrected or renewed."""

    model = OutsideChange
    people = ("recorded_by",)
    fields = (
        "version", "correction_label", "renewal_label", "number", "area", "area_language", "channels_label",
        "starts_at", "expires_at", "time_zone", "text", "text_language", "link", "recorded_at", "recorded_by",
    )  # fmt: skip
    readonly_fields = fields


class OutsideAnswerRows(OfRequestInline, ReadOnlyRows):
    """Answers by telephone, fax or mail, as the asking side recorded them."""

    model = OutsideAnswer
    people = ("recorded_by",)
    fields = ("step", "channel_label", "name", "position", "answered_at", "recorded_at", "recorded_by")
    readonly_fields = fields
