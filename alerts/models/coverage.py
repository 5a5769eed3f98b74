"""Which alerts of states a national alert covers, so that the end of the one reaches all (U5)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from agencies.identifiers import uuid7

from .alert import Alert
from .request import ExtensionRequest

if TYPE_CHECKING:
    from agencies.models import User


class CoveredAlertQuerySet(models.QuerySet["CoveredAlert"]):
    """Links of national alerts."""

    def visible_to(self, user: User) -> CoveredAlertQuerySet:
        """Return the links of which the person may see the national alert and what it covers."""
        alerts = Alert.objects.visible_to(user)
        outside = Q(request__in=ExtensionRequest.objects.visible_to(user))
        return self.filter(Q(alert__in=alerts) | outside, national__in=alerts)


class CoveredAlert(models.Model):
    """One alert of a state, in the portal or outside it, that a national alert of the same case covers."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    national = models.ForeignKey(Alert, models.PROTECT, related_name="covers", verbose_name=_("national alert"))
    alert = models.ForeignKey(
        Alert, models.PROTECT, null=True, blank=True, related_name="covered_by", verbose_name=_("covered alert")
    )
    request = models.ForeignKey(
        ExtensionRequest, models.PROTECT, null=True, blank=True, related_name="covered_by",
        verbose_name=_("request activated outside the portal"),
    )  # fmt: skip
    linked_at = models.DateTimeField(_("linked"), default=timezone.now)

    objects = CoveredAlertQuerySet.as_manager()

    class Meta:
        verbose_name = _("alert covered by a national one")
        verbose_name_plural = _("alerts covered by national ones")
        ordering = ["linked_at", "id"]
        default_permissions = ("view",)
        constraints = [
            models.UniqueConstraint(fields=["national", "alert"], name="one_link_per_national_and_alert"),
            models.UniqueConstraint(fields=["national", "request"], name="one_link_per_national_and_request"),
            models.CheckConstraint(
                condition=Q(alert__isnull=False, request__isnull=True) | Q(alert__isnull=True, request__isnull=False),
                name="covered_alert_or_request",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.national.number} – {self.alert or self.request}"
