"""Many codes at the same moment: the right one opens one session, wrong ones are counted one by one (ASVS 6.5.1)."""

from __future__ import annotations

import threading
from typing import Any

import pytest
from django.db import connections
from django.test import Client

from agencies.models import AuditEvent
from tests.agencies.authenticator import PASSWORD, Clock, enrolled

AT_ONCE = 8


@pytest.fixture
def db(own_database: str) -> None:
    """Let the rows be committed, so that all threads see them, in a database of the test's own."""


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    stands = Clock()
    monkeypatch.setattr("time.time", stands)
    return stands


def all_at_once(user: Any, code: str) -> list[int]:
    """Return what so many browsers, half signed in, are answered to the same code."""
    clients = [Client() for _number in range(AT_ONCE)]
    for client in clients:
        client.post("/login/", {"username": user.email, "password": PASSWORD})
    barrier, answers = threading.Barrier(AT_ONCE), []

    def run(client: Client) -> None:
        try:
            barrier.wait(20)
            answers.append(client.post("/login/code/", {"code": code}).status_code)
        finally:
            connections.close_all()

    threads = [threading.Thread(target=run, args=(client,)) for client in clients]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    return sorted(answers)


def test_same_code_at_once_opens_one_session(baja_coordinator: Any, clock: Clock) -> None:
    phone = enrolled(baja_coordinator, clock)
    answers = all_at_once(baja_coordinator, phone.code())
    assert len(answers) == AT_ONCE
    assert answers.count(302) == 1
    assert AuditEvent.objects.filter(action="session.started").count() == 1


def test_wrong_codes_at_once_are_five_tries(baja_coordinator: Any, clock: Clock) -> None:
    phone = enrolled(baja_coordinator, clock)
    answers = all_at_once(baja_coordinator, phone.wrong())
    assert answers == [422] * 4 + [429] * (AT_ONCE - 4)
    assert Client().post("/login/", {"username": baja_coordinator.email, "password": PASSWORD}).status_code == 429
