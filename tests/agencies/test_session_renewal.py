"""The end of a session after twelve hours is told 15 minutes ahead, and the same person goes on in place (U36)."""

from __future__ import annotations

import time
from typing import Any

import pytest
from django.conf import settings
from django.urls import reverse

from agencies.models import AuditEvent

pytestmark = pytest.mark.django_db
PASSWORD = "correct horse battery staple"
MINUTE = 60


@pytest.fixture
def renew() -> str:
    """The address that renews a session."""
    return reverse("agencies:session-renew")


def with_minutes_left(client: Any, user: Any, minutes: float) -> Any:
    """Sign in, and let the session have begun so long ago that it ends in some minutes."""
    client.force_login(user)
    client.get(reverse("alerts:desk"))
    session = client.session
    session["started_at"] = time.time() - settings.SESSION_ABSOLUTE_SECONDS + minutes * MINUTE
    session.save()
    return client


@pytest.mark.parametrize("language", ["en", "es", "fr"])
@pytest.mark.parametrize(
    ("minutes", "is_carried", "is_shown"), [(60, False, False), (40, True, False), (14, True, True)]
)
def test_warning_comes_fifteen_minutes_ahead(
    client: Any, baja_coordinator: Any, minutes: int, is_carried: bool, is_shown: bool, language: str
) -> None:
    baja_coordinator.language = language
    baja_coordinator.save(update_fields=["language"])
    page = with_minutes_left(client, baja_coordinator, minutes).get(reverse("alerts:desk"))
    assert ("data-session-ends" in page.text) == is_carried
    assert page.context.get("session_is_ending", False) == is_shown
    if is_carried:
        tag = page.text.split("data-session-ends=", 1)[1].split(">", 1)[0]
        assert ("hidden" not in tag) == is_shown


def test_password_begins_the_twelve_hours_anew(client: Any, baja_coordinator: Any, renew: str) -> None:
    with_minutes_left(client, baja_coordinator, 5)
    before = client.session.session_key
    answer = client.post(renew, {"password": PASSWORD, "next": "/desk/requests/"})
    assert (answer.status_code, answer.headers["Location"]) == (302, "/desk/requests/")
    assert time.time() - client.session["started_at"] < MINUTE
    assert client.session.session_key != before
    assert "data-session-ends" not in client.get(reverse("alerts:desk")).text
    assert AuditEvent.objects.filter(action="session.renewed", actor_id=baja_coordinator.pk).count() == 1


def test_script_is_told_when_the_session_ends_and_stays_on_its_page(
    client: Any, baja_coordinator: Any, renew: str
) -> None:
    with_minutes_left(client, baja_coordinator, 5)
    answer = client.post(renew, {"password": PASSWORD}, headers={"X-Act": "fetch"})
    assert answer.status_code == 200
    assert set(answer.json()) == {"ends_at"}


def test_wrong_password_renews_nothing_and_is_recorded(client: Any, baja_coordinator: Any, renew: str) -> None:
    with_minutes_left(client, baja_coordinator, 5)
    began = client.session["started_at"]
    assert client.post(renew, {"password": "wrong"}, headers={"X-Act": "fetch"}).status_code == 422
    page = client.post(renew, {"password": "wrong"})
    assert page.status_code == 422
    assert "wrong" not in page.text.split("<form", 1)[1].split("</form>", 1)[0].replace("wrong-", "")
    assert client.session["started_at"] == began
    assert AuditEvent.objects.filter(action="session.refused", outcome="denied").count() == 2


def test_password_of_somebody_else_renews_nothing(
    client: Any, baja_coordinator: Any, baja_approver: Any, renew: str
) -> None:
    baja_approver.set_password("another long password of mine")
    baja_approver.save()
    with_minutes_left(client, baja_coordinator, 5)
    assert client.post(renew, {"password": "another long password of mine"}).status_code == 422


def test_fifth_wrong_password_locks_as_at_the_sign_in(client: Any, baja_coordinator: Any, renew: str) -> None:
    with_minutes_left(client, baja_coordinator, 5)
    answers = [client.post(renew, {"password": "wrong"}).status_code for _try in range(5)]
    assert answers == [422, 422, 422, 422, 429]


def test_session_that_has_ended_is_not_renewed(client: Any, baja_coordinator: Any, renew: str) -> None:
    with_minutes_left(client, baja_coordinator, -1)
    assert client.post(renew, {"password": PASSWORD}).headers["Location"].startswith("/login/")
    assert not AuditEvent.objects.filter(action="session.renewed").exists()


def test_nobody_is_led_to_another_host(client: Any, baja_coordinator: Any, renew: str) -> None:
    with_minutes_left(client, baja_coordinator, 5)
    answer = client.post(renew, {"password": PASSWORD, "next": "https://evil.example/"})
    assert answer.headers["Location"] == reverse("alerts:desk")
