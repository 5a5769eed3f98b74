"""Telling of desks: hours that their rosters leave to nobody, and numbers that they call wrong (U39, U42)."""

from __future__ import annotations

import logging
import time
from datetime import UTC, datetime, timedelta
from typing import Any, ClassVar

from django.db import transaction
from django.db.models import Exists, Max, OuterRef
from django.utils import timezone

from agencies.choices import DeskAnswer
from agencies.models import Agency, DeskCheck, RosterShift, ShiftOverride
from agencies.models.agency import VERIFIED_FOR
from agencies.on_duty import GAPS_WITHIN, Span, gaps_of_desks
from alerts import delivery, tasks
from alerts.choices import DeskWarningKind, NoticeKind
from alerts.models import DeskWarning, Notice, Recipient
from alerts.notice_readers import told_of_desk

logger = logging.getLogger(__name__)
SOON_HOURS = 48
HOURS_BEFORE = (SOON_HOURS, int(GAPS_WITHIN.total_seconds() // 3600))
LOOKED_BACK = timedelta(days=2)  # where a gap that runs now began
# Whoever plans a week, shift by shift, is not mailed between two shifts.
SETTLED_AFTER = timedelta(hours=1)
SETTLED_SOON = timedelta(minutes=15)
BEFORE_ALL = datetime(2000, 1, 1, tzinfo=UTC)


class _Round:
    """When this process looked last: rosters of every desk for two weeks are not read every ten seconds."""

    next_at: ClassVar[float] = 0.0
    every_seconds: ClassVar[float] = 300.0


def sweep_gaps() -> int:
    """Do what `tell_gaps` does, once in five minutes; for the relay."""
    if time.monotonic() < _Round.next_at:
        return 0
    _Round.next_at = time.monotonic() + _Round.every_seconds
    return tell_gaps()


def tell_gaps() -> int:
    """Tell the supervisors of each desk that goes by a roster which hours of the next 14 days nobody covers.

    Each gap once when it is found, and once more within 48 hours of its beginning; several in one notice. A gap is
    known by its beginning. Nobody is told while the roster is being changed. Return how many desks were told of.
    """
    now = timezone.now()
    found = gaps_of_desks(now - LOOKED_BACK, LOOKED_BACK + GAPS_WITHIN)
    ahead = {desk: [span for span in spans if span[1] > now] for desk, spans in found.items()}
    told = sum(_tell_of_desk(desk, spans, now) for desk, spans in ahead.items() if spans)
    if told:
        tasks.wake(tasks.notify)
    return told


@transaction.atomic
def tell_wrong_numbers() -> int:
    """Tell those who keep a desk's numbers that the desk calls them wrong, once for each check; return how many."""
    wrong = DeskCheck.objects.filter(answer=DeskAnswer.WRONG, warning__isnull=True, agency__desk_wrong_at__isnull=False)
    told = 0
    for check in wrong.select_for_update(of=("self",), no_key=True, skip_locked=True).select_related("agency"):
        warning = DeskWarning.objects.create(agency=check.agency, kind=DeskWarningKind.WRONG, check_answered=check)
        told += _queue(NoticeKind.NUMBERS_WRONG, warning)
    if told:
        tasks.wake(tasks.notify)
    return told


@transaction.atomic
def tell_stale_numbers() -> int:
    """Tell the staff of each program that numbers of its recipients were not verified within a month (U42).

    Once a month, however many numbers; they go on being used. Return how many programs' agencies were told of.
    """
    lately = DeskWarning.objects.filter(
        agency=OuterRef("pk"), kind=DeskWarningKind.STALE, told_at__gt=timezone.now() - VERIFIED_FOR
    )
    stale = Recipient.objects.with_stale_number().values("program__agency")
    due = Agency.objects.filter(~Exists(lately), pk__in=stale).order_by("pk")
    told = 0
    for agency in due.select_for_update(of=("self",), no_key=True, skip_locked=True):
        told += _queue(NoticeKind.NUMBERS_STALE, DeskWarning.objects.create(agency=agency, kind=DeskWarningKind.STALE))
    if told:
        tasks.wake(tasks.notify)
    return told


@transaction.atomic
def _tell_of_desk(agency_id: int, spans: list[Span], now: datetime) -> bool:
    """Make one warning of what is fresh; relays come one after the other under the lock of the desk."""
    agency = Agency.objects.select_for_update(of=("self",), no_key=True, skip_locked=True).filter(pk=agency_id).first()
    if agency is None:
        return False
    known = _known(agency, now)
    fresh = []
    for begins, ends in spans:
        starts_at = _beginning(agency, begins, now)
        hours = next(hours for hours in HOURS_BEFORE if starts_at - now <= timedelta(hours=hours))
        if (starts_at, hours) not in known:
            fresh.append((starts_at, ends, hours))
    if not fresh or not _is_settled(agency, now, is_soon=any(hours == SOON_HOURS for *_span, hours in fresh)):
        return False
    gaps = [[starts.isoformat(), ends.isoformat(), hours] for starts, ends, hours in fresh]
    warning = DeskWarning.objects.create(agency=agency, kind=DeskWarningKind.GAP, gaps=gaps)
    return _queue(NoticeKind.ROSTER_GAP, warning)


def _beginning(agency: Agency, begins: datetime, now: datetime) -> datetime:
    """Return since when the desk has nobody, the same at every look; of a gap older than two days the last end."""
    if begins > now - LOOKED_BACK:
        return begins
    last = agency.shifts.filter(removed_at__isnull=True, ends_at__lte=now).aggregate(at=Max("ends_at"))["at"]
    return last or BEFORE_ALL


def _known(agency: Agency, now: datetime) -> set[tuple[datetime, int]]:
    rows = DeskWarning.objects.filter(agency=agency, kind=DeskWarningKind.GAP).values_list("gaps", flat=True)
    return {(datetime.fromisoformat(begins), hours) for gaps in rows for begins, _ends, hours in gaps}


def _is_settled(agency: Agency, now: datetime, *, is_soon: bool) -> bool:
    since = now - (SETTLED_SOON if is_soon else SETTLED_AFTER)
    changed: tuple[Any, ...] = (
        RosterShift.objects.filter(agency=agency), ShiftOverride.objects.filter(shift__agency=agency)
    )  # fmt: skip
    return not any(
        rows.filter(**{f"{moment}__gt": since}).exists() for rows in changed for moment in ("created_at", "removed_at")
    )


def _queue(kind: str, warning: DeskWarning) -> bool:
    people = told_of_desk(warning)
    if not people:
        logger.error("desk warning %s: there is nobody to be told", warning.pk)
    return bool(delivery.queue_notice(Notice.objects.create(kind=kind, desk_warning=warning), people))
