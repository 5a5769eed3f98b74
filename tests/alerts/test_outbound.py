"""The inbound and outbound rows of programs: where a request from abroad arrives, and who hears of it (U5, ADR 69)."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from lxml import html

from agencies.models import Agency, AlertProgram, ProgramRoute
from agencies.refusals import ActRefused
from alerts import delivery
from alerts.models import Delivery, ExtensionRequest, Notice
from alerts.services import requests
from alerts.services.asking import ask_programs
from alerts.services.handing_on import hand_on
from cases import workflow
from cases.models import Case, CaseEvent, Child
from cases.services.facts import record_facts
from cases.services.files import open_case
from tests.alerts.test_api import ok, signed_in, url

pytestmark = pytest.mark.django_db
NONCE = "the-nonce-of-one-form"


def program(code: str) -> AlertProgram:
    """Return a program by its code."""
    return AlertProgram.objects.get(code=code)


@pytest.fixture
def fgr(make_user: Any) -> Any:
    """A coordinator of the national coordination of Mexico; Spanish."""
    return make_user("fidel.coord@fgr.example", "mx-fgr-amber", "coordinator", "es")


@pytest.fixture
def fgr_first() -> None:
    """By its row FGR receives first what is asked of Baja California from abroad."""
    rows = ProgramRoute.objects.filter(program__code="mx-bcn", kind="receives")
    rows.filter(to_program__code="mx-fgr").update(position=0)


def active_case_of(officer: Any, agency: str) -> Case:
    """Open a case with one child, led by this agency, and activate it."""
    case = open_case(by=officer, agency=Agency.objects.get(code=agency))
    child = Child(given_names="Zoraida", first_surname="Quimby", sex="F", age_years=7)
    record_facts(case=case, by=officer, items=[(child, ["given_names"])])
    workflow.apply(case, "activate", by=officer)
    return case


@pytest.fixture
def baja_case(baja_coordinator: Any) -> Case:
    """A case that Baja California leads."""
    return active_case_of(baja_coordinator, "mx-bcn-amber")


def told(kind: str) -> set[str]:
    """Return who was written to about this."""
    return set(Delivery.objects.filter(notice__kind=kind).values_list("address", flat=True))


def test_request_from_abroad_arrives_where_the_row_says_and_remembers_whom_it_was_meant_for(
    active_case: Any, california_officer: Any, baja_coordinator: Any, fgr: Any, fgr_first: None
) -> None:
    asked = requests.send_request(case=active_case, program=program("mx-bcn"), by=california_officer)
    assert (asked.program.code, asked.asked_for.code, asked.status) == ("mx-fgr", "mx-bcn", "sent")
    assert ExtensionRequest.objects.visible_to(fgr).get() == asked
    assert not ExtensionRequest.objects.visible_to(baja_coordinator).exists()
    handed = hand_on(request=asked, by=fgr, program=program("mx-bcn"))
    assert (handed.program.code, handed.asked_for, handed.kind, handed.note) == (
        "mx-bcn", None, asked.kind, asked.note
    )  # fmt: skip
    assert ExtensionRequest.objects.visible_to(baja_coordinator).get() == handed


def test_without_another_row_it_arrives_at_the_program_itself(sent_request: Any) -> None:
    assert (sent_request.program.code, sent_request.asked_for) == ("mx-bcn", None)


def test_inside_the_country_the_inbound_row_does_not_matter(
    make_user: Any, fgr_first: None, baja_coordinator: Any
) -> None:
    officer = make_user("ines.coord@chihuahua.example", "mx-chh-amber", "coordinator", "es")
    case = active_case_of(officer, "mx-chh-amber")
    asked = requests.send_request(case=case, program=program("mx-bcn"), by=officer)
    assert (asked.program.code, asked.asked_for) == ("mx-bcn", None)


def test_two_programs_behind_one_receiver_are_two_requests_and_none_comes_twice(
    active_case: Any, california_officer: Any, fgr: Any, fgr_first: None
) -> None:
    ProgramRoute.objects.filter(program__code="mx-son", kind="receives", to_program__code="mx-fgr").update(position=0)
    found = ask_programs(
        case=active_case, programs=[program("mx-bcn"), program("mx-son"), program("mx-fgr")], by=california_officer
    )
    assert [item.request.asked_for and item.request.asked_for.code for item in found if item.request] == [
        "mx-bcn", "mx-son", None
    ]  # fmt: skip
    assert {item.program.code for item in ExtensionRequest.objects.all()} == {"mx-fgr"}
    with pytest.raises(ActRefused):
        requests.send_request(case=active_case, program=program("mx-bcn"), by=california_officer)


def test_asked_again_it_goes_the_same_way(active_case: Any, california_officer: Any, fgr: Any, fgr_first: None) -> None:
    first = requests.send_request(case=active_case, program=program("mx-bcn"), by=california_officer)
    requests.withdraw(request=first, by=california_officer)
    again = requests.send_request(case=active_case, program=first.program, by=california_officer, follows=first)
    assert (again.program.code, again.asked_for.code, again.follows) == ("mx-fgr", "mx-bcn", first)


def test_who_decides_abroad_is_told_once_by_reference_and_not_put_on_the_case(
    baja_case: Case, baja_coordinator: Any, fgr: Any, mailoutbox: Any
) -> None:
    ask_programs(case=baja_case, programs=[program("us-ca"), program("us-tx")], by=baja_coordinator)
    assert told("decider_told") == {fgr.email}
    assert Notice.objects.get(kind="decider_told").hub == program("mx-fgr")
    assert not Case.objects.visible_to(fgr).exists()
    event = CaseEvent.objects.get(kind="request.hub_told")
    assert event.detail["program"] == "mx-fgr"
    while delivery.send_due():
        pass
    (mail,) = [mail for mail in mailoutbox if mail.to == [fgr.email]]
    assert ExtensionRequest.objects.first().case.reference in mail.body
    assert "usted resuelve" in mail.body
    assert "/desk/" not in mail.body


def test_inside_the_country_nobody_is_told(baja_case: Case, baja_coordinator: Any, fgr: Any) -> None:
    requests.send_request(case=baja_case, program=program("mx-chh"), by=baja_coordinator)
    assert told("decider_told") == set()


def test_who_is_asked_need_not_be_told(baja_case: Case, baja_coordinator: Any, fgr: Any) -> None:
    requests.send_request(case=baja_case, program=program("mx-fgr"), by=baja_coordinator)
    requests.send_request(case=baja_case, program=program("us-ca"), by=baja_coordinator)
    assert told("decider_told") == set()


def test_state_program_tells_its_hub_also_of_a_request_to_another_state(make_user: Any) -> None:
    officer = make_user("tessa.coord@texas.example", "us-tx-dps", "coordinator")
    hub = make_user("nora.hub@ncmec.example", "us-ncmec", "coordinator")
    case = active_case_of(officer, "us-tx-dps")
    requests.save_draft(case=case, program=program("us-nm"), by=officer)
    assert told("hub_told") == set()
    requests.send_request(case=case, program=program("us-co"), by=officer)
    assert told("hub_told") == {hub.email}


def test_page_of_sending_says_where_it_goes_who_is_told_and_that_the_row_is_unverified(
    client: Client, active_case: Any, california_officer: Any, fgr_first: None, baja_case: Case,
    baja_coordinator: Any,
) -> None:  # fmt: skip
    client.force_login(california_officer)
    page = html.fromstring(client.get(reverse("alerts:request-send", args=[active_case.pk])).content)
    (choice,) = page.xpath('//li[@class="choice"][.//input[@value="mx-bcn"]]')
    text = " ".join(choice.text_content().split())
    assert "Goes to AMBER Alert Mexico national program (FGR)" in text
    assert "Route not verified by the program" in text
    ProgramRoute.objects.filter(program__code="mx-bcn").update(verified_by="FGE", verified_at="2026-11-01")
    page = html.fromstring(client.get(reverse("alerts:request-send", args=[active_case.pk])).content)
    (choice,) = page.xpath('//li[@class="choice"][.//input[@value="mx-bcn"]]')
    assert "not verified" not in choice.text_content()
    client.force_login(baja_coordinator)
    page = html.fromstring(client.get(reverse("alerts:request-send", args=[baja_case.pk])).content)
    (section,) = page.xpath('//section[@aria-labelledby="told"]')
    assert "FGR" in section.text_content()
    assert "800 00 854 00" in section.text_content() or "tel:" in html.tostring(section).decode()


def test_page_of_the_request_says_whom_it_was_meant_for_and_passes_it_on_by_one_press(
    client: Client, active_case: Any, california_officer: Any, fgr: Any, fgr_first: None
) -> None:
    asked = requests.send_request(case=active_case, program=program("mx-bcn"), by=california_officer)
    for person in (california_officer, fgr):
        client.force_login(person)
        page = html.fromstring(client.get(reverse("alerts:request-detail", args=[asked.pk])).content)
        assert page.xpath('//section[@aria-labelledby="asked-for"]//span[@class="tag"]')
    answer = client.post(
        reverse("alerts:request-hand-on", args=[asked.pk, "meant"]),
        {"nonce": NONCE, "meant-program": "mx-bcn", "meant-note": ""},
    )
    assert answer.status_code == 302
    asked.refresh_from_db()
    assert asked.handed_to.program.code == "mx-bcn"


def test_api_says_whom_it_was_meant_for(active_case: Any, california_officer: Any, fgr: Any, fgr_first: None) -> None:
    asker = signed_in(california_officer)
    answer = asker.post(url("request-list"), {"case": str(active_case.pk), "program": "mx-bcn"})
    assert answer.status_code == 201
    assert (answer.json()["program"], answer.json()["asked_for"]) == ("mx-fgr", "mx-bcn")
    assert ok(signed_in(fgr).get(url("request-detail", answer.json()["id"])))["asked_for"] == "mx-bcn"
