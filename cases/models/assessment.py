"""What an agency's officers answered to the questions of one program's criteria, frozen with the decision."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db import models
from django.db.models import Exists, F, OuterRef, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from agencies import access
from agencies.choices import Capability, Language
from cases.choices import AccessLevel, AccessPurpose, CriteriaAnswer

from .case import Case
from .case_access import CaseAccess
from .scoped import CaseScoped, CaseScopedQuerySet

if TYPE_CHECKING:
    from agencies.models import User


class AssessmentQuerySet(CaseScopedQuerySet):
    """Assessments: their own agency's, and what was decided on, for the other side of a request."""

    def visible_to(self, user: User) -> AssessmentQuerySet:
        """Return the own ones; of frozen ones the lead agency's to those it asked, and all to the lead agency."""
        mine = access.agency_ids(user, Capability.VIEW_CASES)
        on_case = CaseAccess.objects.valid().filter(case=OuterRef("case"), agency_id__in=mine)  # type: ignore[attr-defined]
        was_asked = Exists(on_case.filter(purpose=AccessPurpose.REQUEST)) & Q(agency_id=F("case__lead_agency_id"))
        leads = Exists(on_case.filter(level=AccessLevel.OWN))
        seen = Q(agency_id__in=mine) | (Q(frozen_at__isnull=False) & (was_asked | leads))
        return self.filter(seen, case__in=Case.objects.visible_to(user))


class Assessment(CaseScoped):
    """One agency's answers under one criteria version. A trigger keeps a frozen one, with its answers, as it was."""

    case = models.ForeignKey("cases.Case", models.CASCADE, related_name="assessments", verbose_name=_("case"))
    agency = models.ForeignKey("agencies.Agency", models.PROTECT, related_name="+", verbose_name=_("agency"))
    criteria = models.ForeignKey(
        "agencies.CriteriaVersion", models.PROTECT, related_name="+", verbose_name=_("criteria version")
    )
    facts_version = models.PositiveIntegerField(_("version of the facts"))
    created_at = models.DateTimeField(_("begun"), default=timezone.now)
    created_by = models.ForeignKey("agencies.User", models.PROTECT, related_name="+", verbose_name=_("begun by"))
    frozen_at = models.DateTimeField(_("frozen with a decision"), null=True, blank=True)
    frozen_by = models.ForeignKey(
        "agencies.User", models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("decided by")
    )

    objects = AssessmentQuerySet.as_manager()  # type: ignore[misc]

    class Meta(CaseScoped.Meta):
        verbose_name = _("assessment of criteria")
        verbose_name_plural = _("assessments of criteria")
        ordering = ["-created_at", "-id"]
        constraints = [
            models.UniqueConstraint(
                fields=["case", "agency", "criteria"],
                condition=Q(frozen_at__isnull=True),
                name="one_open_assessment_per_agency",
            ),
            models.CheckConstraint(
                condition=Q(frozen_at__isnull=True, frozen_by__isnull=True)
                | Q(frozen_at__isnull=False, frozen_by__isnull=False),
                name="assessment_frozen_at_and_by",
            ),
        ]

    @property
    def is_frozen(self) -> bool:
        """Say whether a decision was taken on these answers."""
        return self.frozen_at is not None


class AssessmentAnswerQuerySet(CaseScopedQuerySet):
    """Answers, seen where their assessment is seen."""

    def visible_to(self, user: User) -> AssessmentAnswerQuerySet:
        """Return the answers of the assessments that this person may see."""
        return self.filter(assessment__in=Assessment.objects.visible_to(user))


class AssessmentAnswer(CaseScoped):
    """One officer's answer to one question, with an optional reason in the officer's language."""

    case = models.ForeignKey("cases.Case", models.CASCADE, related_name="+", verbose_name=_("case"))
    assessment = models.ForeignKey(
        Assessment, models.CASCADE, related_name="answers", verbose_name=_("assessment of criteria")
    )
    question = models.CharField(_("question"), max_length=40)
    answer = models.CharField(_("answer"), max_length=16, choices=CriteriaAnswer.choices)
    reason = models.TextField(_("reason"), blank=True, max_length=1000)
    reason_language = models.CharField(_("language of the reason"), max_length=2, choices=Language.choices, blank=True)
    answered_at = models.DateTimeField(_("answered"), default=timezone.now)
    answered_by = models.ForeignKey("agencies.User", models.PROTECT, related_name="+", verbose_name=_("answered by"))

    objects = AssessmentAnswerQuerySet.as_manager()  # type: ignore[misc]

    class Meta(CaseScoped.Meta):
        verbose_name = _("answer to a criterion")
        verbose_name_plural = _("answers to criteria")
        ordering = ["answered_at", "id"]
        constraints = [
            models.UniqueConstraint(fields=["assessment", "question"], name="one_answer_per_question"),
            models.CheckConstraint(condition=Q(answer__in=CriteriaAnswer.values), name="criteria_answer_known"),
            models.CheckConstraint(condition=Q(reason="") | ~Q(reason_language=""), name="answer_reason_has_language"),
        ]
