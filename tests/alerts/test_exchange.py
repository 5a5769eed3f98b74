"""Questions, answers, clocks, charge and lower levels of requests."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone, translation

from agencies.models import AlertProgram
from agencies.refusals import ActRefused, NotPermitted, TransitionConflict
from alerts import clocks, workflow
from alerts.clocks import Turn
from alerts.models import (
    Alert,
    ExtensionRequest,
    InformationRound,
    LowerNotice,
    Notice,
    PublicAlert,
    RequestNote,
)
from alerts.services import issuing, lower_levels, questions, requests

pytestmark = pytest.mark.django_db


@pytest.fixture
def acknowledged(sent_request, baja_coordinator):
    """The request, acknowledged by Baja California."""
    requests.acknowledge(
        request=sent_request, by=baja_coordinator, receiver_reference="BC/77", position="Jefa de turno"
    )
    return sent_request


@pytest.fixture
def lower(acknowledged, baja_coordinator):
    """The request, accepted as a prealert."""
    requests.decide(
        request=acknowledged, by=baja_coordinator, decision="accept_lower_level", level="prealert", note="Por ahora."
    )
    return acknowledged


def told(kind: str) -> int:
    """Return how many notices of a kind there are."""
    return Notice.objects.filter(kind=kind).count()


# Questions and clocks (U11)


def test_rounds_of_coded_questions_and_answers(acknowledged, baja_coordinator, california_officer):
    with translation.override("es"):
        first = questions.ask(
            request=acknowledged, by=baja_coordinator, questions=["confirm_plate", "newer_photo"], text="¿Qué color?"
        )
    assert (acknowledged.status, first.text_language, told("question_asked")) == ("information_asked", "es", 1)
    questions.answer(
        request=acknowledged, by=california_officer,
        answers={"confirm_plate": "confirmed", "newer_photo": "no"}, text="Blue.",
    )  # fmt: skip
    first.refresh_from_db()
    assert first.answers == {"confirm_plate": "confirmed", "newer_photo": "no"}
    assert (first.answer_text, first.answer_language, told("question_answered")) == ("Blue.", "en", 1)
    second = questions.ask(request=acknowledged, by=baja_coordinator, questions=["custody_order"])
    assert second.number == 2
    questions.answer(request=acknowledged, by=california_officer, answers={"custody_order": "yes"})
    requests.decide(request=acknowledged, by=baja_coordinator, decision="accept")
    assert acknowledged.status == "accepted"


def test_what_else_comes_to_mind_joins_the_open_question(acknowledged, baja_coordinator, california_officer):
    with translation.override("es"):
        first = questions.ask(
            request=acknowledged, by=baja_coordinator, questions=["confirm_plate"], text="¿Qué color?"
        )
        again = questions.ask(
            request=acknowledged, by=baja_coordinator, questions=["newer_photo", "confirm_plate"], text="¿Y la marca?"
        )
    assert (again.pk, again.questions, again.text) == (
        first.pk, ["confirm_plate", "newer_photo"], "¿Qué color?\n¿Y la marca?"
    )  # fmt: skip
    with translation.override("en"), pytest.raises(ActRefused):
        questions.ask(request=acknowledged, by=baja_coordinator, text="Which color?")
    again.refresh_from_db()
    assert "Which" not in again.text
    questions.answer(
        request=acknowledged, by=california_officer, answers={"confirm_plate": "confirmed", "newer_photo": "no"}
    )
    assert (acknowledged.status, acknowledged.rounds.count()) == ("answered", 1)


def test_answer_needs_every_coded_answer_or_words(acknowledged, baja_coordinator, california_officer):
    questions.ask(request=acknowledged, by=baja_coordinator, questions=["confirm_plate", "newer_photo"])
    for answers in ({}, {"confirm_plate": "yes"}, {"confirm_plate": "yes", "custody_order": "yes"}):
        with pytest.raises(ActRefused):
            questions.answer(request=acknowledged, by=california_officer, answers=answers)
        acknowledged.refresh_from_db()
        assert acknowledged.status == "information_asked"
    with pytest.raises(ActRefused):
        questions.ask(request=acknowledged, by=baja_coordinator)


def test_only_the_asked_side_asks_and_only_the_asking_side_answers(
    acknowledged, baja_coordinator, california_officer, quebec_coordinator
):
    for person in (california_officer, quebec_coordinator):
        with pytest.raises(NotPermitted):
            questions.ask(request=acknowledged, by=person, questions=["newer_photo"])
    questions.ask(request=acknowledged, by=baja_coordinator, questions=["newer_photo"])
    for person in (baja_coordinator, quebec_coordinator):
        with pytest.raises(NotPermitted):
            questions.answer(request=acknowledged, by=person, answers={"newer_photo": "no"})


def test_decision_clock_stands_still_while_a_question_is_open(sent_request, baja_coordinator, california_officer):
    start = timezone.now() - timedelta(minutes=100)
    ExtensionRequest.objects.filter(pk=sent_request.pk).update(sent_at=start)
    sent_request.refresh_from_db()

    def round_of(number, asked, answered):
        return InformationRound.objects.create(
            request=sent_request, number=number, questions=["newer_photo"], asked_by=baja_coordinator,
            asked_at=start + timedelta(minutes=asked),
            answered_at=start + timedelta(minutes=answered) if answered else None,
            answered_by=california_officer if answered else None,
        )  # fmt: skip

    rounds = [round_of(1, 10, 25), round_of(2, 40, None)]
    now = start + timedelta(minutes=70)
    assert clocks.paused_time(rounds, until=now) == timedelta(minutes=15 + 30)
    assert clocks.decision_time(sent_request, rounds, now) == timedelta(minutes=70 - 45)
    later = now + timedelta(minutes=20)
    assert clocks.decision_time(sent_request, rounds, later) == timedelta(minutes=25)
    sent_request.decided_at = start + timedelta(minutes=50)
    assert clocks.decision_time(sent_request, rounds, later) == timedelta(minutes=50 - 15 - 10)


def test_turn_passes_with_questions_and_ends_with_the_request(acknowledged, baja_coordinator, california_officer):
    assert clocks.turn_of(acknowledged) == Turn.RECEIVER
    questions.ask(request=acknowledged, by=baja_coordinator, questions=["newer_photo"])
    assert clocks.turn_of(acknowledged) == Turn.REQUESTER
    (clock,) = [item for item in clocks.clocks_of(acknowledged, list(acknowledged.rounds.all())) if item.is_paused]
    assert not clock.is_running
    questions.answer(request=acknowledged, by=california_officer, answers={"newer_photo": "no"})
    assert clocks.turn_of(acknowledged) == Turn.RECEIVER
    requests.withdraw(request=acknowledged, by=california_officer)
    assert clocks.turn_of(acknowledged) == Turn.NOBODY


# Acknowledging and taking charge (U6, U23)


def test_acknowledging_records_officer_position_folio_and_charge(acknowledged, baja_coordinator):
    acknowledged.refresh_from_db()
    assert (acknowledged.acknowledged_by, acknowledged.acknowledged_position, acknowledged.receiver_reference) == (
        baja_coordinator, "Jefa de turno", "BC/77"
    )  # fmt: skip
    assert (acknowledged.taken_by, acknowledged.taken_for.code) == (baja_coordinator, "mx-bcn-amber")


def test_charge_passes_by_name_and_time(sent_request, baja_coordinator, baja_approver, california_officer):
    requests.take_charge(request=sent_request, by=baja_approver)
    first = sent_request.taken_at
    requests.acknowledge(request=sent_request, by=baja_coordinator)
    sent_request.refresh_from_db()
    assert sent_request.taken_by == baja_approver
    requests.take_charge(request=sent_request, by=baja_coordinator)
    assert sent_request.taken_by == baja_coordinator
    assert sent_request.taken_at > first
    with pytest.raises(NotPermitted):
        requests.take_charge(request=sent_request, by=california_officer)


def test_note_on_the_acknowledgement_is_kept(sent_request, baja_coordinator):
    with translation.override("es"):
        requests.acknowledge(request=sent_request, by=baja_coordinator, note="Recibido por radio.")
    note = RequestNote.objects.get()
    assert (note.text, note.language, note.written_by) == ("Recibido por radio.", "es", baja_coordinator)


# Lower levels (U1)


def test_lower_level_makes_a_record_and_no_alert(lower):
    notice = LowerNotice.objects.get(request=lower)
    assert (lower.status, notice.level, notice.is_in_force) == ("accepted_lower_level", "prealert", True)
    assert lower.decision_note == "Por ahora."
    assert not Alert.objects.exists()


def test_lower_notice_has_no_way_to_a_public_page(lower, baja_coordinator):
    """Nothing public points at a notice, and a notice points at nothing public."""
    related = {field.related_model for field in LowerNotice._meta.get_fields() if field.is_relation}
    assert {model.__name__ for model in related} == {"ExtensionRequest", "User"}
    with pytest.raises(TransitionConflict):
        workflow.apply(lower, "activate", by=baja_coordinator)
    assert not PublicAlert.objects.exists()


def test_alert_of_a_lower_level_request_cannot_be_activated(lower, baja_coordinator, baja_approver, approved_words):
    alert = approved_words(lower)
    with pytest.raises(TransitionConflict):
        issuing.activate(alert=alert, by=baja_coordinator)
    assert not PublicAlert.objects.exists()


@pytest.fixture
def approved_words(baja_coordinator, baja_approver):
    """Make an approved alert that claims a request, past the services that would not make it."""
    from alerts.gathering import content_hash
    from alerts.services import drafts

    def make(request):
        alert = drafts.start_alert(program=request.program, case=request.case, by=baja_coordinator)
        Alert.objects.filter(pk=alert.pk).update(request=request)
        alert.refresh_from_db()
        drafts.submit(alert=alert, by=baja_coordinator)
        drafts.approve(alert=alert, by=baja_approver, seen_hash=content_hash(alert))
        return alert

    return make


def test_notice_is_raised_to_an_alert_in_one_act(lower, baja_coordinator, california_officer):
    with pytest.raises(NotPermitted):
        lower_levels.raise_to_alert(request=lower, by=california_officer)
    alert = lower_levels.raise_to_alert(request=lower, by=baja_coordinator)
    lower.refresh_from_db()
    notice = LowerNotice.objects.get(request=lower)
    assert (lower.status, alert.request, alert.status) == ("accepted", lower, "draft")
    assert alert.texts.count() == 3
    assert notice.raised_by == baja_coordinator
    assert not notice.is_in_force
    with pytest.raises(ActRefused):
        lower_levels.raise_to_alert(request=lower, by=baja_coordinator)


@pytest.mark.parametrize("kind", ["police_only", "secondary_distribution", "border_lookout", "information"])
def test_every_lesser_kind_is_accepted_as_a_notice(kind, active_case, california_officer, baja_coordinator):
    request = requests.send_request(
        case=active_case, program=AlertProgram.objects.get(code="mx-bcn"), by=california_officer, kind=kind
    )
    requests.acknowledge(request=request, by=baja_coordinator)
    requests.decide(request=request, by=baja_coordinator, decision="accept")
    assert (request.status, LowerNotice.objects.get().level, Alert.objects.count()) == ("accepted", kind, 0)
    alert = lower_levels.raise_to_alert(request=request, by=baja_coordinator)
    assert alert.request == request


def test_lower_level_needs_its_name_and_changed_area_an_area(acknowledged, baja_coordinator):
    for decision in ("accept_lower_level", "accept_changed_area"):
        with pytest.raises(ActRefused):
            requests.decide(request=acknowledged, by=baja_coordinator, decision=decision)
    acknowledged.refresh_from_db()
    assert acknowledged.status == "acknowledged"


def test_changed_area_is_kept_in_words(acknowledged, baja_coordinator):
    with translation.override("es"):
        requests.decide(
            request=acknowledged, by=baja_coordinator, decision="accept_changed_area", area_words="Tijuana y Tecate"
        )
    assert (acknowledged.status, acknowledged.area_words, acknowledged.area_language) == (
        "accepted_changed_area", "Tijuana y Tecate", "es"
    )  # fmt: skip


def test_area_of_a_national_program_reaches_its_alert(active_case, california_officer, make_user):
    program = AlertProgram.objects.get(code="mx-fgr")
    officer = make_user("fidel.fgr@fgr.example", program.agency.code, "coordinator", "es")
    request = requests.send_request(case=active_case, program=program, by=california_officer)
    requests.acknowledge(request=request, by=officer)
    requests.decide(request=request, by=officer, decision="accept_changed_area", area=["MX-BCN", "MX-SON"])
    assert set(request.alert.areas.values_list("subdivision_id", flat=True)) == {"MX-BCN", "MX-SON"}


def test_area_of_another_country_is_refused(active_case, california_officer, make_user):
    program = AlertProgram.objects.get(code="mx-fgr")
    officer = make_user("fidel.fgr@fgr.example", program.agency.code, "coordinator", "es")
    request = requests.send_request(case=active_case, program=program, by=california_officer)
    requests.acknowledge(request=request, by=officer)
    with pytest.raises(ActRefused):
        requests.decide(request=request, by=officer, decision="accept_changed_area", area=["US-CA"])


def test_withdrawal_tells_the_program(acknowledged, california_officer):
    requests.withdraw(request=acknowledged, by=california_officer)
    assert (acknowledged.status, told("request_withdrawn")) == ("withdrawn", 1)


def test_program_ends_what_it_accepted(lower, baja_coordinator):
    lower_levels.end_accepted(request=lower, by=baja_coordinator)
    assert (lower.status, LowerNotice.objects.get().is_in_force) == ("cancelled", False)
