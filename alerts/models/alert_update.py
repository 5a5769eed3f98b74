"""A new statement of an active alert, on its way to the public: prepared, approved by a second officer, issued."""

from __future__ import annotations

import uuid
from typing import TYPE_CHECKING

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from agencies import access
from agencies.choices import Capability
from agencies.identifiers import uuid7
from agencies.models import AlertProgram
from alerts.choices import OPEN_UPDATE_STATUSES, TextSource, UpdateKind, UpdateStatus
from cases.models import Case
from cases.models.code import CodeField

if TYPE_CHECKING:
    from agencies.models import User


class AlertUpdateQuerySet(models.QuerySet["AlertUpdate"]):
    """Updates of alerts: they belong to the program that words them."""

    def visible_to(self, user: User) -> AlertUpdateQuerySet:
        """Return the updates of the person's own programs, on cases that they may see now."""
        ids = access.agency_ids(user, Capability.VIEW_CASES)
        return self.filter(
            alert__program__in=AlertProgram.objects.drafted_by(ids), alert__case__in=Case.objects.visible_to(user)
        )

    def open(self) -> AlertUpdateQuerySet:
        """Return what is neither issued nor refused nor superseded."""
        return self.filter(status__in=OPEN_UPDATE_STATUSES)


class AlertUpdate(models.Model):
    """One CAP Update before and after it is issued: a complete restatement, never a difference (CAP 1.2 §3.2.1).

    `texts` goes by language: event, headline, description, instruction and their `source`. `facts` is the snapshot
    that the texts were composed from. `lifts` names the withdrawals that this Update puts back. `areas` holds the codes
    of the subdivisions that the alert covers from its issue; it is empty where the area stays. `created_by` is empty
    when the portal prepared it.
    """

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    alert = models.ForeignKey("alerts.Alert", models.PROTECT, related_name="updates", verbose_name=_("alert"))
    kind = models.CharField(_("kind"), max_length=12, choices=UpdateKind.choices)
    status = models.CharField(_("status"), max_length=12, choices=UpdateStatus.choices, default=UpdateStatus.PREPARED)
    texts = models.JSONField(_("texts"), default=dict)
    facts = models.JSONField(_("facts it was composed from"), default=dict)
    photo = models.ForeignKey(
        "cases.Photo", models.SET_NULL, null=True, blank=True, related_name="+", verbose_name=_("photo")
    )
    hours = models.PositiveSmallIntegerField(_("hours from its issue, for a renewal"), null=True, blank=True)
    renewal_asked_at = models.DateTimeField(_("renewal requested"), null=True, blank=True)
    lifts = ArrayField(models.BigIntegerField(), verbose_name=_("withdrawals it puts back"), default=list, blank=True)
    areas = ArrayField(models.CharField(max_length=6), verbose_name=_("area from its issue"), default=list, blank=True)
    reason = CodeField(_("reason"), list_name="renewal_reason")
    refusal_reason = CodeField(_("reason of the refusal"), list_name="update_refusal")
    authors = ArrayField(models.UUIDField(), verbose_name=_("authors"), default=list, blank=True)
    created_at = models.DateTimeField(_("created"), default=timezone.now)
    created_by = models.ForeignKey(
        "agencies.User", models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("created by")
    )
    submitted_at = models.DateTimeField(_("submitted"), null=True, blank=True)
    submitted_by = models.ForeignKey(
        "agencies.User", models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("submitted by")
    )
    decided_at = models.DateTimeField(_("decided"), null=True, blank=True)
    decided_by = models.ForeignKey(
        "agencies.User", models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("decided by")
    )
    typed_read_by = models.ForeignKey(
        "agencies.User", models.PROTECT, null=True, blank=True, related_name="+",
        verbose_name=_("read every typed word"),
    )  # fmt: skip
    typed_read_at = models.DateTimeField(_("typed words read"), null=True, blank=True)
    message = models.OneToOneField(
        "alerts.AlertMessage", models.PROTECT, null=True, blank=True, related_name="update",
        verbose_name=_("CAP message"),
    )  # fmt: skip

    objects = AlertUpdateQuerySet.as_manager()

    class Meta:
        verbose_name = _("update of an alert")
        verbose_name_plural = _("updates of alerts")
        ordering = ["-created_at", "-id"]
        default_permissions = ("view",)
        constraints = [
            models.UniqueConstraint(
                fields=["alert"], condition=Q(status__in=OPEN_UPDATE_STATUSES), name="one_open_update_per_alert"
            ),
            models.CheckConstraint(condition=Q(status__in=UpdateStatus.values), name="update_status_known"),
            models.CheckConstraint(
                condition=Q(submitted_at__isnull=True, submitted_by__isnull=True)
                | Q(submitted_at__isnull=False, submitted_by__isnull=False),
                name="update_submitted_at_and_by",
            ),
            models.CheckConstraint(
                condition=Q(decided_at__isnull=True, decided_by__isnull=True)
                | Q(decided_at__isnull=False, decided_by__isnull=False),
                name="update_decided_at_and_by",
            ),
            models.CheckConstraint(
                condition=Q(typed_read_at__isnull=True, typed_read_by__isnull=True)
                | Q(typed_read_at__isnull=False, typed_read_by__isnull=False),
                name="update_typed_read_at_and_by",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.alert} – {self.get_kind_display()}"

    @property
    def typed_languages(self) -> list[str]:
        """Return the languages whose words somebody typed or changed by hand."""
        composed = str(TextSource.COMPOSED)
        return sorted(code for code, text in self.texts.items() if text.get("source", composed) != composed)

    @property
    def audited_case_id(self) -> uuid.UUID:
        """Return the case whose accesses a read of this counts among."""
        return self.alert.case_id

    @property
    def case(self) -> Case:
        """Return the case of the alert."""
        return self.alert.case

    @property
    def program(self) -> AlertProgram:
        """Return the program whose alert it is."""
        return self.alert.program

    @property
    def url(self) -> str:
        """Return its page."""
        return reverse("alerts:update-detail", args=[self.pk])
