"""Seals of the audit trail: who alters, removes or inserts a row afterwards is found (ADR 61).

Events are inserted unchained, so that no page waits for another. The sealer gives them an order and a chain of hashes
within seconds; `head` is what leaves the house, and `verify` compares everything with it.
"""

from __future__ import annotations

import hashlib
import json
import uuid
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from django.db import connection, transaction
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.db.models.functions import Now

from agencies.models import AuditEvent, AuditSeal

BATCH = 1000
MOST_BATCHES = 20  # in one turn of the relay: deliveries must not wait for a long backlog
LOCK = 7_361_902_210  # any number, the same for every sealer
FIRST = "0" * 64  # the hash before the first
UNSEALED_FOR = timedelta(minutes=10)  # seconds are usual; longer means that no sealer runs, or a row that it avoids
DATED_BACK = timedelta(hours=1)  # longer than any transaction of ours is open
MOST_FAULTS = 20
# Everything that an event says, in the order of the model when seals began; `xact` is covered with the seal.
CONTENT = ("id", "at", "action", "outcome", "channel", "actor_id", "agency_ids", "object_type", "object_ids",
           "also_shown", "case_id", "case_ids", "purpose", "field_names", "detail", "request_id")  # fmt: skip


@dataclass(frozen=True)
class Head:
    """The hash of one seal with its number; written `HASH@NUMBER`."""

    hash: str
    number: int

    def __str__(self) -> str:
        return f"{self.hash}@{self.number}"

    @classmethod
    def read(cls, text: str) -> Head:
        """Return the head that a text writes. Refuses anything else with ValueError."""
        digest, _at, number = text.strip().partition("@")
        if len(digest) != len(FIRST) or set(digest) - set("0123456789abcdef"):
            raise ValueError(text)
        return cls(digest, int(number))


@dataclass(frozen=True)
class Fault:
    """One place at which the trail is not what was sealed."""

    what: str
    number: int | None
    event_id: uuid.UUID | None

    def __str__(self) -> str:
        place = "not sealed" if self.number is None else f"seal {self.number}"
        return f"{self.what}: {place}, event {self.event_id or '-'}"


@dataclass
class Verdict:
    """What a check found: the head, how many seals it looked at, and the first faults."""

    head: Head
    checked: int = 0
    faults: list[Fault] = field(default_factory=list)

    @property
    def is_whole(self) -> bool:
        """Say whether every row is what was sealed, and none is lacking or too many."""
        return not self.faults


def head() -> Head:
    """Return the newest seal; number 0 before there is any."""
    last = AuditSeal.objects.order_by("-number").first()
    return Head(last.hash, last.number) if last else Head(FIRST, 0)


@transaction.atomic
def seal_new(*, limit: int = BATCH) -> int:
    """Seal up to `limit` events that no open transaction can precede, in the order of their transactions.

    Returns how many. One sealer works at a time; another one returns 0 at once. An event is taken when every
    transaction up to its own has ended: a later seal never belongs to an earlier transaction.
    """
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_xact_lock(%s)", [LOCK])
        if not cursor.fetchone()[0]:
            return 0
        cursor.execute("SELECT clock_timestamp()")
        (now,) = cursor.fetchone()
    ended = horizon()  # first: whatever is before it has ended when the next statement looks for rows
    cluster = current_cluster()
    last = AuditSeal.objects.order_by("-number").first()
    rows = AuditEvent.objects.order_by("xact", "id")
    if last is None:
        rows = rows.filter(xact__lt=ended)
    elif last.cluster == cluster:
        rows = rows.filter(Q(xact__gt=last.xact) | Q(xact=last.xact, id__gt=last.event_id), xact__lt=ended)
    else:  # restored into another cluster, which numbers its transactions anew: whatever waited is taken first
        rows = rows.filter(~Exists(AuditSeal.objects.filter(event_id=OuterRef("pk"))))
        limit = rows.count()
    previous, number = (last.hash, last.number) if last else (FIRST, 0)
    seals = []
    for event in rows[:limit]:
        number += 1
        seal = AuditSeal(number=number, event_id=event.pk, xact=event.xact, cluster=cluster, sealed_at=now)
        seal.hash = previous = hash_of(seal, event, previous)
        seals.append(seal)
    AuditSeal.objects.bulk_create(seals, batch_size=BATCH)
    return len(seals)


def seal_waiting() -> int:
    """Seal in batches, each its own transaction, until few are left or it is another service's turn; say how many."""
    total = 0
    for _batch in range(MOST_BATCHES):
        count = seal_new()
        total += count
        if count < BATCH:
            break
    return total


def horizon() -> int:
    """Return the number of the oldest transaction that is open in the cluster now, or of the next one."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_snapshot_xmin(pg_current_snapshot())::text::bigint")
        return int(cursor.fetchone()[0])


def hash_of(seal: AuditSeal, event: AuditEvent, previous: str) -> str:
    """Return the SHA-256 over the hash before, the seal's own values and everything that the event says."""
    content = {name: getattr(event, name) for name in CONTENT}
    own = [seal.number, seal.event_id, seal.xact, seal.cluster, seal.sealed_at, event.xact]
    text = json.dumps([previous, own, content], default=_plain, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()


def _plain(value: Any) -> str:
    return value.isoformat() if isinstance(value, datetime) else str(value)


def current_cluster() -> int:
    """Return the number that PostgreSQL gave to this cluster of databases when it was made."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT system_identifier FROM pg_control_system()")
        return int(cursor.fetchone()[0])


def verify(*, published: Iterable[Head] = ()) -> Verdict:
    """Compare every seal with its event, its neighbour and the published heads, and look for rows without a seal.

    A row altered, removed or inserted inside the database is found by the chain; a trail rewritten together with its
    seals only by a head that was published before.
    """
    verdict = Verdict(head())
    expected = {item.number: item.hash for item in published}
    for fault in (*_of_chain(verdict, expected), *_without_seal(verdict.head)):
        if len(verdict.faults) < MOST_FAULTS:
            verdict.faults.append(fault)
    return verdict


def _of_chain(verdict: Verdict, expected: dict[int, str]) -> Iterator[Fault]:
    before: AuditSeal | None = None
    for seal, event in _pairs(verdict.head.number):
        verdict.checked += 1
        lacking = seal.number - (before.number if before else 0) - 1
        if lacking:
            yield Fault(f"{lacking} seals removed before", seal.number, seal.event_id)
        elif event is None:
            yield Fault("removed", seal.number, seal.event_id)
        elif hash_of(seal, event, before.hash if before else FIRST) != seal.hash:
            yield Fault("altered", seal.number, seal.event_id)
        elif before and _is_out_of_order(before, seal, event):
            yield Fault("inserted or dated back", seal.number, seal.event_id)
        if expected.pop(seal.number, seal.hash) != seal.hash:
            yield Fault("not the head that was published", seal.number, seal.event_id)
        before = seal
    for number in sorted(number for number in expected if number):
        yield Fault("published head is gone", number, None)


def _is_out_of_order(before: AuditSeal, seal: AuditSeal, event: AuditEvent) -> bool:
    is_back = seal.cluster == before.cluster and (seal.xact, seal.event_id) <= (before.xact, before.event_id)
    return is_back or (seal.cluster == before.cluster and event.at < before.sealed_at - DATED_BACK)


def _pairs(up_to: int) -> Iterator[tuple[AuditSeal, AuditEvent | None]]:
    """Yield the seals in their order, each with its event if that is still there."""
    after = -1
    while seals := list(AuditSeal.objects.filter(number__gt=after, number__lte=up_to).order_by("number")[:BATCH]):
        events = AuditEvent.objects.in_bulk([seal.event_id for seal in seals])
        for seal in seals:
            yield seal, events.get(seal.event_id)
        after = seals[-1].number


def _without_seal(newest: Head) -> Iterator[Fault]:
    """Yield events behind the newest seal that have none, and events that have waited too long for theirs."""
    unsealed: QuerySet[AuditEvent] = AuditEvent.objects.filter(
        ~Exists(AuditSeal.objects.filter(event_id=OuterRef("pk")))
    ).order_by("xact", "id")
    last = AuditSeal.objects.filter(number=newest.number).first()
    if last is not None and last.cluster == current_cluster():
        behind = unsealed.filter(Q(xact__lt=last.xact) | Q(xact=last.xact, id__lt=last.event_id))
        for event in behind[:MOST_FAULTS]:
            yield Fault("inserted", None, event.pk)
        unsealed = unsealed.filter(xact__gte=last.xact)
    for event in unsealed.filter(at__lt=Now() - UNSEALED_FOR)[:MOST_FAULTS]:
        yield Fault("waits for its seal for too long", None, event.pk)
