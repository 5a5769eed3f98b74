"""Numbers in other systems and notices to other bodies (U22, U23)."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.urls import reverse
from django.utils import timezone

from agencies.models import AuditEvent
from agencies.refusals import ActRefused
from cases.choices import RELATIVES
from cases.models import Case, CaseAccess, ExternalReference, ParallelNotice
from cases.models.case_search import CaseFilter
from cases.models.code import code_rows
from cases.services.facts import record_facts
from cases.services.records import add_reference, record_notice
from cases.services.showing import hague_routes
from tests.project.returned_forms import NONCE, signed_in

pytestmark = pytest.mark.django_db


def test_each_side_records_its_own_number_and_finds_it_again(
    sent_request: Any, baja_coordinator: Any, california_officer: Any, quebec_coordinator: Any
) -> None:
    case, version = sent_request.case, sent_request.case.facts_version
    add_reference(case=case, by=baja_coordinator, kind="carpeta", number="CI-FGR/123/2026")
    add_reference(case=case, by=california_officer, kind="nic", number="M-123 456 789")
    for person in (baja_coordinator, california_officer):
        found = ExternalReference.objects.visible_to(person)
        assert {(row.kind, row.agency.code) for row in found} == {("carpeta", "mx-bcn-amber"), ("nic", "us-ca-chp")}
        for words in ("ci fgr 123", "m123-45"):
            assert [row.reference for row in CaseAccess.page(person, chosen=CaseFilter(words=words)).cases] == [
                case.reference
            ]
    assert not ExternalReference.objects.visible_to(quebec_coordinator).exists()
    case.refresh_from_db()
    assert case.facts_version == version
    told = str([event.detail for event in AuditEvent.objects.all()])
    assert not [number for number in case.references.values_list("number", flat=True) if number in told]


def test_same_number_is_recorded_once(active_case: Case, california_officer: Any) -> None:
    add_reference(case=active_case, by=california_officer, kind="nic", number="M123")
    with pytest.raises(ActRefused):
        add_reference(case=active_case, by=california_officer, kind="nic", number="m-123")


@pytest.mark.parametrize("number", ["NO DIGITS", "M123\nNAM/QUIMBY, ZORAIDA", "M123; DOB 2019-01-01", "1" * 41, "<b>1"])
def test_what_a_query_returned_is_no_number(number: str, active_case: Case, california_officer: Any) -> None:
    response = signed_in(california_officer).post(
        reverse("cases:reference-add", args=[active_case.pk]), {"kind": "nic", "number": number, "nonce": NONCE}
    )
    assert response.status_code == 422
    assert not ExternalReference.objects.exists()


# Notices


def with_relative(case: Case, officer: Any, *, years: int, relationship: str = "parent") -> Case:
    child, taker = case.children.get(), case.people.get()
    child.birth_date = None
    child.age_years, taker.relationship, taker.role = years, relationship, "abductor"
    items = [(child, ["age_years"]), (taker, ["relationship", "role"])]
    record_facts(case=case, by=officer, items=items)
    return case


@pytest.mark.parametrize(
    ("years", "relationship", "suggested", "closed"),
    [(15, "parent", True, False), (16, "parent", False, True), (17, "aunt", False, True),
     (7, "stranger", False, False), (17, "stranger", False, False)],
)  # fmt: skip
def test_central_authority_is_suggested_for_relatives_under_sixteen(
    years: int, relationship: str, suggested: bool, closed: bool, intake_case: Case, california_officer: Any
) -> None:
    with_relative(intake_case, california_officer, years=years, relationship=relationship)
    page = signed_in(california_officer).get(reverse("cases:case-detail", args=[intake_case.pk])).text
    assert ("consider notifying the Central Authority" in page) == suggested
    assert ("there is no Hague route" in page) == closed


def test_suggestion_ends_when_the_authority_is_told(intake_case: Case, california_officer: Any) -> None:
    with_relative(intake_case, california_officer, years=9)
    notice = ParallelNotice(body="central_authority", country="US", outcome="sent")
    record_notice(case=intake_case, by=california_officer, notice=notice)
    page = signed_in(california_officer).get(reverse("cases:case-detail", args=[intake_case.pk])).text
    assert "consider notifying" not in page


def test_sixteenth_birthday_closes_the_route(intake_case: Case, california_officer: Any) -> None:
    with_relative(intake_case, california_officer, years=3)
    child, people = intake_case.children.get(), list(intake_case.people.all())
    today = timezone.localdate()
    for born, is_open in (
        (today.replace(day=1, year=today.year - 16), False),
        (today - timedelta(days=365 * 15), True),
    ):
        child.birth_date = born
        assert [route.is_open for route in hague_routes(intake_case, [child], people)] == [is_open]
    child.birth_date = child.age_years = None
    (route,) = hague_routes(intake_case, [child], people)
    assert not route.is_open
    assert not route.is_closed


def test_relatives_are_codes_of_their_list() -> None:
    assert {row["code"] for row in code_rows() if row["list_name"] == "relationship"} >= RELATIVES


NOTICE = {"body": "consulate", "country": "GT", "outcome": "withheld", "nonce": NONCE}


def test_not_to_notify_a_consulate_is_an_officers_decision_with_a_reason(
    active_case: Case, california_officer: Any
) -> None:
    client, address = signed_in(california_officer), reverse("cases:parallel-notice-add", args=[active_case.pk])
    assert not ParallelNotice.objects.exists(), "nothing tells a consulate by itself"
    assert client.post(address, NOTICE).status_code == 422
    withheld = {**NOTICE, "withheld_for": "protection_concern"}
    assert client.post(address, {**withheld, "body": "ncmec"}).status_code == 422
    assert client.post(address, {**withheld, "country": ""}).status_code == 422
    assert client.post(address, withheld).status_code == 302
    notice = ParallelNotice.objects.get()
    assert (notice.outcome, notice.withheld_for, notice.recorded_by) == (
        "withheld", "protection_concern", california_officer,
    )  # fmt: skip
    page = client.get(reverse("cases:case-detail", args=[active_case.pk])).text
    assert "Consulate, Guatemala" in page
    assert "Protection concern" in page


def test_notice_changes_its_outcome_and_keeps_body_and_country(active_case: Case, california_officer: Any) -> None:
    notice = ParallelNotice(body="consulate", country="GT", outcome="withheld", withheld_for="protection_concern")
    record_notice(case=active_case, by=california_officer, notice=notice)
    again = ParallelNotice(body="consulate", country="GT", outcome="sent")
    with pytest.raises(ActRefused):
        record_notice(case=active_case, by=california_officer, notice=again)
    response = signed_in(california_officer).post(
        reverse("cases:parallel-notice-change", args=[active_case.pk, notice.pk]),
        {
            "body": "ncmec",
            "outcome": "sent",
            "contact_fax": "+1 514 555 0199",
            "withheld_for": "asylum",
            "nonce": NONCE,
        },
    )
    assert response.status_code == 302
    notice.refresh_from_db()
    assert (notice.body, notice.country, notice.outcome, notice.withheld_for, notice.contact_fax) == (
        "consulate", "GT", "sent", "", "+15145550199",
    )  # fmt: skip
