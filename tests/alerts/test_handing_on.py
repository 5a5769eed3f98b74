"""Handing a request to another program: up to the national coordination, back, and on from a hub (U5)."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import translation

from agencies import routing
from agencies.models import AlertProgram, AuditEvent, CriteriaVersion, ProgramRoute
from agencies.refusals import ActRefused, NotPermitted, TransitionConflict
from alerts.models import Alert, Delivery, Duty, ExtensionRequest, Notice
from alerts.services import questions, requests
from alerts.services.handing_on import hand_on, handed_before, open_question, targets_of
from cases.services.assessments import GivenAnswer, record_answers

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
def talked_over(sent_request: Any, baja_coordinator: Any, california_officer: Any) -> Any:
    """The request after a round of questions, a second one that is open, and an answer to the program's criteria."""
    requests.acknowledge(request=sent_request, by=baja_coordinator, receiver_reference="BC/77", note="Recibido.")
    with translation.override("es"):
        questions.ask(request=sent_request, by=baja_coordinator, questions=["confirm_plate"], text="¿Qué color?")
    questions.answer(
        request=sent_request, by=california_officer, answers={"confirm_plate": "confirmed"}, text="It is blue."
    )
    questions.ask(request=sent_request, by=baja_coordinator, questions=["newer_photo"])
    version = CriteriaVersion.in_force_for(sent_request.program)
    assert version is not None
    answers = {"danger": GivenAnswer("yes", "Amenazas.")}
    record_answers(case=sent_request.case, criteria=version, by=baja_coordinator, answers=answers)
    return sent_request


def test_state_hands_up_in_one_act_and_everything_goes_along(
    talked_over: Any, baja_coordinator: Any, baja_approver: Any, california_officer: Any, fgr: Any
) -> None:
    handed = hand_on(request=talked_over, by=baja_coordinator, program=program("mx-fgr"), note="Salió del estado.")
    talked_over.refresh_from_db()
    assert (talked_over.status, talked_over.handed_to) == ("escalated", handed)
    assert (handed.status, handed.program.code, handed.requesting_agency, handed.kind, handed.note) == (
        "sent", "mx-fgr", talked_over.requesting_agency, talked_over.kind, talked_over.note
    )  # fmt: skip
    assert (handed.follows, handed.link, handed.sent_by) == (talked_over, "escalation", baja_coordinator)
    (before,) = handed_before(handed)
    assert [item.questions for item in before.rounds] == [["confirm_plate"], ["newer_photo"]]
    assert [item.text for item in before.notes] == ["Recibido.", "Salió del estado."]
    assert [(item.question, item.answer) for item in before.answers] == [("danger", "yes")]
    assert open_question(handed) == {"questions": ["newer_photo"], "text": ""}
    # The national coordination reads the case and answers; the state's request is closed, the asker has both.
    assert ExtensionRequest.objects.visible_to(fgr).get() == handed
    assert set(ExtensionRequest.objects.visible_to(california_officer)) == {handed, talked_over}
    assert set(ExtensionRequest.objects.visible_to(baja_coordinator)) == {talked_over}
    assert AuditEvent.objects.filter(action="request.handed_on").get().actor_id == baja_coordinator.pk
    requests.acknowledge(request=handed, by=fgr)
    requests.decide(request=handed, by=fgr, decision="accept")
    assert Alert.objects.get().program.code == "mx-fgr"


def test_asker_and_both_programs_are_told_by_reference(
    talked_over: Any, baja_coordinator: Any, baja_approver: Any, california_officer: Any, fgr: Any
) -> None:
    handed = hand_on(request=talked_over, by=baja_coordinator, program=program("mx-fgr"))
    on_the_way = Notice.objects.filter(kind="request_handed_on")
    told = {
        notice.request: set(Delivery.objects.filter(notice=notice).values_list("address", flat=True))
        for notice in on_the_way
    }
    assert told == {
        handed: {california_officer.email}, talked_over: {baja_coordinator.email, baja_approver.email}
    }  # fmt: skip
    received = Delivery.objects.filter(notice__kind="request_received", notice__request=handed)
    assert set(received.values_list("address", flat=True)) == {fgr.email}


def test_mails_name_the_program_and_no_child(talked_over: Any, baja_coordinator: Any, fgr: Any) -> None:
    from alerts.mails import MailComposer

    hand_on(request=talked_over, by=baja_coordinator, program=program("mx-fgr"))
    mails = [MailComposer().compose(row) for row in Delivery.objects.filter(notice__kind="request_handed_on")]
    bodies = [mail.body for mail in mails]
    assert sum("fue turnada de su programa" in body for body in bodies) == 1
    assert not [body for body in bodies if "Quimby" in body or "7XYZ123" in body]


def test_national_coordination_passes_back_without_retyping(talked_over: Any, baja_coordinator: Any, fgr: Any) -> None:
    handed = hand_on(request=talked_over, by=baja_coordinator, program=program("mx-fgr"))
    with pytest.raises(NotPermitted):
        hand_on(request=handed, by=baja_coordinator, program=program("mx-bcn"))
    back = hand_on(request=handed, by=fgr, program=program("mx-bcn"))
    assert (back.program.code, back.status, back.number) == ("mx-bcn", "sent", f"{talked_over.number}-2")
    assert [before.request for before in handed_before(back)] == [handed, talked_over]
    assert {item.program.code for item in targets_of(handed)} >= {"mx-bcn", "mx-son", "mx-chh"}
    assert not [item for item in targets_of(handed) if item.is_up]


def test_two_states_hand_up_to_one_national_request(
    talked_over: Any, active_case: Any, baja_coordinator: Any, california_officer: Any, make_user: Any, fgr: Any
) -> None:
    sonora = make_user("sara.coord@sonora.example", "mx-son-amber", "coordinator", "es")
    other = requests.send_request(case=active_case, program=program("mx-son"), by=california_officer)
    first = hand_on(request=talked_over, by=baja_coordinator, program=program("mx-fgr"))
    assert hand_on(request=other, by=sonora, program=program("mx-fgr")) == first
    assert {before.request for before in handed_before(first)} == {talked_over, other}
    assert ExtensionRequest.objects.filter(program__code="mx-fgr").count() == 1


def test_only_along_a_route_and_only_before_the_decision(
    talked_over: Any, baja_coordinator: Any, california_officer: Any, quebec_coordinator: Any
) -> None:
    for person in (california_officer, quebec_coordinator):
        with pytest.raises(NotPermitted):
            hand_on(request=talked_over, by=person, program=program("mx-fgr"))
    for code in ("mx-chh", "us-tx", "mx-bcn"):
        with pytest.raises(ActRefused):
            hand_on(request=talked_over, by=baja_coordinator, program=program(code))
    requests.decide(request=talked_over, by=baja_coordinator, decision="decline", reason="no_local_nexus")
    with pytest.raises(TransitionConflict):
        hand_on(request=talked_over, by=baja_coordinator, program=program("mx-fgr"))
    assert ExtensionRequest.objects.count() == 1


def test_open_duties_of_the_handed_request_are_closed(talked_over: Any, baja_coordinator: Any) -> None:
    from alerts.services.changes import facts_changed

    facts_changed(talked_over.case, field_names=["vehicle.plate"], is_correction=False)
    assert Duty.objects.open().count() == 1
    hand_on(request=talked_over, by=baja_coordinator, program=program("mx-fgr"))
    assert Duty.objects.open().count() == 0


def test_hub_that_activates_nothing_passes_on_and_accepts_no_alert(
    active_case: Any, california_officer: Any, make_user: Any
) -> None:
    officer = make_user("nadia.coord@ncmpur.example", "ca-rcmp-ncmpur", "coordinator")
    asked = requests.send_request(case=active_case, program=program("ca-ncmpur"), by=california_officer)
    requests.acknowledge(request=asked, by=officer)
    for decision in ("accept", "accept_changed_area", "accept_lower_level"):
        with pytest.raises(ActRefused):
            requests.decide(request=asked, by=officer, decision=decision, area_words="x", level="advisory")
    assert {item.program.country for item in targets_of(asked)} == {"CA"}
    handed = hand_on(request=asked, by=officer, program=program("ca-qc"))
    assert (handed.program.code, handed.status) == ("ca-qc", "sent")


def test_ncmec_never_passes_back_to_the_program_that_asks(
    active_case: Any, california_officer: Any, make_user: Any
) -> None:
    make_user("nora.coord@ncmec.example", "us-ncmec", "coordinator")
    asked = requests.send_request(case=active_case, program=program("us-ncmec"), by=california_officer)
    codes = {item.program.code for item in targets_of(asked)}
    assert "us-tx" in codes
    assert "us-ca" not in codes


def test_routes_say_whether_the_program_verified_them() -> None:
    (up,) = routing.handed_on_to(program("mx-jal"))
    assert (up.program.code, up.is_up, up.is_verified) == ("mx-fgr", True, False)
    assert routing.handed_on_to(program("us-tx")) == []
    ProgramRoute.objects.filter(program__code="mx-jal", kind="decides").update(
        verified_by="FGR", verified_at="2026-11-01"
    )
    (up,) = routing.handed_on_to(program("mx-jal"))
    assert up.is_verified


def test_page_has_the_button_with_the_words_of_mexico(
    client: Client, talked_over: Any, baja_coordinator: Any, california_officer: Any, fgr: Any
) -> None:
    client.force_login(baja_coordinator)
    page = reverse("alerts:request-detail", args=[talked_over.pk])
    text = client.get(page).text
    button = "Escalar a la Coordinación Nacional (FGR)"
    assert f'<button class="button" type="submit">{button}</button>' in text
    assert "Ruta no verificada por el programa" in text
    address = reverse("alerts:request-hand-on", args=[talked_over.pk, "up-mx-fgr"])
    form = {"up-mx-fgr-program": "mx-fgr", "nonce": NONCE}
    client.force_login(california_officer)
    assert client.post(address, form).status_code == 404
    client.force_login(baja_coordinator)
    wrong = client.post(address, form | {"up-mx-fgr-program": "us-tx"})
    assert wrong.status_code == 422
    assert client.post(address, form).status_code == 302
    handed = ExtensionRequest.objects.get(program__code="mx-fgr")
    text = client.get(page).text
    assert "Turnada a otro programa" in text
    assert handed.number in text
    assert reverse("alerts:request-detail", args=[handed.pk]) not in text
    client.force_login(fgr)
    there = client.get(reverse("alerts:request-detail", args=[handed.pk])).text
    assert "It is blue." in there
    assert "BC/77" in there
    assert "Amenazas." in there
    assert client.get(page).status_code == 404
    client.force_login(california_officer)
    assert reverse("alerts:request-detail", args=[handed.pk]) in client.get(page).text


def test_page_of_a_hub_offers_to_pass_on_and_not_to_accept(
    client: Client, active_case: Any, california_officer: Any, make_user: Any
) -> None:
    officer = make_user("nadia.coord@ncmpur.example", "ca-rcmp-ncmpur", "coordinator")
    asked = requests.send_request(case=active_case, program=program("ca-ncmpur"), by=california_officer)
    requests.acknowledge(request=asked, by=officer)
    client.force_login(officer)
    text = client.get(reverse("alerts:request-detail", args=[asked.pk])).text
    assert "Pass on to another program" in text
    assert 'value="accept"' not in text
    assert 'value="decline"' in text
