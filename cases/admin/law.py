"""Decisions under the law: answers to criteria, the home program's decision, and legal opinions."""

from __future__ import annotations

from typing import Any, ClassVar

from django.contrib import admin
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from cases.models import Assessment, AssessmentAnswer, HomeDecision, LegalReview, ReviewRelease

from .case_data import CaseDataAdmin


@admin.register(LegalReview)
class LegalReviewAdmin(CaseDataAdmin):
    """Opinions with the version of the facts that they rest on."""

    list_display = ("case", "agency", "status", "opinion_label", "given_at")
    list_filter = ("status",)
    list_select_related = ("case", "agency")
    sortable_by = ("case", "status", "given_at")
    fieldsets: ClassVar[Any] = [
        (None, {"fields": ("case", "agency", "program", "status", "question_label", "due_at")}),
        (_("Who"), {"fields": ("requested_at", "requested_by", "given_at", "given_by")}),
        (_("Opinion"), {"fields": ("opinion_label", "conclusion", "language", "facts_version", "criteria")}),
    ]

    def get_fieldsets(self, request: HttpRequest, obj: Any = None) -> Any:
        """Add grounds and notes where they may be shown: a conclusion alone does not bring them along."""
        shown = list(super().get_fieldsets(request, obj))
        return [*shown, (_("Grounds"), {"fields": ("grounds", "notes")})] if getattr(obj, "is_whole", False) else shown


@admin.register(ReviewRelease)
class ReviewReleaseAdmin(CaseDataAdmin):
    """To whom opinions were released, and how much of them."""

    list_display = ("case", "agency", "scope", "released_at")
    list_filter = ("scope",)
    list_select_related = ("case", "agency")
    sortable_by = ("case", "released_at")
    fieldsets: ClassVar[Any] = [
        (None, {"fields": ("case", "review", "agency", "scope", "released_at", "released_by")}),
    ]


@admin.register(Assessment)
class AssessmentAdmin(CaseDataAdmin):
    """Which agency answered under which criteria version, and whether a decision rests on it."""

    list_display = ("case", "agency", "criteria", "created_at", "frozen_at")
    list_select_related = ("case", "agency", "criteria__program")
    sortable_by = ("case", "created_at", "frozen_at")
    fieldsets: ClassVar[Any] = [
        (None, {"fields": ("case", "agency", "criteria", "facts_version", "created_at", "created_by")}),
        (_("Decision"), {"fields": ("frozen_at", "frozen_by")}),
    ]


@admin.register(AssessmentAnswer)
class AssessmentAnswerAdmin(CaseDataAdmin):
    """The answers, each with officer and time."""

    list_display = ("case", "question", "answer", "answered_at")
    list_filter = ("answer",)
    sortable_by = ("case", "question", "answered_at")
    fieldsets: ClassVar[Any] = [
        (None, {"fields": ("case", "assessment", "question", "answer", "reason", "reason_language")}),
        (_("Who"), {"fields": ("answered_at", "answered_by")}),
    ]


@admin.register(HomeDecision)
class HomeDecisionAdmin(CaseDataAdmin):
    """What home programs decided; the newest of a case counts."""

    list_display = ("case", "program", "outcome", "reason_label", "decided_at")
    list_filter = ("outcome",)
    list_select_related = ("case", "program")
    sortable_by = ("case", "outcome", "decided_at")
    fieldsets: ClassVar[Any] = [
        (None, {"fields": ("case", "program", "outcome", "reason_label", "alternative_label", "facts_version")}),
        (_("Who"), {"fields": ("decided_at", "decided_by", "is_automatic", "criteria", "assessment")}),
    ]
