"""What a program must still do, with a clock."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from agencies import access
from agencies.choices import Capability
from agencies.identifiers import uuid7
from alerts.choices import DutyKind, DutyStatus

if TYPE_CHECKING:
    from agencies.models import User


class DutyQuerySet(models.QuerySet["Duty"]):
    """Duties of programs."""

    def visible_to(self, user: User) -> DutyQuerySet:
        """Return the duties of the person's own programs."""
        return self.filter(program__agency_id__in=access.agency_ids(user, Capability.VIEW_CASES))

    def open(self) -> DutyQuerySet:
        """Return what is still to be done."""
        return self.filter(status=DutyStatus.OPEN)


class Duty(models.Model):
    """One thing that only the program's own officers can discharge."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    kind = models.CharField(_("kind"), max_length=20, choices=DutyKind.choices)
    program = models.ForeignKey(
        "agencies.AlertProgram", models.PROTECT, related_name="duties", verbose_name=_("alert program")
    )
    alert = models.ForeignKey("alerts.Alert", models.PROTECT, related_name="duties", verbose_name=_("alert"))
    status = models.CharField(_("status"), max_length=12, choices=DutyStatus.choices, default=DutyStatus.OPEN)
    due_at = models.DateTimeField(_("due"))
    created_at = models.DateTimeField(_("created"), default=timezone.now)
    discharged_at = models.DateTimeField(_("discharged"), null=True, blank=True)
    discharged_by = models.ForeignKey(
        "agencies.User", models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("discharged by")
    )

    objects = DutyQuerySet.as_manager()

    class Meta:
        verbose_name = _("duty")
        verbose_name_plural = _("duties")
        ordering = ["due_at"]
        default_permissions = ("view",)
        constraints = [
            models.UniqueConstraint(
                fields=["alert", "kind"], condition=Q(status="open"), name="one_open_duty_per_alert_and_kind"
            ),
            models.CheckConstraint(
                condition=Q(discharged_at__isnull=True, discharged_by__isnull=True)
                | Q(discharged_at__isnull=False, discharged_by__isnull=False),
                name="duty_discharged_at_and_by",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} – {self.alert}"
