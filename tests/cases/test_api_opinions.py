"""Legal opinions through the API: given, sent back, asked again, released; the same services and refusals (U30)."""

from __future__ import annotations

import uuid
from typing import Any

import pytest

from agencies.models import Agency, AuditEvent
from alerts.models import Notice
from cases.models import LegalReview, ReviewRelease
from cases.services.opinions import ask_opinion
from cases.services.questions_elsewhere import ask_elsewhere
from tests.project.returned_forms import signed_in

pytestmark = pytest.mark.django_db
BAJA = "mx-bcn-amber"
SAID = {"opinion": "with_conditions", "conclusion": "Zqconclusion", "grounds": "Zqgrounds", "notes": "Zqnotes"}


def act(person: Any, case: Any, name: str, body: dict[str, Any], status: int, key: str = "") -> Any:
    """Send an act and return its answer, which has this status."""
    headers = {"Idempotency-Key": key} if key else {}
    address = f"/api/v1/cases/{case.pk}/{name}/"
    answer = signed_in(person).post(address, body, content_type="application/json", headers=headers)
    assert answer.status_code == status, answer.content
    return answer.json()


def law(person: Any, case: Any) -> Any:
    return signed_in(person).get(f"/api/v1/cases/{case.pk}/law/").json()


@pytest.fixture
def asked(active_case: Any, california_coordinator: Any, california_legal: Any) -> Any:
    """A question of California's coordinator to its own advisor."""
    return ask_opinion(case=active_case, by=california_coordinator, question="may_activate", hours=2)


@pytest.fixture
def jurist(make_user: Any) -> Any:
    """A legal advisor in Québec, which is not on the case."""
    return make_user("julie.juriste@quebec.example", "ca-qc-sq", "legal_advisor", "fr", time_zone="America/Toronto")


def test_opinion_is_given_once_and_bound_to_the_facts(
    asked: Any, california_legal: Any, california_officer: Any, california_coordinator: Any
) -> None:
    case, body = asked.case, {"review": str(asked.pk), **SAID}
    for wrong, field in (
        ({"opinion": "perhaps"}, "opinion"), ({"grounds": ""}, "grounds"), ({"conclusion": ""}, "conclusion"),
        ({"review": "no-uuid"}, "review"),
    ):  # fmt: skip
        assert list(act(california_legal, case, "give-opinion", {**body, **wrong}, 400)["errors"]) == [field]
    for other in (california_officer, california_coordinator):
        act(other, case, "give-opinion", body, 404)
    asked.refresh_from_db()
    assert asked.status == "requested"
    california_legal.language = "es"
    california_legal.save()
    first = act(california_legal, case, "give-opinion", body, 200, key="k")
    assert first == {"id": str(asked.pk), "status": "given"}, "the answer that is kept for a repeat holds no words"
    assert act(california_legal, case, "give-opinion", body, 200, key="k") == first
    act(california_legal, case, "give-opinion", body, 409)
    asked.refresh_from_db()
    assert (asked.conclusion, asked.grounds, asked.notes) == ("Zqconclusion", "Zqgrounds", "Zqnotes")
    assert (asked.given_by, asked.language, asked.facts_version) == (california_legal, "es", case.facts_version)
    assert [row["status"] for row in law(california_officer, case)["legal_reviews"]] == ["given"]


def test_question_is_sent_back_and_asked_again(
    asked: Any, california_legal: Any, california_coordinator: Any, california_officer: Any
) -> None:
    case, review = asked.case, str(asked.pk)
    missing = {"review": review, "opinion": "more_facts", "grounds": "The order is missing."}
    assert act(california_legal, case, "give-opinion", missing, 200)["status"] == "returned"
    again = {"review": review, "hours": 4}
    act(california_officer, case, "ask-again", again, 404)
    act(california_coordinator, case, "ask-again", {**again, "hours": 0}, 400)
    assert act(california_coordinator, case, "ask-again", again, 200)["status"] == "requested"
    act(california_coordinator, case, "ask-again", again, 409)
    act(california_legal, case, "give-opinion", {**missing, "opinion": "in_favor"}, 200)


def test_advisor_of_another_agency_answers_and_tells_no_more_than_the_missing_facts(
    active_case: Any, california_coordinator: Any, jurist: Any
) -> None:
    ask_elsewhere(
        case=active_case, by=california_coordinator, agency=Agency.objects.get(code="ca-qc-sq"), question="custody",
        hours=4, sight_hours=24,
    )  # fmt: skip
    review = LegalReview.objects.get()
    body = {"review": str(review.pk), **SAID, "opinion": "more_facts"}
    act(jurist, active_case, "give-opinion", {**body, "conclusion": ""}, 409)
    assert act(jurist, active_case, "give-opinion", body, 200)["status"] == "returned"
    told = signed_in(california_coordinator).get(f"/api/v1/cases/{active_case.pk}/law/").text
    assert "Zqconclusion" in told and "Zqgrounds" not in told and "Zqnotes" not in told
    again = {"review": str(review.pk), "hours": 4}
    assert act(california_coordinator, active_case, "ask-again", again, 200)["status"] == "requested"
    act(jurist, active_case, "give-opinion", {**body, "opinion": "against", "conclusion": "Zqagainst"}, 200)
    told = signed_in(california_coordinator).get(f"/api/v1/cases/{active_case.pk}/law/").text
    assert "Zqagainst" not in told, "the answer stays inside the author's agency until it is released"


def test_opinion_that_nobody_asked_for_stays_inside_until_it_is_released(
    sent_request: Any, california_legal: Any, california_officer: Any, baja_coordinator: Any
) -> None:
    case = sent_request.case
    act(california_officer, case, "record-opinion", SAID, 404)
    act(baja_coordinator, case, "record-opinion", SAID, 404)
    made = act(california_legal, case, "record-opinion", SAID, 201, key="k")
    assert act(california_legal, case, "record-opinion", SAID, 201, key="k") == made
    assert LegalReview.objects.count() == 1
    assert law(baja_coordinator, case)["legal_reviews"] == []
    body = {"review": made["id"], "agency": BAJA, "scope": "conclusion"}
    act(california_officer, case, "release-opinion", body, 404)
    act(baja_coordinator, case, "release-opinion", body, 404)
    assert list(act(california_legal, case, "release-opinion", {**body, "scope": "half"}, 400)["errors"]) == ["scope"]
    for elsewhere in ("ca-qc-sq", "us-ca-chp"):
        act(california_legal, case, "release-opinion", {**body, "agency": elsewhere}, 409)
    assert LegalReview.objects.get().status == "given"
    shown = act(california_legal, case, "release-opinion", body, 201)
    assert (shown["review"], shown["agency"], shown["scope"]) == (made["id"], BAJA, "conclusion")
    act(california_legal, case, "release-opinion", body, 409)
    (told,) = law(baja_coordinator, case)["legal_reviews"]
    assert (told["conclusion"], told["grounds"], told["is_whole"]) == ("Zqconclusion", "", False)
    act(california_legal, case, "release-opinion", {**body, "scope": "whole"}, 201)
    assert law(baja_coordinator, case)["legal_reviews"][0]["grounds"] == "Zqgrounds"
    assert ReviewRelease.objects.count() == 2
    assert Notice.objects.filter(kind="review_released", case=case).exists()
    acts = AuditEvent.objects.filter(action__startswith="legalreview.", actor_id=california_legal.pk)
    assert acts.filter(action="legalreview.release").count() == 2


def test_agency_to_which_an_opinion_was_released_neither_answers_nor_releases_it(
    sent_request: Any, california_legal: Any, make_user: Any
) -> None:
    case = sent_request.case
    advisor = make_user("alba.asesora@baja.example", BAJA, "legal_advisor", "es", time_zone="America/Tijuana")
    made = act(california_legal, case, "record-opinion", SAID, 201)
    body = {"review": made["id"], "agency": "us-ca-chp", "scope": "whole"}
    act(advisor, case, "release-opinion", body, 404)
    act(california_legal, case, "release-opinion", {**body, "agency": BAJA}, 201)
    act(advisor, case, "release-opinion", body, 404)
    act(advisor, case, "give-opinion", {"review": made["id"], **SAID}, 404)
    act(advisor, case, "give-opinion", {"review": str(uuid.uuid4()), **SAID}, 404)
    assert ReviewRelease.objects.count() == 1
