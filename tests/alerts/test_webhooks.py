"""Webhooks: signed, to public hosts only, tried again, and never in the way of a mail."""

from __future__ import annotations

import asyncio
import base64
import hashlib
import hmac
import json
import socket
from collections.abc import Callable
from typing import Any

import pytest
from django.core.exceptions import ValidationError

from alerts import delivery, hosts, tasks
from alerts.channels import webhook
from alerts.channels.outcome import ACCEPTED
from alerts.choices import Channel, DeliveryState
from alerts.models import Delivery, Recipient
from alerts.services import issuing
from alerts.webhooks import secret_of
from tests.partner_system import outcomes_of, partner_system


@pytest.fixture(autouse=True)
def _listed(settings: Any) -> None:
    """Let webhooks reach this machine, which operations would have to list."""
    settings.ALERTS_WEBHOOK_PRIVATE_HOSTS = frozenset({"127.0.0.1"})
    settings.ALERTS_WEBHOOK_SECONDS = 2
    webhook.breaker.forget()


@pytest.fixture
def partner(approved_alert: Any) -> Callable[..., Recipient]:
    """Register a partner's system as a recipient of the alert's program."""

    def make(url: str, email: str = "") -> Recipient:
        return Recipient.objects.create(
            program=approved_alert.program, name="Sistema socio", kind="partner", email=email, language="es",
            webhook_url=url,
        )  # fmt: skip

    return make


def post_to(url: str) -> webhook.Post:
    """Return a small post."""
    return webhook.Post(url, b"{}", (("Content-Type", "application/json"),))


def outcomes(*urls: str) -> list[Any]:
    """Post once to each address and return the outcomes in order."""
    return outcomes_of([post_to(url) for url in urls])


def signature(secret: str, headers: dict[str, str], body: bytes) -> str:
    """Return what a receiver computes, from the published rule alone."""
    key = base64.b64decode(secret.removeprefix("whsec_"))
    signed = f"{headers['webhook-id']}.{headers['webhook-timestamp']}.".encode() + body
    return "v1," + base64.b64encode(hmac.new(key, signed, hashlib.sha256).digest()).decode()


# What is sent


@pytest.mark.django_db(transaction=False)
def test_webhook_carries_the_approved_text_signed(
    approved_alert: Any, baja_coordinator: Any, partner: Any, django_capture_on_commit_callbacks: Any
) -> None:
    with partner_system() as system:
        recipient = partner(system.url)
        message = issuing.activate(alert=approved_alert, by=baja_coordinator)
        assert delivery.send_due(channel=Channel.WEBHOOK) == 1
        headers, body = system.taken[0]
    row = Delivery.objects.get(recipient=recipient)
    assert row.state == DeliveryState.SENT
    assert headers["webhook-id"] == str(row.pk)
    assert headers["webhook-signature"] == signature(secret_of(recipient), headers, body)
    assert headers["webhook-signature"] != signature("whsec_" + base64.b64encode(b"guessed").decode(), headers, body)
    sent = json.loads(body)
    assert sent["type"] == "amber.alert"
    assert sent["text"] == {
        name: message.texts["es"][name] for name in ("event", "headline", "description", "instruction")
    }
    assert sent["cap"].encode() == bytes(message.xml)
    assert sent["alert_number"] == approved_alert.number


@pytest.mark.django_db
def test_new_key_makes_a_new_secret(partner: Any) -> None:
    import uuid

    recipient = partner("https://partner.example/intake")
    before = secret_of(recipient)
    assert secret_of(Recipient.objects.get(pk=recipient.pk)) == before
    recipient.webhook_key = uuid.uuid4()
    assert secret_of(recipient) != before


@pytest.mark.django_db
def test_recipient_with_both_channels_gets_both(
    approved_alert: Any, baja_coordinator: Any, partner: Any, mailoutbox: Any
) -> None:
    with partner_system() as system:
        recipient = partner(system.url, "sistema@socio.example")
        issuing.activate(alert=approved_alert, by=baja_coordinator)
        while delivery.send_due():
            pass
        assert delivery.send_due(channel=Channel.WEBHOOK) == 1
    states = set(Delivery.objects.filter(recipient=recipient).values_list("channel", "state"))
    assert states == {("email", "sent"), ("webhook", "sent")}
    assert [mail.to for mail in mailoutbox if mail.to == ["sistema@socio.example"]] == [["sistema@socio.example"]]


# What comes back


@pytest.mark.parametrize(
    ("answer", "state", "wait"),
    [
        (200, DeliveryState.SENT, 0), (204, DeliveryState.SENT, 0), (500, DeliveryState.RETRY, 0),
        (503, DeliveryState.RETRY, 0), (401, DeliveryState.RETRY, 0), (404, DeliveryState.RETRY, 0),
        ((429, {"Retry-After": "40"}), DeliveryState.RETRY, 40),
        ((503, {"Retry-After": "9999"}), DeliveryState.RETRY, 300),
        ((503, {"Retry-After": "Wed, 21 Oct 2026 07:28:00 GMT"}), DeliveryState.RETRY, 0),
        (400, DeliveryState.FAILED, 0), (410, DeliveryState.FAILED, 0),
        ((302, {"Location": "/elsewhere"}), DeliveryState.FAILED, 0),
    ],
)  # fmt: skip
def test_answers_mean_accepted_again_or_never(answer: Any, state: str, wait: int) -> None:
    with partner_system(answer) as system:
        (outcome,) = outcomes(system.url)
        assert (outcome.state, outcome.wait_seconds) == (state, wait)
        assert len(system.taken) == 1, "a redirect is not followed"


def test_unreachable_and_hanging_systems_are_tried_again(settings: Any) -> None:
    settings.ALERTS_WEBHOOK_SECONDS = 0.5
    with socket.create_server(("127.0.0.1", 0)) as silent, partner_system() as fine:
        nobody = f"http://127.0.0.1:{free_port()}/"
        hanging = f"http://127.0.0.1:{silent.getsockname()[1]}/"
        found = outcomes(nobody, hanging, fine.url)
    assert [item.state for item in found] == [DeliveryState.RETRY, DeliveryState.RETRY, DeliveryState.SENT]


def free_port() -> int:
    """Return a port that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def test_one_host_gets_two_connections_at_most() -> None:
    with partner_system(seconds=0.05) as system:
        assert outcomes(*[system.url] * 12) == [ACCEPTED] * 12
        assert system.most_at_once == 2


@pytest.mark.django_db
def test_refused_webhook_waits_as_long_as_it_was_asked_to(
    approved_alert: Any, baja_coordinator: Any, partner: Any
) -> None:
    with partner_system((429, {"Retry-After": "200"}), 204) as system:
        recipient = partner(system.url)
        issuing.activate(alert=approved_alert, by=baja_coordinator)
        delivery.send_due(channel=Channel.WEBHOOK)
        row = Delivery.objects.get(recipient=recipient)
        assert row.state == DeliveryState.RETRY
        tried = row.tries.get()
        assert (row.next_attempt_at - tried.at).total_seconds() == 200
        Delivery.objects.filter(pk=row.pk).update(next_attempt_at=tried.at)
        assert delivery.send_due(channel=Channel.WEBHOOK) == 1
        ids = {headers["webhook-id"] for headers, _body in system.taken}
    assert ids == {str(row.pk)}, "a repeat can be told by its id"
    assert Delivery.objects.get(pk=row.pk).state == DeliveryState.SENT


# Where it may go


@pytest.mark.parametrize(
    "url",
    [
        "https://10.0.0.5/", "https://192.168.1.1/x", "https://169.254.169.254/latest/meta-data", "https://[::1]/",
        "https://[::ffff:127.0.0.1]/", "https://0.0.0.0/", "https://2130706433/", "https://0x7f.1/", "https://0177.0.0.1/",
        "https://224.0.0.1/", "http://partner.example/", "ftp://partner.example/", "https:///path", "no address",
    ],
)  # fmt: skip
def test_private_and_insecure_addresses_are_refused_when_registered_and_when_sent(url: str) -> None:
    with pytest.raises(ValidationError):
        hosts.validate_webhook_url(url)
    (outcome,) = outcomes(url)
    assert outcome.state == DeliveryState.FAILED


def test_public_address_may_be_registered() -> None:
    hosts.validate_webhook_url("https://intake.partner.example/amber?v=1")
    hosts.validate_webhook_url("http://127.0.0.1:8080/")  # listed above


def test_name_that_leads_to_a_private_network_is_refused_at_the_connection(
    monkeypatch: pytest.MonkeyPatch, settings: Any
) -> None:
    settings.ALERTS_WEBHOOK_PRIVATE_HOSTS = frozenset()

    async def rebound(self: Any, host: str, port: int = 0, family: int = 0) -> list[dict[str, Any]]:
        await asyncio.sleep(0)
        return [{"hostname": host, "host": "127.0.0.1", "port": port, "family": socket.AF_INET, "proto": 0, "flags": 0}]

    monkeypatch.setattr(hosts.ThreadedResolver, "resolve", rebound)
    (outcome,) = outcomes("https://rebinding.example/")
    assert outcome.state == DeliveryState.FAILED
    assert "private network" in outcome.detail


# Beside the mails


@pytest.mark.django_db
def test_webhook_that_waits_holds_back_no_mail_of_the_same_recipient(
    approved_alert: Any, baja_coordinator: Any, partner: Any, mailoutbox: Any
) -> None:
    with partner_system(503) as system:
        recipient = partner(system.url, "sistema@socio.example")
        issuing.activate(alert=approved_alert, by=baja_coordinator)
        while delivery.send_due():
            pass
        delivery.send_due(channel=Channel.WEBHOOK)
        issuing.cancel(alert=approved_alert, by=baja_coordinator, reason="found_safe")
        while delivery.send_due():
            pass
    own = [mail for mail in mailoutbox if mail.to == [recipient.email]]
    assert len(own) == 2, "Alert and Cancel by mail"


@pytest.mark.django_db
def test_task_of_mails_wakes_the_sender_of_webhooks(
    approved_alert: Any, baja_coordinator: Any, partner: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    woken: list[Any] = []
    monkeypatch.setattr(tasks, "wake", woken.append)
    tasks.deliver()
    assert woken == []
    partner("http://127.0.0.1:1/")
    issuing.activate(alert=approved_alert, by=baja_coordinator)
    woken.clear()
    tasks.deliver()
    assert woken == [tasks.post]
