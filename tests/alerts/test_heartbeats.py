"""Signs of life: written by the processes, missed by a banner, watched from outside, shown on the system page."""

from __future__ import annotations

import threading
import time
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any

import pytest
from django.db import OperationalError
from django.test import Client
from django.urls import reverse
from django.utils import timezone, translation

from alerts import dead_man, heartbeats, tasks
from alerts.choices import ProcessKind
from alerts.management.commands import relay
from alerts.models import Delivery, Heartbeat
from config.celery import QUEUES, app
from tests.partner_system import partner_system

PASSWORD = "correct horse battery staple"


def ask_the_watch(address: str) -> bool:
    """Ask as the relay does, from a thread: in that of the tests a browser's event loop may be running."""
    with ThreadPoolExecutor(max_workers=1) as pool:
        return pool.submit(dead_man.call, address).result()


@pytest.fixture(autouse=True)
def _processes(settings: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """Expect every process, in a web process that has run for long."""
    settings.ALERTS_EXPECTED_PROCESSES = frozenset({"worker", "beat", "relay"})
    monkeypatch.setattr(heartbeats._Read, "started_at", -1e9)
    heartbeats.forget()


def alive(*kinds: ProcessKind, seconds_ago: float = 0) -> None:
    """Let these have given a sign of life so long ago."""
    at = timezone.now() - timedelta(seconds=seconds_ago)
    for kind in kinds:
        Heartbeat.objects.update_or_create(kind=kind, defaults={"at": at})
    heartbeats.forget()


def page_of(person: Any, address: str = "/desk/") -> str:
    """Return what this person sees."""
    client = Client()
    client.force_login(person)
    return client.get(address, follow=True).content.decode()


# What is late


@pytest.mark.django_db
def test_nothing_is_late_while_all_give_signs():
    alive(*ProcessKind)
    assert heartbeats.late() == []


@pytest.mark.django_db
@pytest.mark.parametrize("kind", list(ProcessKind))
def test_each_is_late_after_a_minute_and_not_before(kind):
    alive(*ProcessKind)
    alive(kind, seconds_ago=heartbeats.LATE_SECONDS - 5)
    assert heartbeats.late() == []
    alive(kind, seconds_ago=heartbeats.LATE_SECONDS + 5)
    assert heartbeats.late() == [kind]


@pytest.mark.django_db
def test_what_never_lived_is_late_unless_we_have_just_started(monkeypatch):
    assert set(heartbeats.late()) == set(ProcessKind)
    monkeypatch.setattr(heartbeats._Read, "started_at", time.monotonic())
    heartbeats.forget()
    assert heartbeats.late() == []


@pytest.mark.django_db
def test_what_is_not_expected_is_never_late(settings):
    settings.ALERTS_EXPECTED_PROCESSES = frozenset({"relay"})
    assert heartbeats.late() == [ProcessKind.RELAY], "queues are expected only where worker and beat run"
    settings.ALERTS_EXPECTED_PROCESSES = frozenset()
    assert heartbeats.late() == []


@pytest.mark.django_db
def test_pages_ask_the_database_once_in_some_seconds(django_assert_num_queries):
    alive(*ProcessKind)
    with django_assert_num_queries(1):
        assert heartbeats.late() == heartbeats.late() == []


# Who gives signs


@pytest.mark.django_db
def test_note_never_goes_back():
    ahead = timezone.now() + timedelta(minutes=5)
    Heartbeat.objects.create(kind=ProcessKind.RELAY, at=ahead)
    assert heartbeats.note(ProcessKind.RELAY)
    assert Heartbeat.objects.get().at == ahead


@pytest.mark.django_db
def test_pulse_is_written_every_fifteen_seconds_and_no_oftener():
    pulse = heartbeats.Pulse(ProcessKind.RELAY)
    assert (pulse.beat(), pulse.beat()) == (True, False)
    assert Heartbeat.objects.filter(kind="relay").count() == 1


def test_database_that_is_away_is_no_fault_of_the_process(monkeypatch):
    def away(*_args: Any) -> Any:
        raise OperationalError("gone")

    monkeypatch.setattr(heartbeats.connection, "cursor", away)
    assert heartbeats.note(ProcessKind.WORKER) is False


@pytest.mark.django_db
def test_canary_notes_its_queue_and_touches_nothing_else(django_assert_num_queries):
    with django_assert_num_queries(1):
        assert tasks.canary("webhooks")
    assert Heartbeat.objects.get().kind == "queue_webhooks"


def test_every_queue_has_its_canary():
    canaries = {
        entry["args"][0]: entry for entry in app.conf.beat_schedule.values() if entry["task"] == "alerts.canary"
    }
    assert set(canaries) == set(QUEUES) == set(heartbeats.CANARIES)
    assert all(entry["options"]["queue"] == queue for queue, entry in canaries.items())
    assert all(entry["schedule"] <= heartbeats.LATE_SECONDS / 3 for entry in canaries.values())


def test_thread_of_the_worker_beats_until_it_is_told(monkeypatch):
    noted: list[ProcessKind] = []
    monkeypatch.setattr(heartbeats, "note", noted.append)
    monkeypatch.setattr(heartbeats, "BEAT_SECONDS", 0.01)
    is_over = heartbeats.beat_in_background(ProcessKind.WORKER)
    time.sleep(0.3)
    is_over.set()
    (thread,) = [item for item in threading.enumerate() if item.name == "heartbeat"] or [None]
    if thread is not None:
        thread.join(5)
    count = len(noted)
    assert count > 2
    time.sleep(0.1)
    assert len(noted) == count


@pytest.mark.django_db
def test_relay_gives_signs_and_reports_outside(settings, monkeypatch):
    calls: list[str] = []
    settings.ALERTS_DEAD_MAN_URL = "https://watch.example/ping"
    monkeypatch.setattr(dead_man, "call", calls.append)
    monkeypatch.setattr(relay, "close_old_connections", lambda: None)  # the test's transaction stays open
    relay.Command().handle(once=True)
    assert Heartbeat.objects.filter(kind="relay").exists()
    assert calls == ["https://watch.example/ping"]


@pytest.mark.django_db
def test_relay_that_cannot_write_does_not_report(settings, monkeypatch):
    calls: list[str] = []
    settings.ALERTS_DEAD_MAN_URL = "https://watch.example/ping"
    monkeypatch.setattr(dead_man, "call", calls.append)
    monkeypatch.setattr(heartbeats, "note", lambda _kind: False)
    monkeypatch.setattr(relay, "close_old_connections", lambda: None)
    relay.Command().handle(once=True)
    assert calls == []


# The outside watch


def test_watch_is_asked_through_the_guard(settings):
    with partner_system(200) as system:
        assert ask_the_watch(system.url) is False, "a private host without TLS"
        settings.ALERTS_WEBHOOK_PRIVATE_HOSTS = frozenset({"127.0.0.1"})
        assert ask_the_watch(system.url) is True
        assert len(system.asked) == 1


@pytest.mark.parametrize("answer", [500, (302, {"Location": "https://elsewhere.example/"})])
def test_watch_that_refuses_or_sends_elsewhere_is_not_reached(settings, answer):
    settings.ALERTS_WEBHOOK_PRIVATE_HOSTS = frozenset({"127.0.0.1"})
    with partner_system(answer) as system:
        assert ask_the_watch(system.url) is False


def test_watch_is_not_asked_unless_set_and_at_most_once_a_minute(settings, monkeypatch):
    monkeypatch.setattr(dead_man, "call", lambda _address: True)
    watch = dead_man.DeadMan()
    settings.ALERTS_DEAD_MAN_URL = ""
    assert watch.report() is False
    settings.ALERTS_DEAD_MAN_URL = "https://watch.example/ping"
    assert (watch.report(), watch.report()) == (True, False)
    watch.wait()


def test_log_holds_no_path_of_the_watch(settings, caplog):
    ask_the_watch("http://127.0.0.1/very-secret-path")
    assert "was not reached" in caplog.text
    assert "secret" not in caplog.text


# The banner


@pytest.mark.django_db
@pytest.mark.parametrize(
    "language, words",
    [("en", "No heartbeat"), ("es", "Sin señales de actividad"), ("fr", "Aucun signe de vie")],
)
def test_staff_and_supervisors_see_the_banner_in_their_language(
    california_staff, california_coordinator, language, words
):
    alive(*ProcessKind)
    alive(ProcessKind.RELAY, seconds_ago=90)
    for person in (california_staff, california_coordinator):
        person.language = language
        person.save(update_fields=["language"])
        page = page_of(person)
        assert words in page
        with translation.override(language):
            assert str(ProcessKind.RELAY.label) in page


@pytest.mark.django_db
def test_banner_stands_in_the_administration_too(california_staff):
    alive(*ProcessKind)
    assert "banner--late" not in page_of(california_staff, "/admin/")
    alive(ProcessKind.BEAT, seconds_ago=90)
    assert "banner--late" in page_of(california_staff, "/admin/")


@pytest.mark.django_db
def test_duty_officers_and_the_public_see_no_banner(california_officer, client):
    assert "banner--late" not in page_of(california_officer)
    assert "banner--late" not in client.get("/login/").content.decode()


# The system page


@pytest.mark.django_db
def test_system_page_shows_what_waits_and_what_lives(california_staff, approved_alert, recipient, baja_coordinator):
    from alerts.services.issuing import activate

    Delivery.objects.update(state="sent", sent_at=timezone.now())
    activate(alert=approved_alert, by=baja_coordinator)
    page = page_of(california_staff, reverse("alerts:system"))
    assert "Delayed" not in page
    Delivery.objects.filter(state="queued").update(next_attempt_at=timezone.now() - timedelta(minutes=3))
    alive(ProcessKind.WORKER)
    page = page_of(california_staff, reverse("alerts:system"))
    assert page.count("Delayed") == 1
    assert page.count(">Alive<") == 1
    assert page.count(">No heartbeat<") == len(ProcessKind) - 1
    assert recipient.name not in page and recipient.email not in page


@pytest.mark.django_db
@pytest.mark.parametrize("person", ["california_officer", "california_coordinator", "california_legal", "superuser"])
def test_system_page_is_missing_for_others(person, request, client):
    client.force_login(request.getfixturevalue(person))
    assert client.get(reverse("alerts:system")).status_code == (200 if person == "superuser" else 404)
