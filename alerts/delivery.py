"""Deliveries: rows made with the act, claimed under a lease, written in bulk. The only writer of their states.

The row is the queue. Celery only wakes somebody; the relay sends what is overdue, with or without Redis
(docs/adr: the relay over our own rows).
"""

from __future__ import annotations

import logging
import time
import uuid
from collections import defaultdict, deque
from collections.abc import Callable, Iterable, Iterator
from datetime import timedelta
from functools import partial

from django.conf import settings
from django.db import connection, transaction
from django.db.models import F, Q, QuerySet
from django.utils import timezone

from agencies.models import User
from alerts import lease
from alerts.channels.outcome import Outcome, back_off
from alerts.choices import DESPITE_SEAL, TEXTED, UNSENT_STATES, Channel, DeliveryState, MessageType
from alerts.exercises import is_notice_of_exercise
from alerts.models import Alert, AlertMessage, Delivery, DeliveryAttempt, Notice, Recipient
from alerts.notice_readers import no_longer_told
from alerts.sending import SENDERS
from alerts.simulated import DOMAIN, address_for
from alerts.tokens import hash_of, token_for
from alerts.withdrawn import withdrawals
from cases.models.seal import readers_of

logger = logging.getLogger(__name__)
WRITE_EVERY = 50  # outcomes
WRITE_SECONDS = 0.5
CHUNK_SECONDS = 15  # a chunk gives its rest back well before its lease ends
WAITING_STATES = (DeliveryState.QUEUED, DeliveryState.RETRY)  # nobody is sending them now

# A recipient gets the messages of one alert in their order by each channel: none is claimed while an earlier one is
# under way there. A channel that hangs does not hold up another one.
# A burst of rows is younger than the planner's statistics, which then say "one row" and make each claim read all rows
# for each: so the rows are walked in the order of their index until enough are found, and the subqueries are fenced.
CLAIM_SETTINGS = "SET LOCAL enable_sort = off; SET LOCAL enable_bitmapscan = off; SET LOCAL enable_seqscan = off"
CLAIM = """
    WITH due AS MATERIALIZED (
        SELECT waiting.id FROM alerts_delivery waiting
        WHERE waiting.channel = %s AND waiting.state IN ('queued', 'claimed', 'retry')
          AND waiting.next_attempt_at <= statement_timestamp()
          AND CASE waiting.state WHEN 'claimed' THEN waiting.claimed_until < statement_timestamp()
              ELSE waiting.next_attempt_at <= statement_timestamp() - make_interval(secs => %s) END
          AND NOT EXISTS (
              SELECT 1 FROM (
                  SELECT earlier.id FROM alerts_alertmessage own
                  JOIN alerts_alertmessage earlier ON earlier.alert_id = own.alert_id
                                                  AND (earlier.created_at, earlier.id) < (own.created_at, own.id)
                  WHERE own.id = waiting.message_id OFFSET 0
              ) before CROSS JOIN LATERAL (
                  SELECT held.state FROM alerts_delivery held
                  WHERE held.message_id = before.id AND held.recipient_id = waiting.recipient_id
                    AND held.channel = waiting.channel OFFSET 0
              ) held WHERE held.state IN ('queued', 'claimed', 'retry'))
        ORDER BY waiting.next_attempt_at LIMIT %s FOR UPDATE OF waiting SKIP LOCKED
    )
    UPDATE alerts_delivery claimed SET state = 'claimed', attempts = attempts + 1,
           claimed_until = statement_timestamp() + make_interval(secs => %s),
           may_have_arrived = may_have_arrived OR claimed.state = 'claimed'
    FROM due WHERE claimed.id = due.id RETURNING claimed.id
"""
RENEW = """
    UPDATE alerts_delivery SET claimed_until = statement_timestamp() + make_interval(secs => %s)
    WHERE state = 'claimed' AND id = ANY(%s)
"""
# One statement of four arrays: a model for each of ten thousand tries costs as much as sending them.
NOTE_TRIES = """
    INSERT INTO alerts_deliveryattempt (at, delivery_id, number, outcome, detail)
    SELECT %s, tried.* FROM unnest(%s::uuid[], %s::int[], %s::text[], %s::text[]) AS tried
"""


def queue_message(message: AlertMessage, recipients: Iterable[Recipient]) -> int:
    """Make one delivery per recipient and channel, inside the caller's transaction; return how many.

    In an exercise each has an address of the simulator in place of the real one, as notices do (ADR 81).
    """
    rows, address_by = [], partial(address_for, is_exercise=message.alert.is_exercise)
    for recipient in recipients:
        for channel, own in recipient.addresses:
            row = Delivery(message=message, recipient=recipient, channel=channel, language=recipient.language)
            row.address = address_by(channel, own)
            row.token_hash = hash_of(token_for(row.id))
            rows.append(row)
    return len(Delivery.objects.bulk_create(rows, batch_size=1000))


def queue_notice(notice: Notice, users: Iterable[User]) -> int:
    """Make one delivery per person and channel, inside the caller's transaction; return how many people are told.

    Of a sealed case only its named readers hear, but for what supervisors must know of its readers (ADR 65).
    """
    readers = None if notice.kind in DESPITE_SEAL or notice.case_id is None else readers_of(notice.case_id)
    told = [user for user in users if readers is None or user.pk in readers]
    ways = [(user, Channel.EMAIL, user.email) for user in told]
    if notice.kind in TEXTED:
        ways += [(user, Channel.SMS, user.sms_number) for user in told if user.has_verified_number]
    address_by = partial(address_for, is_exercise=is_notice_of_exercise(notice))
    rows = [
        Delivery(notice=notice, user=user, channel=channel, address=address_by(channel, own), language=user.language)
        for user, channel, own in ways
    ]
    Delivery.objects.bulk_create(rows, batch_size=1000)
    return len(told)


def suppress_unsent(alert: Alert) -> int:
    """Stop every message but the Cancel of an alert that has ended; return how many rows.

    What is being sent at this moment is left to its sender, which looks again between its mails.
    """
    return _waiting(alert).update(state=DeliveryState.SUPPRESSED)


def told_recipients(alert: Alert) -> list[Recipient]:
    """Return everybody who got the alert or may have got it, so that they get its Cancel.

    Locks what waits, inside the caller's transaction: nobody else can be told before the caller has stopped it.
    """
    list(_waiting(alert).select_for_update().values_list("pk"))
    return list(Recipient.objects.filter(deliveries__message__alert=alert, deliveries__attempts__gt=0).distinct())


def send_due(*, grace_seconds: int = 0, limit: int | None = None, channel: str = Channel.EMAIL) -> int:
    """Claim what is due by one channel, chunk by chunk, and send it; return how many rows were settled.

    It stops when nothing is due, after fifteen seconds, or with the first chunk where `limit` says how many rows.

    Two senders never hold the same row: the claim skips locked rows, and the lease is renewed while its holder
    sends. The lease of a sender that dies lapses after seconds; the next one sends again, so that a message may
    arrive twice, never not at all. Rows of which nobody knows whether a try arrived say so (`may_have_arrived`).
    """
    claim = partial(_claim, limit or settings.ALERTS_CHUNK_SIZE, grace_seconds, channel)
    chunk = _Chunk(claim, is_fed=limit is None)
    if not chunk.left:
        return 0
    ends_at = time.monotonic() + CHUNK_SECONDS
    with lease.renewed(chunk.renew):
        try:
            chunk.drop_lost()
            SENDERS[channel](chunk, ends_at)
        finally:  # also when a time limit or a lost connection interrupts: what is known is written
            if not connection.in_atomic_block:
                connection.close_if_unusable_or_obsolete()
            chunk.write()
            _give_back(chunk.left)
    return chunk.settled


def is_due(channel: str) -> bool:
    """Say whether anything waits to be sent by this channel now."""
    return Delivery.objects.due().filter(channel=channel).exists()


def send_again(rows: QuerySet[Delivery], *, address: str | F) -> int:
    """Queue what was sent or refused once more, to this address, inside the caller's transaction; return how many.

    Nothing that waits or was suppressed. What was sent may arrive twice. An exercise keeps the simulator's addresses.
    """
    again, own = rows.filter(state__in=(DeliveryState.SENT, DeliveryState.FAILED)), Q(address__endswith=f"@{DOMAIN}")
    arrived = Q(state=DeliveryState.SENT) | Q(may_have_arrived=True)
    told = {"state": DeliveryState.QUEUED, "next_attempt_at": timezone.now(), "error": "", "may_have_arrived": arrived}
    return again.exclude(own).update(**told, address=address) + again.filter(own).update(**told)


def acknowledge(delivery: Delivery, *, name: str, position: str = "", via: str = "", by: User | None = None) -> bool:
    """Record that the recipient acknowledged; return whether it is the first time.

    `via` is a code of "answer_channel" and `by` the officer who writes down what came by it; both are empty where the
    recipient acknowledged by the link. By a reply `via` stands alone: nobody of ours wrote it down.
    """
    return bool(
        Delivery.objects.filter(pk=delivery.pk, acknowledged_at__isnull=True).update(
            acknowledged_at=timezone.now(),
            acknowledged_name=name[:120],
            acknowledged_via=via,
            recorded_by=by,
            acknowledged_position=position[:80],
        )
    )


def take_charge(delivery: Delivery, *, name: str, position: str = "") -> bool:
    """Record that the recipient's service acts on an alert, which is more than its receipt (U38); return whether it is
    the first time. Of the end of an alert nobody takes charge.
    """
    if delivery.message is None or delivery.message.msg_type == MessageType.CANCEL:
        return False
    who = ", ".join(filter(None, (name[:120], position[:80])))
    rows = Delivery.objects.filter(pk=delivery.pk, charge_taken_at__isnull=True)
    return bool(rows.update(charge_taken_at=timezone.now(), charge_taken_by=who))


def take_receipt(*, provider: str, provider_key: str, has_arrived: bool, detail: str = "") -> bool:
    """Write what a provider says became of a message that it had taken; return whether we have such a message.

    Only forward: what was sent has arrived or is lost, and both are final. Of another provider nothing moves.
    """
    found = Delivery.objects.filter(provider=provider, provider_key=provider_key).exclude(provider_key="")
    row = found.select_for_update().first()
    if row is None:
        return False
    if row.state == DeliveryState.SENT:
        state = DeliveryState.DELIVERED if has_arrived else DeliveryState.FAILED
        found.update(state=state, error=detail[:200])
        DeliveryAttempt.objects.create(delivery=row, number=row.attempts, outcome=state, detail=detail[:200])
    return True


def take_arrival(*, delivery_id: uuid.UUID, address: str, provider: str, provider_key: str) -> None:
    """Write that a message has arrived whose answer was lost, so that nobody sends it again.

    `address` is the one that it arrived at: a row that was sent again to another one stays as it is.
    """
    found = Delivery.objects.filter(pk=delivery_id, address=address, state__in=(*UNSENT_STATES, DeliveryState.SENT))
    row = found.select_for_update().first()
    if row is not None:
        found.update(state=DeliveryState.DELIVERED, provider=provider, provider_key=provider_key, error="",
                     claimed_until=None, sent_at=row.sent_at or timezone.now())  # fmt: skip
        DeliveryAttempt.objects.create(delivery=row, number=row.attempts, outcome=DeliveryState.DELIVERED)


class _Chunk:
    """Claimed rows on their way: those left to try, those being tried, and outcomes that are not written yet."""

    def __init__(self, more: Callable[[], list[Delivery]], *, is_fed: bool) -> None:
        self._more, self._is_fed = more, is_fed
        self.left: deque[Delivery] = deque()
        self._trying: dict[uuid.UUID, Delivery] = {}
        self.stopped: set[uuid.UUID] = set()  # withdrawn while they wait for their host; read by another thread
        self.held: list[uuid.UUID] = []  # what the lease is renewed for; read by another thread
        self.settled = 0
        self._done: list[tuple[Delivery, Outcome]] = []
        self._alerts: set[uuid.UUID] = set()  # whose end stops rows of this chunk
        self._written_at = time.monotonic()
        self._claim()

    def renew(self) -> None:
        """Hold what is held for another lease; called from another thread, over its own connection."""
        with connection.cursor() as cursor:
            cursor.execute(RENEW, [settings.ALERTS_LEASE_SECONDS, self.held])

    def take(self, most: int) -> list[Delivery]:
        """Return the next rows, at most so many, which are being tried from now on."""
        rows = [self.left.popleft() for _place in range(min(most, len(self.left)))]
        self._trying.update({row.pk: row for row in rows})
        return rows

    def settle(self, row: Delivery, outcome: Outcome) -> None:
        """Keep the outcome of one row that was tried."""
        self._trying.pop(row.pk)
        self._done.append((row, outcome))

    def claim_more(self) -> None:
        """Claim what else is due once nothing is left, so that nobody waits for the last ones on their way."""
        if self.left or not self._is_fed or time.monotonic() < self._claims_from:
            return
        self.write()  # what was just sent must not be claimed by whoever sent it
        self._claim()
        self.drop_lost()

    def drop_lost(self) -> None:
        """Stop what was withdrawn, and notices whose person may no longer hear of the case."""
        self.drop_ended()
        self.drop(no_longer_told(self.left))

    def _claim(self) -> None:
        rows = [row for row in self._more() if row.pk not in self._trying]
        # Whoever found nothing asks again later, so that waiting for the last answers is no stream of questions.
        self._claims_from = time.monotonic() + (0 if rows else WRITE_SECONDS)
        self.left.extend(rows)
        self.held = [*self._trying, *(row.pk for row in self.left)]
        self._alerts |= {row.message.alert_id for row in rows if row.message and not _is_cancel(row)}

    def write_when_due(self) -> None:
        """Write when enough outcomes or half a second have gathered."""
        if len(self._done) >= WRITE_EVERY or time.monotonic() - self._written_at > WRITE_SECONDS:
            self.write()
            self.drop_ended()

    def write(self) -> None:
        """Write the outcomes that are known."""
        self._written_at = time.monotonic()
        _write(self._done)
        self.settled += len(self._done)
        self._done = []
        self.held = [*self._trying, *(row.pk for row in self.left)]

    def drop_ended(self) -> None:
        """Stop what is left of what was withdrawn meanwhile; nobody is told of it any more."""
        ended = withdrawals(self._alerts) if self._alerts else {}
        if not ended:
            return
        for row in (*self.left, *self._trying.values()):
            if row.message and not _is_cancel(row) and (at := ended.get(row.message.alert_id)):
                self.stopped |= {row.pk} if row.message.created_at <= at else set()
        self.drop(self.stopped)

    def drop(self, ids: set[uuid.UUID]) -> None:
        """Suppress rows that are left, so that nobody sends them."""
        late = [row for row in self.left if row.pk in ids]
        if not late:
            return
        for own in _by_claim(late):
            own.update(state=DeliveryState.SUPPRESSED, claimed_until=None, attempts=F("attempts") - 1)
        self.left = deque(row for row in self.left if row.pk not in ids)
        self.held = [*self._trying, *(row.pk for row in self.left)]
        self.settled += len(late)


def _claim(limit: int, grace_seconds: int, channel: str = Channel.EMAIL) -> list[Delivery]:
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(CLAIM_SETTINGS)
        cursor.execute(CLAIM, [channel, grace_seconds, limit, settings.ALERTS_LEASE_SECONDS])
        ids = [row[0] for row in cursor.fetchall()]
    if not ids:
        return []
    # One object per message and notice, however many rows share it: a join would read its bytes for each of them.
    return list(
        Delivery.objects.filter(pk__in=ids)
        .select_related("recipient", "user")
        .prefetch_related(
            "message__alert__program", "notice__case", "notice__alert__program", "notice__text_review",
            "notice__handover__from_agency", "notice__handover__to_agency", "notice__request__program",
            "notice__request__requesting_agency", "notice__hub", "notice__role_ending__program__agency",
            "notice__role_ending__agency", "notice__role_ending__case", "notice__shift__agency",
            "notice__desk_warning__agency",
        )
        .order_by("created_at", "id")
    )  # fmt: skip


def _write(done: list[tuple[Delivery, Outcome]]) -> None:
    """Write outcomes. Sent is sent, whoever holds the row now; anything else is ours to say only under our claim."""
    if not done:
        return
    now = timezone.now()
    groups: dict[tuple[Outcome, int], list[Delivery]] = defaultdict(list)
    for delivery, outcome in done:
        groups[outcome, delivery.attempts].append(delivery)
    with transaction.atomic():
        for (outcome, attempts), rows in groups.items():
            fields: dict[str, object] = {"state": outcome.state, "error": outcome.detail, "claimed_until": None}
            if outcome.state == DeliveryState.SENT:
                known = Delivery.objects.filter(pk__in=[row.pk for row in rows])
                known.exclude(state=DeliveryState.DELIVERED).update(**fields, sent_at=now)
                continue
            if outcome.state == DeliveryState.QUEUED:  # nothing was sent: no try counts
                fields |= {
                    "attempts": F("attempts") - 1,
                    "next_attempt_at": now + timedelta(seconds=outcome.wait_seconds),
                }
            if outcome.state == DeliveryState.RETRY:
                fields["next_attempt_at"] = now + timedelta(seconds=max(back_off(attempts), outcome.wait_seconds))
            if outcome.is_uncertain:
                fields["may_have_arrived"] = True
            for own in _by_claim(rows):
                own.update(**fields)
        Delivery.objects.keep_providers(
            (row, outcome.provider, outcome.provider_key, outcome.is_uncertain) for row, outcome in done
        )
        tries = [(row, outcome) for row, outcome in done if outcome.state != DeliveryState.QUEUED]
        with connection.cursor() as cursor:
            cursor.execute(NOTE_TRIES, [
                now, [row.pk for row, _outcome in tries], [row.attempts for row, _outcome in tries],
                [str(outcome.state) for _row, outcome in tries], [outcome.detail for _row, outcome in tries],
            ])  # fmt: skip


def _give_back(rows: Iterable[Delivery]) -> None:
    for own in _by_claim(rows):
        own.update(state=DeliveryState.QUEUED, claimed_until=None, attempts=F("attempts") - 1)


def _by_claim(rows: Iterable[Delivery]) -> Iterator[QuerySet[Delivery]]:
    """Yield the rows that are still held under the claim they were read with: each claim counts one attempt more."""
    groups: dict[int, list[uuid.UUID]] = defaultdict(list)
    for row in rows:
        groups[row.attempts].append(row.pk)
    for attempts, ids in groups.items():
        yield Delivery.objects.filter(pk__in=ids, state=DeliveryState.CLAIMED, attempts=attempts)


def _waiting(alert: Alert) -> QuerySet[Delivery]:
    # By the messages' ids, not by a join: a row that a sender has just claimed is then looked at again and left out.
    messages = alert.messages.exclude(msg_type=MessageType.CANCEL).values_list("pk", flat=True)
    return Delivery.objects.filter(message_id__in=list(messages), state__in=WAITING_STATES)


def _is_cancel(row: Delivery) -> bool:
    return row.message is not None and row.message.msg_type == MessageType.CANCEL
