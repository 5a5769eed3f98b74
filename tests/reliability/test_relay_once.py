"""`manage.py relay --once`: what a timer of the operating system may run in place of the relay."""

from __future__ import annotations

import signal
from datetime import timedelta
from typing import Any

import pytest
from django.core.management import call_command
from django.db import OperationalError
from django.utils import timezone

from alerts import delivery
from alerts.models import Alert, Delivery, Recipient
from alerts.services import issuing
from tests.partner_system import partner_system


@pytest.fixture
def in_force(approved_alert: Any, baja_coordinator: Any, many_recipients: Any) -> Any:
    """An alert in force with three recipients, nothing sent."""
    many_recipients(3)
    issuing.activate(alert=approved_alert, by=baja_coordinator)
    return approved_alert


def test_relay_once_sends_what_is_due_without_grace_and_returns(in_force: Any, mailoutbox: Any) -> None:
    before = signal.getsignal(signal.SIGTERM), signal.getsignal(signal.SIGINT)
    call_command("relay", "--once")
    assert set(Delivery.objects.values_list("state", flat=True)) == {"sent"}
    assert len([mail for mail in mailoutbox if "newsroom" in mail.to[0]]) == 3
    assert (signal.getsignal(signal.SIGTERM), signal.getsignal(signal.SIGINT)) == before
    call_command("relay", "--once")
    assert len([mail for mail in mailoutbox if "newsroom" in mail.to[0]]) == 3


def test_relay_once_sends_webhooks_too(
    approved_alert: Any, baja_coordinator: Any, settings: Any, own_database: str
) -> None:
    settings.ALERTS_WEBHOOK_PRIVATE_HOSTS = frozenset({"127.0.0.1"})
    with partner_system() as system:
        Recipient.objects.create(
            program=approved_alert.program, name="Sistema socio", kind="partner", language="es", webhook_url=system.url
        )
        issuing.activate(alert=approved_alert, by=baja_coordinator)
        call_command("relay", "--once")
        assert len(system.taken) == 1
    assert set(Delivery.objects.filter(channel="webhook").values_list("state", flat=True)) == {"sent"}


def test_relay_once_ends_alerts_whose_term_is_over(in_force: Any, mailoutbox: Any) -> None:
    call_command("relay", "--once")
    Alert.objects.update(expires_at=timezone.now() - timedelta(seconds=1))
    call_command("relay", "--once")
    in_force.refresh_from_db()
    assert in_force.status == "expired"


@pytest.mark.parametrize(
    "fault, said", [(RuntimeError("ours"), "a fault"), (OperationalError("gone"), "database away")]
)
def test_fault_in_sending_does_not_keep_the_relay_from_ending_alerts(
    in_force: Any, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture, fault: Exception, said: str
) -> None:
    def fails(**_arguments: Any) -> int:
        raise fault

    monkeypatch.setattr(delivery, "send_due", fails)
    Alert.objects.update(expires_at=timezone.now() - timedelta(seconds=1))
    call_command("relay", "--once")
    in_force.refresh_from_db()
    assert in_force.status == "expired"
    assert said in caplog.text
