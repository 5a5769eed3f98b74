"""Text messages from activation to the receipt and the reply: signed, out of order, replayed, forward only."""

from __future__ import annotations

import html
import re
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.db import transaction
from django.test import Client
from django.utils import timezone

from agencies import scope
from agencies.models import AuditEvent
from alerts import delivery
from alerts.channels import sms, twilio
from alerts.choices import Channel, DeliveryState
from alerts.composing.segments import size_of
from alerts.models import Delivery, ProviderReceipt, Recipient
from alerts.services import issuing, receipts
from alerts.texts import compose_text, text_of_message
from alerts.tokens import reply_code_for
from tests.sms_provider import SITE, call_back, sms_provider

RECEIPTS = "/sms/first/receipts/"


@pytest.fixture(autouse=True)
def _awake(settings: Any) -> None:
    """Let no provider rest from the test before, and none take long."""
    settings.ALERTS_SMS_SECONDS, settings.SITE_URL = 1, SITE
    sms.breaker.forget()


# From activation to the receipt


@pytest.fixture
def sent_to(approved_alert: Any, baja_coordinator: Any) -> Callable[..., list[Delivery]]:
    """Activate an alert for recipients with these numbers; give their deliveries, in order."""

    def activate(*numbers: str, language: str = "es") -> list[Delivery]:
        for number in numbers:
            Recipient.objects.create(
                program=approved_alert.program, name=f"Guardia {number}", kind="border", language=language,
                sms_number=number, sms_verified_number=number,
            )  # fmt: skip
        issuing.activate(alert=approved_alert, by=baja_coordinator)
        return list(Delivery.objects.filter(channel=Channel.SMS).order_by("created_at", "id"))

    return activate


def states(rows: list[Delivery]) -> list[str]:
    """Return how deliveries stand in the database."""
    found = dict(Delivery.objects.values_list("pk", "state"))
    return [found[row.pk] for row in rows]


def send_texts() -> int:
    """Send one chunk of text messages."""
    return delivery.send_due(channel=Channel.SMS)


@pytest.mark.django_db
def test_alert_travels_to_the_end_by_the_simulator(sent_to: Any) -> None:
    rows = sent_to("+526565550100", "+526565550190", "+526565550191", "+526565550192", "+526565550193")
    assert send_texts() == 5
    assert states(rows) == ["sent", "sent", "sent", "retry", "failed"]
    assert receipts.take_in_waiting() == 2
    assert states(rows) == ["delivered", "sent", "failed", "retry", "failed"]
    lost = Delivery.objects.get(pk=rows[2].pk)
    assert lost.error == "simulator: undelivered"
    assert list(lost.tries.values_list("outcome", "detail")) == [("sent", ""), ("failed", "simulator: undelivered")]
    assert receipts.take_in_waiting() == 0


@pytest.mark.django_db
def test_number_that_nobody_verified_gets_nothing(approved_alert: Any, baja_coordinator: Any) -> None:
    recipient = Recipient.objects.create(
        program=approved_alert.program, name="Guardia", kind="border", language="es", sms_number="+526565550100",
        sms_verified_number="+526565550101",
    )  # fmt: skip
    assert recipient.addresses == []
    issuing.activate(alert=approved_alert, by=baja_coordinator)
    assert not Delivery.objects.filter(channel=Channel.SMS).exists()


@pytest.mark.django_db
@pytest.mark.parametrize("language", ["en", "es", "fr"])
def test_text_is_the_approved_one_with_number_and_link(sent_to: Any, language: str, settings: Any) -> None:
    (row,) = sent_to("+526565550100", language=language)
    message = row.message
    shown = language if language in message.texts else "es"
    said = text_of_message(message, language)
    assert message.texts[shown]["headline"].split()[0] in said
    assert said.endswith(f"{message.alert.number}\n{SITE}/a/{message.alert.number}")
    assert size_of(said).parts <= settings.ALERTS_SMS_SEGMENTS
    assert ("[" in said) == (shown != language), "words in another language say which"


@pytest.mark.django_db
def test_cancel_says_no_link_and_update_says_that_it_is_one(
    sent_to: Any, approved_alert: Any, baja_coordinator: Any
) -> None:
    (row,) = sent_to("+526565550100")
    assert send_texts() == 1
    issuing.cancel(alert=approved_alert, by=baja_coordinator, reason="recovered")
    cancel = Delivery.objects.get(channel=Channel.SMS, message__msg_type="Cancel")
    said = text_of_message(cancel.message, "es")
    assert SITE not in said
    assert said.endswith(approved_alert.number)
    assert send_texts() == 1
    row.message.msg_type = "Update"
    assert text_of_message(row.message, "es").startswith("Actualización\n")


@pytest.mark.django_db
def test_second_provider_that_took_it_stands_in_the_row(sent_to: Any, settings: Any) -> None:
    (row,) = sent_to("+526565550100")
    settings.ALERTS_SMS_SIMULATED = False
    with sms_provider((500, {})) as first, sms_provider() as second:
        settings.ALERTS_SMS_ACCOUNTS = (first.account(), second.account("second"))
        assert send_texts() == 1
    row.refresh_from_db()
    assert (row.state, row.provider, row.provider_key, row.may_have_arrived) == ("sent", "second", "SM1", True)


# What an account calls back


@pytest.fixture
def taken(sent_to: Any, settings: Any) -> Delivery:
    """Give a delivery that the first account has taken as SM1."""
    (row,) = sent_to("+526565550100")
    settings.ALERTS_SMS_SIMULATED = False
    with sms_provider() as provider:
        settings.ALERTS_SMS_ACCOUNTS = (provider.account(), provider.account("second"))
        assert send_texts() == 1
    return row


def receipt(status: str, key: str = "SM1", **fields: str) -> dict[str, str]:
    """Return what an account says of a message."""
    return {"MessageSid": key, "MessageStatus": status, "To": "+526565550100", "AccountSid": "AC1", **fields}


def told(status: str, *, key: str = "SM1", name: str = "first", **fields: Any) -> int:
    """Call back as an account does; return the status of the answer."""
    signature, token = fields.pop("signature", None), fields.pop("token", "token of first")
    query = f"?delivery={fields.pop('delivery')}" if "delivery" in fields else ""
    address = f"/sms/{name}/receipts/{query}"
    with scope.acting_for([]):  # nobody has signed in
        answer = call_back(Client(), address, token, receipt(status, key, **fields), signature=signature)
    return int(answer.status_code)


@pytest.mark.parametrize(
    ("phone", "signature"),
    [("+14158675309", "RSOYDt4T1cUTdK1PDd93/VVr8B8="), ("+12349013030", "0/KCTR6DLpKmkAf8muzZqo1nDgQ=")],
)
def test_signature_is_the_published_one(phone: str, signature: str) -> None:
    fields = {"CallSid": "CA1234567890ABCDE", "Caller": phone, "Digits": "1234", "From": phone, "To": "+18005551212"}
    asked = {name: [value] for name, value in fields.items()}
    url = "https://mycompany.com/myapp.php?foo=1&bar=2"
    assert twilio.signature_of("12345", url, asked) == signature
    assert twilio.is_signed("12345", url, asked, signature)
    assert not twilio.is_signed("12346", url, asked, signature)
    assert not twilio.is_signed("12345", url + "3", asked, signature)
    assert not twilio.is_signed("12345", url, {**asked, "Digits": ["1235"]}, signature)
    assert not twilio.is_signed("12345", url, asked, "é")


@pytest.mark.django_db
def test_receipt_that_is_signed_moves_its_delivery(taken: Delivery) -> None:
    assert told("sent") == 204
    assert states([taken]) == ["sent"]
    assert told("delivered") == 204
    assert states([taken]) == ["delivered"]
    kept = ProviderReceipt.objects.get(report="delivered")
    assert kept.content["To"] == "+526565550100"
    assert kept.taken_in_at is not None


@pytest.mark.django_db
@pytest.mark.parametrize(
    "said",
    [
        {"signature": ""}, {"signature": "bm9uZQ=="}, {"token": "token of second"}, {"token": ""},
        {"name": "third"}, {"name": "third", "token": ""}, {"name": "simulator", "token": ""},
    ],
)  # fmt: skip
def test_receipt_that_is_not_signed_is_not_found(taken: Delivery, said: dict[str, str]) -> None:
    assert told("delivered", **said) == 404
    assert states([taken]) == ["sent"]
    assert not ProviderReceipt.objects.exists()


@pytest.mark.django_db
def test_receipt_of_another_account_moves_nothing(taken: Delivery) -> None:
    assert told("delivered", name="second", token="token of second") == 204
    assert told("delivered", key="SM2") == 204
    assert told("delivered", key="") == 204
    assert states([taken]) == ["sent"]


@pytest.mark.django_db
def test_receipt_that_is_replayed_changes_nothing(taken: Delivery) -> None:
    for _time in range(3):
        assert told("delivered") == 204
    assert ProviderReceipt.objects.count() == 1
    assert list(taken.tries.values_list("outcome", flat=True)) == ["sent", "delivered"]


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("order", "state"),
    [
        (["delivered", "sent", "queued"], "delivered"),
        (["delivered", "undelivered"], "delivered"),
        (["failed", "sent"], "failed"),
        (["undelivered", "delivered"], "failed"),
    ],
)
def test_receipts_out_of_order_never_lead_back(taken: Delivery, order: list[str], state: str) -> None:
    for status in order:
        told(status)
    assert states([taken]) == [state]


@pytest.mark.django_db
def test_lost_message_is_final_and_says_why(taken: Delivery) -> None:
    told("undelivered", ErrorCode="30003")
    taken.refresh_from_db()
    assert (taken.state, taken.error) == ("failed", "first: undelivered 30003")
    Delivery.objects.update(next_attempt_at=timezone.now() - timedelta(minutes=1))
    assert send_texts() == 0, "nobody tries it again"


@pytest.mark.django_db
def test_receipt_ahead_of_our_own_row_is_taken_in_later(taken: Delivery) -> None:
    Delivery.objects.filter(pk=taken.pk).update(provider="", provider_key="", state="claimed")
    assert told("delivered") == 204
    assert states([taken]) == ["claimed"]
    assert receipts.take_in_waiting() == 0
    Delivery.objects.filter(pk=taken.pk).update(provider="first", provider_key="SM1", state="sent")
    assert receipts.take_in_waiting() == 1
    assert states([taken]) == ["delivered"]


# A message whose answer was lost


@pytest.fixture
def unanswered(sent_to: Any, settings: Any) -> Delivery:
    """Give a delivery whose provider took so long that nobody knows whether it took the message."""
    (row,) = sent_to("+526565550100")
    settings.ALERTS_SMS_SIMULATED = False
    with sms_provider(seconds=3) as provider:
        settings.ALERTS_SMS_ACCOUNTS = (provider.account(), provider.account("second", api="http://127.0.0.1:9"))
        assert send_texts() == 1
    row.refresh_from_db()
    assert (row.state, row.may_have_arrived, row.provider_key) == ("retry", True, "")
    assert provider.taken[0]["StatusCallback"] == f"{SITE}{RECEIPTS}?delivery={row.pk}"
    return row


@pytest.mark.django_db
def test_receipt_of_a_message_whose_answer_was_lost_settles_it(unanswered: Delivery) -> None:
    assert told("sent", delivery=unanswered.pk) == 204
    assert states([unanswered]) == ["retry"]
    assert told("delivered", delivery=unanswered.pk) == 204
    unanswered.refresh_from_db()
    assert (unanswered.state, unanswered.provider, unanswered.provider_key) == ("delivered", "first", "SM1")
    assert unanswered.sent_at is not None
    assert list(unanswered.tries.values_list("outcome", flat=True)) == ["retry", "delivered"]
    Delivery.objects.update(next_attempt_at=timezone.now() - timedelta(minutes=1))
    assert send_texts() == 0, "nobody gets it a second time"


@pytest.mark.django_db
def test_receipt_settles_what_is_being_sent_again(unanswered: Delivery) -> None:
    Delivery.objects.filter(pk=unanswered.pk).update(state="claimed", attempts=2, claimed_until=timezone.now())
    told("delivered", delivery=unanswered.pk)
    assert states([unanswered]) == ["delivered"]
    unanswered.attempts = 2
    delivery._write([(unanswered, sms.UNKNOWN)])
    assert states([unanswered]) == ["delivered"]


@pytest.mark.django_db
@pytest.mark.parametrize(
    "said",
    [
        {"delivery": "00000000-0000-7000-8000-000000000000"}, {"delivery": "nonsense"}, {"delivery": ""},
        {"To": "+526565550199"}, {"status": "undelivered"}, {"signature": "bm9uZQ=="},
    ],
)  # fmt: skip
def test_receipt_of_something_else_leaves_it_to_be_sent_again(unanswered: Delivery, said: dict[str, Any]) -> None:
    told(said.pop("status", "delivered"), **{"delivery": unanswered.pk, **said})
    assert states([unanswered]) == ["retry"]


@pytest.mark.django_db
def test_receipt_does_not_bring_back_what_was_suppressed(unanswered: Delivery) -> None:
    Delivery.objects.filter(pk=unanswered.pk).update(state="suppressed")
    told("delivered", delivery=unanswered.pk)
    assert states([unanswered]) == ["suppressed"]


@pytest.mark.django_db
def test_late_sender_does_not_take_an_arrival_back(taken: Delivery) -> None:
    told("delivered")
    with transaction.atomic():
        delivery._write([(taken, sms.UNKNOWN.__class__(DeliveryState.SENT))])
    assert states([taken]) == ["delivered"]


@pytest.mark.django_db
def test_receipts_are_seen_through_the_door_alone(taken: Delivery) -> None:
    told("delivered")
    with scope.acting_for([agency.pk for agency in type(taken.message.alert.program.agency).objects.all()]):
        assert not ProviderReceipt.objects.exists()
    with scope.through_door("receipts"):
        assert ProviderReceipt.objects.count() == 1


# Replies


def reply(body: str, *, number: str = "+526565550100", key: str = "SM9", **said: Any) -> tuple[int, str]:
    """Reply to a message; return the status and what is sent back."""
    token, name = said.pop("token", "token of first"), said.pop("name", "first")
    fields = {"MessageSid": key, "From": number, "To": "+15005550006", "Body": body}
    with scope.acting_for([]):
        answer = call_back(Client(), f"/sms/{name}/replies/", token, fields, **said)
    back = re.search("<Message>(.*)</Message>", answer.text)
    return answer.status_code, html.unescape(back[1]) if back else ""


@pytest.mark.django_db
def test_message_carries_its_code_and_the_reply_confirms_it(taken: Delivery) -> None:
    code = reply_code_for(taken.pk)
    assert f"responda {code}" in compose_text(taken).body
    status, answer = reply(f" {code}  Sgto. Ibarra, turno  nocturno")
    assert status == 200
    assert answer == f"Gracias. Usted confirmó la recepción de la alerta {taken.message.alert.number}."
    taken.refresh_from_db()
    assert taken.acknowledged_at is not None
    assert (taken.acknowledged_name, taken.acknowledged_via) == ("Sgto. Ibarra, turno nocturno", "text")
    assert taken.recorded_by is None
    event = AuditEvent.objects.get(action="delivery.acknowledged")
    assert (event.case_id, event.detail) == (taken.message.alert.case_id, {"via": "text"})
    first = taken.acknowledged_at
    assert reply(f"{code} somebody else") == (200, answer), "a repeat gets the same answer"
    taken.refresh_from_db()
    assert (taken.acknowledged_at, taken.acknowledged_name) == (first, "Sgto. Ibarra, turno nocturno")


@pytest.mark.django_db
def test_code_counts_from_the_number_that_got_it_alone(taken: Delivery) -> None:
    code = reply_code_for(taken.pk)
    assert reply(code, number="+526565550199") == (200, "")
    assert reply("ok")[1].startswith("No reconocemos este código")
    assert reply("1" + code)[1].startswith("No reconocemos este código")
    assert reply(str((int(code) + 1) % 10_000).zfill(4))[1].startswith("No reconocemos este código")
    Delivery.objects.filter(pk=taken.pk).update(created_at=timezone.now() - timedelta(days=8))
    assert reply(code) == (200, "")
    taken.refresh_from_db()
    assert taken.acknowledged_at is None


@pytest.mark.django_db
@pytest.mark.parametrize("said", [{"signature": "bm9uZQ=="}, {"token": "token of second"}, {"name": "third"}])
def test_reply_that_is_not_signed_is_not_found(taken: Delivery, said: dict[str, str]) -> None:
    assert reply(reply_code_for(taken.pk), **said)[0] == 404
    taken.refresh_from_db()
    assert taken.acknowledged_at is None
    assert not ProviderReceipt.objects.exists()


def test_answer_is_escaped() -> None:
    assert "<Message>a &lt;b&gt; &amp; c</Message>" in twilio.answer_with("a <b> & c")
    assert "<Message>" not in twilio.answer_with("")
