"""Codes on their way to telephone numbers: who can read one out answers for the number. No case data."""

from __future__ import annotations

from datetime import timedelta

from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from agencies.choices import Language
from agencies.identifiers import uuid7

VALID_FOR = timedelta(minutes=30)  # a night desk is called back before it reads the code out
MOST_TRIES = 5


class NumberProofQuerySet(models.QuerySet["NumberProof"]):
    """Proofs by what is still to be done with them."""

    def unsent(self) -> NumberProofQuerySet:
        """Return the codes that nobody has sent yet and that are still worth sending."""
        return self.filter(sent_at__isnull=True, asked_at__gt=timezone.now() - VALID_FOR)

    def open(self) -> NumberProofQuerySet:
        """Return the codes that may still be entered, the newest first."""
        fresh = timezone.now() - VALID_FOR
        return self.filter(proven_at__isnull=True, asked_at__gt=fresh, tries__lt=MOST_TRIES).order_by("-asked_at")


class NumberProof(models.Model):
    """One code for one number, of a recipient or of a person. The code is derived and stands nowhere."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    recipient = models.ForeignKey(
        "alerts.Recipient", models.CASCADE, null=True, blank=True, related_name="proofs", verbose_name=_("recipient")
    )
    user = models.ForeignKey(
        "agencies.User", models.CASCADE, null=True, blank=True, related_name="+", verbose_name=_("person")
    )
    number = models.CharField(_("number for text messages"), max_length=16)
    language = models.CharField(_("language"), max_length=2, choices=Language.choices)
    asked_at = models.DateTimeField(_("asked for"), default=timezone.now)
    sent_at = models.DateTimeField(_("sent"), null=True, blank=True)
    provider = models.CharField(_("provider"), max_length=20, blank=True)
    result = models.CharField(_("answer of the provider"), max_length=200, blank=True)
    tries = models.PositiveSmallIntegerField(_("tries"), default=0)
    proven_at = models.DateTimeField(_("verified"), null=True, blank=True)

    objects = NumberProofQuerySet.as_manager()

    class Meta:
        verbose_name = _("verification of a number")
        verbose_name_plural = _("verifications of numbers")
        ordering = ["-asked_at"]
        default_permissions = ("view",)
        indexes = [models.Index(fields=["asked_at"], name="number_code_unsent", condition=Q(sent_at__isnull=True))]
        constraints = [
            models.CheckConstraint(
                condition=Q(recipient__isnull=False, user__isnull=True) | Q(recipient__isnull=True, user__isnull=False),
                name="proof_is_of_a_recipient_or_a_person",
            )
        ]

    def __str__(self) -> str:
        return str(self.id)
