"""Who acts for which agency, in which role, from when until when."""

from __future__ import annotations

from datetime import datetime

from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from agencies.choices import Role


class MembershipQuerySet(models.QuerySet["Membership"]):
    """Memberships by time."""

    def current(self) -> MembershipQuerySet:
        """Return memberships that are valid now, of active agencies."""
        return self.valid_at(timezone.now())

    def valid_at(self, at: datetime) -> MembershipQuerySet:
        """Return memberships that are valid at this instant as far as is known now, of agencies active now."""
        return self.filter(
            Q(valid_until__isnull=True) | Q(valid_until__gt=at), valid_from__lte=at, agency__is_active=True
        )

    def ending_by(self, moment: datetime) -> MembershipQuerySet:
        """Return the current memberships of active people that end by a moment."""
        return self.current().filter(valid_until__lte=moment, user__is_active=True)


class Membership(models.Model):
    """One person in one role of one agency for a span of time; ended, never deleted."""

    user = models.ForeignKey("agencies.User", models.PROTECT, related_name="memberships", verbose_name=_("person"))
    agency = models.ForeignKey("agencies.Agency", models.PROTECT, related_name="memberships", verbose_name=_("agency"))
    role = models.CharField(_("role"), max_length=20, choices=Role.choices)
    valid_from = models.DateTimeField(_("from"), default=timezone.now)
    valid_until = models.DateTimeField(_("until"), null=True, blank=True)
    end_asked_at = models.DateTimeField(_("end requested"), null=True, blank=True)
    end_asked_by = models.ForeignKey(
        "agencies.User", models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("end requested by")
    )
    is_on_call = models.BooleanField(_("on call"), default=False)

    objects = MembershipQuerySet.as_manager()

    class Meta:
        verbose_name = _("membership")
        verbose_name_plural = _("memberships")
        ordering = ["agency", "role", "user"]
        indexes = [models.Index(fields=["user", "valid_from"], name="membership_user")]
        constraints = [
            models.CheckConstraint(
                condition=Q(valid_until__isnull=True) | Q(valid_until__gt=F("valid_from")),
                name="membership_ends_after_start",
            )
        ]

    def __str__(self) -> str:
        return f"{self.agency} – {self.get_role_display()}"
