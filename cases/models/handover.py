"""Offers to hand a case over to another agency, which leads it from the moment it accepts (ADR 64)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db import models
from django.db.models import F, Q
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from agencies import access
from agencies.choices import Capability, Language
from cases.choices import AccessLevel, HandoverStatus

from .code import CodeField
from .scoped import CaseScoped, CaseScopedQuerySet
from .seal import open_to

if TYPE_CHECKING:
    from agencies.models import User


class HandoverQuerySet(CaseScopedQuerySet):
    """Offers, seen by the two sides: the agency that offers, and whom the case was offered to."""

    def visible_to(self, user: User) -> HandoverQuerySet:
        """Return what the person's agencies offered, and what was offered to them or to this person by name.

        For those who open and edit cases. Once it was accepted, every one of them in the agency that took the case
        over sees where it comes from.
        """
        mine = access.agency_ids(user, Capability.EDIT_CASES)
        if not mine:
            return self.none()
        named = Q(to_person__isnull=True) | Q(to_person=user) | Q(status=HandoverStatus.ACCEPTED)
        return self.filter(Q(from_agency__in=mine) | Q(to_agency__in=mine) & named, open_to(user))

    def open(self) -> HandoverQuerySet:
        """Return the offers that may be accepted now."""
        return self.filter(status=HandoverStatus.OFFERED, expires_at__gt=timezone.now())

    def waiting_for(self, user: User) -> HandoverQuerySet:
        """Return the open offers that this person may accept or refuse."""
        mine = access.agency_ids(user, Capability.EDIT_CASES)
        return self.visible_to(user).open().filter(to_agency__in=mine)  # type: ignore[attr-defined, no-any-return]

    def offered_by(self, user: User) -> HandoverQuerySet:
        """Return the open offers of the person's agencies."""
        mine = access.agency_ids(user, Capability.EDIT_CASES)
        return self.visible_to(user).open().filter(from_agency__in=mine)  # type: ignore[attr-defined, no-any-return]

    def overdue(self) -> HandoverQuerySet:
        """Return the offers that nobody answered in time."""
        return self.filter(status=HandoverStatus.OFFERED, expires_at__lte=timezone.now())


class CaseHandover(CaseScoped):
    """One offer of a case by its lead agency. `reference` and `is_exercise` repeat the case's.

    The recipient is not on the case and reads nothing of it before it accepts, so the row holds what names it.
    """

    case = models.ForeignKey("cases.Case", models.CASCADE, related_name="handovers", verbose_name=_("case"))
    reference = models.CharField(_("reference"), max_length=24)
    is_exercise = models.BooleanField(_("exercise"), default=False)
    status = models.CharField(
        _("status"), max_length=10, choices=HandoverStatus.choices, default=HandoverStatus.OFFERED
    )  # fmt: skip
    from_agency = models.ForeignKey(
        "agencies.Agency", models.PROTECT, related_name="+", verbose_name=_("handed over by")
    )
    to_agency = models.ForeignKey("agencies.Agency", models.PROTECT, related_name="+", verbose_name=_("offered to"))
    to_person = models.ForeignKey(
        "agencies.User", models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("person named")
    )
    reason = CodeField(_("reason"), list_name="handover_reason", blank=False)
    note = models.TextField(_("note to the recipient"), blank=True, max_length=1000)
    note_language = models.CharField(_("language of the note"), max_length=2, choices=Language.choices, blank=True)
    keeps_level = models.CharField(
        _("what the earlier lead agency keeps"), max_length=10, choices=AccessLevel.choices, blank=True
    )
    keeps_hours = models.PositiveSmallIntegerField(_("hours for which it keeps that"), default=0)
    offered_at = models.DateTimeField(_("offered"), default=timezone.now)
    offered_by = models.ForeignKey("agencies.User", models.PROTECT, related_name="+", verbose_name=_("offered by"))
    expires_at = models.DateTimeField(_("expires"))
    decided_at = models.DateTimeField(_("ended"), null=True, blank=True)
    decided_by = models.ForeignKey(
        "agencies.User", models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("ended by")
    )
    refusal = CodeField(_("reason of the refusal"), list_name="handover_refusal")
    refusal_note = models.TextField(_("note on the refusal"), blank=True, max_length=1000)
    refusal_language = models.CharField(
        _("language of the note on the refusal"), max_length=2, choices=Language.choices, blank=True
    )

    objects = HandoverQuerySet.as_manager()  # type: ignore[misc]

    class Meta(CaseScoped.Meta):
        verbose_name = _("handoff of a case")
        verbose_name_plural = _("handoffs of cases")
        ordering = ["-offered_at", "-id"]
        indexes = [
            models.Index(fields=["to_agency", "expires_at"], name="handover_waiting", condition=Q(status="offered")),
            models.Index(fields=["from_agency", "expires_at"], name="handover_sent", condition=Q(status="offered")),
        ]
        constraints = [
            models.CheckConstraint(condition=Q(status__in=HandoverStatus.values), name="handover_status_known"),
            models.UniqueConstraint(fields=["case"], condition=Q(status="offered"), name="one_open_handover_per_case"),
            models.CheckConstraint(condition=~Q(from_agency=F("to_agency")), name="handover_to_another_agency"),
            models.CheckConstraint(
                condition=Q(keeps_level="", keeps_hours=0)
                | Q(keeps_level__in=("look", "contribute"), keeps_hours__gt=0),
                name="handover_keeps_level_and_hours",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.reference} – {self._meta.verbose_name}"

    @property
    def url(self) -> str:
        """Return the page of the offer, the same for both sides."""
        return reverse("cases:handover", args=[self.pk])

    @property
    def is_open(self) -> bool:
        """Say whether it may be accepted now."""
        return self.status == HandoverStatus.OFFERED and self.expires_at > timezone.now()
