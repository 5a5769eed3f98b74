"""A Cancel never overtakes its Alert, and an Alert that was not sent yet stays unsent."""

from __future__ import annotations

import time
from typing import Any

import pytest

from alerts.models import Delivery
from alerts.services.issuing import activate, cancel
from tests.portal import Portal, wait_until
from tests.reliability.ledger import arrivals, is_settled, kinds_in_order, states

pytestmark = pytest.mark.reliability
IN_FLIGHT_SECONDS = 0.5  # a sender looks again at least this often whether the alert still stands


def test_cancel_while_the_mail_server_is_down_sends_no_alert_afterwards(
    portal: Portal, many_recipients: Any, approved_alert: Any, baja_coordinator: Any, past_grace: Any
) -> None:
    many_recipients(20)
    portal.start_relay()
    activate(alert=approved_alert, by=baja_coordinator)
    past_grace()
    Delivery.objects.filter(recipient__email__contains="desk1").update(next_attempt_at="2100-01-01T00:00Z")
    wait_until(lambda: states(approved_alert)["retry"] == 9, seconds=15, what="the relay has tried some in vain")
    cancel(alert=approved_alert, by=baja_coordinator, reason="hoax")
    assert states(approved_alert) == {"suppressed": 20}
    past_grace()
    portal.start_sink()
    wait_until(lambda: is_settled(approved_alert), seconds=25, what="every Cancel is sent")
    order = kinds_in_order(portal, approved_alert)
    assert len(order) == 9, "those who may have got the Alert get its Cancel, the others hear nothing"
    assert set(map(tuple, order.values())) == {("Cancel",)}


def test_cancel_in_mid_send_follows_each_alert_that_was_sent(
    portal: Portal, slow_sink: Any, many_recipients: Any, approved_alert: Any, baja_coordinator: Any, wake_worker: Any
) -> None:
    many_recipients(40)
    slow_sink(seconds=0.1)
    portal.start_worker()
    activate(alert=approved_alert, by=baja_coordinator)
    wake_worker()
    wait_until(lambda: len(arrivals(portal, approved_alert)) >= 10, seconds=15, what="10 mails")
    cancel(alert=approved_alert, by=baja_coordinator, reason="hoax")
    wake_worker(2)  # one of its processes is free while the other still sends the Alert
    time.sleep(IN_FLIGHT_SECONDS + 0.2)
    alerts_sent = states(approved_alert)["sent"]
    wait_until(lambda: is_settled(approved_alert), seconds=25, what="Alert and Cancel are settled")

    final = states(approved_alert)
    assert set(final) == {"sent", "suppressed"}
    assert final["sent"] - alerts_sent <= 1, "no Alert begins after its Cancel but those of the next half second"
    order = kinds_in_order(portal, approved_alert)
    assert {tuple(kinds) for kinds in order.values()} <= {("Alert", "Cancel"), ("Cancel",)}
    assert sum(kinds[0] == "Alert" for kinds in order.values()) == final["sent"]
