"""Every route of the resolver stands in the reviewed table and keeps to its policy."""

from __future__ import annotations

import re
from collections import Counter
from typing import Any

import pytest
from django.contrib import admin
from django.db import connection, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import get_resolver

from tests.project.routes import ADMIN_REST, POLICIES, Route, all_routes, read_routes

pytestmark = pytest.mark.django_db
WRITES = re.compile(r'^\s*(INSERT INTO|UPDATE|DELETE FROM|TRUNCATE)\s+"?(\w+)"?', re.IGNORECASE)
MAY_BE_WRITTEN = {"agencies_auditevent", "django_session"}  # a read is recorded; a session knows when it was seen
READERS = ("anonymous", "owner_officer", "owner_legal", "owner_staff", "receiver_coordinator", "receiver_staff",
           "outsider", "superuser")  # fmt: skip


def as_person(world: Any, who: str) -> Client:
    """Return a browser in which this person has signed in."""
    client = Client(raise_request_exception=False)
    if world.people[who] is not None:
        client.force_login(world.people[who])
    return client


def state_of_the_database() -> dict[str, tuple[int, str]]:
    """Return for every table of ours how many rows it has, and a checksum of all of them."""
    names = [name for name in connection.introspection.table_names()
             if name.split("_")[0] in {"agencies", "cases", "alerts", "auth", "parental_consent", "axes", "django"}
             and name not in MAY_BE_WRITTEN]  # fmt: skip
    found = {}
    with connection.cursor() as cursor:
        for name in names:
            rows = f"(SELECT t::text AS line FROM {name} t) lines"  # noqa: S608  names of our own tables
            cursor.execute(f"SELECT count(*), md5(string_agg(line, '|' ORDER BY line)) FROM {rows}")  # noqa: S608
            found[name] = cursor.fetchone()
    return found


def test_every_route_stands_in_the_table() -> None:
    found = Counter(name for name, _pattern in all_routes())
    listed = {route.name for route in read_routes()}
    assert set(found) - listed == set(), "routes without a policy"
    assert listed - set(found) == set(), "policies without a route"
    assert [name for name, count in found.items() if count > 1] == []
    assert {route.policy for route in read_routes()} <= POLICIES


def test_every_model_of_the_administration_is_walked() -> None:
    names = {name for name, _pattern in all_routes()}
    for model in admin.site._registry:
        assert f"admin:{model._meta.app_label}_{model._meta.model_name}_change" in names


def test_table_asks_every_route_and_every_route_resolves_to_itself(world: Any) -> None:
    visited = set()
    for route in read_routes():
        match = get_resolver().resolve(route.address(world.samples))
        assert (match.url_name is None) if route.name == ADMIN_REST else (match.view_name == route.name), route
        visited.add(route.name)
    assert len(visited) == len(list(all_routes()))


def wants_sign_in(route: Route, response: Any) -> bool:
    """Say whether an answer sends a stranger away."""
    if route.name.startswith("api:"):
        return response.status_code in (401, 403)
    return response.status_code == 302 and response["Location"].startswith("/login/?next=")


def test_anonymous_reader_gets_nothing_that_is_not_public(world: Any) -> None:
    client = as_person(world, "anonymous")
    wrong = []
    for route in read_routes():
        if route.policy in ("public", "token", "signed"):
            continue
        for method in {*route.methods, "GET", "POST"}:
            response = client.generic(method, route.address(world.samples))
            if not wants_sign_in(route, response):
                wrong.append(f"{method} {route}: {response.status_code}")
    assert wrong == []


def test_public_routes_answer_everybody(world: Any) -> None:
    client = as_person(world, "anonymous")
    for route in read_routes():
        if route.policy == "public" and "GET" in route.methods:
            response = client.get(route.address(world.samples))
            assert response.status_code in (200, 302), route
            assert not response.headers.get("Location", "").startswith("/login/?"), route


def test_token_opens_its_page_and_any_other_is_not_found(world: Any) -> None:
    client = as_person(world, "anonymous")
    for route in read_routes():
        if route.policy == "token":
            assert client.get(route.address(world.samples)).status_code == 200
            assert client.get(route.elsewhere(world.samples)).status_code == 404
            assert client.post(route.elsewhere(world.samples)).status_code == 404


@pytest.mark.parametrize("who", ["anonymous", "owner_staff", "superuser"])
def test_calls_of_a_provider_are_not_found_without_its_signature(who: str, world: Any, settings: Any) -> None:
    settings.ALERTS_SMS_ACCOUNTS = (
        {"name": "first", "api": "https://sms.example", "account": "AC1", "token": "t", "sender": "+1"},
    )
    client = as_person(world, who)
    signed = [route for route in read_routes() if route.policy == "signed"]
    assert signed
    for route in signed:
        for address in (route.address(world.samples), route.elsewhere(world.samples)):
            answer = client.post(address, {"MessageSid": "SM1"}, headers={"x-twilio-signature": "bm9uZQ=="})
            assert answer.status_code == 404, route


# Lists that are lists of something: the parameter that names it.
LISTS_OF = {"api:redaction-list": "alert", "api:authority-list": "case"}


def test_samples_exist_for_those_who_may_see_them(world: Any) -> None:
    """Without this the other tests would ask for nothing."""
    wrong = []
    for route in read_routes():
        address = route.address(world.samples)
        if key := LISTS_OF.get(route.name):
            address += f"?{key}={world.samples[key]}"
        with transaction.atomic():  # an act without anything to type may use up the sample of the next one
            response = as_person(world, route.seen_by).generic(route.methods[0], address)
            transaction.set_rollback(True)
        expected = route.policy in ("nobody", "signed")
        if (response.status_code == 404) != expected or response.status_code in (401, 403, 405, 500):
            wrong.append(f"{route.methods[0]} {route} as {route.seen_by}: {response.status_code}")
        if route.methods[0] == "GET" and not expected and response.status_code not in (200, 302):
            wrong.append(f"GET {route} as {route.seen_by}: {response.status_code}")
    assert wrong == []


def test_routes_answer_only_the_methods_of_the_table(world: Any) -> None:
    wrong = []
    for route in read_routes():
        if route.policy == "nobody" or route.name.startswith("admin:") or route.policy == "public":
            continue  # Django's admin answers any method with its page; function views of the public pages too
        client = as_person(world, route.seen_by)
        for method in ("GET", "POST", "PUT", "PATCH", "DELETE"):
            if method in route.methods:
                continue
            status = client.generic(method, route.address(world.samples)).status_code
            if status not in (404, 405):
                wrong.append(f"{method} {route}: {status}")
    assert wrong == []


def test_staff_routes_are_missing_for_everybody_else(world: Any) -> None:
    wrong = []
    for who in ("owner_officer", "owner_legal", "receiver_coordinator", "outsider"):
        client = as_person(world, who)
        for route in read_routes():
            if route.name.startswith("admin:") and route.policy != "public":
                status = client.get(route.address(world.samples)).status_code
                if status != 404:
                    wrong.append(f"GET {route} as {who}: {status}")
    assert wrong == []


@pytest.mark.parametrize("who", READERS)
def test_reading_changes_nothing(who: str, world: Any) -> None:
    client = as_person(world, who)
    before = state_of_the_database()
    wrong = []
    for route in read_routes():
        with CaptureQueriesContext(connection) as queries:
            status = client.get(route.address(world.samples)).status_code
        if status >= 500:
            wrong.append(f"{route}: {status}")
        for query in queries.captured_queries:
            written = WRITES.match(query["sql"])
            if written and written[2] not in MAY_BE_WRITTEN:
                wrong.append(f"{route}: {query['sql'][:80]}")
    assert wrong == []
    assert state_of_the_database() == before
