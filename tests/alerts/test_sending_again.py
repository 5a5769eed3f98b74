"""What failed is sent again by the program's own people: one delivery, or all of an alert, while it is in force."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from agencies.models import AuditEvent
from agencies.refusals import ActRefused, NotPermitted
from alerts import delivery
from alerts.models import Alert, AlertMessage, Delivery, DeliveryAttempt, Recipient
from alerts.services import sending_again
from alerts.services.sending_again import failed_of, send_failed_again, send_one_again, why_not
from cases.models import CaseEvent

pytestmark = pytest.mark.django_db
STATES = ("queued", "claimed", "sent", "delivered", "retry", "failed", "suppressed")


@pytest.fixture
def failed(active_alert: Any) -> Delivery:
    """The alert's one delivery, refused for good at an address that staff have corrected since."""
    row = Delivery.objects.select_related("recipient").get(message__alert=active_alert)
    row.state, row.error, row.attempts, row.provider_key = "failed", "550 no such user", 1, "old"
    row.save()
    DeliveryAttempt.objects.create(delivery=row, number=1, outcome="failed", detail="550 no such user")
    Recipient.objects.filter(pk=row.recipient_id).update(email="corrected@told.example")
    return fresh(row)


def fresh(row: Delivery) -> Delivery:
    """Return a delivery as it is now, with everything that belongs to it."""
    found: Delivery = Delivery.objects.select_related("message__alert__program", "recipient").get(pk=row.pk)
    return found


def another(row: Delivery, name: str, **fields: Any) -> Delivery:
    """Add a failed delivery of the same message to another recipient."""
    assert row.message is not None
    person = Recipient.objects.create(
        program=row.message.alert.program, name=name, kind="media", email=f"{name}@told.example", language="es"
    )
    made = {"state": "failed", "address": person.email, "message": row.message, **fields}
    return fresh(Delivery.objects.create(recipient=person, language="es", **made))


def later_message(alert: Alert) -> AlertMessage:
    """Add an Update of the alert."""
    first = alert.messages.get()
    return AlertMessage.objects.create(
        alert=alert, msg_type="Update", identifier="x.2", sender=first.sender, sent=first.sent, references="", xml=b"x",
        texts=first.texts, expires_at=first.expires_at,
    )  # fmt: skip


def test_it_goes_to_the_present_address_and_its_tries_stay(
    failed: Delivery, baja_coordinator: Any, mailoutbox: Any
) -> None:
    send_one_again(row=failed, by=baja_coordinator)
    waiting = fresh(failed)
    assert (waiting.state, waiting.error, waiting.address) == ("queued", "", "corrected@told.example")
    assert (waiting.sent_again_by, waiting.provider_key) == (baja_coordinator, "")
    assert not waiting.may_have_arrived, "what failed did not arrive"
    while delivery.send_due():
        pass
    sent = fresh(failed)
    assert (sent.state, sent.attempts) == ("sent", 2)
    assert [mail.to for mail in mailoutbox if "told.example" in mail.to[0]] == [["corrected@told.example"]]
    assert list(sent.tries.values_list("number", "outcome")) == [(1, "failed"), (2, "sent")]


def test_act_is_in_the_audit_and_in_the_programs_own_timeline(failed: Delivery, baja_coordinator: Any) -> None:
    send_one_again(row=failed, by=baja_coordinator)
    event = AuditEvent.objects.get(action="delivery.sent_again")
    assert (event.actor_id, event.object_ids) == (baja_coordinator.pk, [str(failed.pk)])
    entry = CaseEvent.objects.get(kind="alert.sent_again")
    assert (entry.actor, entry.detail) == (baja_coordinator, {"deliveries": 1})
    assert entry.only_for == failed.message.alert.program.agency, "whom a program tells is its own affair"


@pytest.mark.parametrize("state", STATES)
def test_only_what_failed_is_sent_again(state: str, failed: Delivery, baja_coordinator: Any) -> None:
    Delivery.objects.filter(pk=failed.pk).update(state=state)
    row = fresh(failed)
    if state == "failed":
        assert why_not(row) == ""
        send_one_again(row=row, by=baja_coordinator)
        return
    assert why_not(row)
    with pytest.raises(ActRefused):
        send_one_again(row=row, by=baja_coordinator)
    with pytest.raises(ActRefused):
        send_failed_again(alert=row.message.alert, by=baja_coordinator)
    assert fresh(failed).state == state


@pytest.mark.parametrize("status", ["draft", "submitted", "approved", "cancelled", "expired", "discarded"])
def test_nothing_of_an_alert_that_is_not_in_force(status: str, failed: Delivery, baja_coordinator: Any) -> None:
    Alert.objects.update(status=status)
    for act in (
        lambda: send_one_again(row=fresh(failed), by=baja_coordinator),
        lambda: send_failed_again(alert=fresh(failed).message.alert, by=baja_coordinator),
    ):
        with pytest.raises(ActRefused) as refusal:
            act()
        assert refusal.value.message == sending_again.OVER
    assert fresh(failed).state == "failed"


def test_nothing_after_the_term_though_nobody_has_noted_the_end(failed: Delivery, baja_coordinator: Any) -> None:
    Alert.objects.update(expires_at=timezone.now() - timedelta(seconds=1))
    with pytest.raises(ActRefused):
        send_one_again(row=fresh(failed), by=baja_coordinator)


@pytest.mark.parametrize(
    "change", [{"is_active": False}, {"is_exercise_only": True}, {"chosen_channels": ["webhook"]}], ids=str
)
def test_nobody_without_an_address_in_use(change: dict[str, Any], failed: Delivery, baja_coordinator: Any) -> None:
    Recipient.objects.filter(pk=failed.recipient_id).update(**change)
    assert why_not(fresh(failed)) == sending_again.NOT_IN_USE
    good = another(failed, "weekly")
    found = failed_of(failed.message.alert, baja_coordinator)
    assert (found.ready, found.without_address, found.total) == ([good.pk], 1, 2)
    assert send_failed_again(alert=failed.message.alert, by=baja_coordinator) == 1
    assert (fresh(failed).state, fresh(good).state) == ("failed", "queued")


@pytest.mark.parametrize(
    ("state", "is_overtaken"),
    [("sent", True), ("queued", True), ("claimed", True), ("failed", False), ("suppressed", False)],
)
def test_nothing_comes_after_a_later_message(
    state: str, is_overtaken: bool, failed: Delivery, baja_coordinator: Any
) -> None:
    update = later_message(failed.message.alert)
    Delivery.objects.create(
        message=update, recipient=failed.recipient, address=failed.recipient.email, language="es", state=state
    )
    Delivery.objects.create(  # by another channel nothing is overtaken
        message=update, recipient=failed.recipient, address="https://x.example", channel="webhook", language="es",
        state="sent",
    )  # fmt: skip
    assert (why_not(fresh(failed)) == sending_again.OVERTAKEN) is is_overtaken
    assert failed_of(failed.message.alert, baja_coordinator).overtaken == int(is_overtaken)


def test_both_failed_messages_go_in_their_order(failed: Delivery, baja_coordinator: Any, mailoutbox: Any) -> None:
    second = Delivery.objects.create(
        message=later_message(failed.message.alert), recipient=failed.recipient, address="x@y.example", language="es",
        state="failed",
    )  # fmt: skip
    assert send_failed_again(alert=failed.message.alert, by=baja_coordinator) == 2
    while delivery.send_due():
        pass
    assert fresh(failed).sent_at < fresh(second).sent_at


WHO = [
    ("baja_coordinator", True), ("baja_approver", True), ("california_officer", False),
    ("california_coordinator", False), ("quebec_coordinator", False), ("baja_staff", False), ("superuser", False),
]  # fmt: skip


@pytest.mark.parametrize(("who", "may"), WHO)
def test_who_may(who: str, may: bool, request: pytest.FixtureRequest, failed: Delivery) -> None:
    person = request.getfixturevalue(who)
    for act in (
        lambda: send_one_again(row=failed, by=person), lambda: send_failed_again(alert=failed.message.alert, by=person)
    ):  # fmt: skip
        Delivery.objects.filter(pk=failed.pk).update(state="failed")
        if may:
            act()
        else:
            with pytest.raises(NotPermitted):
                act()


@pytest.fixture
def officer(baja_coordinator: Any) -> Client:
    """Sign a coordinator of the issuing program in, in English."""
    baja_coordinator.language = "en"
    baja_coordinator.save()
    client = Client()
    client.force_login(baja_coordinator)
    return client


def test_pages_say_what_will_go_and_who_sent_it_again(officer: Client, failed: Delivery, baja_coordinator: Any) -> None:
    alert = failed.message.alert
    told, again = reverse("alerts:alert-told", args=[alert.pk]), reverse("alerts:alert-send-again", args=[alert.pk])
    one = reverse("alerts:delivery-send-again", args=[failed.pk])
    shown = officer.get(told).text
    assert f'href="{again}"' in shown
    assert f'href="{one}"' in shown
    assert "1 failed delivery will be sent again." in officer.get(again).text
    assert fresh(failed).state == "failed", "looking changes nothing"
    tag = officer.get(reverse("alerts:alert-told-rows", args=[alert.pk]))["ETag"]
    answer = officer.post(one, {"nonce": "n-1"}, follow=True)
    assert answer.redirect_chain[-1][0] == told
    assert f"Sent again by {baja_coordinator.full_name}" in answer.text
    assert "Send again" not in answer.text
    assert officer.get(reverse("alerts:alert-told-rows", args=[alert.pk]))["ETag"] != tag
    assert "it was taken or is on its way" in officer.get(one).text
    assert "No delivery of this alert has failed." in officer.get(again).text


def test_all_failed_in_one_act_and_twice_is_once(officer: Client, failed: Delivery) -> None:
    another(failed, "weekly")
    address = reverse("alerts:alert-send-again", args=[failed.message.alert_id])
    first = officer.post(address, {"nonce": "n-1"}, follow=True)
    assert "2 deliveries are sent again." in first.text
    assert officer.post(address, {"nonce": "n-1"}).status_code == 302
    assert AuditEvent.objects.filter(action="delivery.sent_again").count() == 1
    assert officer.post(address, {"nonce": "n-2"}).status_code == 409


def test_over_is_said_on_the_page_and_offered_nowhere(officer: Client, failed: Delivery) -> None:
    Alert.objects.update(status="cancelled")
    alert = failed.message.alert
    assert "The alert is over." in officer.get(reverse("alerts:alert-send-again", args=[alert.pk])).text
    assert "Send again" not in officer.get(reverse("alerts:alert-told", args=[alert.pk])).text


def test_by_the_api(officer: Client, failed: Delivery) -> None:
    one = f"/api/v1/deliveries/{failed.pk}/send-again/"
    everything = f"/api/v1/alerts/{failed.message.alert_id}/send-again/"
    key = {"headers": {"Idempotency-Key": "k-1"}, "content_type": "application/json"}
    sent = officer.post(one, {}, **key)
    assert (sent.status_code, sent.json()["state"]) == (200, "queued")
    assert officer.post(one, {}, headers={"Idempotency-Key": "k-2"}, content_type="application/json").status_code == 409
    Delivery.objects.filter(pk=failed.pk).update(state="failed")
    whole = officer.post(everything, {}, headers={"Idempotency-Key": "k-3"}, content_type="application/json")
    assert (whole.status_code, fresh(failed).state) == (200, "queued")


def test_many_are_queued_in_as_many_statements_as_few(failed: Delivery, baja_coordinator: Any) -> None:
    def count() -> int:
        Delivery.objects.update(state="failed")
        with CaptureQueriesContext(connection) as queries:
            send_failed_again(alert=failed.message.alert, by=baja_coordinator)
        return len(queries)

    count()  # what is looked up once is known from now on
    few = count()
    for number in range(20):
        another(failed, f"p{number}")
    assert count() == few
