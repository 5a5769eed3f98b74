"""Whoever is not on a case learns nothing of it: foreign ids and ids that were never given get the same answer."""

from __future__ import annotations

import json
import re
import uuid
from typing import Any

import pytest
from django.conf import settings
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from agencies.models import AuditEvent
from tests.project.routes import Route, read_routes

pytestmark = pytest.mark.django_db
OUTSIDERS = ("outsider", "outsider_staff", "superuser", "baja")
# A superuser administers reference data, and a program's contacts are that; being one opens no case.
REFERENCE_DATA_OF_A_SUPERUSER = ("admin:alerts_recipient_", "admin:alerts_recipientdesk_")
OBJECT_ROUTES = [route for route in read_routes() if route.policy == "object"]
# Values plausible enough that a view which looked at the body first would answer otherwise.
BODY = {
    "nonce": "one-nonce-for-one-form", "content_hash": "0" * 64, "facts_version": "1", "decision-decision": "accept",
    "identity-method": "document", "cancel-reason": "found_safe", "password1": "correct horse battery staple",
    "password2": "correct horse battery staple",
}  # fmt: skip
JSON_BODY = {"reason": "found_safe", "decision": "accept", "content_hash": "0" * 64, "version": 1}


def normal(response: Any, *addresses: str) -> tuple[int, dict[str, str], str]:
    """Return an answer without what differs between any two answers: tokens, nonces, the time, ids."""
    body = response.content.decode(errors="replace") if not response.streaming else ""
    headers = {name.lower(): value for name, value in response.headers.items() if name.lower() != "x-request-id"}
    parts = {part for address in addresses for part in re.split(r"[/.]", address)}
    for part in sorted(parts, key=len, reverse=True):  # a short number may stand within a long id
        if re.fullmatch(r"[0-9a-f-]{36}|\d+|zz-none|mx-chh", part):
            body = body.replace(part, "ID")
            headers = {name: value.replace(part, "ID") for name, value in headers.items()}
    body = re.sub(r'name="csrfmiddlewaretoken" value="[^"]+"', "CSRF", body)
    body = re.sub(r'(name="nonce" value=|nonce=|"X-CSRFToken": ?)"[^"]+"', "NONCE", body)
    body = re.sub(r'data-now="[^"]+"', "NOW", body)
    headers = {name: re.sub(r"nonce-[\w+/=-]+", "NONCE", value) for name, value in headers.items()}
    if "content-length" in headers:
        headers["content-length"] = str(len(body))
    # The cookie of the session comes with the first answer of every minute: when somebody was last seen is noted then.
    cookies = sorted(set(response.cookies) - {settings.SESSION_COOKIE_NAME})
    return response.status_code, headers | {"cookies": " ".join(cookies)}, body


def ask(client: Client, route: Route, method: str, address: str) -> Any:
    """Ask with a body of the kind that the route takes."""
    if route.name.startswith("api:"):
        return client.generic(method, address, json.dumps(JSON_BODY), content_type="application/json")
    if method == "POST":
        return client.post(address, BODY)
    return client.generic(method, address)


def signed_in(person: Any) -> Client:
    """Return a browser in which this person has signed in and looked around: the first answer sets the session."""
    client = Client(raise_request_exception=False)
    client.force_login(person)
    client.get("/nothing-here/")
    return client


def test_there_are_object_routes_of_every_door() -> None:
    doors = {route.name.split(":")[0] for route in OBJECT_ROUTES}
    assert doors == {"agencies", "cases", "alerts", "api", "admin"}
    assert len(OBJECT_ROUTES) > 70


@pytest.mark.parametrize("who", OUTSIDERS)
def test_foreign_and_random_ids_are_answered_alike(who: str, world: Any) -> None:
    client = signed_in(world.people[who])
    differences, asked = [], 0
    routes = [
        route for route in OBJECT_ROUTES
        if who != "superuser" or not route.name.startswith(REFERENCE_DATA_OF_A_SUPERUSER)
    ]  # fmt: skip
    for route in routes:
        foreign, random = route.address(world.samples), route.elsewhere(world.samples)
        assert foreign != random
        for method in route.methods:
            of_foreign = ask(client, route, method, foreign)
            of_random = ask(client, route, method, random)
            asked += 1
            if of_foreign.status_code != 404:
                differences.append(f"{method} {route}: foreign {of_foreign.status_code}")
            if normal(of_foreign, foreign, random) != normal(of_random, foreign, random):
                differences.append(f"{method} {route}: {of_foreign.status_code} but random {of_random.status_code}")
    assert differences == []
    assert asked >= len(routes)


def test_every_other_method_is_answered_alike_too(world: Any) -> None:
    client = signed_in(world.people["outsider"])
    differences = []
    for route in OBJECT_ROUTES:
        foreign, random = route.address(world.samples), route.elsewhere(world.samples)
        for method in ("GET", "HEAD", "OPTIONS", "POST", "PUT", "PATCH", "DELETE"):
            if method in route.methods:
                continue
            answers = [normal(ask(client, route, method, address), foreign, random) for address in (foreign, random)]
            if answers[0] != answers[1]:
                differences.append(f"{method} {route}: {answers[0][0]} but random {answers[1][0]}")
    assert differences == []


def test_outsiders_leave_no_trace_but_the_audit(world: Any) -> None:
    """A refused act changes nothing, and each denial of a signed-in person is recorded without the person's input."""
    from tests.project.test_every_url import state_of_the_database

    client = signed_in(world.people["outsider"])
    before, denials = state_of_the_database(), AuditEvent.objects.filter(outcome="denied").count()
    for route in OBJECT_ROUTES:
        ask(client, route, route.methods[0], route.address(world.samples))
    assert state_of_the_database() == before
    recorded = AuditEvent.objects.filter(outcome="denied")
    assert recorded.count() == denials + len(OBJECT_ROUTES)
    assert "staple" not in json.dumps([event.detail for event in recorded])


def test_person_without_the_right_gets_the_answer_of_a_stranger(world: Any) -> None:
    """A reader on the case who may not act there gets the same 404 body as for a case that does not exist."""
    client = signed_in(world.people["owner_staff"])
    differences = []
    for route in OBJECT_ROUTES:
        if route.name.startswith("admin:") or route.seen_by == "owner_staff":
            continue
        for method in set(route.methods) - {"GET"}:
            foreign, random = route.address(world.samples), route.elsewhere(world.samples)
            answers = [normal(ask(client, route, method, address), foreign, random) for address in (foreign, random)]
            if answers[0][0] != 404 or answers[0] != answers[1]:
                differences.append(f"{method} {route}: {answers[0][0]} but random {answers[1][0]}")
    assert differences == []


@pytest.mark.parametrize("who", OUTSIDERS)
@pytest.mark.parametrize(
    ("address", "body"),
    [
        ("/api/v1/requests/", {"case": "case", "program": "ca-qc", "kind": "activate"}),
        ("/api/v1/alerts/", {"case": "case", "program": "ca-qc"}),
        ("/api/v1/alerts/", {"case": "case", "program": "mx-bcn"}),
    ],
)
def test_foreign_id_in_a_body_is_like_a_random_one(who: str, address: str, body: dict[str, str], world: Any) -> None:
    client = signed_in(world.people[who])
    answers = []
    for case in (str(world.samples["case"]), str(uuid.uuid4())):
        response = client.post(address, json.dumps({**body, "case": case}), content_type="application/json")
        answers.append(normal(response, f"/{case}/"))
    assert answers[0] == answers[1]
    assert answers[0][0] in (403, 404)


@pytest.mark.parametrize("who", OUTSIDERS)
@pytest.mark.parametrize(
    ("address", "sample"),
    [
        ("/api/v1/requests/?case={}", "case"), ("/api/v1/alerts/?case={}", "case"),
        ("/api/v1/deliveries/?alert={}", "alert"), ("/cases/?after={}", "case"),
        ("/desk/requests/?after={}", "request"), ("/desk/alerts/?after={}", "alert"),
    ],
)  # fmt: skip
def test_foreign_id_in_a_filter_is_like_a_random_one(who: str, address: str, sample: str, world: Any) -> None:
    client = signed_in(world.people[who])
    answers = []
    for value in (world.samples[sample], uuid.uuid4()):
        response = client.get(address.format(value))
        answers.append(normal(response, f"/{value}/"))
    assert answers[0] == answers[1]


@pytest.mark.parametrize("who", OUTSIDERS)
def test_lists_of_outsiders_do_not_hold_the_case(who: str, world: Any) -> None:
    client = signed_in(world.people[who])
    secrets = ("US-CA-", "Quimby", "Zoraida", "7XYZ123", str(world.samples["case"]), world.samples["number"])
    for route in read_routes():
        if route.policy in ("signed_in", "staff") and "GET" in route.methods:
            text = client.get(route.address(world.samples)).content.decode(errors="replace")
            for secret in secrets:
                assert secret not in text, (str(route), secret)


@pytest.mark.parametrize("who", OUTSIDERS)
def test_foreign_and_random_ids_cost_the_same_queries(who: str, world: Any) -> None:
    """No second question is asked about an object that exists."""
    client = signed_in(world.people[who])
    differences = []
    for route in OBJECT_ROUTES:
        if who == "superuser" and route.name.startswith(REFERENCE_DATA_OF_A_SUPERUSER):
            continue
        counts = []
        for address in (route.address(world.samples), route.elsewhere(world.samples)):
            with CaptureQueriesContext(connection) as queries:
                ask(client, route, route.methods[0], address)
            counts.append(len(queries))
        if counts[0] != counts[1]:
            differences.append(f"{route}: {counts}")
    assert differences == []
