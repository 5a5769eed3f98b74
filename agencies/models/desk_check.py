"""The question to a desk whether its numbers are right, asked by a link once a month (U42)."""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from agencies.choices import DeskAnswer
from agencies.identifiers import uuid7


class DeskCheck(models.Model):
    """One mail to one desk, and its answer. The link is derived (ADR 15); the database holds its hash."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    agency = models.ForeignKey("agencies.Agency", models.PROTECT, related_name="desk_checks", verbose_name=_("agency"))
    asked_at = models.DateTimeField(_("asked"), default=timezone.now)
    token_hash = models.CharField(_("hash of the token"), max_length=64, unique=True)
    next_try_at = models.DateTimeField(_("next attempt"), default=timezone.now)
    mailed_at = models.DateTimeField(_("mailed"), null=True, blank=True)
    answer = models.CharField(_("answer"), max_length=8, choices=DeskAnswer.choices, blank=True)
    answered_at = models.DateTimeField(_("answered"), null=True, blank=True)
    times_answered = models.PositiveSmallIntegerField(_("times answered"), default=0)

    class Meta:
        verbose_name = _("check of a desk's numbers")
        verbose_name_plural = _("checks of desks' numbers")
        ordering = ["-asked_at", "-id"]
        default_permissions = ("view",)
        indexes = [
            models.Index(fields=["next_try_at"], name="desk_check_unsent", condition=Q(mailed_at__isnull=True)),
        ]
        constraints = [
            models.CheckConstraint(
                condition=Q(answered_at__isnull=True, answer="") | Q(answered_at__isnull=False) & ~Q(answer=""),
                name="desk_check_answered_at_and_how",
            )
        ]

    def __str__(self) -> str:
        return f"{self.agency_id} – {self.asked_at:%Y-%m-%d}"
