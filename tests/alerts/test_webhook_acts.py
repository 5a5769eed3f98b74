"""Staff test a recipient's webhook and send again what is in force; nobody else does."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from agencies.models import AuditEvent
from agencies.refusals import ActRefused, NotPermitted
from alerts import delivery, webhook_tests
from alerts.channels import webhook
from alerts.models import Delivery, Recipient
from alerts.services import issuing, webhook_acts
from tests.partner_system import PartnerSystem, partner_system

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _listed(settings: Any) -> None:
    settings.ALERTS_WEBHOOK_PRIVATE_HOSTS = frozenset({"127.0.0.1"})
    settings.ALERTS_WEBHOOK_SECONDS = 2
    webhook.breaker.forget()


@pytest.fixture
def partner(approved_alert: Any) -> Callable[[PartnerSystem], Recipient]:
    """Register a partner's system as a recipient of the alert's program."""

    def make(system: PartnerSystem) -> Recipient:
        return Recipient.objects.create(
            program=approved_alert.program, name="Sistema socio", kind="partner", language="es", webhook_url=system.url
        )

    return make


def press(person: Any, action: str, recipient: Recipient) -> str:
    """Choose an act for one recipient in the administration; return the page that follows."""
    client = Client()
    client.force_login(person)
    chosen = {"action": action, "_selected_action": [recipient.pk]}
    return client.post(reverse("admin:alerts_recipient_changelist"), chosen, follow=True).content.decode()


# The test


def test_test_is_signed_names_no_alert_and_is_answered_on_the_page(partner, baja_staff):
    with partner_system(204) as system:
        recipient = partner(system)
        press(baja_staff, "test_webhook", recipient)
        assert system.taken == [], "nothing is sent inside the act"
        assert webhook_tests.send_tests() == 1
        ((headers, body),) = system.taken
    assert json.loads(body) == {"type": "amber.test", "program": "mx-bcn", "language": "es"}
    assert headers["webhook-signature"].startswith("v1,") and headers["webhook-id"]
    recipient.refresh_from_db()
    assert (recipient.test_asked_at, recipient.test_result) == (None, "")
    assert recipient.tested_at is not None
    assert webhook_tests.send_tests() == 0, "once"


def test_failed_test_says_why(partner, baja_staff, client):
    with partner_system(503) as system:
        recipient = partner(system)
        webhook_acts.ask_test(recipient=recipient, by=baja_staff)
        webhook_tests.send_tests()
    client.force_login(baja_staff)
    page = client.get(reverse("admin:alerts_recipient_change", args=[recipient.pk])).content.decode()
    assert "HTTP 503" in page


def test_new_test_forgets_the_old_answer(partner, baja_staff):
    with partner_system(503, 204) as system:
        recipient = partner(system)
        for result in ("HTTP 503", ""):
            webhook_acts.ask_test(recipient=recipient, by=baja_staff)
            recipient.refresh_from_db()
            assert (recipient.tested_at, recipient.test_result) == (None, "")
            webhook_tests.send_tests()
            recipient.refresh_from_db()
            assert recipient.test_result == result


# Sending again


def test_what_is_in_force_is_sent_again_in_order_with_the_same_ids(
    partner, approved_alert, baja_coordinator, baja_staff
):
    with partner_system(204) as system:
        recipient = partner(system)
        issuing.activate(alert=approved_alert, by=baja_coordinator)
        while delivery.send_due(channel="webhook"):
            pass
        first = [headers["webhook-id"] for headers, _body in system.taken]
        page = press(baja_staff, "replay_webhook", recipient)
        while delivery.send_due(channel="webhook"):
            pass
        assert [headers["webhook-id"] for headers, _body in system.taken] == first * 2
    assert len(first) == 1
    assert "1 mensaje" in page
    row = Delivery.objects.get(recipient=recipient)
    assert (row.state, row.may_have_arrived) == ("sent", True)
    assert AuditEvent.objects.filter(action="recipient.webhook_replayed", actor_id=baja_staff.pk).count() == 1


def test_failed_message_goes_to_the_corrected_address(partner, approved_alert, baja_coordinator, baja_staff):
    with partner_system(410) as wrong, partner_system(204) as right:
        recipient = partner(wrong)
        issuing.activate(alert=approved_alert, by=baja_coordinator)
        delivery.send_due(channel="webhook")
        assert Delivery.objects.get(recipient=recipient).state == "failed"
        Recipient.objects.filter(pk=recipient.pk).update(webhook_url=right.url)
        recipient.refresh_from_db()
        assert webhook_acts.replay(recipient=recipient, by=baja_staff) == 1
        delivery.send_due(channel="webhook")
        assert len(right.taken) == 1


def test_alert_that_has_ended_is_not_sent_again_but_its_cancel_is(
    partner, approved_alert, baja_coordinator, baja_staff
):
    with partner_system(204) as system:
        recipient = partner(system)
        issuing.activate(alert=approved_alert, by=baja_coordinator)
        delivery.send_due(channel="webhook")
        issuing.cancel(alert=approved_alert, by=baja_coordinator, reason="hoax")
        delivery.send_due(channel="webhook")
        assert webhook_acts.replay(recipient=recipient, by=baja_staff) == 1
        delivery.send_due(channel="webhook")
        kinds = [json.loads(body)["type"] for _headers, body in system.taken]
    assert kinds == ["amber.alert", "amber.cancel", "amber.cancel"]


def test_nothing_that_waits_is_touched(partner, approved_alert, baja_coordinator, baja_staff):
    with partner_system(204) as system:
        recipient = partner(system)
        issuing.activate(alert=approved_alert, by=baja_coordinator)
        assert webhook_acts.replay(recipient=recipient, by=baja_staff) == 0
        assert not Delivery.objects.filter(may_have_arrived=True).exists()


# Refused


@pytest.mark.parametrize("act", [webhook_acts.ask_test, webhook_acts.replay])
@pytest.mark.parametrize("person", ["california_staff", "baja_coordinator", "california_officer"])
def test_others_do_neither(act, person, partner, request):
    with partner_system(204) as system, pytest.raises(NotPermitted):
        act(recipient=partner(system), by=request.getfixturevalue(person))


@pytest.mark.parametrize("act", [webhook_acts.ask_test, webhook_acts.replay])
def test_recipient_without_a_webhook_is_refused_with_words(act, recipient, baja_staff):
    with pytest.raises(ActRefused):
        act(recipient=recipient, by=baja_staff)
    assert "webhook" in press(baja_staff, "test_webhook", recipient)
    recipient.refresh_from_db()
    assert recipient.test_asked_at is None
