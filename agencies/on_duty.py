"""Who is on duty at a desk: the one place that answers (U39, ADR 73).

An agency that does not go by a roster has its 24-hour desk on duty always. Where one is kept, on duty is who has a
shift and still holds a role there that may answer requests; a change of a shift goes before the shift.
"""

from __future__ import annotations

import uuid
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from django.db.models import Prefetch, Q, QuerySet
from django.utils import timezone

from agencies import access
from agencies.choices import Capability
from agencies.models import Agency, AlertProgram, ProgramDesk, RosterShift, ShiftOverride, User

GAPS_WITHIN = timedelta(days=14)
Span = tuple[datetime, datetime]
ENDLESS = datetime.max.replace(tzinfo=UTC)


@dataclass(frozen=True)
class Stretch:
    """One person on duty at one desk from an instant until another; `override` is set where they stand in."""

    shift: RosterShift
    person: User
    starts_at: datetime
    ends_at: datetime
    override: ShiftOverride | None = None

    def covers(self, at: datetime) -> bool:
        """Say whether the person is on duty at this instant; the end belongs to the next shift."""
        return self.starts_at <= at < self.ends_at


@dataclass(frozen=True)
class OnDuty:
    """What is known of one desk at one instant. `people` is empty where no roster is kept."""

    has_roster: bool
    people: tuple[User, ...] = ()

    @property
    def is_manned(self) -> bool:
        """Say whether somebody is on duty: always, where no roster is kept (U39)."""
        return not self.has_roster or bool(self.people)


def who_is_on_duty(agency: Agency | int, at: datetime | None = None) -> OnDuty:
    """Return who is on duty at the desk of an agency at an instant, now unless another one is given."""
    agency_id = agency if isinstance(agency, int) else agency.pk
    return duty_of([agency_id], at)[agency_id]


def duty_of(agency_ids: Iterable[int], at: datetime | None = None) -> dict[int, OnDuty]:
    """Return the same for many desks: one query without rosters, four with, however many desks."""
    wanted, instant = set(agency_ids), at or timezone.now()
    kept = set(Agency.objects.filter(pk__in=wanted, keeps_roster=True).values_list("pk", flat=True))
    found: dict[int, dict[uuid.UUID, User]] = {agency_id: {} for agency_id in kept}
    if kept:
        rows = _planned(starts_at__lte=instant, ends_at__gt=instant, agency__in=kept)
        for stretch in _stretches(rows):
            if stretch.covers(instant):
                found[stretch.shift.agency_id][stretch.person.pk] = stretch.person
    return {
        agency_id: OnDuty(agency_id in kept, tuple(found.get(agency_id, {}).values())) for agency_id in wanted
    }  # fmt: skip


def programs_on_duty(programs: Iterable[AlertProgram], at: datetime | None = None) -> dict[int, bool]:
    """Say for many programs at once whether one of their desks has somebody on duty, in a constant number of queries.

    A desk at which nobody may answer requests is not on duty, roster or not.
    """
    asked = list(programs)
    desks: dict[int, set[int]] = defaultdict(set)
    rows = ProgramDesk.objects.filter(program__in=asked, agency__is_active=True)
    for program_id, agency_id in rows.values_list("program_id", "agency_id"):
        desks[program_id].add(agency_id)
    of_each = {program.pk: desks.get(program.pk) or {program.agency_id} for program in asked}
    everybody = set().union(*of_each.values())
    with_people = set(
        access.memberships_with(Capability.ANSWER_REQUESTS, everybody).values_list("agency_id", flat=True)
    )  # fmt: skip
    duty = duty_of(everybody, at)
    manned = {agency_id for agency_id in with_people if duty[agency_id].is_manned}
    return {key: bool(agency_ids & manned) for key, agency_ids in of_each.items()}


def stretches_of(agency: Agency, since: datetime, until: datetime) -> list[Stretch]:
    """Return who is on duty at one desk when, as far as planned between two instants, in the order of their start."""
    return _stretches(_planned(starts_at__lt=until, ends_at__gt=since, agency=agency))


@dataclass(frozen=True)
class Change:
    """One desk at an instant at which somebody goes off duty: who does, and who is on duty from then on."""

    agency_id: int
    at: datetime
    leaving: tuple[uuid.UUID, ...]
    coming: tuple[uuid.UUID, ...]


def changes_of_shift(since: datetime, until: datetime) -> list[Change]:
    """Return where a shift ends after one instant and until another, at the desks that go by a roster (U41).

    Whoever goes on without a break hands over to nobody. Four queries at most, however many desks.
    """
    rows = _planned(starts_at__lte=until, ends_at__gt=since, agency__keeps_roster=True, agency__is_active=True)
    of_desk: dict[int, list[Stretch]] = defaultdict(list)
    for stretch in _stretches(rows):
        of_desk[stretch.shift.agency_id].append(stretch)
    found = []
    for agency_id, stretches in of_desk.items():
        for at in sorted({item.ends_at for item in stretches if since < item.ends_at <= until}):
            after = {item.person.pk for item in stretches if item.covers(at)}
            leaving = {item.person.pk for item in stretches if item.ends_at == at} - after
            if leaving:
                found.append(Change(agency_id, at, tuple(sorted(leaving)), tuple(sorted(after))))
    return found


def shifts_of(person: User, since: datetime) -> list[Stretch]:
    """Return when one person is on duty from an instant on, at whatever desks, as who stands in for others too."""
    instead = ShiftOverride.objects.filter(removed_at__isnull=True, replacement=person).values("shift")
    rows = _planned(Q(person=person) | Q(pk__in=instead), ends_at__gt=since)
    return [stretch for stretch in _stretches(rows) if stretch.person.pk == person.pk and stretch.ends_at > since]


def gaps_of(agency: Agency, since: datetime, within: timedelta = GAPS_WITHIN) -> list[Span]:
    """Return the spans from an instant on in which nobody is on duty by the roster; none where no roster is kept.

    Of a desk whose roster is planned but not in force yet the spans are those that it would have.
    """
    return uncovered(stretches_of(agency, since, since + within), since, since + within)


def gaps_of_desks(since: datetime, within: timedelta = GAPS_WITHIN) -> dict[int, list[Span]]:
    """Return the same for every active desk that goes by a roster, by agency: five queries at most."""
    desks = Agency.objects.active().filter(keeps_roster=True).values_list("pk", flat=True)
    of_desk: dict[int, list[Stretch]] = {agency_id: [] for agency_id in desks}
    if of_desk:
        for stretch in _stretches(_planned(starts_at__lt=since + within, ends_at__gt=since, agency__in=of_desk)):
            of_desk[stretch.shift.agency_id].append(stretch)
    return {agency_id: uncovered(found, since, since + within) for agency_id, found in of_desk.items()}


def uncovered(stretches: Iterable[Stretch], since: datetime, until: datetime) -> list[Span]:
    """Return the spans between two instants that no stretch covers."""
    found, reached = [], since
    for stretch in sorted(stretches, key=lambda item: item.starts_at):
        if stretch.starts_at >= until:
            break
        if stretch.starts_at > reached:
            found.append((reached, stretch.starts_at))
        reached = max(reached, stretch.ends_at)
    return [*found, (reached, until)] if reached < until else found


def _planned(*conditions: Q, **named: object) -> QuerySet[RosterShift]:
    standing = ShiftOverride.objects.filter(removed_at__isnull=True).select_related("replacement")
    return (
        RosterShift.objects.filter(*conditions, removed_at__isnull=True, **named)
        .select_related("person", "agency")
        .prefetch_related(Prefetch("overrides", queryset=standing, to_attr="standing"))
        .order_by("starts_at", "id")
    )


def _stretches(rows: Iterable[RosterShift]) -> list[Stretch]:
    shifts = list(rows)
    held = _held_by_people_of(shifts)
    found = []
    for shift in shifts:
        free: list[Span] = [(shift.starts_at, shift.ends_at)]
        for override in shift.standing:  # type: ignore[attr-defined]
            span = (override.starts_at, override.ends_at)
            free = [part for piece in free for part in _without(piece, span)]
            if override.replacement is not None:
                found.append(Stretch(shift, override.replacement, *span, override))
        found.extend(Stretch(shift, shift.person, *piece) for piece in free)
    clipped = [
        Stretch(item.shift, item.person, *span, item.override)
        for item in found
        for span in _within((item.starts_at, item.ends_at), held[item.shift.agency_id, item.person.pk])
    ]
    return sorted(clipped, key=lambda item: (item.starts_at, item.shift.pk))


def _held_by_people_of(shifts: list[RosterShift]) -> dict[tuple[int, uuid.UUID], list[Span]]:
    """Return when each person holds a role at each desk that may answer requests."""
    found: dict[tuple[int, uuid.UUID], list[Span]] = defaultdict(list)
    desks = {shift.agency_id for shift in shifts}
    if not desks:
        return found
    rows = access.memberships_ever_with(Capability.ANSWER_REQUESTS, desks).order_by("valid_from")
    for row in rows.values_list("agency_id", "user_id", "valid_from", "valid_until"):
        spans, span = found[row[0], row[1]], (row[2], row[3] or ENDLESS)
        if spans and span[0] <= spans[-1][1]:
            spans[-1] = (spans[-1][0], max(spans[-1][1], span[1]))
        else:
            spans.append(span)
    return found


def _without(piece: Span, taken: Span) -> list[Span]:
    parts = [(piece[0], min(piece[1], taken[0])), (max(piece[0], taken[1]), piece[1])]
    return [part for part in parts if part[0] < part[1]]


def _within(piece: Span, spans: list[Span]) -> list[Span]:
    parts = [(max(piece[0], start), min(piece[1], end)) for start, end in spans]
    return [part for part in parts if part[0] < part[1]]
