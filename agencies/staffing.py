"""Whether a program still has somebody: nobody takes its last approver or duty contact away in passing (U36)."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.utils.translation import gettext_lazy as _

from agencies import access
from agencies.choices import Capability
from agencies.models import Agency, AlertProgram, Membership, User
from agencies.program_agencies import ProgramAgencies, agencies_of

CasesLeft = Callable[[Iterable[Membership]], list[str]]
# Sealed cases belong to an app above this one, which names itself when it starts (cases/apps.py).
_cases_left: list[CasesLeft] = []


def find_cases_left_by(find: CasesLeft) -> None:
    """Ask this from now on which sealed cases nobody could open if memberships ended."""
    _cases_left[:] = [find]


def cases_left_by(memberships: Iterable[Membership]) -> list[str]:
    """Return the references of the sealed cases whose seal nobody could lift if these memberships ended now."""
    return _cases_left[0](memberships) if _cases_left else []


@dataclass(frozen=True)
class Gap:
    """A program that nobody could serve any more, and for what; or only one of its desks."""

    program: AlertProgram
    capability: str
    desk: Agency | None = None

    @property
    def words(self) -> Any:
        """Return what the person is to the program or the desk."""
        last = _("last approver") if self.capability == Capability.APPROVE_ALERTS else _("last duty contact")
        return f"{self.desk or self.program}: {last}"

    @property
    def agency_ids(self) -> frozenset[int]:
        """Return the agencies whose people could close it."""
        if self.desk is not None:
            return frozenset({self.desk.pk})
        return dict(_parts(agencies_of(self.program)))[self.capability]


def _parts(agencies: ProgramAgencies) -> tuple[tuple[str, frozenset[int]], ...]:
    """Return what every program needs somebody for, and in which of its agencies."""
    return (Capability.APPROVE_ALERTS, agencies.bodies), (Capability.ANSWER_REQUESTS, agencies.desks)


def gaps_without(memberships: Iterable[Membership]) -> list[Gap]:
    """Return what active programs would lack if these memberships ended now.

    A program lacks an approver when nobody at its activating bodies may approve alerts, and a duty contact when
    nobody at its desks may answer requests. Whoever has an end date is no successor of somebody without one: the
    program would lack its last one on that day. What it lacks already, these memberships do not take away.
    """
    going = list(memberships)
    ids = {membership.pk for membership in going}
    programs = AlertProgram.objects.run_by({membership.agency_id for membership in going}).filter(is_active=True)
    gaps = []
    for program in programs.select_related("agency").order_by("code"):
        for capability, agency_ids in _parts(agencies_of(program)):
            held = dict(access.memberships_with(capability, agency_ids).values_list("pk", "valid_until"))
            lasting = {key for key, until in held.items() if until is None}
            if any(part & ids and not part - ids for part in (set(held), lasting)):
                gaps.append(Gap(program, capability))
    return gaps


@dataclass(frozen=True)
class Ending:
    """A program, or a desk, whose last people for something all have an end date, and when the last of them ends."""

    gap: Gap
    ends_at: datetime


def endings_of(agency_ids: Iterable[int]) -> list[Ending]:
    """Return which active programs of these agencies have somebody now and nobody without an end date, by the day.

    So with each of these agencies that is one of several desks of a program: the program goes on, the desk is empty.
    """
    asked, found = set(agency_ids), []
    programs = AlertProgram.objects.run_by(asked).filter(is_active=True)
    for program in programs.select_related("agency").order_by("code"):
        parts = agencies_of(program)
        gaps = [Gap(program, capability) for capability, _ids in _parts(parts)]
        if len(parts.desks) > 1:
            desks = Agency.objects.filter(pk__in=asked & parts.desks).order_by("pk")
            gaps += [Gap(program, Capability.ANSWER_REQUESTS, desk) for desk in desks]
        for gap in gaps:
            ends_at = _last_end(gap.capability, gap.agency_ids)
            if ends_at is not None:
                found.append(Ending(gap, ends_at))
    return sorted(found, key=lambda ending: ending.ends_at)


def _last_end(capability: str, agency_ids: Iterable[int]) -> datetime | None:
    """Return when the last of those who have a right ends, or None where nobody has it or somebody has no end date."""
    ends = list(access.memberships_with(capability, agency_ids).values_list("valid_until", flat=True))
    dated = [end for end in ends if end is not None]
    return max(dated) if dated and len(dated) == len(ends) else None


def desks_without_anybody(program: AlertProgram, desk_ids: Iterable[int]) -> bool:
    """Say whether these desks would take from a program the last people who answer its requests.

    `desk_ids` are the agencies that would receive requests; without any it is the program's own agency.
    """
    if program.pk is None:
        return False
    stored = AlertProgram.objects.get(pk=program.pk)
    wanted = set(desk_ids) or {program.agency_id}
    here, there = (
        access.memberships_with(Capability.ANSWER_REQUESTS, ids).exists() for ids in (agencies_of(stored).desks, wanted)
    )
    return stored.is_active and here and not there


def cases_left_by_person(user: User) -> list[str]:
    """Return the references of the sealed cases whose seal nobody could lift if this person were suspended."""
    return cases_left_by(Membership.objects.current().filter(user=user))


def gaps_without_person(user: User) -> list[Gap]:
    """Return what programs would lack if this person were suspended."""
    return gaps_without(Membership.objects.current().filter(user=user))
