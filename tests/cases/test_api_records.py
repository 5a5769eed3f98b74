"""Sightings, numbers, notices, corrections and drafts through the API, with the rights and rules of their pages."""

from __future__ import annotations

import uuid
from typing import Any

import pytest

from cases.models import (
    Case,
    CaseDraft,
    CorrectionProposal,
    CrossingIndication,
    ExternalReference,
    ParallelNotice,
    Sighting,
)
from tests.cases.test_api import signed_in, url

pytestmark = pytest.mark.django_db
SIGHTING = {"evidence": "camera", "seen_at": "2026-11-21T02:05:00Z", "place": "Ciudad Juárez", "subdivision": "MX-CHH"}


@pytest.fixture
def officer(california_officer: Any) -> Any:
    return signed_in(california_officer)


@pytest.fixture
def baja(sent_request: Any, baja_coordinator: Any) -> Any:
    return signed_in(baja_coordinator)


@pytest.fixture
def case(sent_request: Any) -> Any:
    return sent_request.case


def test_asked_agency_adds_a_sighting_and_the_owner_takes_it_over(case: Any, baja: Any, officer: Any) -> None:
    added = baja.post(url("case-sightings", case.pk), SIGHTING)
    assert added.status_code == 201, added.json()
    assert set(added.json()) == {"id", "case"}
    seen = Sighting.objects.get()
    assert (seen.time_zone, seen.agency.code) == ("America/Ciudad_Juarez", "mx-bcn-amber")
    address = url("sighting-take-over", seen.pk)
    for body, field in (({}, "confidence"), ({"confidence": "likely"}, "toward"),
                        ({"confidence": "likely", "toward": "US", "toward_subdivision": "MX-CHH"},
                         "toward_subdivision")):  # fmt: skip
        answer = officer.post(address, body)
        assert (answer.status_code, list(answer.json()["errors"])) == (400, [field])
    told = {"confidence": "likely", "toward": "MX", "crossing_point": "bridge_of_the_americas"}
    taken = officer.post(address, told)
    assert taken.status_code == 201, taken.json()
    row = CrossingIndication.objects.get(sighting=seen)
    assert (row.confidence, row.evidence, row.observed_at) == ("likely", "camera", seen.seen_at)
    assert officer.post(address, told).status_code == 409
    file = officer.get(url("case-detail", case.pk)).json()
    assert file["sightings"][0]["indication"] == str(row.pk)
    assert str(seen.pk) in [item["sighting"] for item in file["crossing_indications"]]


def test_asked_agency_proposes_an_indication_and_the_owner_accepts(case: Any, baja: Any, officer: Any) -> None:
    seen = baja.post(url("case-sightings", case.pk), SIGHTING).json()["id"]
    told = {"confidence": "likely", "toward": "MX"}
    assert baja.post(url("sighting-take-over", seen), told).status_code == 404, "the facts are the lead agency's"
    assert baja.post(url("sighting-propose-indication", seen), told).status_code == 400
    proposed = baja.post(url("sighting-propose-indication", seen), {**told, "reason": "Dos cámaras."})
    assert proposed.status_code == 201
    assert officer.post(url("correction-accept", proposed.json()["id"])).status_code == 200
    assert CrossingIndication.objects.filter(sighting=seen).exists()


@pytest.mark.parametrize(
    ("wrong", "field"),
    [({"place": "", "subdivision": None}, "place"), ({"place": "Nowhere", "subdivision": None}, "time_zone"),
     ({"evidence": "rumor_x"}, "evidence"), ({"latitude": "31.75"}, "longitude"),
     ({"postal_code": "12"}, "postal_code"),
     ({"seen_at": "2999-01-01T00:00:00Z"}, "seen_at"), ({"agency": "ca-qc-sq"}, "agency")],
)  # fmt: skip
def test_wrong_sighting_is_refused_beside_its_field(case: Any, baja: Any, wrong: Any, field: str) -> None:
    answer = baja.post(url("case-sightings", case.pk), {**SIGHTING, **wrong})
    assert (answer.status_code, list(answer.json()["errors"])) == (400, [field])
    assert not Sighting.objects.exists()


def test_number_is_recorded_once_and_is_a_number_only(case: Any, baja: Any) -> None:
    address = url("case-references", case.pk)
    assert baja.post(address, {"kind": "fui", "number": " fui-12/2026 "}).status_code == 201
    assert ExternalReference.objects.get().number == "FUI-12/2026"
    assert baja.post(address, {"kind": "fui", "number": "FUI 12 2026"}).status_code == 409
    for wrong, field in (({"kind": "fui", "number": "seen by @ the house"}, "number"), ({"kind": "x"}, "kind")):
        answer = baja.post(address, wrong)
        assert answer.status_code == 400 and field in answer.json()["errors"]


def test_notice_is_recorded_and_how_it_stands_is_merged(case: Any, baja: Any, officer: Any) -> None:
    body = {"body": "ncb", "outcome": "sent", "contact_name": "A. Ruiz", "contact_phone": "+52 656 555 0199"}
    notice = baja.post(url("case-parallel-notices", case.pk), body)
    assert notice.status_code == 201, notice.json()
    assert baja.post(url("case-parallel-notices", case.pk), body).status_code == 409, "one row per body"
    address = url("parallel-notice-detail", notice.json()["id"])
    assert officer.patch(address, {"outcome": "received", "base": {"outcome": "sent"}}).status_code == 200
    stale = baja.patch(
        address, {"outcome": "in_force", "reference": "Y-7", "base": {"outcome": "sent", "reference": ""}}
    )
    assert stale.status_code == 409
    assert stale.json()["conflicts"] == {"outcome": {"mine": "in_force", "theirs": "received"}}
    assert baja.patch(address, {"reference": "Y-7", "base": {"reference": ""}}).status_code == 200
    (shown,) = officer.get(url("case-detail", case.pk)).json()["parallel_notices"]
    assert (shown["outcome"], shown["reference"], shown["contact_phone"]) == ("received", "Y-7", "+526565550199")
    for wrong, field in (
        ({"body": "fgr"}, "body"),
        ({"outcome": "withheld"}, "outcome"),
        ({"outcome": "x"}, "outcome"),
    ):
        answer = baja.patch(address, wrong)
        assert (answer.status_code, list(answer.json()["errors"])) == (400, [field])
    assert ParallelNotice.objects.count() == 1


def test_consulate_is_withheld_only_with_a_reason(case: Any, officer: Any) -> None:
    address = url("case-parallel-notices", case.pk)
    for body, field in (({"body": "consulate", "outcome": "sent"}, "country"),
                        ({"body": "consulate", "country": "GT", "outcome": "withheld"}, "withheld_for")):  # fmt: skip
        answer = officer.post(address, body)
        assert (answer.status_code, list(answer.json()["errors"])) == (400, [field])


def test_correction_is_proposed_refused_and_read(case: Any, baja: Any, officer: Any) -> None:
    vehicle = case.vehicles.get()
    body = {"subject_type": "vehicle", "subject_id": str(vehicle.pk), "field_name": "plate", "value": ["7XYZ124"],
            "reason": "Cámara."}  # fmt: skip
    address = url("case-corrections", case.pk)
    for wrong, field in (({"field_name": "id"}, "field_name"), ({"subject_id": str(uuid.uuid4())}, "subject_id"),
                         ({"value": ["7XYZ123"]}, "value"), ({"value": ["P" * 40]}, "value"),
                         ({"subject_type": "user"}, "subject_type"), ({"reason": ""}, "reason")):  # fmt: skip
        answer = baja.post(address, {**body, **wrong})
        assert (answer.status_code, list(answer.json()["errors"])) == (400, [field])
    assert officer.post(address, body).status_code == 404, "who may edit has no need to propose"
    proposal = baja.post(address, body).json()["id"]
    assert baja.post(url("correction-accept", proposal)).status_code == 404
    assert officer.post(url("correction-refuse", proposal), {"refusal": ""}).status_code == 400
    assert officer.post(url("correction-refuse", proposal), {"refusal": "confirmed_as_is"}).status_code == 200
    shown = baja.get(url("correction-detail", proposal)).json()
    assert (shown["decision"], shown["before"], shown["value"]) == ("refused", ["7XYZ123"], ["7XYZ124"])
    assert officer.post(url("correction-accept", proposal)).status_code == 409
    assert CorrectionProposal.objects.count() == 1


def test_draft_is_begun_merged_and_opened(officer: Any, california_coordinator: Any) -> None:
    key = str(uuid.uuid4())
    begun = officer.post(url("draft-list"), {"id": key, "content": {"child-given_names": ["Ximena"]}})
    assert (begun.status_code, begun.json()) == (201, {"id": key, "version": 1, "taken": []})
    colleague = signed_in(california_coordinator)
    assert colleague.get(url("draft-list")).json()["results"][0]["id"] == key
    assert "Ximena" not in str(colleague.get(url("draft-list")).json())
    address = url("draft-detail", key)
    body = {"version": 1, "content": {"child-first_surname": ["De la Cruz"], "child-sex": ["F"]}}
    assert colleague.patch(address, body).json()["version"] == 2
    mine = officer.patch(address, {"version": 1, "content": {"event-place": ["Chula Vista"]}})
    assert (mine.status_code, mine.json()["taken"]) == (200, ["child-first_surname", "child-sex"])
    clash = officer.patch(address, {"version": 1, "content": {"child-sex": ["M"]}})
    assert (clash.status_code, clash.json()["conflicts"]) == (
        409, {"child-sex": {"mine": ["M"], "theirs": ["F"]}},
    )  # fmt: skip
    assert officer.get(address).json()["content"]["event-place"] == ["Chula Vista"]
    strange = officer.patch(address, {"version": 3, "content": {"child-password": ["x"]}})
    assert strange.status_code == 400
    opened = officer.post(url("draft-open", key))
    assert opened.status_code == 201, opened.json()
    case = Case.objects.get(pk=opened.json()["id"])
    assert (case.children.get().first_surname, case.abduction.place) == ("De la Cruz", "Chula Vista")
    assert officer.get(address).status_code == 404, "it is a case now"


def test_draft_that_does_not_hold_together_is_not_opened(officer: Any) -> None:
    key = officer.post(url("draft-list"), {"content": {"vehicle-year": ["19"]}}).json()["id"]
    answer = officer.post(url("draft-open", key))
    assert (answer.status_code, list(answer.json()["errors"])) == (400, ["vehicle-year"])
    assert not Case.objects.exists()
    assert officer.post(url("draft-discard", key)).status_code == 200
    assert not CaseDraft.objects.exists()


@pytest.mark.parametrize("who", ["quebec_coordinator", "california_legal"])
def test_drafts_and_records_of_others_are_not_found(who: str, request: Any, case: Any, officer: Any) -> None:
    stranger = signed_in(request.getfixturevalue(who))
    draft = officer.post(url("draft-list"), {"content": {"child-given_names": ["Ximena"]}}).json()["id"]
    assert stranger.get(url("draft-detail", draft)).status_code == 404
    assert stranger.patch(url("draft-detail", draft), {"version": 1, "content": {}}).status_code == 404
    assert stranger.post(url("draft-discard", draft)).status_code == 404
    for name, body in (("case-sightings", SIGHTING), ("case-references", {"kind": "nic", "number": "1"}),
                       ("case-parallel-notices", {"body": "ncb", "outcome": "sent"})):  # fmt: skip
        assert stranger.post(url(name, case.pk), body).status_code == 404


def test_case_list_by_api_narrows_as_the_page_does(officer: Any, california_officer: Any, active_case: Any) -> None:
    from agencies.models import Agency
    from cases.services.files import open_case

    drill = open_case(by=california_officer, agency=Agency.objects.get(code="us-ca-chp"), is_exercise=True)
    Case.objects.filter(pk=active_case.pk).update(destination_country="MX")
    active_case.abduction.category_at_intake = "FAM"
    active_case.abduction.save(update_fields=["category_at_intake"])
    both = {str(active_case.pk), str(drill.pk)}
    one, other = {str(active_case.pk)}, {str(drill.pk)}
    plate, child = active_case.vehicles.get().plate, active_case.children.get()
    for query, expected in (
        ({}, both), ({"category": "FAM"}, one), ({"category": "NFA"}, set()), ({"origin": "US", "toward": "MX"}, one),
        ({"exercise": "true"}, other), ({"lead": "us-ca-chp"}, both), ({"lead": "mx-bcn-amber"}, set()),
        ({"opened_from": "2999-01-01T00:00:00Z"}, set()), ({"opened_before": "2999-01-01T00:00:00Z"}, both),
        ({"q": plate[1:5]}, one), ({"q": child.first_surname.lower()}, one), ({"q": drill.reference}, other),
        ({"q": plate, "status": ["intake"]}, set()),
    ):  # fmt: skip
        answer = officer.get(url("case-list"), query).json()
        assert ({row["id"] for row in answer["results"]}, answer["count"]) == (expected, len(expected)), query
    for wrong in ({"category": "zz"}, {"origin": "XX"}, {"lead": "no-such"}, {"q": "ab"}, {"opened_from": "today"}):
        answer = officer.get(url("case-list"), wrong)
        assert (answer.status_code, list(answer.json()["errors"])) == (400, list(wrong)), wrong


def test_desk_by_api_lists_the_drafts_of_intakes_without_what_was_typed(officer: Any, quebec_coordinator: Any) -> None:
    key = officer.post(url("draft-list"), {"content": {"child-given_names": ["Ximena"]}}).json()["id"]
    desk = officer.get(url("desk")).json()
    assert [row["id"] for row in desk["case_drafts"]] == [key]
    assert "Ximena" not in str(desk)
    assert signed_in(quebec_coordinator).get(url("desk")).json()["case_drafts"] == []
