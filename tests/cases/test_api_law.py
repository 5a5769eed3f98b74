"""Criteria, the home program's decision and legal opinions through the API: the same services, the same silence."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client

from agencies.models import Agency
from cases.models import AssessmentAnswer, HomeDecision
from cases.services.opinions import record_opinion, release_opinion

pytestmark = pytest.mark.django_db


def signed_in(person: Any) -> Client:
    """Return a client of this person."""
    client = Client()
    client.force_login(person)
    return client


def post(person: Any, address: str, body: dict[str, Any]) -> Any:
    """Send a body as JSON."""
    return signed_in(person).post(address, body, content_type="application/json")


def test_answers_are_given_and_read(sent_request, california_officer, baja_coordinator, quebec_coordinator):
    address = f"/api/v1/cases/{sent_request.case_id}/"
    body = {"program": "us-ca", "answers": [{"question": "danger", "answer": "unknown", "reason": "Not heard yet"}]}
    assert post(quebec_coordinator, address + "criteria-answers/", body).status_code == 404
    kept = post(california_officer, address + "criteria-answers/", body)
    assert kept.status_code == 200
    assert set(kept.json()) == {"id", "facts_version"}
    (assessment,) = signed_in(california_officer).get(address + "law/").json()["assessments"]
    assert (assessment["agency"], assessment["program"], assessment["frozen_at"]) == ("us-ca-chp", "us-ca", None)
    assert [(row["question"], row["answer"], row["reason"]) for row in assessment["answers"]] == [
        ("danger", "unknown", "Not heard yet")
    ]
    assert signed_in(baja_coordinator).get(address + "law/").json()["assessments"] == []
    assert signed_in(quebec_coordinator).get(address + "law/").status_code == 404


def test_wrong_answers_are_refused_by_field(active_case, california_officer):
    address = f"/api/v1/cases/{active_case.pk}/criteria-answers/"
    twice = [{"question": "danger", "answer": "yes"}, {"question": "danger", "answer": "no"}]
    for answers in ([], twice, [{"question": "danger", "answer": "perhaps"}]):
        assert post(california_officer, address, {"program": "us-ca", "answers": answers}).status_code == 400
    body = {"program": "us-ca", "answers": [{"question": "nothing", "answer": "yes"}]}
    assert post(california_officer, address, body).status_code == 409
    assert not AssessmentAnswer.objects.exists()


def test_home_decision_is_recorded_and_read_by_the_asked_program(sent_request, california_officer, baja_coordinator):
    address = f"/api/v1/cases/{sent_request.case_id}/"
    body = {"program": "us-ca", "outcome": "not_activated", "reason": "criteria_danger"}
    assert post(baja_coordinator, address + "home-decision/", body).status_code == 404
    assert post(california_officer, address + "home-decision/", body).status_code == 409
    assert not HomeDecision.objects.exists()
    assert post(california_officer, address + "home-decision/", body | {"alternative": "advisory"}).status_code == 201
    (decision,) = signed_in(baja_coordinator).get(address + "law/").json()["home_decisions"]
    assert (decision["outcome"], decision["reason"], decision["alternative"], decision["decided_by"]) == (
        "not_activated", "criteria_danger", "advisory", california_officer.full_name,
    )  # fmt: skip


def test_decision_on_a_request_takes_answers(sent_request, baja_coordinator):
    address = f"/api/v1/requests/{sent_request.pk}/"
    assert post(baja_coordinator, address + "acknowledge/", {}).status_code == 200
    body = {"decision": "accept", "answers": [{"question": "danger", "answer": "yes"}]}
    assert post(baja_coordinator, address + "decision/", body).status_code == 200
    sent_request.refresh_from_db()
    assert sent_request.assessment.is_frozen
    assert sent_request.assessment.answers.get().answer == "yes"


def test_conclusion_only_brings_no_grounds(sent_request, california_legal, california_officer, baja_coordinator):
    case = sent_request.case
    review = record_opinion(
        case=case, by=california_legal, opinion="against", grounds="Secret grounds", conclusion="Open", notes="Secret"
    )
    address = f"/api/v1/cases/{case.pk}/law/"
    assert signed_in(baja_coordinator).get(address).json()["legal_reviews"] == []
    release_opinion(
        review=review, by=california_legal, agency=Agency.objects.get(code="mx-bcn-amber"), scope="conclusion"
    )
    (shown,) = signed_in(baja_coordinator).get(address).json()["legal_reviews"]
    assert (shown["opinion"], shown["conclusion"], shown["grounds"], shown["notes"], shown["is_whole"]) == (
        "against", "Open", "", "", False,
    )  # fmt: skip
    (own,) = signed_in(california_officer).get(address).json()["legal_reviews"]
    assert (own["grounds"], own["is_whole"]) == ("Secret grounds", True)
