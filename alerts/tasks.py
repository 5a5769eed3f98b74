"""Celery tasks: they wake the senders; what must happen stands in rows."""

from __future__ import annotations

import logging
import time
from functools import partial
from typing import ClassVar

from celery import Task, shared_task
from django.db import transaction
from kombu.exceptions import OperationalError

from agencies import audit, scope
from agencies.choices import AuditChannel
from alerts import delivery, heartbeats, number_codes, webhook_tests
from alerts.choices import Channel

logger = logging.getLogger(__name__)
# A chunk may begin at the end of this time, and both together must stay under the task's time limit (config/celery.py).
SENDING_SECONDS = 20


class _Broker:
    """What this process knows of the broker."""

    is_away_until: ClassVar[float] = 0.0
    # Asked no more for this long after it failed: an act that wakes several tasks must not wait for each of them.
    rest_seconds: ClassVar[float] = 5.0


@shared_task(name="alerts.deliver", bind=True)
def deliver(self: Task) -> int:
    """Send whatever is due by mail, and wake the senders of the other channels; returns how many were settled."""
    _wake_others()
    return _send_all(self)


@shared_task(name="alerts.post", bind=True)
def post(self: Task) -> int:
    """Send whatever is due by webhook, on a queue of its own: a slow partner system holds up no mail."""
    webhook_tests.send_tests()
    return _send_all(self, Channel.WEBHOOK)


@shared_task(name="alerts.text", bind=True)
def text(self: Task) -> int:
    """Send whatever is due as text messages, on the queue of what waits for others: a provider may be slow."""
    number_codes.send_codes()
    return _send_all(self, Channel.SMS)


@shared_task(name="alerts.notify", bind=True)
def notify(self: Task) -> int:
    """Send whatever is due, woken by a notice on its own queue; it may find an alert's deliveries first."""
    _wake_others()
    return _send_all(self)


@shared_task(name="alerts.sweep", bind=True)
def sweep(self: Task) -> int:
    """Send what nobody was woken for, by every channel; the relay does the same without Redis."""
    return sum(_send_all(self, channel) for channel in Channel.values)


@shared_task(name="alerts.canary")
def canary(queue: str) -> bool:
    """Note that a task has passed through this queue; touches nothing else."""
    return heartbeats.note(heartbeats.CANARIES[queue])


def _wake_others() -> None:
    """Wake the senders of what is due by other channels than mail."""
    with scope.through_door("delivering"):
        due = [task for channel, task in ((Channel.WEBHOOK, post), (Channel.SMS, text)) if delivery.is_due(channel)]
    for task in due:
        wake(task)


def _send_all(task: Task, channel: str = Channel.EMAIL) -> int:
    total = 0
    until = time.monotonic() + SENDING_SECONDS
    with audit.coming_from(AuditChannel.TASK), scope.through_door("delivering"):
        while settled := delivery.send_due(channel=channel):
            total += settled
            if time.monotonic() > until:
                wake(task)
                break
    return total


def wake(task: Task) -> None:
    """Publish a task after commit. A broker that is away costs seconds at most: the relay sends without it."""
    transaction.on_commit(partial(_publish, task), robust=True)


def _publish(task: Task) -> None:
    if time.monotonic() < _Broker.is_away_until:
        return
    try:
        task.delay()
    except OperationalError as error:
        _Broker.is_away_until = time.monotonic() + _Broker.rest_seconds
        logger.warning("broker away, the relay sends: %s", type(error).__name__)
