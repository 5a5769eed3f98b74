"""The case: one file for one abduction, whoever works on it."""

from __future__ import annotations

import uuid
from typing import TYPE_CHECKING

from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from agencies import access
from agencies.choices import Capability, Country
from agencies.identifiers import uuid7
from cases.choices import OPEN_CASE_STATUSES, CaseStatus

from .on_case import OnCase

if TYPE_CHECKING:
    from agencies.models import User


class CaseQuerySet(models.QuerySet["Case"]):
    """Cases; every query of a person starts at `visible_to`."""

    def visible_to(self, user: User) -> CaseQuerySet:
        """Return the cases on which one of the person's agencies is now, with the right to read cases.

        Of sealed cases only those that name the person as a reader (ADR 65).
        """
        ids = access.agency_ids(user, Capability.VIEW_CASES)
        if not ids:
            return self.none()
        return self.filter(OnCase(ids, user.pk))

    def open(self) -> CaseQuerySet:
        """Return the cases in which a child is still missing or not yet identified."""
        return self.filter(status__in=OPEN_CASE_STATUSES)


class Case(models.Model):
    """The file. Its reference is public among agencies; its UUID is its address."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    reference = models.CharField(_("reference"), max_length=24, unique=True, editable=False)
    agency_reference = models.CharField(_("own file number"), max_length=60, blank=True)
    origin_country = models.CharField(_("country of origin"), max_length=2, choices=Country.choices)
    origin = models.ForeignKey(
        "agencies.Subdivision",
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("state, entity or province of origin"),
    )
    destination_country = models.CharField(
        _("country toward which the child may be taken"), max_length=2, choices=Country.choices, blank=True
    )
    lead_agency = models.ForeignKey(
        "agencies.Agency", models.PROTECT, related_name="led_cases", verbose_name=_("lead agency")
    )
    status = models.CharField(_("status"), max_length=12, choices=CaseStatus.choices, default=CaseStatus.INTAKE)
    is_exercise = models.BooleanField(_("exercise"), default=False)
    opened_at = models.DateTimeField(_("opened"), default=timezone.now)
    opened_by = models.ForeignKey("agencies.User", models.PROTECT, related_name="+", verbose_name=_("opened by"))
    facts_version = models.PositiveIntegerField(_("version of the facts"), default=1)
    facts_changed_at = models.DateTimeField(_("facts changed"), default=timezone.now)
    family_informed_at = models.DateTimeField(_("family informed of a death"), null=True, blank=True)
    family_informed_by = models.ForeignKey(
        "agencies.User", models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("recorded by")
    )

    objects = CaseQuerySet.as_manager()

    class Meta:
        verbose_name = _("case")
        verbose_name_plural = _("cases")
        ordering = ["-opened_at", "-id"]
        default_permissions = ("view",)
        indexes = [
            models.Index(
                fields=["origin_country", "destination_country"],
                name="case_corridor",
                condition=Q(is_exercise=False) & ~Q(destination_country=""),
            ),
            models.Index(fields=["status"], name="case_status"),  # few are open, whoever's they are
        ]
        constraints = [
            models.CheckConstraint(condition=Q(status__in=CaseStatus.values), name="case_status_known"),
        ]

    def __str__(self) -> str:
        return self.reference

    @property
    def audited_case_id(self) -> uuid.UUID:
        """Return the case whose accesses a read of this counts among."""
        return self.pk

    @property
    def is_sealed(self) -> bool:
        """Say whether only named readers see the case."""
        return self.seals.filter(lifted_at__isnull=True).exists()

    @property
    def is_open(self) -> bool:
        """Say whether a child is still missing or not yet identified."""
        return self.status in OPEN_CASE_STATUSES


class CaseNumber(models.Model):
    """The last number given in one series, for instance `US-CA` in 2026."""

    series = models.CharField(max_length=12)
    year = models.PositiveSmallIntegerField()
    last = models.PositiveIntegerField(default=0)

    class Meta:
        verbose_name = _("case number series")
        verbose_name_plural = _("case number series")
        default_permissions = ()
        constraints = [models.UniqueConstraint(fields=["series", "year"], name="one_case_series_per_year")]

    def __str__(self) -> str:
        return f"{self.series}-{self.year}"
