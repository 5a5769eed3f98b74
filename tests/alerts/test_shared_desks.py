"""Shared desks: both languages in one mail in their order (U40); who answers, and whether they take charge (U38)."""

from __future__ import annotations

from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.test import Client
from django.urls import reverse

from alerts.mails import MailComposer
from alerts.models import Delivery, Recipient
from alerts.services import issuing
from alerts.tokens import token_for

pytestmark = pytest.mark.django_db


@pytest.fixture
def row(active_alert: Any) -> Delivery:
    """The delivery of the alert to its recipient."""
    return Delivery.objects.get(message__alert=active_alert)


def link(row: Delivery) -> str:
    return reverse("alerts:delivery-acknowledge", args=[token_for(row.pk)])


def shared(row: Delivery) -> Delivery:
    Recipient.objects.filter(pk=row.recipient_id).update(is_shared=True)
    return row


def test_two_languages_stand_in_one_mail_in_their_order(row: Delivery) -> None:
    Recipient.objects.filter(pk=row.recipient_id).update(second_language="en")
    one = MailComposer().compose(row)
    both = MailComposer().compose(Delivery.objects.get(pk=row.pk))
    assert both.subject == one.subject, "in the first language"
    assert both.body.startswith(one.body)
    first, second = both.body.split("=" * 40)
    assert "Número de alerta:" in first and "Alert number:" in second
    assert first.count(link(row)) == second.count(link(row)) == 1
    assert both.extra_headers["Content-Language"] == "es, en"
    assert link(row).encode() in both.message().as_bytes()


def test_recipients_of_one_message_with_and_without_a_second_language_get_their_own(row: Delivery) -> None:
    other = Recipient.objects.create(
        program=row.recipient.program, name="Aduana", kind="border", email="aduana@frontera.example", language="es",
        second_language="en",
    )  # fmt: skip
    more = Delivery.objects.create(message=row.message, recipient=other, address=other.email, language="es")
    composer = MailComposer()
    assert "Alert number:" not in composer.compose(row).body
    assert "Alert number:" in composer.compose(more).body
    assert "Alert number:" not in composer.compose(row).body


def test_second_language_is_another_one(row: Delivery) -> None:
    recipient = row.recipient
    recipient.second_language = recipient.language
    with pytest.raises(ValidationError):
        recipient.full_clean()
    with pytest.raises(IntegrityError), transaction.atomic():
        recipient.save()


def test_shared_desk_says_who_answers(row: Delivery, client: Client) -> None:
    address = link(shared(row))
    assert 'name="position"' in client.get(address).text
    for typed in ({}, {"name": "Rosa"}, {"position": "Guardia"}):
        assert client.post(address, {"answer": "received", **typed}).status_code == 422
    row.refresh_from_db()
    assert row.acknowledged_at is None
    answer = client.post(address, {"answer": "received", "name": "Rosa Gil", "position": "Guardia"})
    row.refresh_from_db()
    assert (answer.status_code, row.acknowledged_name, row.acknowledged_position) == (200, "Rosa Gil", "Guardia")
    assert row.charge_taken_at is None, "received is not taken charge of"


def test_address_of_one_person_asks_for_nothing(row: Delivery, client: Client) -> None:
    assert 'name="position"' not in client.get(link(row)).text
    assert client.post(link(row), {"answer": "received"}).status_code == 200
    row.refresh_from_db()
    assert row.acknowledged_at is not None


def test_charge_is_taken_at_once_or_later_by_somebody_else_and_once(row: Delivery, client: Client) -> None:
    address = link(shared(row))
    client.post(address, {"answer": "received", "name": "Rosa Gil", "position": "Guardia"})
    answer = client.post(address, {"answer": "charge", "name": "Luis Paz", "position": "Comandante"})
    row.refresh_from_db()
    assert (row.acknowledged_name, row.charge_taken_by) == ("Rosa Gil", "Luis Paz, Comandante")
    assert answer.status_code == 200
    first = row.charge_taken_at
    client.post(address, {"answer": "charge", "name": "Otra Persona", "position": "Guardia"})
    row.refresh_from_db()
    assert (row.charge_taken_at, row.charge_taken_by) == (first, "Luis Paz, Comandante")


def test_nobody_takes_charge_of_an_end(row: Delivery, active_alert: Any, baja_coordinator: Any, client: Client) -> None:
    Delivery.objects.update(attempts=1)
    issuing.cancel(alert=active_alert, by=baja_coordinator, reason="found")
    cancel = Delivery.objects.get(message__alert=active_alert, message__msg_type="Cancel")
    assert 'value="charge"' not in client.get(link(cancel)).text
    client.post(link(cancel), {"answer": "charge", "name": "Rosa"})
    cancel.refresh_from_db()
    assert (cancel.acknowledged_at is None, cancel.charge_taken_at) == (False, None)


def test_table_of_deliveries_tells_both_apart(row: Delivery, client: Client, baja_coordinator: Any) -> None:
    client.post(link(shared(row)), {"answer": "charge", "name": "Luis Paz", "position": "Comandante"})
    client.force_login(baja_coordinator)
    text = client.get(reverse("alerts:alert-deliveries", args=[row.message.alert_id])).text
    assert "Luis Paz, Comandante" in text
    assert "hace cargo" in text or "Takes charge" in text
