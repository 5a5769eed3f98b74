"""Between password and code, and without a required factor, every route is closed (ADR 70, ASVS 6.3.3, 6.3.4)."""

from __future__ import annotations

import ast
from pathlib import Path
from typing import Any

import pytest
from django.test import Client

from alerts.models import Delivery
from tests.agencies.authenticator import PASSWORD, Clock, enrolled
from tests.project.routes import Route, read_routes

pytestmark = pytest.mark.django_db
ROOT = Path(__file__).resolve().parents[2]
ENROL = "/account/factor/enrol/"
OPEN = {"agencies:factor-enrol", "agencies:logout", "agencies:set-language"}
OPEN_TO_STRANGERS = {"agencies:health", "alerts:delivery-acknowledge"}  # and the public pages


def signed_in(user: Any) -> Client:
    client = Client()
    client.force_login(user)
    return client


def is_for_strangers(route: Route) -> bool:
    return route.name in OPEN_TO_STRANGERS or route.name.startswith("public:")


def test_half_signed_in_is_a_stranger_everywhere(world: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    clock = Clock()
    monkeypatch.setattr("time.time", clock)
    person, client, wrong, asked = world.people["owner_staff"], Client(), [], 0
    enrolled(person, clock)
    client.post("/login/", {"username": person.email, "password": PASSWORD})
    assert client.session["half_signed_in"]["user"] == str(person.pk)
    for route in read_routes():
        if route.policy in ("public", "token", "signed"):
            continue
        for method in {*route.methods, "GET", "POST"}:
            answer = client.generic(method, route.address(world.samples))
            asked += 1
            if route.name.startswith("api:"):
                is_closed = answer.status_code in (401, 403)
            else:
                is_closed = answer.status_code == 302 and answer.url.startswith("/login/?next=")
            if not is_closed:
                wrong.append(f"{method} {route}: {answer.status_code}")
    assert wrong == []
    assert asked > 400
    assert client.session["half_signed_in"]


@pytest.mark.parametrize("who", ["owner_officer", "owner_coordinator", "owner_staff", "superuser"])
def test_every_other_route_is_closed(world: Any, settings: Any, who: str) -> None:
    settings.SECOND_FACTOR_REQUIRED = True
    client, wrong = signed_in(world.people[who]), []
    for route in read_routes():
        address = route.address(world.samples)
        if route.name in OPEN or is_for_strangers(route):
            continue
        for method in ("GET", "POST"):
            answer = client.generic(method, address)
            if route.name.startswith("api:"):
                is_closed = answer.status_code == 403 and answer.json()["code"] == "second_factor_required"
            elif method == "GET":
                is_closed = answer.status_code == 302 and answer.url.startswith(f"{ENROL}?next=")
            else:
                is_closed = answer.status_code == 409
            if not is_closed:
                wrong.append(f"{method} {route}: {answer.status_code}")
    assert wrong == []
    assert client.get(ENROL).status_code == 200
    assert client.post("/language/", {"language": "fr", "next": ENROL}).url == ENROL
    assert client.post("/logout/").status_code in (200, 302)
    assert client.get(ENROL).url.startswith("/login/")


def test_what_strangers_read_stays_open_to_whoever_must_set_one_up(world: Any, settings: Any) -> None:
    settings.SECOND_FACTOR_REQUIRED = True
    client, routes = signed_in(world.people["owner_officer"]), [row for row in read_routes() if is_for_strangers(row)]
    assert len(routes) == 11
    token = next(row for row in routes if row.policy == "token").address(world.samples)
    assert client.post(token, {"name": "Desk of the harbor"}).status_code == 200
    assert Delivery.objects.filter(acknowledged_name="Desk of the harbor").count() == 1
    for route in routes:
        address = route.address(world.samples)
        for method in route.methods:
            answer, stranger = client.generic(method, address), Client().generic(method, address)
            assert answer.status_code == stranger.status_code, f"{method} {route}"
            assert answer.headers.get("Location") == stranger.headers.get("Location"), f"{method} {route}"


def test_nothing_else_signs_anybody_in() -> None:
    """One view begins sessions after the password, one module after the code; a third would be a second door."""
    found = set()
    for app in ("agencies", "cases", "alerts", "config"):
        for path in (ROOT / app).rglob("*.py"):
            for node in ast.walk(ast.parse(path.read_text())):
                called = getattr(node.func, "id", getattr(node.func, "attr", "")) if isinstance(node, ast.Call) else ""
                bases = {getattr(base, "id", "") for base in node.bases} if isinstance(node, ast.ClassDef) else set()
                if called in ("login", "auth_login", "alogin", "force_login") or "LoginView" in bases:
                    found.add(path.relative_to(ROOT).as_posix())
    assert found == {"agencies/views/session.py", "agencies/half_signed_in.py"}
