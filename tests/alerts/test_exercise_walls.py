"""Nothing of an exercise goes to a real address: three walls, each of which holds while the others are down."""

from __future__ import annotations

from typing import Any

import pytest
from django.core import mail
from django.db import IntegrityError, transaction

from agencies.models import AlertProgram
from alerts import delivery, sending
from alerts.channels import email, mailer, simulator, sms, twilio, webhook
from alerts.channels.ready_mail import ReadyMail
from alerts.channels.refusing import REFUSED, ExerciseRefused, refuse_exercise
from alerts.channels.sms import Text
from alerts.choices import Channel, DeliveryState
from alerts.models import Delivery, Recipient
from alerts.simulated import address_for, is_simulated
from tests.partner_system import outcomes_of, partner_system
from tests.sms_provider import send, sms_provider

pytestmark = pytest.mark.django_db
NUMBER = "+16565550100"


@pytest.fixture
def outside(settings: Any, monkeypatch: Any, exercise: Any, california_officer: Any) -> Any:
    """Real channels that would reach this machine, and a recipient of exercises with an address for each of them."""
    webhook.breaker.forget()
    sms.breaker.forget()
    settings.ALERTS_MAIL_LINES, settings.ALERTS_SMS_SIMULATED, settings.ALERTS_SMS_SECONDS = 1, False, 1
    settings.ALERTS_WEBHOOK_PRIVATE_HOSTS = frozenset({"127.0.0.1"})
    with partner_system() as partner, sms_provider() as provider:
        settings.ALERTS_SMS_ACCOUNTS = [provider.account()]
        Recipient.objects.create(
            program=AlertProgram.objects.get(code="us-ca"), name="Drill desk", kind="media", language="en",
            email="desk@newsroom.example", webhook_url=partner.url, sms_number=NUMBER, sms_verified_number=NUMBER,
            is_exercise_only=True,
        )  # fmt: skip
        california_officer.sms_number = california_officer.sms_verified_number = "+16565550101"
        california_officer.save(update_fields=["sms_number", "sms_verified_number"])
        yield partner, provider


@pytest.fixture
def down(monkeypatch: Any, outside: Any) -> Any:
    """Take walls down: `rows`, `sending`, `channels`."""

    def take_down(*walls: str) -> None:
        if "rows" in walls:  # the trigger lets no real address in: so each row has one when it is claimed
            claim = delivery._claim
            monkeypatch.setattr(delivery, "_claim", lambda *told: [_made_real(row) for row in claim(*told)])
        if "sending" in walls:
            monkeypatch.setattr(sending, "is_of_exercise", lambda _row: False)
            monkeypatch.setattr(sms.Line, "_one", _by_real_providers)
        if "channels" in walls:
            for module in (email, webhook, twilio):
                monkeypatch.setattr(module, "refuse_exercise", lambda **_told: None)

    return take_down


def _made_real(row: Delivery) -> Delivery:
    of_user = {Channel.EMAIL: row.user.email, Channel.SMS: row.user.sms_number} if row.user else {}
    row.address = dict(row.recipient.addresses)[row.channel] if row.recipient else of_user[Channel(row.channel)]
    return row


async def _by_real_providers(line: Any, text: Text) -> Any:
    try:
        return await line._by_providers(text, line._providers)
    except ExerciseRefused:
        return REFUSED


def reached(outside: Any) -> list[str]:
    """Send everything by every channel; return the addresses that a real channel was given."""
    partner, provider = outside
    for channel in Channel:
        delivery.send_due(channel=channel)
    mails = [address for item in mail.outbox for address in item.to]
    return [*mails, *(partner.url for _taken in partner.taken), *(taken["To"] for taken in provider.taken)]


def of_the_exercise() -> set[str]:
    return set(Delivery.objects.values_list("state", flat=True))


def test_without_any_wall_an_exercise_would_reach_real_addresses(outside, exercise_alert, down):
    down("rows", "sending", "channels")
    found = reached(outside)
    assert {"desk@newsroom.example", outside[0].url, NUMBER} <= set(found)


def test_all_walls_hold_and_everything_is_simulated(outside, exercise_alert, exercise_request):
    assert reached(outside) == []
    assert of_the_exercise() == {DeliveryState.SENT}
    assert all(is_simulated(row.address) for row in Delivery.objects.all())
    assert set(Delivery.objects.values_list("channel", flat=True)) == set(Channel)


def test_rows_alone_hold(outside, exercise_alert, exercise_request, down):
    down("sending", "channels")
    found = reached(outside)
    assert found and all(is_simulated(address) for address in found)


def test_sending_alone_holds(outside, exercise_alert, exercise_request, down):
    down("rows", "channels")
    assert reached(outside) == []
    assert of_the_exercise() == {DeliveryState.SENT}


def test_channels_alone_hold_and_what_they_refuse_is_final_and_visible(outside, exercise_alert, exercise_request, down):
    down("rows", "sending")
    assert reached(outside) == []
    assert of_the_exercise() == {DeliveryState.FAILED}
    assert set(Delivery.objects.values_list("error", flat=True)) == {REFUSED.detail}


# The database


def test_table_takes_no_real_address_of_an_exercise(outside, exercise_alert, exercise_request):
    message = Delivery.objects.filter(message__isnull=False).first()
    notice = Delivery.objects.filter(notice__isnull=False).first()
    for row in (message, notice):
        with pytest.raises(IntegrityError, match="simulator only"), transaction.atomic():
            Delivery.objects.filter(pk=row.pk).update(address="desk@newsroom.example")
    other = Recipient.objects.create(
        program_id=message.recipient.program_id, name="B", language="en", email="b@b.example"
    )
    made = [Delivery(message=message.message, recipient=other, language="en", address=other.email)]
    made += [
        Delivery(notice=notice.notice, user=notice.user, channel="webhook", language="en", address="https://b.example")
    ]
    for row in made:
        with pytest.raises(IntegrityError, match="simulator only"), transaction.atomic():
            Delivery.objects.bulk_create([row])
        row.address = "sms-00@exercise.invalid"
    assert len(Delivery.objects.bulk_create(made)) == 2


def test_table_takes_real_addresses_of_a_real_alert(active_alert):
    rows = Delivery.objects.filter(message__alert=active_alert)
    assert rows.exists() and not any(is_simulated(row.address) for row in rows)
    rows.update(address="other@newsroom.example")


# The channels


def test_lines_to_a_mail_server_raise():
    of_exercise = ReadyMail(subject="x", body="x", to=["desk@newsroom.example"])
    of_exercise.is_exercise = True
    to_simulator = ReadyMail(subject="x", body="x", to=["email-00@exercise.invalid"])
    for item in (of_exercise, to_simulator):
        with email.Line() as line, pytest.raises(ExerciseRefused):
            line.send(item)
        with mailer.Mailer(1) as sender:
            sender.begin([("a", item)])
            assert sender.outcomes() == [("a", REFUSED)]
    assert mail.outbox == []


def test_posts_and_providers_raise(settings):
    settings.ALERTS_WEBHOOK_PRIVATE_HOSTS = frozenset({"127.0.0.1"})
    webhook.breaker.forget()
    sms.breaker.forget()
    with partner_system() as partner, sms_provider() as provider:
        assert outcomes_of([webhook.Post(partner.url, b"{}", (), is_exercise=True)]) == [REFUSED]
        account = twilio.Twilio(**provider.account(), receipts_url="https://portal.example/")
        assert send([Text("sms-00@exercise.invalid", "x")], [account]) == [REFUSED]
        (outcome,) = send([Text(NUMBER, "x", is_exercise=True)], [account])
        assert outcome.provider == simulator.NAME  # a line knows the simulator; an account does not
    assert partner.taken == provider.taken == []
    with pytest.raises(ExerciseRefused):
        refuse_exercise(is_exercise=True, address=NUMBER)


# The simulator's addresses


@pytest.mark.parametrize(
    ("channel", "own", "address", "state"),
    [
        ("sms", "+16565550191", "sms-91@exercise.invalid", "sent"),
        ("sms", "+16565550193", "sms-93@exercise.invalid", "failed"),
        ("email", "desk92@newsroom.example", "email-92@exercise.invalid", "retry"),
        ("email", "desk@newsroom.example", "email-00@exercise.invalid", "sent"),
        ("webhook", "https://x.example/in/93/", "webhook-93@exercise.invalid", "failed"),
        ("webhook", "https://x.example/in", "webhook-00@exercise.invalid", "sent"),
    ],
)
def test_end_of_the_real_address_still_decides_what_becomes_of_a_message(channel, own, address, state):
    assert address_for(channel, own, is_exercise=True) == address
    assert address_for(channel, own, is_exercise=False) == own
    assert simulator.outcome_for(channel, address, 1).state == state
