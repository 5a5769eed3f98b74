"""Committed rows, a Valkey that may die, an officer over HTTP, and processes that are killed."""

from __future__ import annotations

import re
import time
import urllib.parse
import urllib.request
from collections.abc import Callable, Iterator
from datetime import timedelta
from http.cookiejar import CookieJar
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.db.models import F
from kombu import Connection

from alerts import tasks
from alerts.models import Delivery
from tests.portal import Portal, PrivateValkey, portal_on, wait_until
from tests.reliability.chaos.play import Scene

PASSWORD = "correct horse battery staple"
LANGUAGES = ("es", "en", "fr")


@pytest.fixture
def db(own_database: str) -> None:
    """Let the named actors' rows be committed, so that other processes see them, in a database of the test's own."""


@pytest.fixture
def valkey(tmp_path: Path) -> Iterator[PrivateValkey]:
    """A Valkey of this test's own, running."""
    server = PrivateValkey(tmp_path)
    server.start()
    yield server
    server.kill()


@pytest.fixture
def portal(own_database: str, tmp_path: Path, valkey: PrivateValkey) -> Iterator[Portal]:
    """The portal's processes on a database and a Valkey of their own; the test starts what it needs."""
    with portal_on(own_database, tmp_path, REDIS_URL=valkey.url) as running:
        yield running


@pytest.fixture
def slow_sink(portal: Portal) -> Callable[..., None]:
    """Start the scripted sink in place of the plain one."""

    def start(seconds: float = 0.0) -> None:
        command = ["tests.reliability.scripted_sink", str(portal.folder / "mail"), str(portal.mail_port)]
        portal.start("sink", *command, "--seconds", str(seconds))
        wait_until(lambda: b"listens" in portal.log("sink"), seconds=10, what="the sink listens")

    return start


@pytest.fixture
def many_recipients(db: None) -> Callable[[int], dict[str, str]]:
    """Make recipients of Baja California in the three languages; give their languages by address."""
    from agencies.models import AlertProgram
    from alerts.models import Recipient

    def make(count: int) -> dict[str, str]:
        program = AlertProgram.objects.get(code="mx-bcn")
        languages = {f"desk{number}@newsroom.example": LANGUAGES[number % 3] for number in range(count)}
        Recipient.objects.bulk_create(
            Recipient(program=program, name=address, kind="media", email=address, language=language)
            for address, language in languages.items()
        )
        return languages

    return make


@pytest.fixture
def wake_worker(valkey: PrivateValkey) -> Callable[..., None]:
    """Publish the task that sends, so many times, to this test's Valkey."""

    def wake(times: int = 1) -> None:
        with Connection(valkey.url) as broker:
            for _time in range(times):
                tasks.deliver.apply_async(connection=broker)

    return wake


@pytest.fixture
def past_grace(db: None) -> Callable[[], None]:
    """Make what waits old enough for the relay, which leaves fresh rows to the worker for some seconds."""

    def age() -> None:
        waiting = Delivery.objects.filter(state="queued")
        waiting.update(next_attempt_at=F("next_attempt_at") - timedelta(seconds=settings.ALERTS_RELAY_GRACE_SECONDS))

    return age


class Officer:
    """Somebody who has signed in to the running web process, without a browser."""

    def __init__(self, portal: Portal, email: str) -> None:
        self.portal = portal
        self._opener = urllib.request.build_opener(urllib.request.HTTPCookieProcessor(CookieJar()))
        form = self._fields(self.get("/login/"), "/login/")
        address, _page = self.post("/login/", {**form, "username": email, "password": PASSWORD})
        assert address == "/desk/", f"{email} could not sign in"

    def get(self, path: str) -> str:
        """Return a page."""
        with self._opener.open(self.portal.url + path, timeout=30) as answer:
            return answer.read().decode()

    def post(self, path: str, data: dict[str, str]) -> tuple[str, str]:
        """Send a form and follow where it leads; return that address and its page."""
        body = urllib.parse.urlencode(data).encode()
        request = urllib.request.Request(self.portal.url + path, body, {"Referer": self.portal.url + path})  # noqa: S310
        with self._opener.open(request, timeout=30) as answer:
            return urllib.parse.urlsplit(answer.url).path, answer.read().decode()

    def take_step(self, alert: Any, step: str, **data: str) -> tuple[float, str]:
        """Press a button of an alert's page; return the seconds until the next page, and that page."""
        path = f"/desk/alerts/{alert.pk}/"
        form = self._fields(self.get(path), f"{path}{step}/")
        started = time.monotonic()
        address, page = self.post(f"{path}{step}/", {**form, **data})
        assert address == path
        return time.monotonic() - started, page

    @staticmethod
    def _fields(page: str, action: str) -> dict[str, str]:
        """Return the hidden fields of the form with this action."""
        forms = re.findall(r"<form\b.*?</form>", page, re.DOTALL)
        (form,) = (
            form for form in forms if f'action="{action}"' in form or (action == "/login/" and "password" in form)
        )
        fields = {}
        for tag in re.findall(r'<input[^>]*type="hidden"[^>]*>', form):
            name, value = re.search(r'name="([^"]*)"', tag), re.search(r'value="([^"]*)"', tag)
            if name and value:
                fields[name[1]] = value[1]
        return fields


@pytest.fixture
def coordinator(portal: Portal, baja_coordinator: Any) -> Callable[[], Officer]:
    """Let Baja California's coordinator sign in, once the web process runs."""
    return lambda: Officer(portal, baja_coordinator.email)


@pytest.fixture
def scene(approved_alert: Any, active_case: Any, california_officer: Any, baja_coordinator: Any,
          baja_approver: Any) -> Scene:  # fmt: skip
    """An approved alert of Baja California for a case of California, and who acts on it."""
    return Scene(approved_alert, active_case, california_officer, baja_coordinator, baja_approver)
