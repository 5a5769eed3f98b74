"""The rungs that an unacknowledged request climbs: one row for each, with the moment at which it is due (ADR 74)."""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from agencies.choices import LadderStep
from agencies.identifiers import uuid7
from alerts.choices import RequestStatus


class LadderRungQuerySet(models.QuerySet["LadderRung"]):
    """Rungs by what is due."""

    def due(self) -> LadderRungQuerySet:
        """Return the rungs whose moment has come while nobody has acknowledged their request."""
        return self.filter(
            climbed_at__isnull=True, due_at__lte=timezone.now(), request__status=RequestStatus.SENT
        ).order_by("due_at", "pk")  # fmt: skip


class LadderRung(models.Model):
    """One step of one request's ladder; climbed once, or never, because somebody acknowledged before.

    `told` is how many people were told; none means that nobody could be. `is_early` says that the rung was not waited
    for, because nobody was on duty when the request was sent. `hub` is the hub that heard the number.
    """

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    case = models.ForeignKey("cases.Case", models.PROTECT, related_name="+", verbose_name=_("case"))
    request = models.ForeignKey(
        "alerts.ExtensionRequest", models.PROTECT, related_name="rungs", verbose_name=_("request")
    )
    step = models.CharField(_("step"), max_length=12, choices=LadderStep.choices)
    due_at = models.DateTimeField(_("due"))
    is_early = models.BooleanField(_("not waited for"), default=False)
    climbed_at = models.DateTimeField(_("taken"), null=True, blank=True)
    told = models.PositiveSmallIntegerField(_("people told"), default=0)
    hub = models.ForeignKey(
        "agencies.AlertProgram", models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("hub told")
    )

    objects = LadderRungQuerySet.as_manager()

    class Meta:
        verbose_name = _("escalation step")
        verbose_name_plural = _("escalation steps")
        ordering = ["due_at", "id"]
        default_permissions = ("view",)
        indexes = [models.Index(fields=["due_at"], name="rung_due", condition=Q(climbed_at__isnull=True))]
        constraints = [models.UniqueConstraint(fields=["request", "step"], name="one_rung_per_request_and_step")]

    def __str__(self) -> str:
        return f"{self.request} – {self.step}"
