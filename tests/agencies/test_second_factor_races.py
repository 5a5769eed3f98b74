"""Many codes at the same moment: the right one opens one session, wrong ones are counted one by one (ASVS 6.5.1)."""

from __future__ import annotations

import re
import threading
from base64 import b32decode
from collections.abc import Callable
from typing import Any

import pytest
from axes.models import AccessAttempt
from django.db import connection, connections, transaction
from django.test import Client, RequestFactory

from agencies import audit, second_factor
from agencies.models import AuditEvent, SubmittedAct, User
from tests.agencies.authenticator import PASSWORD, Clock, Phone, enrolled

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


def at_once(*acts: Callable[[], Any]) -> list[Any]:
    """Return what each of these acts returned, or the fault that it ended with, each run on a connection of its own."""
    results: dict[int, Any] = {}

    def run(number: int, act: Callable[[], Any]) -> None:
        try:
            results[number] = act()
        except Exception as fault:
            results[number] = fault
        finally:
            connections.close_all()

    threads = [threading.Thread(target=run, args=pair) for pair in enumerate(acts)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    return [results.get(number) for number in range(len(acts))]


@pytest.mark.parametrize("page", ["/account/factor/codes/new/", "/account/factor/remove/", "/account/factor/enrol/"])
def test_form_sent_twice_at_once_is_one_act_and_no_wrong_code(
    baja_coordinator: Any, clock: Clock, monkeypatch: pytest.MonkeyPatch, page: str
) -> None:
    phone, twins = enrolled(baja_coordinator, clock), [Client(), Client()]
    twins[0].post("/login/", {"username": baja_coordinator.email, "password": PASSWORD})
    twins[0].post("/login/code/", {"code": phone.code()})
    clock.move(60)
    form = {"password": PASSWORD, "present_code": phone.code(), "nonce": "n-1"}
    if page.endswith("enrol/"):
        key = re.search(r"data-key>([A-Z2-7 ]+)<", twins[0].get(page).text)
        assert key is not None
        form["code"] = Phone(b32decode(key[1].replace(" ", "")), clock, []).code()
    twins[1].cookies["sessionid"] = twins[0].cookies["sessionid"].value
    barrier, answer = threading.Barrier(2), audit.as_one_answer

    def after_both_were_looked_up(make: Any) -> Any:
        barrier.wait(20)
        return answer(make)

    monkeypatch.setattr("agencies.audit.as_one_answer", after_both_were_looked_up)
    first, second = at_once(*(lambda client=client: client.post(page, form) for client in twins))
    assert (first.status_code, second.status_code) == (302, 302)
    assert first.url == second.url
    assert not AccessAttempt.objects.exists()
    assert not AuditEvent.objects.filter(action="session.code_refused").exists()
    assert AuditEvent.objects.filter(
        action__in=["user.recovery_codes_renewed", "user.factor_removed", "user.factor_replaced"]
    ).count() == 1  # fmt: skip


def test_second_of_two_forms_at_once_does_not_replace_the_new_factor(
    baja_coordinator: Any, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Neither had a factor to prove when it was sent; the one that comes second would have one by now."""
    page, clients = "/account/factor/enrol/", [Client(), Client()]
    forms = []
    for number, client in enumerate(clients):
        client.post("/login/", {"username": baja_coordinator.email, "password": PASSWORD})
        key = re.search(r"data-key>([A-Z2-7 ]+)<", client.get(page).text)
        assert key is not None
        code = Phone(b32decode(key[1].replace(" ", "")), clock, []).code()
        forms.append({"password": PASSWORD, "code": code, "nonce": f"n-{number}"})
    barrier, answer = threading.Barrier(2), audit.as_one_answer

    def after_both_were_looked_up(make: Any) -> Any:
        barrier.wait(20)
        return answer(make)

    monkeypatch.setattr("agencies.audit.as_one_answer", after_both_were_looked_up)
    answers = at_once(
        lambda: clients[0].post(page, forms[0]).url,
        lambda: clients[1].post(page, forms[1]).url,
    )
    assert sorted(answers) == ["/account/factor/", "/account/factor/codes/"]
    assert not AuditEvent.objects.filter(action="user.factor_replaced").exists()


def test_code_and_reset_at_once_do_not_wait_for_each_other(
    baja_coordinator: Any, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    phone, put, is_held = enrolled(baja_coordinator, clock), second_factor._put, threading.Event()

    def put_late(*args: Any) -> None:
        is_held.set()
        threading.Event().wait(1)  # the code comes meanwhile, and waits
        put(*args)

    monkeypatch.setattr(second_factor, "_put", put_late)

    def give_code() -> str:
        is_held.wait(20)
        request = RequestFactory().post("/login/code/")
        return second_factor.prove(request=request, user=baja_coordinator, code=phone.code())

    answers = at_once(lambda: second_factor.reset(user=baja_coordinator, by=None), give_code)
    assert answers == [None, ""]
    assert User.objects.get(pk=baja_coordinator.pk).second_factor_id is None


def test_rows_that_refer_to_a_person_are_written_while_a_code_is_proven(baja_coordinator: Any, clock: Clock) -> None:
    phone = enrolled(baja_coordinator, clock)

    def write() -> str:
        with connection.cursor() as cursor:
            cursor.execute("SET lock_timeout = '2s'")
        return str(SubmittedAct.objects.create(user=baja_coordinator, action="/x/", key="n-1").key)

    with transaction.atomic():
        request = RequestFactory().post("/login/code/")
        assert second_factor.prove(request=request, user=baja_coordinator, code=phone.code()) == "app"
        assert at_once(write) == ["n-1"]
