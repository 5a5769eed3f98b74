"""What a program must still do, with a clock."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db import models
from django.db.models import Q
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from agencies import access
from agencies.choices import Capability
from agencies.identifiers import uuid7
from agencies.models import AlertProgram
from alerts.choices import DutyKind, DutyOutcome, DutyStatus
from cases.models.code import CodeField
from cases.models.seal import open_to

from .alert import Alert
from .request import ExtensionRequest

if TYPE_CHECKING:
    from agencies.models import User
    from cases.models import Case


class DutyQuerySet(models.QuerySet["Duty"]):
    """Duties of programs."""

    def visible_to(self, user: User) -> DutyQuerySet:
        """Return the duties of the person's own programs."""
        ids = access.agency_ids(user, Capability.VIEW_CASES)
        return self.filter(open_to(user), program__in=AlertProgram.objects.run_by(ids)) if ids else self.none()

    def open(self) -> DutyQuerySet:
        """Return what is still to be done."""
        return self.filter(status=DutyStatus.OPEN)

    def untold(self) -> DutyQuerySet:
        """Return what is overdue and that no supervisor was told of yet."""
        return self.open().filter(told_overdue_at__isnull=True, due_at__lte=timezone.now())


class Duty(models.Model):
    """One thing that only the program's own officers can discharge, about its alert, a request to it, or the case.

    `detail` holds codes, ids and field names, never a personal value. The relay tells the supervisor once when it
    is overdue.
    """

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    kind = models.CharField(_("kind"), max_length=24, choices=DutyKind.choices)
    program = models.ForeignKey(
        "agencies.AlertProgram", models.PROTECT, related_name="duties", verbose_name=_("alert program")
    )
    case = models.ForeignKey("cases.Case", models.PROTECT, related_name="duties", verbose_name=_("case"))
    alert = models.ForeignKey(
        "alerts.Alert", models.PROTECT, null=True, blank=True, related_name="duties", verbose_name=_("alert")
    )
    request = models.ForeignKey(
        "alerts.ExtensionRequest", models.PROTECT, null=True, blank=True, related_name="duties",
        verbose_name=_("request"),
    )  # fmt: skip
    detail = models.JSONField(_("detail"), default=dict, blank=True)
    status = models.CharField(_("status"), max_length=12, choices=DutyStatus.choices, default=DutyStatus.OPEN)
    due_at = models.DateTimeField(_("due"))
    created_at = models.DateTimeField(_("created"), default=timezone.now)
    discharged_at = models.DateTimeField(_("discharged"), null=True, blank=True)
    discharged_by = models.ForeignKey(
        "agencies.User", models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("discharged by")
    )
    outcome = models.CharField(_("outcome"), max_length=8, choices=DutyOutcome.choices, blank=True)
    reason = CodeField(_("why it was refused"), list_name="duty_refusal")
    told_overdue_at = models.DateTimeField(_("supervisor told"), null=True, blank=True)

    objects = DutyQuerySet.as_manager()

    class Meta:
        verbose_name = _("duty")
        verbose_name_plural = _("duties")
        ordering = ["due_at"]
        default_permissions = ("view",)
        indexes = [
            models.Index(fields=["program", "-created_at"], name="duty_of_program"),
            models.Index(fields=["program", "due_at"], name="duty_open", condition=Q(status="open")),
            models.Index(
                fields=["due_at"], name="duty_untold", condition=Q(status="open", told_overdue_at__isnull=True)
            ),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["alert", "kind"], condition=Q(status="open"), name="one_open_duty_per_alert_and_kind"
            ),
            models.UniqueConstraint(
                fields=["request", "kind"],
                condition=Q(status="open", alert__isnull=True),
                name="one_open_duty_per_request_and_kind",
            ),
            models.CheckConstraint(condition=Q(status__in=DutyStatus.values), name="duty_status_known"),
            models.CheckConstraint(
                condition=Q(discharged_at__isnull=True, discharged_by__isnull=True)
                | Q(discharged_at__isnull=False, discharged_by__isnull=False),
                name="duty_discharged_at_and_by",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} – {self.subject}"

    @property
    def subject(self) -> Alert | ExtensionRequest | Case:
        """Return what the duty is about: the alert, else the request, else the case."""
        return self.alert or self.request or self.case

    @property
    def url(self) -> str:
        """Return the page on which the duty can be discharged."""
        return reverse("alerts:duty", args=[self.pk])

    @property
    def act_url(self) -> str:
        """Return the page of the act that discharges the duty, where it is not the duty's own page."""
        if self.kind == DutyKind.ISSUE_UPDATE and "update" in self.detail:
            return reverse("alerts:update-detail", args=[self.detail["update"]])
        if self.kind in (DutyKind.DECIDE_CANCELLATION, DutyKind.END_NOTICE) and self.request_id:
            return reverse("alerts:request-detail", args=[self.request_id])
        return self.subject_url

    @property
    def subject_url(self) -> str:
        """Return the page of what the duty is about."""
        if self.alert_id:
            return reverse("alerts:alert-detail", args=[self.alert_id])
        if self.request_id:
            return reverse("alerts:request-detail", args=[self.request_id])
        return reverse("cases:case-detail", args=[self.case_id])
