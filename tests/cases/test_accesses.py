"""Who viewed a case: for its supervisors, for the side that asked, and as a list of one child."""

from __future__ import annotations

import csv
import io
import re
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import translation

from agencies import audit, scope
from agencies.choices import AuditChannel
from agencies.models import AuditEvent, User
from cases.accesses import accesses_of
from cases.models import Case

pytestmark = pytest.mark.django_db


def browser(person: Any) -> Client:
    client = Client()
    client.force_login(person)
    return client


def page_of(person: Any, case: Case, **query: str) -> Any:
    return browser(person).get(reverse("cases:case-accesses", args=[case.pk]), query)


def people_in(response: Any) -> list[str]:
    return [row.person for row in response.context["page"].rows]


def test_lead_agency_sees_everybody_and_no_refused_attempt(
    sent_request: Any, california_coordinator: Any, california_officer: Any, baja_coordinator: Any,
    quebec_coordinator: Any,
) -> None:  # fmt: skip
    case = sent_request.case
    for person in (california_officer, baja_coordinator, quebec_coordinator):
        browser(person).get(reverse("cases:case-detail", args=[case.pk]))
    browser(california_officer).get(reverse("cases:case-list"))
    rows = page_of(california_coordinator, case).context["page"].rows
    assert [(row.person, row.what, row.channel) for row in rows] == [
        (california_officer.full_name, "List: Case", "Page"),
        (baja_coordinator.full_name, "Case", "Page"),
        (california_officer.full_name, "Case", "Page"),
    ]
    assert rows[1].purpose == "Was asked for an alert"
    assert "Baja California" in rows[1].agencies
    again = page_of(california_coordinator, case).context["page"].rows
    assert (again[0].person, again[0].purpose) == (california_coordinator.full_name, "Oversight of accesses")


def test_another_agency_sees_its_own_people(sent_request: Any, california_officer: Any, baja_coordinator: Any) -> None:
    case = sent_request.case
    for person in (california_officer, baja_coordinator):
        browser(person).get(reverse("cases:case-detail", args=[case.pk]))
    assert people_in(page_of(baja_coordinator, case)) == [baja_coordinator.full_name]


def test_page_is_missing_without_the_right(sent_request: Any, california_officer: Any, quebec_coordinator: Any) -> None:
    for person in (california_officer, quebec_coordinator):
        assert page_of(person, sent_request.case).status_code == 404


def test_case_page_leads_there_for_supervisors_only(
    active_case: Any, california_officer: Any, california_coordinator: Any
) -> None:
    address = reverse("cases:case-accesses", args=[active_case.pk])
    for person, leads in ((california_officer, False), (california_coordinator, True)):
        shown = browser(person).get(reverse("cases:case-detail", args=[active_case.pk])).text
        assert (f'href="{address}"' in shown) == leads


def read(case: Case, by: User, times: int) -> None:
    with audit.coming_from(AuditChannel.PAGE):
        for _time in range(times):
            audit.record_read(by=by, objects=[case], case_id=case.pk)


def test_pages_go_on_by_key_without_gap_or_repeat(
    active_case: Any, california_officer: Any, california_coordinator: Any
) -> None:
    read(active_case, california_officer, 120)
    keys, seen, after = [], 0, ""
    while True:
        page = accesses_of(active_case, reader=california_coordinator, after=after)
        seen += len(page.rows)
        after = page.after
        keys.append(after)
        if not after:
            break
    assert (seen, len(keys)) == (120, 3)
    assert page_of(california_coordinator, active_case, after="nonsense").status_code == 404
    more = page_of(california_coordinator, active_case)
    assert re.search(r'href="\?after=\d+_[0-9a-f]{32}"', more.text)


def test_page_costs_the_same_for_many_looks(
    active_case: Any, california_officer: Any, california_coordinator: Any
) -> None:
    counts = []
    for times in (3, 40):
        read(active_case, california_officer, times)
        client = browser(california_coordinator)
        client.get(reverse("cases:case-accesses", args=[active_case.pk]))
        with CaptureQueriesContext(connection) as queries:
            client.get(reverse("cases:case-accesses", args=[active_case.pk]))
        counts.append(len(queries))
    assert counts[0] == counts[1]


@pytest.mark.parametrize(
    ("language", "title"), [("es", "Quién consultó este caso"), ("fr", "Qui a consulté ce dossier")]
)
def test_page_speaks_the_readers_language(
    active_case: Any, california_coordinator: Any, language: str, title: str
) -> None:
    california_coordinator.language = language
    california_coordinator.save(update_fields=["language"])
    read(active_case, california_coordinator, 1)
    shown = page_of(california_coordinator, active_case).text
    assert title in shown
    with translation.override(language):
        assert str(Case._meta.verbose_name).capitalize() in shown


def test_side_that_asked_sees_who_opened_what(
    sent_request: Any, california_officer: Any, baja_coordinator: Any
) -> None:
    address = reverse("alerts:request-detail", args=[sent_request.pk])
    assert browser(california_officer).get(address).context["looks"] == []
    browser(baja_coordinator).get(address)
    looks = browser(california_officer).get(address).context["looks"]
    assert [(look.person, look.what) for look in looks] == [(baja_coordinator.full_name, "Request")]
    assert browser(baja_coordinator).get(address).context["looks"] is None


def listed(text: str) -> list[dict[str, str]]:
    out = io.StringIO()
    call_command("accesses_to_child", text, stdout=out)
    return list(csv.DictReader(io.StringIO(out.getvalue())))


def test_one_command_lists_every_access_to_a_child(
    sent_request: Any, california_officer: Any, baja_coordinator: Any, quebec_coordinator: Any
) -> None:
    case = sent_request.case
    child = case.children.get()
    User.objects.filter(pk=baja_coordinator.pk).update(full_name="=cmd|' /C calc'!A1")
    for person in (california_officer, baja_coordinator, quebec_coordinator):
        browser(person).get(reverse("cases:case-detail", args=[case.pk]))
    browser(baja_coordinator).get(reverse("alerts:request-sheet", args=[sent_request.pk, "request", "es"]))
    rows = listed(str(child.pk))
    assert [row["at"] for row in rows] == sorted(row["at"] for row in rows)
    kinds = [(row["kind"], row["person_id"]) for row in rows]
    assert ("read", str(baja_coordinator.pk)) in kinds
    assert ("refused", str(quebec_coordinator.pk)) in kinds
    assert ("sheet", str(baja_coordinator.pk)) in kinds
    assert ("change", str(california_officer.pk)) in kinds
    assert {row["names_child"] for row in rows if row["kind"] in ("read", "sheet")} == {"yes"}
    assert {row["person"] for row in rows if row["person_id"] == str(baja_coordinator.pk)} == {"'=cmd|' /C calc'!A1"}
    assert [row["event_id"] for row in listed(case.reference)][: len(rows)] == [row["event_id"] for row in rows]
    assert AuditEvent.objects.filter(action="child.accesses_listed", case_id=case.pk).count() == 2


def test_command_reads_through_its_own_door(sent_request: Any) -> None:
    child = sent_request.case.children.get()
    with scope.acting_for(()):
        assert not Case.objects.filter(pk=sent_request.case_id).exists()
        assert listed(str(child.pk))


@pytest.mark.parametrize("text", ["US-CA-1999-00001", "01a22ae2-aa68-707b-9e38-31b054b71cf0"])
def test_command_refuses_what_names_no_child(db: None, text: str) -> None:
    with pytest.raises(CommandError):
        call_command("accesses_to_child", text)
