"""Deliveries: rows made with the act, claimed under a lease, written in bulk. The only writer of their states.

The row is the queue. Celery only wakes somebody; the relay sends what is overdue, with or without Redis
(docs/adr: the relay over our own rows).
"""

from __future__ import annotations

import time
import uuid
from collections.abc import Iterable, Iterator
from datetime import timedelta

from django.conf import settings
from django.db import connection, transaction
from django.db.models import F
from django.utils import timezone

from agencies.models import User
from alerts import mails
from alerts.channels import email
from alerts.channels.outcome import Outcome
from alerts.choices import UNSENT_STATES, DeliveryState
from alerts.models import Alert, AlertMessage, Delivery, DeliveryAttempt, Notice, Recipient
from alerts.tokens import hash_of, token_for

BACK_OFF_SECONDS = (5, 10, 30, 60, 120, 300)  # short and many; the last one repeats
WRITE_EVERY = 50  # outcomes
WRITE_SECONDS = 0.5
CHUNK_SECONDS = 15  # a chunk gives its rest back well before its lease ends

CLAIM = """
    UPDATE alerts_delivery SET state = 'claimed', claimed_until = statement_timestamp() + make_interval(secs => %s),
           attempts = attempts + 1
    WHERE id IN (
        SELECT id FROM alerts_delivery
        WHERE (state IN ('queued', 'retry') AND next_attempt_at <= statement_timestamp() - make_interval(secs => %s))
           OR (state = 'claimed' AND claimed_until < statement_timestamp())
        ORDER BY next_attempt_at LIMIT %s FOR UPDATE SKIP LOCKED
    ) RETURNING id
"""


def queue_message(message: AlertMessage, recipients: Iterable[Recipient]) -> int:
    """Make one delivery per recipient, inside the caller's transaction; return how many."""
    rows = []
    for recipient in recipients:
        row = Delivery(message=message, recipient=recipient, address=recipient.email, language=recipient.language)
        row.token_hash = hash_of(token_for(row.id))
        rows.append(row)
    return len(Delivery.objects.bulk_create(rows, batch_size=1000))


def queue_notice(notice: Notice, users: Iterable[User]) -> int:
    """Make one delivery per person, inside the caller's transaction; return how many."""
    rows = [Delivery(notice=notice, user=user, address=user.email, language=user.language) for user in users]
    return len(Delivery.objects.bulk_create(rows, batch_size=1000))


def suppress_unsent(alert: Alert) -> int:
    """Stop what was never tried of an alert that has ended; return how many rows."""
    return Delivery.objects.filter(
        message__alert=alert, state__in=UNSENT_STATES, attempts=0
    ).update(state=DeliveryState.SUPPRESSED)  # fmt: skip


def told_recipients(alert: Alert) -> list[Recipient]:
    """Return everybody who got the alert or may have got it, so that they get its Cancel."""
    return list(
        Recipient.objects.filter(
            deliveries__message__alert=alert, deliveries__attempts__gt=0
        ).distinct()
    )  # fmt: skip


def send_due(*, grace_seconds: int = 0, limit: int | None = None) -> int:
    """Claim one chunk of what is due and send it; return how many were tried.

    Two senders never hold the same row: the claim skips locked rows. A sender that dies leaves a lease that
    lapses after seconds; the next one sends again, so that a message may arrive twice, never not at all.
    """
    ids = _claim(limit or settings.ALERTS_CHUNK_SIZE, grace_seconds)
    if not ids:
        return 0
    rows = list(
        Delivery.objects.filter(pk__in=ids)
        .select_related(
            "message__alert__program", "user", "notice__case", "notice__alert",
            "notice__request__program", "notice__request__requesting_agency",
        )
        .order_by("created_at", "id")
    )  # fmt: skip
    tried = 0
    for batch in _batches(zip(rows, email.send(mails.compose_all(rows)), strict=False)):
        _write(batch)
        tried += len(batch)
    if tried < len(rows):
        _give_back(rows[tried:])
    return tried


def acknowledge(delivery: Delivery, *, name: str) -> bool:
    """Record that the recipient acknowledged; return whether it is the first time."""
    return bool(
        Delivery.objects.filter(pk=delivery.pk, acknowledged_at__isnull=True).update(
            acknowledged_at=timezone.now(), acknowledged_name=name[:120]
        )
    )


def _claim(limit: int, grace_seconds: int) -> list[uuid.UUID]:
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(CLAIM, [settings.ALERTS_LEASE_SECONDS, grace_seconds, limit])
        return [row[0] for row in cursor.fetchall()]


def _batches(outcomes: Iterable[tuple[Delivery, Outcome]]) -> Iterator[list[tuple[Delivery, Outcome]]]:
    """Cut the stream of outcomes so that each is written within half a second, and stop at the chunk's time."""
    started = written = time.monotonic()
    batch: list[tuple[Delivery, Outcome]] = []
    for pair in outcomes:
        batch.append(pair)
        now = time.monotonic()
        if len(batch) >= WRITE_EVERY or now - written > WRITE_SECONDS:
            yield batch
            batch, written = [], now
        if now - started > CHUNK_SECONDS:
            break
    if batch:
        yield batch


def _write(batch: list[tuple[Delivery, Outcome]]) -> None:
    now = timezone.now()
    for delivery, outcome in batch:
        delivery.state = outcome.state
        delivery.error = outcome.detail
        delivery.claimed_until = None
        if outcome.state == DeliveryState.SENT:
            delivery.sent_at = now
        elif outcome.state == DeliveryState.RETRY:
            wait = BACK_OFF_SECONDS[min(delivery.attempts, len(BACK_OFF_SECONDS)) - 1]
            delivery.next_attempt_at = now + timedelta(seconds=wait)
    with transaction.atomic():
        Delivery.objects.bulk_update(
            [delivery for delivery, _outcome in batch],
            ["state", "error", "claimed_until", "sent_at", "next_attempt_at"],
        )
        DeliveryAttempt.objects.bulk_create(
            DeliveryAttempt(delivery=delivery, number=delivery.attempts, at=now, outcome=outcome.state,
                            detail=outcome.detail)
            for delivery, outcome in batch
        )  # fmt: skip


def _give_back(rows: list[Delivery]) -> None:
    Delivery.objects.filter(pk__in=[row.pk for row in rows], state=DeliveryState.CLAIMED).update(
        state=DeliveryState.QUEUED, claimed_until=None, attempts=F("attempts") - 1
    )
