"""Signs of life: written by each process itself every few seconds, read by every page of those who answer for it."""

from __future__ import annotations

import logging
import threading
import time
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import ClassVar

from django.conf import settings
from django.db import DatabaseError, InterfaceError, connection
from django.utils import timezone

from alerts.choices import ProcessKind
from alerts.models import Heartbeat

logger = logging.getLogger(__name__)
BEAT_SECONDS = 15
LATE_SECONDS = 60
KEPT_SECONDS = 5  # how long one web process goes by what it has read
CANARIES = {
    "alerts": ProcessKind.QUEUE_ALERTS,
    "webhooks": ProcessKind.QUEUE_WEBHOOKS,
    "default": ProcessKind.QUEUE_DEFAULT,
}
# The database's clock, so that no two hosts disagree; never backwards.
NOTE = """
    INSERT INTO alerts_heartbeat (kind, at) VALUES (%s, statement_timestamp())
    ON CONFLICT (kind) DO UPDATE SET at = greatest(alerts_heartbeat.at, excluded.at)
"""


@dataclass(frozen=True)
class Sign:
    """What is known of one process: `at` is None when it never gave a sign of life."""

    kind: ProcessKind
    at: datetime | None
    is_expected: bool
    is_late: bool


def note(kind: ProcessKind) -> bool:
    """Write a sign of life; return whether the database took it. A database that is away is no fault of the process."""
    try:
        with connection.cursor() as cursor:
            cursor.execute(NOTE, [kind])
    except (DatabaseError, InterfaceError) as error:
        logger.warning("no sign of life of %s: %s", kind, type(error).__name__)
        if not connection.in_atomic_block:
            connection.close()
        return False
    return True


class Pulse:
    """Notes signs of life of one process, so often and no oftener, from its own loop."""

    def __init__(self, kind: ProcessKind) -> None:
        self._kind = kind
        self._next_at = 0.0

    def beat(self) -> bool:
        """Note one if it is time; return whether one was written."""
        if time.monotonic() < self._next_at:
            return False
        self._next_at = time.monotonic() + BEAT_SECONDS
        return note(self._kind)


def beat_in_background(kind: ProcessKind) -> threading.Event:
    """Note signs of life from a thread until the returned event is set: for a process whose loop is not ours."""
    is_over = threading.Event()

    def beat() -> None:
        while not is_over.is_set():
            note(kind)
            connection.close()  # the process forks: a child must not inherit a connection that is open
            is_over.wait(BEAT_SECONDS)

    threading.Thread(target=beat, name="heartbeat", daemon=True).start()
    return is_over


def expected() -> list[ProcessKind]:
    """Return what must give signs of life here: the processes of the settings; queues where worker and beat run."""
    named = [kind for kind in ProcessKind if kind in settings.ALERTS_EXPECTED_PROCESSES]
    if {ProcessKind.WORKER, ProcessKind.BEAT} <= set(named):
        named += CANARIES.values()
    return named


class _Read:
    """What this process has read lately, and since when it runs."""

    started_at: ClassVar[float] = time.monotonic()
    at: ClassVar[float] = -float("inf")
    late: ClassVar[list[ProcessKind]] = []


def signs() -> list[Sign]:
    """Return what is known of every process and queue; one query."""
    at_of = dict(Heartbeat.objects.values_list("kind", "at"))
    due = timezone.now() - timedelta(seconds=LATE_SECONDS)
    wanted = set(expected())
    # Just started ourselves, we have not waited long enough for those that never were.
    is_patient = time.monotonic() - _Read.started_at < LATE_SECONDS

    def is_late(kind: ProcessKind) -> bool:
        at = at_of.get(kind)
        return kind in wanted and (at < due if at else not is_patient)

    return [Sign(kind, at_of.get(kind), kind in wanted, is_late(kind)) for kind in ProcessKind]


def late() -> list[ProcessKind]:
    """Return what is expected and has given no sign of life for a minute; asked of the database every few seconds."""
    if not settings.ALERTS_EXPECTED_PROCESSES:
        return []
    if time.monotonic() - _Read.at > KEPT_SECONDS:
        try:
            _Read.late = [sign.kind for sign in signs() if sign.is_late]
        except DatabaseError:  # the page of an error is shown in a transaction that has failed
            return []
        _Read.at = time.monotonic()
    return _Read.late


def forget() -> None:
    """Read anew at the next question."""
    _Read.at = -float("inf")
