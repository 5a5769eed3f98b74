"""Deliveries between claim and outcome: leases, back-off, what is given back, and what never leaves."""

from __future__ import annotations

import email
import email.policy
import re
import time
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.conf import settings as project_settings
from django.utils import timezone
from kombu.exceptions import OperationalError

from agencies.models import AlertProgram
from alerts import delivery, tasks
from alerts.channels import email as channel
from alerts.channels.outcome import ACCEPTED, Outcome, try_again
from alerts.mails import MailComposer
from alerts.models import AlertMessage, Delivery, DeliveryAttempt, Recipient
from alerts.services import issuing
from alerts.tokens import token_for
from tests.reliability.scripted_sink import running_sink

pytestmark = pytest.mark.django_db


@pytest.fixture
def sent_to(approved_alert: Any, baja_coordinator: Any) -> Callable[[int], list[Delivery]]:
    """Activate an alert for so many recipients; give its deliveries, in order. Notices before it count as sent."""

    def activate(count: int) -> list[Delivery]:
        Delivery.objects.update(state="sent")
        program = AlertProgram.objects.get(code="mx-bcn")
        for number in range(count):
            address = f"desk{number}@newsroom.example"
            Recipient.objects.create(program=program, name=address, kind="media", email=address, language="es")
        issuing.activate(alert=approved_alert, by=baja_coordinator)
        return list(Delivery.objects.filter(message__isnull=False).order_by("created_at", "id"))

    return activate


@pytest.fixture
def line(monkeypatch: pytest.MonkeyPatch) -> Callable[[Callable[[Any], Outcome]], list[str]]:
    """Put a function in the place of the mail server's line; give the addresses that it is asked for, as they come."""

    def replace(answer: Callable[[Any], Outcome]) -> list[str]:
        asked: list[str] = []

        def send(_line: channel.Line, mail: Any) -> Outcome:
            asked.append(mail.to[0])
            return answer(mail)

        monkeypatch.setattr(channel.Line, "send", send)
        return asked

    return replace


def by_smtp(settings: Any, port: int) -> None:
    """Send to a port of this machine."""
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", port


def in_the_past(**fields: str) -> None:
    """Put a time of every delivery a minute back."""
    Delivery.objects.update(**{name: timezone.now() - timedelta(minutes=1) for name in fields.values()})


def state_of(row: Delivery) -> tuple[str, int]:
    """Return state and attempts as they stand in the database."""
    row.refresh_from_db()
    return row.state, row.attempts


# Back-off and outcomes


def test_back_off_grows_and_then_stays():
    assert [delivery.back_off(attempts) for attempts in range(1, 9)] == [5, 10, 30, 60, 120, 300, 300, 300]


@pytest.mark.parametrize("earlier, seconds", [(0, 5), (1, 10), (4, 120), (40, 300)])
def test_failed_try_waits_for_its_back_off(sent_to, line, earlier, seconds):
    (row,) = sent_to(1)
    Delivery.objects.update(attempts=earlier)
    line(lambda _mail: try_again("SMTP 450"))
    before = timezone.now()
    assert delivery.send_due() == 1
    assert state_of(row) == ("retry", earlier + 1)
    wait = (row.next_attempt_at - before).total_seconds()
    assert seconds <= wait < seconds + 5
    assert delivery.send_due() == 0, "not before its time"


def test_450_is_tried_again_and_550_fails_for_good_and_is_shown(sent_to, settings, tmp_path, client, baja_coordinator):
    later, never, at_once = sent_to(3)
    answers = {later.address: ["450"], never.address: ["550"]}
    with running_sink(tmp_path, answers=answers) as (sink, port):
        by_smtp(settings, port)
        assert delivery.send_due() == 3
        assert [state_of(row) for row in (later, never, at_once)] == [("retry", 1), ("failed", 1), ("sent", 1)]
        in_the_past(time="next_attempt_at")
        assert delivery.send_due() == 1
    assert [state_of(row) for row in (later, never, at_once)] == [("sent", 2), ("failed", 1), ("sent", 1)]
    assert dict(sink.asked) == {later.address: 2, never.address: 1, at_once.address: 1}
    assert list(later.tries.values_list("number", "outcome", "detail")) == [(1, "retry", "SMTP 450"), (2, "sent", "")]
    assert (later.error, never.error) == ("", "SMTP 550")
    client.force_login(baja_coordinator)
    page = client.get(f"/desk/alerts/{never.message.alert_id}/").content.decode()
    assert never.address in page and "SMTP 550" in page


def test_mail_that_cannot_be_composed_stops_no_other(sent_to, monkeypatch, mailoutbox):
    first, broken, last = sent_to(3)
    compose = MailComposer.compose

    def fails_for_one(composer: MailComposer, row: Delivery) -> Any:
        if row.pk == broken.pk:
            raise KeyError("template")
        return compose(composer, row)

    monkeypatch.setattr(MailComposer, "compose", fails_for_one)
    assert delivery.send_due() == 3
    assert [state_of(row)[0] for row in (first, broken, last)] == ["sent", "retry", "sent"]
    assert broken.error == "not composed: KeyError"
    assert len(mailoutbox) == 2


# Leases


def test_sender_that_dies_leaves_a_lease_that_lapses(sent_to, line):
    rows = sent_to(3)
    asked = line(lambda _mail: ACCEPTED)
    assert len(delivery._claim(10, 0)) == 3  # and then it dies
    assert delivery.send_due() == 0, "held by the dead sender"
    until = Delivery.objects.filter(state="claimed").values_list("claimed_until", flat=True).distinct().get()
    left = (until - timezone.now()).total_seconds()
    assert project_settings.ALERTS_LEASE_SECONDS - 5 < left <= project_settings.ALERTS_LEASE_SECONDS
    in_the_past(time="claimed_until")
    assert delivery.send_due() == 3
    assert [state_of(row) for row in rows] == [("sent", 2)] * 3
    assert asked == [row.address for row in rows]


def test_relay_leaves_fresh_rows_to_the_worker(sent_to, line):
    sent_to(1)
    line(lambda _mail: ACCEPTED)
    assert delivery.send_due(grace_seconds=5) == 0
    in_the_past(time="next_attempt_at")
    assert delivery.send_due(grace_seconds=5) == 1


def test_chunk_gives_its_rest_back_when_its_time_is_over(sent_to, settings, tmp_path, monkeypatch):
    rows = sent_to(5)
    assert delivery.CHUNK_SECONDS < project_settings.ALERTS_LEASE_SECONDS
    monkeypatch.setattr(delivery, "CHUNK_SECONDS", 0.3)
    with running_sink(tmp_path, seconds=0.2) as (_sink, port):
        by_smtp(settings, port)
        assert 0 < (first := delivery.send_due()) < len(rows)  # how many fit depends on the machine
        assert [state_of(row) for row in rows] == [("sent", 1)] * first + [("queued", 0)] * (len(rows) - first)
        assert not Delivery.objects.filter(claimed_until__isnull=False).exists()
        while delivery.send_due():
            pass
    assert [state_of(row) for row in rows] == [("sent", 1)] * 5
    assert len(list((tmp_path / "new").iterdir())) == 5


def test_interrupted_chunk_writes_what_it_knows_and_gives_the_rest_back(sent_to, line):
    rows = sent_to(4)

    class TimeLimit(BaseException):
        pass

    def answer(mail: Any) -> Outcome:
        if mail.to == [rows[2].address]:
            raise TimeLimit
        return ACCEPTED

    line(answer)
    with pytest.raises(TimeLimit):
        delivery.send_due()
    assert [state_of(row) for row in rows] == [("sent", 1), ("sent", 1), ("claimed", 1), ("queued", 0)]
    assert DeliveryAttempt.objects.count() == 2


@pytest.mark.parametrize("theirs", ["sent", "claimed"])
def test_late_failure_changes_nothing_under_another_claim(sent_to, line, theirs):
    (row,) = sent_to(1)

    def answer(_mail: Any) -> Outcome:
        Delivery.objects.update(attempts=2, state=theirs)  # our lease has lapsed, somebody else has the row
        return try_again("TimeoutError")

    line(answer)
    delivery.send_due()
    assert state_of(row) == (theirs, 2)


def test_late_success_counts_under_another_claim(sent_to, line):
    (row,) = sent_to(1)

    def answer(_mail: Any) -> Outcome:
        Delivery.objects.filter(pk=row.pk).update(attempts=2, state="retry")
        return ACCEPTED

    line(answer)
    delivery.send_due()
    assert state_of(row) == ("sent", 2)


# The end of an alert


def test_cancel_waits_while_its_alert_is_being_sent(sent_to, line, approved_alert, baja_coordinator):
    held, free = sent_to(2)
    asked = line(lambda _mail: ACCEPTED)
    Delivery.objects.filter(pk=free.pk).update(state="sent", attempts=1)
    assert [row.pk for row in delivery._claim(1, 0)] == [held.pk]
    issuing.cancel(alert=approved_alert, by=baja_coordinator, reason="hoax")
    assert delivery.send_due(limit=10) == 1
    assert asked == [free.address], "the other one's Alert is under way"
    in_the_past(time="claimed_until")
    assert delivery.send_due(limit=10) == 1, "its sender died: the Alert is not sent after its Cancel"
    assert state_of(held)[0] == "suppressed"
    assert delivery.send_due(limit=10) == 1
    assert asked == [free.address, held.address]
    sent = Delivery.objects.filter(state="sent", message__isnull=False)
    assert set(sent.values_list("message__msg_type", "address")) == {
        ("Alert", free.address), ("Cancel", free.address), ("Cancel", held.address),
    }  # fmt: skip


def test_sender_stops_when_the_alert_ends_meanwhile(sent_to, line, monkeypatch, approved_alert, baja_coordinator):
    rows = sent_to(4)
    monkeypatch.setattr(delivery, "WRITE_EVERY", 1)

    def answer(mail: Any) -> Outcome:
        if mail.to == [rows[1].address]:
            issuing.cancel(alert=approved_alert, by=baja_coordinator, reason="hoax")
        return ACCEPTED

    asked = line(answer)
    assert delivery.send_due(limit=10) == 4
    assert [state_of(row) for row in rows] == [("sent", 1), ("sent", 1), ("suppressed", 0), ("suppressed", 0)]
    assert asked == [row.address for row in rows[:2]]


def test_cancel_goes_to_who_may_have_got_the_alert_and_stops_the_rest(sent_to, approved_alert, baja_coordinator):
    sent, tried, untried = sent_to(3)
    Delivery.objects.filter(pk=sent.pk).update(state="sent", attempts=1)
    Delivery.objects.filter(pk=tried.pk).update(state="retry", attempts=1)
    issuing.cancel(alert=approved_alert, by=baja_coordinator, reason="hoax")
    assert [state_of(row)[0] for row in (sent, tried, untried)] == ["sent", "suppressed", "suppressed"]
    cancels = Delivery.objects.filter(message__msg_type="Cancel").values_list("address", "state")
    assert set(cancels) == {(sent.address, "queued"), (tried.address, "queued")}


def test_suppressing_again_leaves_the_cancel_alone(sent_to, approved_alert, baja_coordinator):
    (row,) = sent_to(1)
    Delivery.objects.filter(pk=row.pk).update(state="sent", attempts=1)
    issuing.cancel(alert=approved_alert, by=baja_coordinator, reason="hoax")
    assert delivery.suppress_unsent(approved_alert) == 0
    assert Delivery.objects.get(message__msg_type="Cancel").state == "queued"


def test_expired_alert_is_sent_to_nobody_any_more(sent_to, line, approved_alert):
    rows = sent_to(2)
    Delivery.objects.filter(pk=rows[0].pk).update(state="retry", attempts=1)
    type(approved_alert).objects.update(expires_at=timezone.now() - timedelta(minutes=1))
    asked = line(lambda _mail: ACCEPTED)
    assert issuing.expire_due() == 1
    while delivery.send_due():
        pass
    assert asked == []
    assert [state_of(row)[0] for row in rows] == ["suppressed"] * 2


# What the mail says


@pytest.mark.parametrize("line_break", ["\r\n", "\n", "\r", "\x0b", "\x85", "\u2028", "\r\n\r\n"])
def test_headline_cannot_inject_a_header(active_alert, recipient, settings, tmp_path, line_break):
    Delivery.objects.update(state="sent")
    headline = f"Alerta{line_break}Bcc: thief@newsroom.example{line_break}X-Evil: 1"
    (told,) = active_alert.messages.all()
    words = {**told.texts["es"], "headline": headline}
    message = AlertMessage.objects.create(
        alert=active_alert,
        msg_type="Update",
        identifier="BCN-TEST.2",
        sender="t",
        sent="s",
        xml=b"",
        texts={"es": words},
    )
    delivery.queue_message(message, [recipient])
    with running_sink(tmp_path) as (sink, port):
        by_smtp(settings, port)
        assert delivery.send_due() == 1
    assert dict(sink.asked) == {recipient.email: 1}
    (path,) = (tmp_path / "new").iterdir()
    mail = email.message_from_bytes(path.read_bytes(), policy=email.policy.default)
    assert (mail["Bcc"], mail["X-Evil"], mail["To"]) == (None, None, recipient.email)
    assert str(mail["Subject"]).endswith("Alerta Bcc: thief@newsroom.example X-Evil: 1"), "all of it, in one header"


def test_french_no_break_space_stays_in_the_subject(sent_to):
    (row,) = sent_to(1)
    Delivery.objects.filter(pk=row.pk).update(language="fr")
    (claimed,) = delivery._claim(1, 0)
    mail = MailComposer().compose(claimed)
    assert mail.subject == row.message.texts["fr"]["headline"]
    assert "\u00a0:" in mail.subject


def test_mail_sent_again_keeps_its_message_id_and_its_link(sent_to):
    (row,) = sent_to(1)
    (claimed,) = delivery._claim(1, 0)
    first, again = MailComposer().compose(claimed), MailComposer().compose(claimed)
    assert first.extra_headers["Message-ID"] == again.extra_headers["Message-ID"] == f"<{row.pk}@amber-bridge>"
    assert re.findall(r"/acknowledge/(\S+)/", first.body) == re.findall(r"/acknowledge/(\S+)/", again.body)


def test_acknowledgement_counts_once(sent_to, client):
    (row,) = sent_to(1)
    address = f"/acknowledge/{token_for(row.pk)}/"
    assert client.get(address).status_code == 200
    row.refresh_from_db()
    assert row.acknowledged_at is None, "opening the link acknowledges nothing"
    assert client.post(address, {"name": "Guardia de noche"}).status_code == 200
    row.refresh_from_db()
    first = row.acknowledged_at, row.acknowledged_name
    assert first[0] is not None and first[1] == "Guardia de noche"
    assert client.post(address, {"name": "Otra persona"}).status_code == 200
    row.refresh_from_db()
    assert (row.acknowledged_at, row.acknowledged_name) == first
    assert delivery.acknowledge(row, name="Tercera persona") is False


# The wake-up


class Task:
    """Stands for a Celery task: counts how often it was published."""

    def __init__(self, fault: Exception | None = None) -> None:
        self.published = 0
        self.fault = fault

    def delay(self) -> None:
        """Publish, or fail as told."""
        self.published += 1
        if self.fault:
            raise self.fault


def test_broker_that_is_away_is_asked_once_and_later_again(django_capture_on_commit_callbacks, monkeypatch):
    monkeypatch.setattr(tasks._Broker, "is_away_until", 0.0)
    task = Task(OperationalError("away"))
    with django_capture_on_commit_callbacks(execute=True):
        for _time in range(5):
            tasks.wake(task)
    assert task.published == 1, "an act that wakes five tasks waits for one"
    monkeypatch.setattr(tasks._Broker, "is_away_until", tasks._Broker.is_away_until - tasks._Broker.rest_seconds)
    task.fault = None
    with django_capture_on_commit_callbacks(execute=True):
        tasks.wake(task)
        tasks.wake(task)
    assert task.published == 3


def test_nobody_is_woken_before_the_commit(django_capture_on_commit_callbacks):
    task = Task()
    with django_capture_on_commit_callbacks(execute=False):
        tasks.wake(task)
    assert task.published == 0


def test_task_hands_over_before_its_time_limit(sent_to, line, monkeypatch, settings):
    from config.celery import app

    assert app.conf.task_soft_time_limit > tasks.SENDING_SECONDS + delivery.CHUNK_SECONDS
    rows, woken = sent_to(3), []
    line(lambda _mail: time.sleep(0.2) or ACCEPTED)
    settings.ALERTS_CHUNK_SIZE = 1
    monkeypatch.setattr(tasks, "wake", woken.append)
    monkeypatch.setattr(tasks, "SENDING_SECONDS", 0)
    monkeypatch.setattr(delivery, "CHUNK_SECONDS", 0.1)
    assert (tasks.deliver(), woken) == (1, [tasks.deliver])
    monkeypatch.setattr(tasks, "SENDING_SECONDS", 20)
    assert tasks.deliver() == 2
    assert len(woken) == 1
    assert {state_of(row)[0] for row in rows} == {"sent"}
