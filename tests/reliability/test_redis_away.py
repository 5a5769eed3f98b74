"""Redis that is dead or hangs while an alert is activated costs the officer seconds and no recipient a mail."""

from __future__ import annotations

import time
from typing import Any

import pytest

from tests.portal import Portal, PrivateValkey, wait_until
from tests.reliability.ledger import (
    PROMISE_SECONDS,
    arrivals,
    assert_each_in_its_language,
    is_settled,
    kinds_in_order,
    states,
)

pytestmark = pytest.mark.reliability
ANSWER_SECONDS = 5


def received(portal: Portal) -> int:
    """Return how many deliver tasks the worker has received."""
    return portal.log("worker").count(b"Task alerts.deliver[")


def test_redis_killed_before_activation_the_relay_sends_and_the_worker_hears_again(
    portal: Portal, valkey: PrivateValkey, many_recipients: Any, approved_alert: Any, coordinator: Any
) -> None:
    languages = many_recipients(30)
    portal.start_sink()
    portal.start_web()
    portal.start_worker()
    portal.start_relay()
    officer = coordinator()
    valkey.kill()

    seconds, page = officer.take_step(approved_alert, "activate")
    activated = time.monotonic() - seconds
    assert seconds < ANSWER_SECONDS
    assert "La alerta está activa." in page or "The alert is active." in page
    left = PROMISE_SECONDS - (time.monotonic() - activated)
    wait_until(lambda: sum(arrivals(portal, approved_alert).values()) == 30, seconds=left, what="the relay sends all")
    assert set(arrivals(portal, approved_alert).values()) == {1}
    assert_each_in_its_language(portal, approved_alert, languages)
    wait_until(lambda: is_settled(approved_alert), seconds=2, what="the rows say so")
    assert states(approved_alert) == {"sent": 30}
    assert received(portal) == 0, "the worker was deaf"

    portal.kill("relay")
    valkey.start()
    # The web process asks a broker that failed again after some seconds; the worker looks for it all the time.
    wait_until(lambda: portal.log("worker").count(b"Connected to redis") > 1, seconds=20, what="the worker reconnects")
    time.sleep(max(0.0, 5 - (time.monotonic() - activated)))
    officer.take_step(approved_alert, "cancel", **{"cancel-reason": "hoax"})
    wait_until(lambda: states(approved_alert, "Cancel") == {"sent": 30}, seconds=15, what="the worker sends the Cancel")
    assert set(map(tuple, kinds_in_order(portal, approved_alert).values())) == {("Alert", "Cancel")}


def test_redis_hanging_during_activation_answers_in_time_and_the_relay_sends(
    portal: Portal, valkey: PrivateValkey, many_recipients: Any, approved_alert: Any, coordinator: Any,
    past_grace: Any,
) -> None:  # fmt: skip
    languages = many_recipients(30)
    portal.start_sink()
    portal.start_web()
    portal.start_relay()
    officer = coordinator()
    valkey.freeze()

    seconds, page = officer.take_step(approved_alert, "activate")
    assert seconds < ANSWER_SECONDS
    assert "La alerta está activa." in page or "The alert is active." in page
    past_grace()
    wait_until(lambda: sum(arrivals(portal, approved_alert).values()) == 30, seconds=20, what="the relay sends all")
    assert_each_in_its_language(portal, approved_alert, languages)
    assert set(arrivals(portal, approved_alert).values()) == {1}
    again, _page = officer.take_step(approved_alert, "cancel", **{"cancel-reason": "hoax"})
    assert again < ANSWER_SECONDS
