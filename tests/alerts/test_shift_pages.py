"""The pages and the API of handoffs between shifts: who sees them, what they say, what an act answers (U41)."""

from __future__ import annotations

import uuid
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone
from rest_framework.test import APIClient

from agencies.models import Agency, AlertProgram
from alerts.models import ShiftNote, ShiftPromise
from alerts.services import shifts
from alerts.services.requests import send_request
from cases import workflow
from cases.models import Child
from cases.services.files import open_case
from tests.alerts.test_ladders import send
from tests.alerts.test_shifts import guards, note  # noqa: F401  fixtures

pytestmark = pytest.mark.django_db
ROUTES = [
    ("get", "shift-note-detail", "note"), ("post", "shift-note-accept", "note"),
    ("post", "shift-promise-settle", "promise"),
]  # fmt: skip
NONCE = "n" * 22


def browser(person: Any) -> Client:
    client = Client()
    client.force_login(person)
    return client


def machine(person: Any) -> APIClient:
    client = APIClient()
    client.force_login(person)
    return client


@pytest.fixture
def incoming(guards: Any) -> Any:  # noqa: F811
    """Who comes next."""
    return guards[1]


def test_page_says_what_is_open_and_is_accepted_there(
    note: ShiftNote, incoming: Any, active_case: Any, california_officer: Any  # noqa: F811
) -> None:  # fmt: skip
    request = send(active_case, california_officer)
    client = browser(incoming)
    page = client.get(note.url)
    assert request.number in page.text
    assert "Zoraida" not in page.text
    answer = client.post(reverse("alerts:shift-accept", args=[note.pk]), {"nonce": NONCE}, follow=True)
    note.refresh_from_db()
    assert (answer.status_code, note.accepted_by) == (200, incoming)
    assert request.number in answer.text
    assert [item.key for item in answer.context["sections"] if item.rows] == ["requests"]


def test_form_of_a_promise_refuses_comes_back_filled_and_writes_once(note: ShiftNote, incoming: Any) -> None:  # noqa: F811
    client, address = browser(incoming), reverse("alerts:shift-list")
    bad = client.post(address, {"nonce": NONCE, "words": "Llamar a Sonora", "due": "mañana"})
    assert bad.status_code == 422
    assert "Llamar a Sonora" in bad.text
    for _time in range(2):
        good = client.post(
            address, {"nonce": NONCE, "words": "Llamar a Sonora", "due": "2026-12-01T03:00"}, follow=True
        )
        assert good.status_code == 200
    made = ShiftPromise.objects.get()
    assert (made.due_at.isoformat(), made.written_by) == ("2026-12-01T11:00:00+00:00", incoming)
    client.post(reverse("alerts:promise-settle", args=[made.pk]), {"nonce": NONCE})
    made.refresh_from_db()
    assert made.settled_by == incoming


def test_desk_leads_there_only_where_a_roster_is_kept(
    note: ShiftNote, incoming: Any, california_officer: Any  # noqa: F811
) -> None:  # fmt: skip
    link, own = reverse("alerts:shift-list"), browser(incoming).get(reverse("alerts:desk"))
    assert link in own.text
    assert note.url in own.text
    assert link not in browser(california_officer).get(reverse("alerts:desk")).text
    assert "does not go by a roster" in browser(california_officer).get(link).text


def test_others_find_nothing(
    note: ShiftNote, guards: Any, baja_staff: Any, quebec_coordinator: Any, superuser: Any  # noqa: F811
) -> None:  # fmt: skip
    made = shifts.promise(agency=note.agency, words="Llamar", by=guards[0])
    for other in (quebec_coordinator, superuser, baja_staff):
        client = browser(other)
        assert client.get(note.url).status_code == 404
        assert client.post(reverse("alerts:shift-accept", args=[note.pk]), {"nonce": NONCE}).status_code == 404
        assert client.post(reverse("alerts:promise-settle", args=[made.pk]), {"nonce": NONCE}).status_code == 404
    for nobody in (superuser, baja_staff):
        assert browser(nobody).get(reverse("alerts:shift-list")).status_code == 404
    assert "Llamar" not in browser(quebec_coordinator).get(reverse("alerts:shift-list")).text


def test_lists_and_notes_cost_the_same_with_more_rows(
    note: ShiftNote, incoming: Any, california_officer: Any  # noqa: F811
) -> None:  # fmt: skip
    client, program = browser(incoming), AlertProgram.objects.get(code="mx-bcn")

    def grow(count: int) -> None:
        for number in range(count):
            case = open_case(by=california_officer, agency=Agency.objects.get(code="us-ca-chp"))
            Child.objects.create(case=case, given_names="Zoraida")
            workflow.apply(case, "activate", by=california_officer)
            send_request(case=case, program=program, by=california_officer)
            shifts.promise(agency=note.agency, words="Llamar", by=incoming, case=case)
            at = note.ends_at - timedelta(days=ShiftNote.objects.count() + number)
            ShiftNote.objects.create(agency=note.agency, ends_at=at, leaving=[incoming.pk], coming=[incoming.pk])

    def cost() -> list[int]:
        found = []
        for address in (note.url, reverse("alerts:shift-list"), reverse("alerts:desk")):
            client.get(address)
            with CaptureQueriesContext(connection) as queries:
                assert client.get(address).status_code == 200
            found.append(len(queries))
        return found

    grow(3)
    few = cost()
    grow(9)
    assert cost() == few


@pytest.mark.parametrize("who", ["quebec_coordinator", "superuser"])
@pytest.mark.parametrize(("method", "name", "kind"), ROUTES)
def test_foreign_and_random_ids_get_the_same_404(
    request: Any, note: ShiftNote, incoming: Any, method: str, name: str, kind: str, who: str  # noqa: F811
) -> None:  # fmt: skip
    client = machine(request.getfixturevalue(who))
    row = note if kind == "note" else shifts.promise(agency=note.agency, words="Llamar", by=incoming)
    answers = [
        getattr(client, method)(reverse(f"api:{name}", args=[key]), {"nonsense": 1} if method != "get" else None)
        for key in (row.pk, uuid.uuid4(), "no-uuid")
    ]
    assert {answer.status_code for answer in answers} == {404}
    assert len({answer.content for answer in answers}) == 1


def test_api_lists_reads_accepts_and_takes_promises(
    note: ShiftNote, guards: Any, active_case: Any, california_officer: Any  # noqa: F811
) -> None:  # fmt: skip
    send(active_case, california_officer)
    client = machine(guards[1])
    assert [row["id"] for row in client.get(reverse("api:shift-note-list")).json()["results"]] == [str(note.pk)]
    body = {"agency": note.agency.code, "words": "Llamar", "case": str(active_case.pk)}
    made = client.post(reverse("api:shift-promise-list"), body, format="json")
    assert made.status_code == 201
    assert (
        client.post(reverse("api:shift-promise-list"), {**body, "agency": "ca-qc-sq"}, format="json").status_code == 404
    )
    assert (
        client.post(reverse("api:shift-promise-list"), {**body, "case": str(uuid.uuid4())}, format="json").status_code
        == 404
    )
    rows = client.get(reverse("api:shift-promise-list")).json()["results"]
    assert [(row["words"], row["settled_at"]) for row in rows] == [("Llamar", None)]
    shown = client.get(reverse("api:shift-note-detail", args=[note.pk])).json()
    assert [len(part["rows"]) for part in shown["sections"]] == [1, 0, 0, 0, 0, 0, 0]
    assert shown["sections"][0]["rows"][0]["next_step"] == "desk"
    accepted = client.post(reverse("api:shift-note-accept", args=[note.pk]), {}, format="json").json()
    assert accepted["accepted_by"] == str(guards[1].pk)
    settled = client.post(reverse("api:shift-promise-settle", args=[made.json()["id"]]), {}, format="json")
    assert settled.json()["settled"] is True
    assert (
        machine(guards[0]).post(reverse("api:shift-note-accept", args=[note.pk]), {}, format="json").status_code == 404
    )


def test_acceptance_of_a_note_that_is_gone_is_refused(note: ShiftNote, incoming: Any) -> None:  # noqa: F811
    ShiftNote.objects.filter(pk=note.pk).update(dropped_at=timezone.now())
    answer = browser(incoming).post(reverse("alerts:shift-accept", args=[note.pk]), {"nonce": NONCE})
    assert answer.status_code == 409
    assert (
        machine(incoming).post(reverse("api:shift-note-accept", args=[note.pk]), {}, format="json").status_code == 409
    )
