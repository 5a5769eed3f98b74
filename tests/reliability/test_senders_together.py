"""Several senders at work on one alert send each mail once."""

from __future__ import annotations

import time
from typing import Any

import pytest
from django.conf import settings

from alerts.models import Delivery, DeliveryAttempt
from alerts.services.issuing import activate
from tests.portal import Portal
from tests.reliability.ledger import arrivals, is_settled, states

pytestmark = pytest.mark.reliability
COUNT = 1100


def test_two_relays_and_a_worker_send_each_mail_once(
    portal: Portal, slow_sink: Any, many_recipients: Any, approved_alert: Any, baja_coordinator: Any,
    past_grace: Any, wake_worker: Any,
) -> None:  # fmt: skip
    many_recipients(COUNT)
    slow_sink(seconds=0.03)
    portal.start_worker()
    portal.start_relay()
    portal.start_relay("second relay")
    activate(alert=approved_alert, by=baja_coordinator)
    past_grace()
    wake_worker()

    most_held, deadline = 0, time.monotonic() + 40
    while not is_settled(approved_alert):
        assert time.monotonic() < deadline, f"not sent in time: {states(approved_alert)}"
        most_held = max(most_held, Delivery.objects.filter(state="claimed").count())
        time.sleep(0.05)
    assert most_held > settings.ALERTS_CHUNK_SIZE, "more than one sender was at work"
    assert b"alerts.deliver" in portal.log("worker").partition(b"ready.")[2], "the worker was one of them"
    assert states(approved_alert) == {"sent": COUNT}
    arrived = arrivals(portal, approved_alert)
    assert (len(arrived), set(arrived.values())) == (COUNT, {1})
    tries = DeliveryAttempt.objects.filter(delivery__message__alert=approved_alert)
    assert (tries.count(), set(tries.values_list("number", flat=True))) == (COUNT, {1})
