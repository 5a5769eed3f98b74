"""No answer to anybody who is not on a case holds a word that somebody wrote into it; a share shows what it releases.

Every route of the resolver (`test_every_url` holds the table complete), every method, every column of `columns.py`, in
three languages. What an answer consists of: body, headers with redirects and cookies, mails that were sent meanwhile,
log lines, cached values, messages to the broker, and rows of the case that changed.
"""

from __future__ import annotations

import json
import logging
import os
from typing import Any

import pytest
from celery.app.task import Task
from django.core import mail
from django.core.cache import cache
from django.db import connection
from django.test import Client

from agencies.models import User
from alerts import tasks
from alerts.models import Delivery, Notice
from cases.models import CorrectionProposal, ExternalReference, ParallelNotice, Sighting
from tests.project.canaries import found_in, plant, protected_models
from tests.project.columns import COLUMNS, OFF, ON, QUEBEC, Column, share_over
from tests.project.routes import Route, read_routes
from tests.project.test_outsider_sees_404 import OBJECT_ROUTES, ask, normal, signed_in
from tests.project.whole_world import fill

pytestmark = pytest.mark.django_db
METHODS = ("GET", "HEAD", "OPTIONS", "POST", "PUT", "PATCH", "DELETE")
# MATRIX=all walks every method, column and language. By default every column is read in one of the languages, and each
# method is walked by who was on the case before: so much fits into each run of the tests.
WHOLE = os.environ.get("MATRIX") == "all"
FULLY = {"share_expired"}


def rows() -> dict[str, dict[str, int]]:
    """Return a checksum of every row of case data, by table and key."""
    found = {}
    with connection.cursor() as cursor:
        for model in protected_models():
            table, key = model._meta.db_table, model._meta.pk.column
            cursor.execute(f'SELECT "{key}"::text, hashtextextended(r::text, 0) FROM "{table}" r')  # noqa: S608
            found[table] = dict(cursor.fetchall())
    return found


def changed_since(before: dict[str, dict[str, int]]) -> dict[str, set[str]]:
    """Return the keys of the rows that are not what they were, by table; new ones are not among them."""
    now = rows()
    return {
        table: different for table, kept in before.items()
        if (different := {key for key, was in kept.items() if now[table].get(key) != was})
    }  # fmt: skip


def added_since(before: dict[str, dict[str, int]]) -> dict[str, int]:
    """Return how many rows are new, by table."""
    return {table: len(added) for table, now in rows().items() if (added := set(now) - set(before[table]))}


def everything_in(response: Any) -> str:
    """Return all that an answer tells: body, headers, cookies."""
    body = b"".join(response.streaming_content) if response.streaming else response.content
    headers = "\n".join(f"{name}: {value}" for name, value in response.headers.items())
    return "\n".join([body.decode(errors="replace"), headers, response.cookies.output()])


def is_kept_nowhere(response: Any) -> bool:
    """Say whether no browser and no server between may keep an answer; who was just signed out has none to keep."""
    return "no-store" in response.headers.get("Cache-Control", "") or response.status_code in (302, 303)


LANGUAGES = ("en", "es", "fr")
CELLS = [
    (language, name)
    for place, name in enumerate(COLUMNS)
    for language in LANGUAGES
    if WHOLE or language == LANGUAGES[place % 3]
]


def walked(column: Column) -> list[Route]:
    """Return the routes to ask: not what is public, nor the own record of a request that has ended (U35)."""
    return [
        route for route in read_routes()
        if route.policy not in ("public", "token") and not (column.keeps_a_record and "kept" in route.name)
    ]  # fmt: skip


@pytest.fixture
def published(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Keep what would have gone to the broker."""
    sent: list[str] = []
    monkeypatch.setattr(Task, "apply_async", lambda task, *args, **named: sent.append(repr((task.name, args, named))))
    return sent


@pytest.mark.parametrize(("language", "name"), CELLS)
def test_nothing_shows_that_was_not_released(
    name: str, language: str, world: Any, caplog: pytest.LogCaptureFixture, published: list[str],
    django_capture_on_commit_callbacks: Any,
) -> None:  # fmt: skip
    column = COLUMNS[name]
    fill(world)
    column.before(world)
    person = world.people[column.who]
    User.objects.filter(pk=person.pk).update(language=language)
    planted = plant()
    assert len(planted) > 80
    secret = {word: place for word, place in planted.items() if place.rpartition(".")[0] not in column.released}
    client = Client(raise_request_exception=False)
    client.force_login(User.objects.get(pk=person.pk))
    before, mails = rows(), len(mail.outbox)
    leaks, seen, asked = [], set(), 0
    methods = METHODS if WHOLE or name in FULLY else ("GET",)
    with caplog.at_level(logging.DEBUG), django_capture_on_commit_callbacks(execute=True):
        for route in walked(column):
            for method in methods:
                response = ask(client, route, method, route.address(world.samples))
                asked += 1
                assert response.status_code < 500, f"{method} {route}"
                assert is_kept_nowhere(response), f"{method} {route}"
                told = everything_in(response)
                seen |= set(found_in(told, planted))
                if found := found_in(told, secret):
                    leaks.append(f"{method} {route} {response.status_code}: {found[:5]}")
            if route.name.endswith(("logout", "language")):
                client.force_login(User.objects.get(pk=person.pk))
    assert leaks == []
    assert asked > 150
    assert {place.rpartition(".")[0] for place in seen} == column.released, "a share shows what it should"
    assert found_in("\n".join(record.getMessage() for record in caplog.records), planted) == []
    assert found_in("\n".join(str(sent.message()) for sent in mail.outbox[mails:]), planted) == []
    assert found_in(repr(getattr(cache, "_cache", {})), planted) == []
    assert found_in("\n".join(published), planted) == []
    assert changed_since(before) == {}
    assert added_since(before) == {}


def contributions(world: Any) -> list[tuple[str, dict[str, Any]]]:
    """Return what a contributing share may add, as the API takes it."""
    case = f"/api/v1/cases/{world.samples['case']}"
    return [
        (f"{case}/sightings/", {"evidence": "camera", "seen_at": "2026-11-21T02:05:00Z", "place": "Montréal",
                                "subdivision": "CA-QC"}),
        (f"{case}/references/", {"kind": "cpic", "number": "C-12345"}),
        (f"{case}/parallel-notices/", {"body": "ncb", "outcome": "sent"}),
        (f"{case}/corrections/", {"subject_type": "vehicle", "subject_id": str(world.samples["vehicle"]),
                                  "field_name": "plate", "value": ["7XYZ125"], "reason": "Camera."}),
        (f"{case}/corrections/", {"subject_type": "travelleg", "row": {"mode": "bus"}, "reason": "Driver."}),
    ]  # fmt: skip


# Which rows a contribution may add: its own with their first version, the entry in the timeline, and the notices.
ADDED = {
    "cases_sighting", "cases_externalreference", "cases_parallelnotice", "cases_sightingversion",
    "cases_externalreferenceversion", "cases_parallelnoticeversion", "cases_correctionproposal", "cases_caseevent",
    "alerts_notice", "alerts_delivery",
}  # fmt: skip


def test_contributing_share_adds_rows_of_its_own_and_changes_none(
    world: Any, published: list[str], django_capture_on_commit_callbacks: Any, caplog: pytest.LogCaptureFixture
) -> None:
    """What then goes out carries no word of the case either: not to the broker, not in a notice, not in a mail."""
    fill(world)
    ON["shared_contribute"].before(world)
    planted = plant()
    tasks.sweep()  # what the world has queued so far
    client, before, mails = signed_in(world.people["outsider"]), rows(), len(mail.outbox)
    with caplog.at_level(logging.DEBUG), django_capture_on_commit_callbacks(execute=True):
        for address, body in contributions(world):
            answer = client.post(address, json.dumps(body), content_type="application/json")
            assert answer.status_code == 201, (address, answer.json())
    assert changed_since(before) == {}
    added = added_since(before)
    assert set(added) == ADDED
    own = [model.objects.latest("pk").agency.code for model in (Sighting, ExternalReference, ParallelNotice)]
    assert own == [QUEBEC] * 3
    assert CorrectionProposal.objects.latest("pk").agency.code == QUEBEC
    assert published, "somebody was woken to send"
    told = Notice.objects.order_by("-pk")[: added["alerts_notice"]]
    waiting = Delivery.objects.filter(notice__in=[notice.pk for notice in told])
    assert waiting
    outbox = [vars(row) for row in (*told, *waiting)]
    tasks.sweep()
    sent = [str(letter.message()) for letter in mail.outbox[mails:]]
    assert sent
    log = [record.getMessage() for record in caplog.records]
    assert found_in("\n".join([repr(outbox), *published, *sent, *log]), planted) == []


@pytest.mark.parametrize("name", [*OFF, "shared_look", "shared_look_staff"])
def test_nobody_else_contributes(name: str, world: Any) -> None:
    COLUMNS[name].before(world)
    client, before = signed_in(world.people[COLUMNS[name].who]), rows()
    for address, body in contributions(world):
        assert client.post(address, json.dumps(body), content_type="application/json").status_code in (403, 404)
    assert changed_since(before) == added_since(before) == {}


ALIKE = [
    (language, name)
    for language in ("en", "es", "fr")
    for name in OFF
    if WHOLE or (language, name) in {("es", "share_expired"), ("fr", "request_declined")}
]


@pytest.mark.parametrize(("language", "name"), ALIKE)
def test_foreign_and_random_ids_are_alike_in_every_language(language: str, name: str, world: Any) -> None:
    """English and the columns without any tie stand in `test_outsider_sees_404`."""
    column = COLUMNS[name]
    column.before(world)
    User.objects.filter(pk=world.people[column.who].pk).update(language=language)
    client = signed_in(User.objects.get(pk=world.people[column.who].pk))
    differences = []
    asked = [route for route in walked(column) if route in OBJECT_ROUTES and not is_their_own(route, column)]
    for route in asked:
        addresses = route.address(world.samples), route.elsewhere(world.samples)
        for method in METHODS if WHOLE else route.methods:
            foreign, random = (normal(ask(client, route, method, address), *addresses) for address in addresses)
            if foreign != random:
                differences.append(f"{method} {route}: {foreign[0]} but random {random[0]}")
    assert differences == []
    assert len(asked) > 60


def is_their_own(route: Route, column: Column) -> bool:
    """Say whether a route shows what is the agency's own, or reference data, whatever became of the case."""
    recipients = route.name.startswith(("admin:alerts_recipient_", "admin:alerts_recipientdesk_"))
    return (recipients and column.who in ("superuser", "receiver_coordinator", "receiver_staff")) or (
        route.name == "alerts:request-detail" and column.before is share_over  # leads to its own record (U35)
    )


def test_canaries_are_seen_by_those_on_the_case(world: Any) -> None:
    """The same walk shows the lead agency most of what was planted, so that the oracle is known to bite."""
    fill(world)
    planted = plant()
    client = Client(raise_request_exception=False)
    seen: set[str] = set()
    for who in ("owner_officer", "owner_coordinator", "owner_legal", "owner_staff", "receiver_coordinator"):
        client.force_login(world.people[who])
        for route in read_routes():
            if route.policy == "object" and "GET" in route.methods:
                seen |= set(found_in(everything_in(client.get(route.address(world.samples))), planted))
    assert len(seen) > len(planted) * 0.6, sorted(set(planted.values()) - seen)
