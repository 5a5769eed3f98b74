"""A child was found: who reported it, who holds the child, and the two people who confirm identity."""

from __future__ import annotations

from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from cases.choices import TIME_ZONES

from .code import CodeField
from .scoped import CaseScoped, CaseScopedQuerySet


class RecoveryQuerySet(CaseScopedQuerySet):
    """Reports by what is still open about them."""

    def pending(self) -> RecoveryQuerySet:
        """Return the reports whose child is not identified yet and that nobody took back."""
        return self.filter(confirmed_at__isnull=True, ended_at__isnull=True)


class Recovery(CaseScoped):
    """One report that one child was located; alerts stay unchanged until identity is confirmed (U15).

    A report that proves wrong is never changed: it is taken back, by whom and why stands on it.
    """

    case = models.ForeignKey("cases.Case", models.CASCADE, related_name="recoveries", verbose_name=_("case"))
    child = models.ForeignKey("cases.Child", models.CASCADE, related_name="recoveries", verbose_name=_("child"))
    located_at = models.DateTimeField(_("located"))
    time_zone = models.CharField(
        _("time zone of the place"), max_length=40, choices=[(zone, zone.replace("_", " ")) for zone in TIME_ZONES]
    )
    place = models.CharField(_("place"), max_length=160)
    subdivision = models.ForeignKey(
        "agencies.Subdivision", models.PROTECT, related_name="+", verbose_name=_("state, entity or province")
    )
    condition = CodeField(_("condition of the child"), list_name="located_condition", blank=False)
    holding_agency = models.ForeignKey(
        "agencies.Agency", models.PROTECT, related_name="+", verbose_name=_("agency holding the child")
    )
    reported_at = models.DateTimeField(_("reported"), default=timezone.now)
    reported_by = models.ForeignKey("agencies.User", models.PROTECT, related_name="+", verbose_name=_("reported by"))
    confirmed_at = models.DateTimeField(_("identity confirmed"), null=True, blank=True)
    ended_at = models.DateTimeField(_("taken back"), null=True, blank=True)
    ended_by = models.ForeignKey(
        "agencies.User", models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("taken back by")
    )
    end_reason = CodeField(_("why it was withdrawn"), list_name="recovery_end_reason")

    objects = RecoveryQuerySet.as_manager()  # type: ignore[misc]

    class Meta(CaseScoped.Meta):
        verbose_name = _("recovery")
        verbose_name_plural = _("recoveries")
        ordering = ["id"]
        constraints = [
            models.UniqueConstraint(
                fields=["child"],
                condition=models.Q(confirmed_at__isnull=True, ended_at__isnull=True),
                name="one_pending_recovery_per_child",
            ),
        ]

    @property
    def is_pending(self) -> bool:
        """Say whether identity is still to be confirmed."""
        return self.confirmed_at is None and self.ended_at is None


class IdentityConfirmation(CaseScoped):
    """One officer's word that this is the child; two are needed, one from the agency holding the child."""

    case = models.ForeignKey(
        "cases.Case", models.CASCADE, related_name="identity_confirmations", verbose_name=_("case")
    )
    recovery = models.ForeignKey(Recovery, models.CASCADE, related_name="confirmations", verbose_name=_("recovery"))
    officer = models.ForeignKey("agencies.User", models.PROTECT, related_name="+", verbose_name=_("officer"))
    agency = models.ForeignKey("agencies.Agency", models.PROTECT, related_name="+", verbose_name=_("agency"))
    method = CodeField(_("method"), list_name="identity_method", blank=False)
    confirmed_at = models.DateTimeField(_("confirmed"), default=timezone.now)

    class Meta(CaseScoped.Meta):
        verbose_name = _("confirmation of identity")
        verbose_name_plural = _("confirmations of identity")
        ordering = ["id"]
        constraints = [
            models.UniqueConstraint(fields=["recovery", "officer"], name="one_confirmation_per_officer"),
        ]
