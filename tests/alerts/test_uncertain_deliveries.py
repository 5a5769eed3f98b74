"""What nobody knows of a try is said: a lapsed lease, a line that broke before an answer, a term that ran out."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from agencies.models import AlertProgram
from alerts import delivery
from alerts.channels import email as channel
from alerts.channels import webhook
from alerts.channels.outcome import ACCEPTED, Outcome, never, try_again
from alerts.models import Delivery, PublicAlert, Recipient
from alerts.services import issuing
from tests.partner_system import outcomes_of, partner_system

pytestmark = pytest.mark.django_db


@pytest.fixture
def waiting(approved_alert: Any, baja_coordinator: Any) -> list[Delivery]:
    """Two mails of an alert in force, not sent yet."""
    Delivery.objects.update(state="sent")
    program = AlertProgram.objects.get(code="mx-bcn")
    for number in range(2):
        Recipient.objects.create(
            program=program, name="desk", kind="media", email=f"desk{number}@newsroom.example", language="es"
        )
    issuing.activate(alert=approved_alert, by=baja_coordinator)
    return list(Delivery.objects.filter(message__isnull=False))


@pytest.fixture
def answer(monkeypatch: pytest.MonkeyPatch) -> Callable[[Outcome], None]:
    """Let every mail have this outcome."""
    return lambda outcome: monkeypatch.setattr(channel.Line, "send", lambda _line, _mail: outcome)


def flags() -> set[tuple[str, bool]]:
    """Return states and flags of the alert's mails."""
    return set(Delivery.objects.filter(message__isnull=False).values_list("state", "may_have_arrived"))


def test_mail_sent_once_has_no_flag(waiting, answer):
    answer(ACCEPTED)
    assert delivery.send_due() == 2
    assert flags() == {("sent", False)}


def test_lapsed_lease_is_flagged_and_stays_so(waiting, answer):
    answer(ACCEPTED)
    past = timezone.now() - timedelta(seconds=1)
    Delivery.objects.filter(pk=waiting[0].pk).update(state="claimed", claimed_until=past, attempts=1)
    assert delivery.send_due() == 2
    assert dict(Delivery.objects.filter(message__isnull=False).values_list("pk", "may_have_arrived")) == {
        waiting[0].pk: True,
        waiting[1].pk: False,
    }


@pytest.mark.parametrize(
    "outcome, expected",
    [
        (try_again("TimeoutError", is_uncertain=True), {("retry", True)}),
        (try_again("SMTP 421"), {("retry", False)}),
        (never("SMTP 550"), {("failed", False)}),
    ],
)
def test_only_a_line_that_broke_is_flagged(waiting, answer, outcome, expected):
    answer(outcome)
    delivery.send_due()
    assert flags() == expected


def test_flag_stays_when_the_next_try_succeeds(waiting, answer):
    answer(try_again("TimeoutError", is_uncertain=True))
    delivery.send_due()
    Delivery.objects.filter(state="retry").update(next_attempt_at=timezone.now())
    answer(ACCEPTED)
    delivery.send_due()
    assert flags() == {("sent", True)}


def test_nothing_is_sent_after_the_term_though_nobody_has_taken_the_step(waiting, answer):
    answer(ACCEPTED)
    PublicAlert.objects.update(expires_at=timezone.now())
    delivery.send_due()
    assert flags() == {("suppressed", False)}


def test_webhook_outcome_says_whether_it_is_certain(settings):
    settings.ALERTS_WEBHOOK_PRIVATE_HOSTS = frozenset({"127.0.0.1"})
    settings.ALERTS_WEBHOOK_SECONDS = 0.5
    with partner_system(200, seconds=2) as slow:
        urls = (slow.url, "http://127.0.0.1:9/")
        outcomes = outcomes_of([webhook.Post(url, b"{}", ()) for url in urls])
    assert [(outcome.state, outcome.is_uncertain) for outcome in outcomes] == [("retry", True), ("retry", False)]
