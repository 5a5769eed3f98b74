"""Two senders in one test, on committed rows: leases that are renewed, and rows that a Cancel holds."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from django.db import connection, transaction

from alerts import delivery
from alerts.models import Delivery
from alerts.services.issuing import activate
from tests.portal import wait_until
from tests.reliability.scripted_sink import running_sink


@contextmanager
def other_sender() -> Iterator[list[int]]:
    """Send a chunk from another thread, with a connection of its own; give the list that gets its result."""
    settled: list[int] = []

    def send() -> None:
        try:
            settled.append(delivery.send_due())
        finally:
            connection.close()

    thread = threading.Thread(target=send)
    thread.start()
    yield settled
    thread.join(20)


@pytest.fixture
def waiting(approved_alert: Any, baja_coordinator: Any, many_recipients: Any) -> Any:
    """An alert in force with two recipients, nothing sent."""
    Delivery.objects.all().update(state="sent")  # the notices before it
    many_recipients(2)
    activate(alert=approved_alert, by=baja_coordinator)
    return approved_alert


def test_lease_is_renewed_while_a_slow_server_takes_its_time(waiting: Any, settings: Any, tmp_path: Path) -> None:
    settings.ALERTS_LEASE_SECONDS = 1
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    with running_sink(tmp_path, seconds=2.2) as (sink, port):
        settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", port
        with other_sender() as settled:
            wait_until(
                lambda: Delivery.objects.filter(state="claimed").count() == 2, seconds=5, what="rows are claimed"
            )
            taken = 0
            while not settled:
                taken += delivery.send_due()
        assert (taken, settled) == (0, [2]), "no mail takes less than two leases, and none is taken over"
    assert set(sink.asked.values()) == {1}
    assert set(Delivery.objects.filter(message__alert=waiting).values_list("state", "attempts")) == {("sent", 1)}


def test_nobody_is_told_between_the_list_for_the_cancel_and_its_commit(waiting: Any, mailoutbox: Any) -> None:
    with transaction.atomic():
        assert delivery.told_recipients(waiting) == []
        with other_sender() as settled:
            pass
        assert settled == [0]
        assert delivery.suppress_unsent(waiting) == 2
    assert delivery.send_due() == 0
    assert mailoutbox == []
