"""Numbers for text messages: verified by a code, by those who keep the recipients, and void once they change."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from agencies.refusals import ActRefused, NotPermitted
from alerts import number_codes
from alerts.channels import sms
from alerts.models import NumberProof, Recipient
from alerts.number_codes import code_of
from alerts.services import numbers
from tests.sms_provider import sms_provider

pytestmark = pytest.mark.django_db


@pytest.fixture
def guard(recipient: Any) -> Recipient:
    """Give a recipient whose number nobody has verified."""
    recipient.sms_number = "+526565550100"
    recipient.save()
    return recipient  # type: ignore[no-any-return]


def asked(guard: Recipient, by: Any) -> NumberProof:
    """Ask for a code and return its row."""
    numbers.ask_code(recipient=guard, by=by)
    return NumberProof.objects.latest("asked_at")


def is_verified(guard: Recipient) -> bool:
    """Say whether the number stands as verified in the database."""
    return Recipient.objects.get(pk=guard.pk).has_verified_number


def test_code_goes_out_as_a_text_message_in_the_recipients_language(guard: Any, baja_staff: Any, settings: Any) -> None:
    settings.ALERTS_SMS_SIMULATED = False
    sms.breaker.forget()
    proof = asked(guard, baja_staff)
    with sms_provider() as provider:
        settings.ALERTS_SMS_ACCOUNTS = (provider.account(),)
        assert number_codes.send_codes() == 1
        assert number_codes.send_codes() == 0
    (taken,) = provider.taken
    assert taken["To"] == "+526565550100"
    assert taken["Body"].startswith(f"{code_of(proof)} ")
    assert "AMBER Bridge" in taken["Body"] and "verif" in taken["Body"] and "this number" not in taken["Body"]


def test_right_code_verifies_the_number_and_only_once_it_is_entered(guard: Any, baja_staff: Any) -> None:
    proof = asked(guard, baja_staff)
    assert not is_verified(guard)
    code = code_of(proof)
    numbers.enter_code(recipient=guard, code=f"{code[:3]} {code[3:]}", by=baja_staff)
    assert is_verified(guard)
    assert ("sms", "+526565550100") in Recipient.objects.get(pk=guard.pk).addresses
    with pytest.raises(ActRefused):
        numbers.enter_code(recipient=guard, code=code, by=baja_staff)


def test_another_number_is_not_verified(guard: Any, baja_staff: Any) -> None:
    numbers.enter_code(recipient=guard, code=code_of(asked(guard, baja_staff)), by=baja_staff)
    guard.sms_number = "+526565550101"
    guard.save()
    assert not is_verified(guard)
    assert [channel for channel, _address in guard.addresses] == ["email"]


def test_code_of_a_number_that_was_replaced_meanwhile_verifies_nothing(guard: Any, baja_staff: Any) -> None:
    proof = asked(guard, baja_staff)
    guard.sms_number = "+526565550101"
    guard.save()
    with pytest.raises(ActRefused):
        numbers.enter_code(recipient=guard, code=code_of(proof), by=baja_staff)
    assert not is_verified(guard)


def test_five_wrong_codes_use_it_up(guard: Any, baja_staff: Any) -> None:
    proof = asked(guard, baja_staff)
    wrong = str((int(code_of(proof)) + 1) % 10**6).zfill(6)
    for _try in range(5):
        with pytest.raises(ActRefused):
            numbers.enter_code(recipient=guard, code=wrong, by=baja_staff)
    with pytest.raises(ActRefused):
        numbers.enter_code(recipient=guard, code=code_of(proof), by=baja_staff)


def test_code_is_void_after_half_an_hour(guard: Any, baja_staff: Any) -> None:
    proof = asked(guard, baja_staff)
    NumberProof.objects.update(asked_at=timezone.now() - timedelta(minutes=31))
    with pytest.raises(ActRefused):
        numbers.enter_code(recipient=guard, code=code_of(proof), by=baja_staff)
    assert number_codes.send_codes() == 0


def test_three_codes_within_an_hour_are_enough(guard: Any, baja_staff: Any) -> None:
    for _time in range(3):
        asked(guard, baja_staff)
    with pytest.raises(ActRefused) as refusal:
        asked(guard, baja_staff)
    assert "Three" in str(refusal.value.message)


def test_number_that_is_verified_or_missing_asks_for_no_code(guard: Any, recipient: Any, baja_staff: Any) -> None:
    numbers.enter_code(recipient=guard, code=code_of(asked(guard, baja_staff)), by=baja_staff)
    with pytest.raises(ActRefused) as refusal:
        asked(guard, baja_staff)
    assert "already" in str(refusal.value.message)
    guard.sms_number = ""
    with pytest.raises(ActRefused) as refusal:
        asked(guard, baja_staff)
    assert "no number" in str(refusal.value.message)


@pytest.mark.parametrize("who", ["california_staff", "baja_coordinator"])
def test_others_neither_ask_nor_enter(guard: Any, baja_staff: Any, who: str, request: Any) -> None:
    proof, other = asked(guard, baja_staff), request.getfixturevalue(who)
    with pytest.raises(NotPermitted):
        numbers.ask_code(recipient=guard, by=other)
    with pytest.raises(NotPermitted):
        numbers.enter_code(recipient=guard, code=code_of(proof), by=other)


def page_of(guard: Recipient, client: Client, **changed: str) -> str:
    """Save the recipient's page in the administration; return the page that follows."""
    form = {"name": guard.name, "kind": guard.kind, "language": guard.language, "email": guard.email,
            "webhook_url": "", "sms_number": "656 555 0100", "sms_code": "", "is_active": "on", **changed}  # fmt: skip
    address = reverse("admin:alerts_recipient_change", args=[guard.pk])
    return client.post(address, {**form, "_continue": "1"}, follow=True).text


def test_staff_type_a_number_ask_and_enter_the_code(recipient: Any, baja_staff: Any) -> None:
    client = Client()
    client.force_login(baja_staff)
    shown = page_of(recipient, client)
    assert Recipient.objects.get(pk=recipient.pk).sms_number == "+526565550100", "as it is dialed in Mexico"
    assert "no se le envía nada" in shown
    chosen = {"action": "send_code", "_selected_action": [recipient.pk]}
    client.post(reverse("admin:alerts_recipient_changelist"), chosen)
    number_codes.send_codes()
    proof = NumberProof.objects.get()
    assert code_of(proof) in client.get(reverse("admin:alerts_recipient_change", args=[recipient.pk])).text
    page_of(recipient, client, sms_code="12")
    assert not is_verified(recipient)
    assert "Verificado" in page_of(recipient, client, sms_code=code_of(proof))
    assert is_verified(recipient)


@pytest.mark.parametrize("typed", ["12345", "656 555 0100 ext. 5", "no number"])
def test_what_is_no_number_is_refused_in_the_form(recipient: Any, baja_staff: Any, typed: str) -> None:
    client = Client()
    client.force_login(baja_staff)
    assert "errorlist" in page_of(recipient, client, sms_number=typed)
    assert Recipient.objects.get(pk=recipient.pk).sms_number == ""
