"""Whether a program still has somebody: nobody takes its last approver or duty contact away in passing (U36)."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext_lazy as _

from agencies import access
from agencies.choices import Capability
from agencies.models import AlertProgram, Membership, User
from agencies.program_agencies import agencies_of


@dataclass(frozen=True)
class Gap:
    """A program that nobody could serve any more, and for what."""

    program: AlertProgram
    capability: str

    @property
    def words(self) -> Any:
        """Return what the person is to the program."""
        last = _("last approver") if self.capability == Capability.APPROVE_ALERTS else _("last duty contact")
        return f"{self.program}: {last}"


def gaps_without(memberships: Iterable[Membership]) -> list[Gap]:
    """Return what active programs would lack if these memberships ended now.

    A program lacks an approver when nobody at its activating bodies may approve alerts, and a duty contact when
    nobody at its desks may answer requests. What it lacks already, these memberships do not take away.
    """
    going = list(memberships)
    ids = {membership.pk for membership in going}
    programs = AlertProgram.objects.run_by({membership.agency_id for membership in going}).filter(is_active=True)
    gaps = []
    for program in programs.select_related("agency").order_by("code"):
        parts = agencies_of(program)
        for capability, agency_ids in (
            (Capability.APPROVE_ALERTS, parts.bodies),
            (Capability.ANSWER_REQUESTS, parts.desks),
        ):
            held = set(access.memberships_with(capability, agency_ids).values_list("pk", flat=True))
            if held & ids and not held - ids:
                gaps.append(Gap(program, capability))
    return gaps


def gaps_without_person(user: User) -> list[Gap]:
    """Return what programs would lack if this person were suspended."""
    return gaps_without(Membership.objects.current().filter(user=user))
