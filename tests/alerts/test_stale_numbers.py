"""Numbers for text messages are verified anew each month; an old one is said, and goes on being used (U42)."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.core.mail.backends.locmem import EmailBackend
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from agencies.models import User
from agencies.refusals import ActRefused
from alerts.admin.numbers import standing_of
from alerts.management.commands import relay
from alerts.models import Delivery, DeskWarning, NumberProof, Recipient
from alerts.number_codes import code_of
from alerts.services import desk_warnings, issuing, numbers, replies
from alerts.tokens import reply_code_for
from tests.alerts.test_ladders import told_of

pytestmark = pytest.mark.django_db
NUMBER, OTHER, DAY = "+526565550100", "+526565550101", timedelta(days=1)


def verified(owner: Any, days_ago: int | None) -> Any:
    """Let the number have been verified so long ago; None: nobody knows when."""
    at = None if days_ago is None else timezone.now() - days_ago * DAY
    owner._meta.model._base_manager.filter(pk=owner.pk).update(
        sms_number=NUMBER, sms_verified_number=NUMBER, sms_verified_at=at
    )
    owner.refresh_from_db()
    return owner


@pytest.mark.parametrize(("days_ago", "is_stale"), [(30, False), (32, True), (None, True)])
def test_old_number_is_said_and_goes_on_being_used(recipient: Any, days_ago: int | None, is_stale: bool) -> None:
    found = verified(recipient, days_ago)
    assert found.is_number_stale is is_stale
    assert ("sms", NUMBER) in found.addresses
    assert ("more than a month" in standing_of(found)) is is_stale


def test_staff_are_told_once_a_month(recipient: Any, baja_staff: Any) -> None:
    verified(recipient, 30)
    assert desk_warnings.tell_stale_numbers() == 0
    verified(recipient, 32)
    assert (desk_warnings.tell_stale_numbers(), desk_warnings.tell_stale_numbers()) == (1, 0)
    assert told_of("numbers_stale") == {baja_staff.email}
    DeskWarning.objects.update(told_at=timezone.now() - 32 * DAY)
    assert desk_warnings.tell_stale_numbers() == 1


def test_inactive_and_unverified_numbers_are_not_asked_for(recipient: Any, baja_staff: Any) -> None:
    verified(recipient, 40)
    Recipient.objects.update(is_active=False)
    assert desk_warnings.tell_stale_numbers() == 0
    Recipient.objects.update(is_active=True, sms_number=OTHER)
    assert desk_warnings.tell_stale_numbers() == 0


def test_new_code_verifies_anew_and_is_refused_before(recipient: Any, baja_staff: Any) -> None:
    verified(recipient, 3)
    with pytest.raises(ActRefused):
        numbers.ask_code(recipient=recipient, by=baja_staff)
    verified(recipient, 40)
    numbers.ask_code(recipient=recipient, by=baja_staff)
    numbers.enter_code(recipient=recipient, code=code_of(NumberProof.objects.get()), by=baja_staff)
    recipient.refresh_from_db()
    assert not recipient.is_number_stale


def test_person_is_reminded_by_mail_once_a_month(baja_coordinator: Any, mailoutbox: Any) -> None:
    verified(baja_coordinator, 32)
    assert (numbers.remind_people(), numbers.remind_people()) == (1, 0)
    [mail] = mailoutbox
    assert mail.to == [baja_coordinator.email]
    assert reverse("alerts:own-number") in mail.body
    assert NUMBER not in mail.body
    User.objects.update(sms_reminded_at=timezone.now() - 32 * DAY)
    assert numbers.remind_people() == 1
    assert {numbers.remind_people, desk_warnings.tell_stale_numbers} <= set(relay.PERIODIC)


def test_reminder_that_the_server_refuses_is_tried_again(
    baja_coordinator: Any, mailoutbox: Any, monkeypatch: Any
) -> None:
    verified(baja_coordinator, 32)
    with monkeypatch.context() as patch:
        patch.setattr(EmailBackend, "send_messages", lambda *_: (_ for _ in ()).throw(ConnectionError("away")))
        assert numbers.remind_people() == 0
    assert numbers.remind_people() == 0, "not at once"
    User.objects.filter(pk=baja_coordinator.pk).update(sms_reminded_at=timezone.now() - 32 * DAY)
    assert numbers.remind_people() == 1


def test_page_offers_a_new_code_for_an_old_number(baja_coordinator: Any) -> None:
    verified(baja_coordinator, 32)
    client = Client()
    client.force_login(baja_coordinator)
    address = reverse("alerts:own-number")
    assert client.post(address, {"nonce": "n1", "number": NUMBER}).status_code == 302
    proof = NumberProof.objects.get()
    assert 'name="code"' in client.get(address).text
    client.post(reverse("alerts:own-number-code"), {"nonce": "n2", "code": code_of(proof)})
    baja_coordinator.refresh_from_db()
    assert not baja_coordinator.is_number_stale
    client.post(address, {"nonce": "n3", "number": NUMBER})
    assert NumberProof.objects.count() == 1, "a number that is verified asks for none"


def test_reply_from_the_number_verifies_it_and_no_other(
    recipient: Any, approved_alert: Any, baja_coordinator: Any
) -> None:
    verified(recipient, 32)
    issuing.activate(alert=approved_alert, by=baja_coordinator)
    row = Delivery.objects.get(channel="sms", recipient=recipient)
    Delivery.objects.filter(pk=row.pk).update(state="sent", attempts=1)
    Recipient.objects.filter(pk=recipient.pk).update(sms_number=OTHER, sms_verified_number=OTHER)
    answer(row)
    recipient.refresh_from_db()
    assert recipient.is_number_stale, "the number in use is another one by now"
    verified(recipient, 32)
    answer(row)
    recipient.refresh_from_db()
    assert not recipient.is_number_stale


def answer(row: Delivery) -> None:
    fields = {"From": row.address, "Body": reply_code_for(row.pk), "MessageSid": f"SM{timezone.now():%f}"}
    assert replies.take_reply(provider="twilio", fields=fields)
