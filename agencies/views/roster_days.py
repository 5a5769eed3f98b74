"""The roster of a desk day by day, on the desk's own clock, as pages show it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

from django.db.models import Q

from agencies.models import Agency, Holiday, RosterShift, User
from agencies.on_duty import Span, Stretch, stretches_of, uncovered

DAYS_SHOWN = 14


@dataclass(frozen=True)
class Entry:
    """One person in a part of a day; `is_off` where a change of the shift takes them off duty."""

    shift: RosterShift
    person: User
    starts_at: datetime
    ends_at: datetime
    is_off: bool = False
    reason: str = ""
    stands_in: bool = False


@dataclass(frozen=True)
class Day:
    """One day of a desk: who is on duty when, which hours nobody covers, whether it is a holiday."""

    day: date
    midnight: datetime
    ends: datetime
    entries: list[Entry]
    gaps: list[Span]
    holidays: list[str]
    is_today: bool

    @property
    def lines(self) -> list[tuple[datetime, datetime, Entry | None]]:
        """Return who is on duty and what nobody covers (None), by the clock."""
        found = [(entry.starts_at, entry.ends_at, entry) for entry in self.entries]
        return sorted([*found, *((*gap, None) for gap in self.gaps)], key=lambda line: line[:2])

    @property
    def is_uncovered(self) -> bool:
        """Say whether nobody covers any hour of it."""
        return not self.entries and [until - since for since, until in self.gaps] == [self.length]

    @property
    def length(self) -> timedelta:
        """Return how long it is; not 24 hours where the clock is changed."""
        return self.ends - self.midnight


def days_of(agency: Agency, first: date, *, now: datetime, count: int = DAYS_SHOWN) -> list[Day]:
    """Return so many days from `first` on. Hours that are over are no gaps. Six queries, however many shifts."""
    zone = ZoneInfo(agency.time_zone)
    edges = [midnight(first + timedelta(days=number), zone) for number in range(count + 1)]
    stretches = stretches_of(agency, edges[0], edges[-1])
    gaps = uncovered(stretches, max(edges[0], now), edges[-1]) if edges[-1] > now else []
    entries = [*(_entry(item) for item in stretches), *_off(agency, edges[0], edges[-1])]
    holidays = holidays_of(agency, first, first + timedelta(days=count))
    return [
        Day(
            first + timedelta(days=number),
            start,
            end,
            sorted(_clipped(entries, start, end), key=lambda item: (item.starts_at, item.is_off, item.person.pk)),
            [(max(gap[0], start), min(gap[1], end)) for gap in gaps if gap[0] < end and gap[1] > start],
            holidays.get(first + timedelta(days=number), []),
            start <= now < end,
        )
        for number, (start, end) in enumerate(pairwise(edges))
    ]


def midnight(day: date, zone: ZoneInfo) -> datetime:
    """Return the instant at which a day begins in a zone."""
    return datetime(day.year, day.month, day.day, tzinfo=zone)


def holidays_of(agency: Agency, first: date, until: date) -> dict[date, list[str]]:
    """Return the names of the holidays of the agency's country and place, by day, in the reader's language."""
    found: dict[date, list[str]] = {}
    rows = Holiday.objects.filter(
        Q(subdivision__isnull=True) | Q(subdivision=agency.subdivision_id), is_active=True, country=agency.country,
        day__gte=first, day__lt=until,
    )  # fmt: skip
    for row in rows:
        found.setdefault(row.day, []).append(row.name)
    return found


def _entry(item: Stretch) -> Entry:
    reason = item.override.get_kind_display() if item.override else ""
    return Entry(item.shift, item.person, item.starts_at, item.ends_at, reason=reason, stands_in=bool(item.override))


def _off(agency: Agency, since: datetime, until: datetime) -> list[Entry]:
    rows = RosterShift.objects.filter(
        agency=agency, removed_at__isnull=True, overrides__removed_at__isnull=True,
        overrides__starts_at__lt=until, overrides__ends_at__gt=since,
    ).select_related("person").prefetch_related("overrides").distinct()  # fmt: skip
    return [
        Entry(shift, shift.person, item.starts_at, item.ends_at, is_off=True, reason=item.get_kind_display())
        for shift in rows
        for item in shift.overrides.all()
        if item.removed_at is None
    ]


def _clipped(entries: list[Entry], start: datetime, end: datetime) -> list[Entry]:
    return [
        Entry(
            item.shift, item.person, max(item.starts_at, start), min(item.ends_at, end), item.is_off, item.reason,
            item.stands_in,
        )
        for item in entries
        if item.starts_at < end and item.ends_at > start
    ]  # fmt: skip
