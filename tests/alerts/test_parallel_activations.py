"""Fifty officers press "activate" at the same moment: one message, one delivery per recipient and channel."""

from __future__ import annotations

import threading
from collections import Counter
from typing import Any

import pytest
from django.db import connections

from agencies.refusals import ActRefused
from alerts.models import Alert, AlertMessage, Delivery, PublicAlert, Recipient
from alerts.services import issuing

AT_ONCE = 50


@pytest.fixture
def db(own_database: str) -> None:
    """Let the named actors' rows be committed, so that all threads see them, in a database of the test's own."""


def test_fifty_activations_at_once_give_one_message(approved_alert: Any, baja_coordinator: Any) -> None:
    for number in range(20):
        Recipient.objects.create(
            program=approved_alert.program, name=f"desk {number}", kind="partner", language="es",
            email=f"desk{number}@newsroom.example", webhook_url=f"https://partner{number}.example/amber",
        )  # fmt: skip
    Delivery.objects.filter(message__isnull=False).delete()
    starts = threading.Barrier(AT_ONCE)
    results: Counter[str] = Counter()

    def activate() -> None:
        alert = Alert.objects.get(pk=approved_alert.pk)
        starts.wait(timeout=30)
        try:
            issuing.activate(alert=alert, by=baja_coordinator)
            results["activated"] += 1
        except ActRefused:
            results["refused"] += 1
        except Exception as error:
            results[repr(error)] += 1
        finally:
            connections.close_all()

    threads = [threading.Thread(target=activate) for _officer in range(AT_ONCE)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=60)
    assert results == {"activated": 1, "refused": AT_ONCE - 1}
    assert AlertMessage.objects.filter(alert=approved_alert).count() == 1
    assert PublicAlert.objects.filter(alert=approved_alert).count() == 1
    rows = Counter(Delivery.objects.filter(message__alert=approved_alert).values_list("recipient__name", "channel"))
    asked = {(f"desk {number}", channel) for number in range(20) for channel in ("email", "webhook")}
    assert asked <= set(rows) and set(rows.values()) == {1}
    assert Alert.objects.get(pk=approved_alert.pk).status == "active"
