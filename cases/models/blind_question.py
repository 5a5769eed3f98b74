"""Blind questions: whether another agency knows a child or a plate, answered by yes or no and a desk (ADR 66)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db import models
from django.db.models import F, Q
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from agencies import access
from agencies.choices import Capability
from agencies.identifiers import uuid7
from cases.choices import BlindSubject

from .code import CodeField

if TYPE_CHECKING:
    from agencies.models import User


class BlindQuestionQuerySet(models.QuerySet["BlindQuestion"]):
    """Questions, seen by the side that asks and the side that is asked."""

    def visible_to(self, user: User) -> BlindQuestionQuerySet:
        """Return the questions by and to the agencies for which this person opens and edits cases."""
        mine = access.agency_ids(user, Capability.EDIT_CASES)
        return self.filter(Q(from_agency__in=mine) | Q(to_agency__in=mine)) if mine else self.none()


class BlindQuestion(models.Model):
    """One question and its answer. What was asked about is kept as a keyed hash only; nothing points at a case."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    created_at = models.DateTimeField(_("asked"), default=timezone.now)
    asked_by = models.ForeignKey("agencies.User", models.PROTECT, related_name="+", verbose_name=_("asked by"))
    from_agency = models.ForeignKey(
        "agencies.Agency", models.PROTECT, related_name="+", db_index=False, verbose_name=_("asking agency")
    )
    to_agency = models.ForeignKey(
        "agencies.Agency", models.PROTECT, related_name="+", db_index=False, verbose_name=_("asked agency")
    )
    subject = models.CharField(_("about"), max_length=5, choices=BlindSubject.choices)
    subject_hash = models.CharField(_("keyed hash of what was asked about"), max_length=64)
    reason = CodeField(_("reason"), list_name="blind_reason", blank=False)
    is_exercise = models.BooleanField(_("exercise"), default=False)
    is_hit = models.BooleanField(_("known there"))

    objects = BlindQuestionQuerySet.as_manager()

    class Meta:
        verbose_name = _("blind question")
        verbose_name_plural = _("blind questions")
        ordering = ["-created_at", "-id"]
        default_permissions = ("view",)
        indexes = [
            models.Index(fields=["from_agency", "-created_at"], name="blind_question_asked"),
            models.Index(fields=["to_agency", "-created_at"], name="blind_question_received"),
            models.Index(fields=["asked_by", "-created_at"], name="blind_question_of_person"),
        ]
        constraints = [
            models.CheckConstraint(condition=Q(subject__in=BlindSubject.values), name="blind_subject_known"),
            models.CheckConstraint(condition=~Q(from_agency=F("to_agency")), name="blind_question_to_another_agency"),
        ]

    def __str__(self) -> str:
        return f"{self._meta.verbose_name} {self.pk}"

    @property
    def url(self) -> str:
        """Return the page of the question and its answer."""
        return reverse("cases:blind-question", args=[self.pk])
