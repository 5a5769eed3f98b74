"""An end is confirmed when every recipient has confirmed it; calls are written down by an officer (U16, U38)."""

from __future__ import annotations

from typing import Any

import pytest
from django.urls import reverse
from lxml import html

from agencies.models import AuditEvent
from agencies.refusals import ActRefused, NotPermitted
from alerts import delivery
from alerts.models import Alert, Delivery, Recipient
from alerts.services import issuing
from alerts.services.confirmations import record_confirmation, unconfirmed
from alerts.services.discharge import discharge
from tests.alerts.test_api import signed_in as machine
from tests.alerts.test_api import url
from tests.project.returned_forms import NONCE, assert_error_beside, signed_in

pytestmark = pytest.mark.django_db


@pytest.fixture
def cancelled(active_alert: Alert, baja_coordinator: Any) -> Alert:
    """The alert, cancelled; its mails are out."""
    while delivery.send_due():
        pass
    issuing.cancel(alert=active_alert, by=baja_coordinator, reason="found")
    return active_alert


def form(recipient: Recipient) -> dict[str, Any]:
    """Return what the officer types."""
    typed = {"recipient": recipient.pk, "name": "Rosa Ríos, jefa de turno", "via": "phone"}
    return {"nonce": NONCE, **{f"confirmation-{name}": value for name, value in typed.items()}}


def test_call_is_written_down_and_the_end_can_be_confirmed(
    cancelled: Alert, recipient: Recipient, baja_coordinator: Any
) -> None:
    duty = cancelled.duties.open().get()
    client = signed_in(baja_coordinator)
    page = client.get(reverse("alerts:duty", args=[duty.pk])).text
    address = reverse("alerts:alert-confirmation", args=[cancelled.pk])
    assert f'action="{address}"' in page
    refused = client.post(reverse("alerts:duty-discharge", args=[duty.pk]), {"duty-outcome": "done", "nonce": NONCE})
    assert refused.status_code == 409 and "1" in refused.text
    assert client.post(address, form(recipient)).status_code == 302
    row = Delivery.objects.get(message__alert=cancelled, message__msg_type="Cancel")
    assert (row.acknowledged_name, row.acknowledged_via, row.recorded_by) == (
        "Rosa Ríos, jefa de turno", "phone", baja_coordinator,
    )  # fmt: skip
    event = AuditEvent.objects.get(action="delivery.acknowledged")
    assert event.actor_id == baja_coordinator.pk and "Rosa" not in str(event.detail)
    shown = client.get(reverse("alerts:alert-detail", args=[cancelled.pk])).text
    assert "1 de 1" in shown and address not in shown
    discharge(duty=duty, by=baja_coordinator, outcome="done")
    cancelled.request.refresh_from_db()
    assert cancelled.request.status == "confirmed"


@pytest.mark.parametrize(
    ("field", "value"), [("recipient", ""), ("recipient", "999999"), ("name", " "), ("via", "owl")]
)
def test_wrong_words_come_back_beside_their_field(
    field: str, value: str, cancelled: Alert, recipient: Recipient, baja_coordinator: Any
) -> None:
    client = signed_in(baja_coordinator)
    answer = client.post(
        reverse("alerts:alert-confirmation", args=[cancelled.pk]), {**form(recipient), f"confirmation-{field}": value}
    )
    assert answer.status_code == 422
    assert_error_beside(html.fromstring(answer.text), f"confirmation-{field}", None)
    assert unconfirmed(cancelled).exists()


def test_only_the_program_itself_writes_it_down(
    cancelled: Alert, recipient: Recipient, california_officer: Any, baja_staff: Any
) -> None:
    for person in (california_officer, baja_staff):
        with pytest.raises(NotPermitted):
            record_confirmation(alert=cancelled, by=person, recipient=recipient, name="x", via="phone")


def test_confirmed_is_confirmed_once(cancelled: Alert, recipient: Recipient, baja_coordinator: Any) -> None:
    record_confirmation(alert=cancelled, by=baja_coordinator, recipient=recipient, name="Rosa", via="phone")
    with pytest.raises(ActRefused):
        record_confirmation(alert=cancelled, by=baja_coordinator, recipient=recipient, name="Other", via="fax")
    assert Delivery.objects.get(message__alert=cancelled, message__msg_type="Cancel").acknowledged_name == "Rosa"


def test_receipt_of_a_running_alert_is_written_down_with_or_without_charge(
    active_alert: Alert, recipient: Recipient, baja_coordinator: Any
) -> None:
    client = signed_in(baja_coordinator)
    address = reverse("alerts:alert-confirmation", args=[active_alert.pk])
    page = client.get(reverse("alerts:alert-detail", args=[active_alert.pk])).text
    assert address in page and "confirmation-takes_charge" in page
    assert client.post(address, {**form(recipient), "confirmation-takes_charge": "on"}).status_code == 302
    row = Delivery.objects.get(message__alert=active_alert)
    assert (row.acknowledged_via, row.recorded_by, row.charge_taken_by) == (
        "phone", baja_coordinator, "Rosa Ríos, jefa de turno",
    )  # fmt: skip
    with pytest.raises(ActRefused):
        record_confirmation(alert=active_alert, by=baja_coordinator, recipient=recipient, name="Rosa", via="phone")
    assert address not in client.get(reverse("alerts:alert-detail", args=[active_alert.pk])).text


def test_draft_has_nothing_to_confirm(draft_alert: Alert, recipient: Recipient, baja_coordinator: Any) -> None:
    with pytest.raises(ActRefused):
        record_confirmation(alert=draft_alert, by=baja_coordinator, recipient=recipient, name="Rosa", via="phone")


def test_cancel_that_was_never_due_is_not_waited_for(cancelled: Alert) -> None:
    Delivery.objects.filter(message__msg_type="Cancel").update(state="suppressed")
    assert not unconfirmed(cancelled).exists()


def test_call_is_written_down_by_api(cancelled: Alert, baja_coordinator: Any) -> None:
    client = machine(baja_coordinator)
    row = Delivery.objects.get(message__alert=cancelled, message__msg_type="Cancel")
    body = {"delivery": str(row.pk), "name": "Rosa Ríos, jefa de turno", "via": "fax"}
    unknown = client.post(url("alert-confirmation", cancelled.pk), {**body, "delivery": str(cancelled.pk)})
    assert (unknown.status_code, list(unknown.json()["errors"])) == (400, ["delivery"])
    assert client.post(url("alert-confirmation", cancelled.pk), body).status_code == 200
    row.refresh_from_db()
    assert (row.acknowledged_via, row.recorded_by) == ("fax", baja_coordinator)
    assert client.post(url("alert-confirmation", cancelled.pk), body).status_code == 409
