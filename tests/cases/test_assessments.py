"""Answers to criteria: who may give and see them, what unknown means, and that a decision freezes them (U33)."""

from __future__ import annotations

from typing import Any

import psycopg
import pytest
from django.db import DatabaseError, transaction
from django.utils import translation

from agencies.models import Agency, AlertProgram, AuditEvent, CriteriaVersion
from agencies.refusals import ActRefused, NotPermitted
from alerts.services import requests
from cases.criteria.columns import asked_of
from cases.criteria.rules import questions_of
from cases.models import Assessment, AssessmentAnswer, Child
from cases.services.assessments import GivenAnswer, freeze, record_answers
from cases.services.facts import record_facts

pytestmark = pytest.mark.django_db


def version_of(code: str) -> CriteriaVersion:
    """Return the version of a program that applies today."""
    version = CriteriaVersion.in_force_for(AlertProgram.objects.get(code=code))
    assert version is not None
    return version


def codes(version: CriteriaVersion) -> list[str]:
    """Return the codes of a version's questions in their order."""
    return [question.code for question in questions_of(version)]


def test_questions_follow_from_the_parameters():
    california = version_of("us-ca")
    assert codes(california) == ["age", "abduction", "danger", "information", "database", "parental", "runaway"]
    california.max_hours_since_event, california.db_entry_required, california.info_test = 4, "", {}
    assert codes(california) == ["age", "abduction", "danger", "parental", "runaway", "time"]
    rules = {question.code: question.rule for question in questions_of(california)}
    assert (rules["age"], rules["time"]) == ("17 years or younger", "within 4 hours of the event")
    california.vulnerable_adult_allowed = True
    assert questions_of(california)[0].rule == "17 years or younger; vulnerable adults are covered too"


def test_branches_are_data_of_the_version_behind_what_they_hang_on():
    texas = version_of("us-tx")
    assert codes(texas) == [
        "age", "under_14", "under_14_unrelated", "abduction", "danger", "information", "database", "parental",
        "parent_homicide", "runaway",
    ]  # fmt: skip
    by_code = {question.code: question for question in questions_of(texas)}
    assert by_code["parent_homicide"].title == "Did the parent commit or attempt murder?"
    assert (by_code["parent_homicide"].after, by_code["parent_homicide"].answer) == ("parental", "yes")
    texas.branches = [{"question": "under_14", "after": "danger", "answer": "no"}]
    assert codes(texas).index("under_14") == codes(texas).index("danger") + 1


@pytest.mark.parametrize(
    "rows",
    [
        "x", ["x"], [{"question": "a", "after": "age"}], [{"question": "a", "after": "age", "answer": "perhaps"}],
        [{"question": "a", "after": "age", "max_age": "13"}], [{"after": "age", "answer": "yes"}],
        [{"question": "a", "after": "age", "answer": "yes", "max_age": 13}],
    ],
)  # fmt: skip
def test_branches_that_could_not_be_asked_are_refused_in_the_administration(rows):
    from django.core.exceptions import ValidationError

    texas = version_of("us-tx")
    texas.branches = rows
    with pytest.raises(ValidationError) as refusal:
        texas.full_clean()
    assert set(refusal.value.message_dict) == {"branches"}


def test_question_for_children_under_14_is_left_out_only_when_every_age_is_known_and_higher(intake_case):
    texas, child = version_of("us-tx"), intake_case.children.get()

    def asks() -> bool:
        return {"under_14", "under_14_unrelated"} <= {question.code for question in asked_of(intake_case, texas)}

    assert asks()  # seven years old
    Child.objects.filter(pk=child.pk).update(age_years=15)
    assert not asks()
    Child.objects.create(case=intake_case, age_years=None)  # unknown is not higher
    assert asks()


def test_unknown_closes_no_branch_and_a_known_answer_does(active_case, california_officer):
    def answer(**given: str) -> dict[str, str]:
        assessment = record_answers(
            case=active_case, criteria=version_of("us-tx"), by=california_officer,
            answers={code: GivenAnswer(value) for code, value in given.items()},
        )  # fmt: skip
        return dict(assessment.answers.values_list("question", "answer"))

    assert answer(parent_homicide="unknown") == {"parent_homicide": "unknown"}
    assert answer(parental="unknown", parent_homicide="yes")["parent_homicide"] == "yes"
    with pytest.raises(ActRefused):
        answer(parental="no")
    assert answer(parental="no", parent_homicide="") == {"parental": "no"}
    assert answer(parental="yes", parent_homicide="no") == {"parental": "yes", "parent_homicide": "no"}


def test_answers_carry_officer_time_reason_and_language(active_case, california_officer, california_coordinator):
    version = version_of("us-ca")
    with translation.override("fr"):
        record_answers(
            case=active_case, criteria=version, by=california_officer,
            answers={"danger": GivenAnswer("yes", "Menaces répétées."), "age": GivenAnswer("yes")},
        )  # fmt: skip
    kept = AssessmentAnswer.objects.get(question="danger")
    assert (kept.answer, kept.reason, kept.reason_language, kept.answered_by) == (
        "yes", "Menaces répétées.", "fr", california_officer,
    )  # fmt: skip
    record_answers(
        case=active_case, criteria=version, by=california_coordinator,
        answers={"danger": GivenAnswer("yes", "Menaces répétées."), "age": GivenAnswer("unknown")},
    )  # fmt: skip
    assert AssessmentAnswer.objects.get(question="danger").answered_by == california_officer  # unchanged stays
    assert AssessmentAnswer.objects.get(question="age").answered_by == california_coordinator
    assert "Menaces" not in str(list(AuditEvent.objects.values_list("detail", "field_names")))


def test_question_that_the_version_does_not_ask_is_refused(active_case, california_officer):
    with pytest.raises(ActRefused):
        record_answers(
            case=active_case, criteria=version_of("us-ca"), by=california_officer,
            answers={"parent_homicide": GivenAnswer("yes")},
        )  # fmt: skip
    assert not Assessment.objects.exists()


@pytest.mark.parametrize("who", ["california_legal", "california_staff", "quebec_coordinator", "superuser"])
def test_only_officers_of_an_agency_on_the_case_answer(who, active_case, request):
    with pytest.raises(NotPermitted):
        record_answers(
            case=active_case, criteria=version_of("us-ca"), by=request.getfixturevalue(who),
            answers={"age": GivenAnswer("yes")},
        )  # fmt: skip


def test_changed_facts_mark_the_answers(active_case, california_officer):
    assessment = record_answers(
        case=active_case, criteria=version_of("us-ca"), by=california_officer, answers={"age": GivenAnswer("yes")}
    )
    assert assessment.facts_version == active_case.facts_version
    child = active_case.children.get()
    child.age_years = 8
    record_facts(case=active_case, by=california_officer, items=[(child, ["age_years"])])
    assessment.refresh_from_db()
    assert assessment.facts_version != active_case.facts_version
    record_answers(
        case=active_case, criteria=version_of("us-ca"), by=california_officer, answers={"danger": GivenAnswer("no")}
    )
    assessment.refresh_from_db()
    assert assessment.facts_version == active_case.facts_version


@pytest.fixture
def decided(sent_request: Any, california_officer: Any, baja_coordinator: Any) -> Any:
    """The request, accepted by Baja California with two answers; California has answered for itself before."""
    record_answers(
        case=sent_request.case, criteria=version_of("us-ca"), by=california_officer,
        answers={"danger": GivenAnswer("yes", "Home reason")},
    )  # fmt: skip
    requests.acknowledge(request=sent_request, by=baja_coordinator)
    requests.decide(
        request=sent_request, by=baja_coordinator, decision="accept",
        answers={"danger": GivenAnswer("yes", "Receiver reason"), "database": GivenAnswer("unknown")},
    )  # fmt: skip
    sent_request.refresh_from_db()
    return sent_request


def test_decision_freezes_the_receivers_answers_under_its_version(decided, baja_coordinator):
    frozen = decided.assessment
    assert (frozen.agency.code, frozen.criteria, frozen.frozen_by) == (
        "mx-bcn-amber", version_of("mx-bcn"), baja_coordinator,
    )  # fmt: skip
    assert decided.criteria == frozen.criteria
    assert dict(frozen.answers.values_list("question", "answer")) == {"danger": "yes", "database": "unknown"}


def test_frozen_answers_cannot_be_changed_by_anybody(decided, baja_coordinator):
    frozen = decided.assessment
    answer = frozen.answers.get(question="danger")
    tries = [
        lambda: AssessmentAnswer.objects.filter(pk=answer.pk).update(answer="no"),
        lambda: AssessmentAnswer.objects.filter(pk=answer.pk).delete(),
        lambda: AssessmentAnswer.objects.create(
            case=decided.case, assessment=frozen, question="age", answer="yes", answered_by=baja_coordinator
        ),
        lambda: Assessment.objects.filter(pk=frozen.pk).update(frozen_at=None, frozen_by=None),
        lambda: Assessment.objects.filter(pk=frozen.pk).update(facts_version=99),
    ]
    for attempt in tries:
        with pytest.raises(DatabaseError) as refusal, transaction.atomic():
            attempt()
        assert isinstance(refusal.value.__cause__, psycopg.errors.InsufficientPrivilege)
    again = record_answers(
        case=decided.case, criteria=frozen.criteria, by=baja_coordinator, answers={"danger": GivenAnswer("no")}
    )
    assert again.pk != frozen.pk
    assert frozen.answers.get(question="danger").answer == "yes"


def test_answers_are_shared_only_when_frozen_with_a_decision(
    decided, california_officer, baja_coordinator, quebec_coordinator, make_user
):
    def seen(user: Any) -> set[str]:
        return set(AssessmentAnswer.objects.visible_to(user).values_list("reason", flat=True)) - {""}

    assert seen(california_officer) == {"Home reason", "Receiver reason"}
    assert seen(baja_coordinator) == {"Receiver reason"}  # the home answers rest on no decision yet
    assert seen(quebec_coordinator) == set()
    freeze(case=decided.case, criteria=version_of("us-ca"), by=california_officer)
    assert seen(baja_coordinator) == {"Home reason", "Receiver reason"}
    # another program that was asked sees the home answers, not those of Baja California
    chihuahua = make_user("chela@chihuahua.example", "mx-chh-amber", "coordinator", "es")
    requests.send_request(case=decided.case, program=AlertProgram.objects.get(code="mx-chh"), by=california_officer)
    assert seen(chihuahua) == {"Home reason"}


def test_decision_without_an_answer_is_bound_to_its_version_too(sent_request, baja_coordinator):
    requests.acknowledge(request=sent_request, by=baja_coordinator)
    requests.decide(request=sent_request, by=baja_coordinator, decision="decline", reason="criteria_age")
    sent_request.refresh_from_db()
    assert sent_request.assessment.is_frozen
    assert not sent_request.assessment.answers.exists()


def test_refused_decision_freezes_nothing(sent_request, baja_coordinator):
    with pytest.raises(ActRefused):  # not acknowledged yet
        requests.decide(
            request=sent_request, by=baja_coordinator, decision="accept", answers={"age": GivenAnswer("yes")}
        )
    assert not Assessment.objects.exists()


def test_person_of_two_agencies_answers_for_the_programs_own(sent_request, california_officer):
    from agencies.services import grant_membership

    grant_membership(
        user=california_officer, agency=Agency.objects.get(code="mx-bcn-amber"), role="duty_officer", by=None
    )
    for code, agency in (("us-ca", "us-ca-chp"), ("mx-bcn", "mx-bcn-amber")):
        made = record_answers(
            case=sent_request.case,
            criteria=version_of(code),
            by=california_officer,
            answers={"age": GivenAnswer("yes")},
        )
        assert made.agency.code == agency
