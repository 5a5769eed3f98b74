"""Celery tasks: they wake the senders; what must happen stands in rows."""

from __future__ import annotations

from celery import shared_task
from django.db import transaction

from agencies import audit
from agencies.choices import AuditChannel
from alerts import delivery


@shared_task(name="alerts.deliver")
def deliver() -> int:
    """Send whatever is due; returns how many were tried."""
    return _send_all()


@shared_task(name="alerts.notify")
def notify() -> int:
    """Send notices to portal users, on the queue that does not wait behind large alerts."""
    return _send_all()


@shared_task(name="alerts.sweep")
def sweep() -> int:
    """Send what nobody was woken for; the relay does the same without Redis."""
    return _send_all()


def _send_all() -> int:
    total = 0
    with audit.coming_from(AuditChannel.TASK):
        while tried := delivery.send_due():
            total += tried
    return total


def wake(task: object) -> None:
    """Publish a task after commit. A broker that is away costs nothing: the relay sends within seconds."""
    transaction.on_commit(task.delay, robust=True)  # type: ignore[attr-defined]
