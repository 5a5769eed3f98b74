"""Blind questions: yes or no and a desk, the same for what is sealed as for what is not there, and not too often."""

from __future__ import annotations

import json
import time
from datetime import date, timedelta
from typing import Any

import pytest
from django.urls import reverse
from django.utils import timezone

from agencies import access, scope
from agencies.choices import Capability
from agencies.models import Agency, AuditEvent
from agencies.refusals import ActRefused, NotPermitted
from alerts.desk_items import what_needs
from cases.models import BlindQuestion, CaseAccess, Child
from cases.services import blind_questions, seals
from cases.services.files import open_case
from tests.project.returned_forms import NONCE, signed_in

pytestmark = pytest.mark.django_db
BORN = date(2019, 5, 4)


@pytest.fixture(autouse=True)
def _at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """Answer without waiting; the one test of the time waits."""
    monkeypatch.setattr(blind_questions, "ANSWER_SECONDS", 0.0)


@pytest.fixture
def known(active_case: Any) -> Any:
    """The case of California, with the child's date of birth."""
    active_case.children.update(birth_date=BORN, first_surname="Quimby Peña")
    return active_case


@pytest.fixture
def california(db: None) -> Any:
    """The agency that is asked."""
    return Agency.objects.get(code="us-ca-chp")


def plate(by: Any, agency: Any, number: str = "7XYZ123", **values: Any) -> BlindQuestion:
    return blind_questions.ask_about_plate(by=by, agency=agency, reason="tip", plate=number, **values)


def child(by: Any, agency: Any, names: str, born: date = BORN, **values: Any) -> BlindQuestion:
    return blind_questions.ask_about_child(by=by, agency=agency, reason="tip", names=names, birth_date=born, **values)


@pytest.mark.parametrize(
    ("number", "is_hit"), [("7XYZ123", True), ("7xyz-123", True), (" 7 XYZ.123", True), ("7XYZ124", False),
                           ("7XYZ12", False), ("XYZ123", False)],
)  # fmt: skip
def test_plate_is_compared_without_what_stands_between(
    known: Any, quebec_coordinator: Any, california: Any, number: str, is_hit: bool
) -> None:
    assert plate(quebec_coordinator, california, number).is_hit is is_hit


@pytest.mark.parametrize(
    ("names", "born", "is_hit"),
    [
        ("Zoraida Quimby Peña", BORN, True), ("QUIMBY PENA zoraida", BORN, True), ("Zoraida Quimby", BORN, True),
        ("Zoraida Quimby", BORN + timedelta(days=1), False), ("Zora Quimby", BORN, False),
        ("Zoraida Quimbyx", BORN, False), ("Zoraida Quimby Soto", BORN, False), ("%% Quimby Zoraida_", BORN, True),
        ("Zor% Qui%", BORN, False),
    ],
)  # fmt: skip
def test_child_is_compared_by_whole_names_and_date_of_birth(
    known: Any, quebec_coordinator: Any, california: Any, names: str, born: date, is_hit: bool
) -> None:
    assert child(quebec_coordinator, california, names, born).is_hit is is_hit


def test_only_the_asked_agency_counts_and_only_what_it_is_on_now(
    known: Any, quebec_coordinator: Any, california: Any
) -> None:
    texas = Agency.objects.get(code="us-tx-dps")
    assert not plate(quebec_coordinator, texas).is_hit
    CaseAccess.objects.filter(case=known).update(until=timezone.now())
    assert not plate(quebec_coordinator, california).is_hit


def test_exercises_stay_apart(known: Any, quebec_coordinator: Any, california_officer: Any, california: Any) -> None:
    assert not child(quebec_coordinator, california, "Zoraida Quimby", is_exercise=True).is_hit
    exercise = open_case(by=california_officer, agency=california, is_exercise=True)
    Child.objects.create(case=exercise, given_names="Simona", first_surname="Ejercicio", birth_date=BORN)
    assert child(quebec_coordinator, california, "Simona Ejercicio", is_exercise=True).is_hit
    assert not child(quebec_coordinator, california, "Simona Ejercicio").is_hit


def test_sealed_case_answers_like_none(
    known: Any, quebec_coordinator: Any, california_coordinator: Any, california: Any
) -> None:
    seals.seal_case(case=known, by=california_coordinator, reason="integrity", readers=[])
    client, address = signed_in(quebec_coordinator), "/api/v1/blind-questions/"
    body = {"agency": "us-ca-chp", "reason": "tip", "subject": "plate"}
    told = [
        client.post(address, json.dumps({**body, "plate": number}), content_type="application/json").json()
        for number in ("7XYZ123", "9NONE99")
    ]
    for answer in told:
        answer.pop("id")
        answer.pop("created_at")
    assert told[0] == told[1]
    assert told[0]["is_hit"] is False
    assert not child(quebec_coordinator, california, "Zoraida Quimby").is_hit


def test_every_answer_takes_as_long(
    known: Any, quebec_coordinator: Any, california: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(blind_questions, "ANSWER_SECONDS", 0.6)
    taken = []
    for number in ("7XYZ123", "9NONE99"):
        began = time.monotonic()
        plate(quebec_coordinator, california, number)
        taken.append(time.monotonic() - began)
    assert all(0.6 <= seconds < 3 for seconds in taken), taken


def test_answer_holds_a_desk_and_nothing_of_the_case(
    known: Any, quebec_coordinator: Any, california_officer: Any, california: Any
) -> None:
    Agency.objects.filter(pk=california.pk).update(desk_phone="+19165550100", desk_email="desk@california.example")
    question = plate(quebec_coordinator, california)
    page = signed_in(quebec_coordinator).get(question.url)
    assert page.status_code == 200
    assert "+19165550100" in page.text
    for secret in ("Quimby", "Zoraida", "7XYZ123", known.reference, california_officer.full_name):
        assert secret not in page.text
    stored = {field.name: str(getattr(question, field.attname)) for field in BlindQuestion._meta.concrete_fields}
    assert not any("7XYZ123" in value for value in stored.values())


def test_asked_agency_sees_who_asked_and_why_and_others_do_not(
    known: Any, quebec_coordinator: Any, california_officer: Any, california_legal: Any, baja_coordinator: Any,
    superuser: Any, california: Any,
) -> None:  # fmt: skip
    question = plate(quebec_coordinator, california)
    page = signed_in(california_officer).get(question.url)
    assert quebec_coordinator.full_name in page.text
    assert question.get_reason_label() in page.text
    (item,) = (item for item in what_needs(california_officer) if item.kind == "blind_question")
    assert item.url == question.url
    for person in (california_legal, baja_coordinator, superuser):
        assert signed_in(person).get(question.url).status_code == 404
        assert not BlindQuestion.objects.visible_to(person).exists()
    for person, count in ((quebec_coordinator, 1), (california_officer, 1), (baja_coordinator, 0)):
        with scope.acting_for(access.agency_ids(person, Capability.VIEW_CASES), person=person.pk):
            assert BlindQuestion.objects.count() == count
    event = AuditEvent.objects.get(action="blindquestion.asked")
    assert set(event.agency_ids) == {california.pk, Agency.objects.get(code="ca-qc-sq").pk}
    assert (event.actor_id, event.detail["reason"]) == (quebec_coordinator.pk, "tip")


def test_who_may_not_ask_and_what_is_no_question(
    known: Any, quebec_coordinator: Any, california_legal: Any, california_staff: Any, superuser: Any, california: Any
) -> None:
    for person in (california_legal, california_staff, superuser):
        with pytest.raises(NotPermitted):
            plate(person, Agency.objects.get(code="us-tx-dps"))
        assert signed_in(person).get(reverse("cases:blind-question-list")).status_code == 404
    for number in ("7X", "7XYZ12?", ""):
        with pytest.raises(ActRefused):
            plate(quebec_coordinator, california, number)
    for names in ("Zoraida", "", "Z Q"):
        with pytest.raises(ActRefused):
            child(quebec_coordinator, california, names)
    with pytest.raises(ActRefused):
        plate(quebec_coordinator, Agency.objects.get(code="ca-qc-sq"))
    assert not BlindQuestion.objects.exists()


def test_too_many_questions_of_a_person_and_of_an_agency(
    known: Any, quebec_coordinator: Any, make_user: Any, california: Any
) -> None:
    for _number in range(blind_questions.MOST_BY_PERSON):
        first = plate(quebec_coordinator, california, "9NONE99")
    with pytest.raises(ActRefused) as refusal:
        plate(quebec_coordinator, california)
    assert "You may ask again at" in str(refusal.value.message)
    others = [make_user(f"agent{number}@quebec.example", "ca-qc-sq", "duty_officer", "fr") for number in range(3)]
    for other in others[:2]:
        for _number in range(blind_questions.MOST_BY_PERSON):
            plate(other, california, "9NONE99")
    with pytest.raises(ActRefused) as refusal:
        plate(others[2], california)
    assert "Your agency has asked" in str(refusal.value.message)
    assert BlindQuestion.objects.count() == blind_questions.MOST_BY_AGENCY
    BlindQuestion.objects.update(created_at=first.created_at - blind_questions.PERIOD)
    assert plate(quebec_coordinator, california).is_hit


@pytest.mark.parametrize("language", ["en", "es", "fr"])
def test_page_asks_once(known: Any, quebec_coordinator: Any, california: Any, language: str) -> None:
    client, address = signed_in(quebec_coordinator, language), reverse("cases:blind-question-list")
    assert address in client.get(reverse("cases:case-list")).text
    form = {"agency": str(california.pk), "reason": "tip", "subject": "plate", "plate": "", "nonce": "a" * 20}
    wrong = client.post(address, form)
    assert wrong.status_code == 422
    assert set(wrong.context["form"].errors) == {"plate"}
    late = f"{timezone.localdate() + timedelta(days=2):%Y-%m-%d}"
    wrong = client.post(address, form | {"subject": "child", "birth_date": late})
    assert set(wrong.context["form"].errors) == {"names", "birth_date"}
    for _time in range(2):
        answer = client.post(address, form | {"plate": "7XYZ123", "nonce": NONCE})
        assert answer.headers["Location"] == BlindQuestion.objects.get().url
    child_form = form | {"subject": "child", "names": "Zoraida Quimby", "birth_date": f"{BORN:%Y-%m-%d}"}
    assert client.post(address, child_form | {"nonce": "c" * 20}).status_code == 302
    assert set(BlindQuestion.objects.values_list("subject", "is_hit")) == {("plate", True), ("child", True)}


def test_api_asks_and_lists(known: Any, quebec_coordinator: Any, california_legal: Any) -> None:
    client, address = signed_in(quebec_coordinator), "/api/v1/blind-questions/"

    def post(**body: Any) -> Any:
        return client.post(address, json.dumps(body), content_type="application/json")

    asked = {"agency": "us-ca-chp", "reason": "tip", "subject": "child"}
    assert post(**asked, names="Zoraida Quimby").status_code == 400
    made = post(**asked, names="Zoraida Quimby", birth_date=f"{BORN:%Y-%m-%d}")
    assert made.status_code == 201, made.text
    assert made.json()["is_hit"] is True
    assert [row["id"] for row in client.get(address).json()["results"]] == [made.json()["id"]]
    assert client.get(f"{address}{made.json()['id']}/").json()["reason"] == "tip"
    theirs = signed_in(california_legal)
    assert theirs.get(address).json()["results"] == []
    assert theirs.get(f"{address}{made.json()['id']}/").status_code == 404
