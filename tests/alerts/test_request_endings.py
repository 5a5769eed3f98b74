"""Requests to cancel, and how requests end: by agreement, with the term of an alert, with the case."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from agencies.refusals import ActRefused, NotPermitted
from alerts import workflow
from alerts.models import Alert, Duty, ExtensionRequest, LowerNotice, Notice, OutsideActivation, RequestNote
from alerts.services import cancellations, issuing, lower_levels, request_endings, requests
from alerts.services.discharge import discharge
from cases import workflow as cases_workflow

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


# Cancellation (U19)


def test_program_agrees_and_its_alert_ends(active_alert, california_officer, baja_coordinator):
    request = active_alert.request
    cancellations.ask_cancellation(request=request, by=california_officer, reason="suspect_caught", note="Arrested.")
    duty = Duty.objects.get(kind="decide_cancellation")
    assert (request.status, duty.alert, duty.program, told("cancellation_asked")) == (
        "cancellation_asked", active_alert, active_alert.program, 1
    )  # fmt: skip
    assert RequestNote.objects.get().text == "Arrested."
    with pytest.raises(NotPermitted):
        cancellations.agree(request=request, by=california_officer)
    cancellations.agree(request=request, by=baja_coordinator)
    active_alert.refresh_from_db()
    duty.refresh_from_db()
    assert (request.status, active_alert.status, active_alert.end_reason, duty.status) == (
        "cancelled", "cancelled", "suspect_caught", "discharged"
    )  # fmt: skip
    cancellations.confirm(request=request, by=baja_coordinator)
    assert request.status == "confirmed"


def test_program_refuses_and_its_alert_runs_on(active_alert, california_officer, baja_coordinator):
    request = active_alert.request
    cancellations.ask_cancellation(request=request, by=california_officer, reason="criteria_not_met")
    with pytest.raises(ActRefused):
        cancellations.refuse(request=request, by=baja_coordinator, reason="")
    cancellations.refuse(request=request, by=baja_coordinator, reason="danger_persists", note="Sigue en peligro.")
    active_alert.refresh_from_db()
    duty = Duty.objects.get(kind="decide_cancellation")
    assert (request.status, active_alert.status, duty.outcome) == ("activated", "active", "refused")
    note = RequestNote.objects.get()
    assert (note.reason, note.text) == ("danger_persists", "Sigue en peligro.")
    cancellations.ask_cancellation(request=request, by=california_officer, reason="hoax")
    assert Duty.objects.open().filter(kind="decide_cancellation").count() == 1


def test_refusing_returns_to_where_the_alert_runs(sent_request, baja_coordinator):
    ExtensionRequest.objects.filter(pk=sent_request.pk).update(status="cancellation_asked")
    OutsideActivation.objects.create(
        request=sent_request, number="BC-9", area="Tijuana", starts_at=timezone.now(), time_zone="America/Tijuana",
        recorded_by=baja_coordinator,
    )  # fmt: skip
    with pytest.raises(ActRefused):
        workflow.apply(sent_request, "refuse_cancellation", by=baja_coordinator)
    cancellations.refuse(request=sent_request, by=baja_coordinator, reason="still_missing")
    assert sent_request.status == "activated_outside"


# Endings


def test_request_ends_with_the_term_of_its_alert_and_may_be_asked_again(active_alert, california_officer):
    request = active_alert.request
    Alert.objects.filter(pk=active_alert.pk).update(expires_at=timezone.now())
    assert issuing.expire_due() == 1
    request.refresh_from_db()
    assert request.status == "expired"
    again = requests.send_request(case=request.case, program=request.program, by=california_officer, follows=request)
    assert (again.status, again.follows, again.link) == ("sent", request, "again")


def test_expiry_closes_the_duty_to_decide_on_a_cancellation(active_alert, california_officer):
    request = active_alert.request
    cancellations.ask_cancellation(request=request, by=california_officer, reason="hoax")
    Alert.objects.filter(pk=active_alert.pk).update(expires_at=timezone.now())
    issuing.expire_due()
    assert [duty.status for duty in Duty.objects.all()] == ["superseded"]
    request.refresh_from_db()
    assert request.status == "expired"


def test_activation_outside_ends_with_its_term(sent_request, baja_coordinator):
    ExtensionRequest.objects.filter(pk=sent_request.pk).update(status="activated_outside")
    now = timezone.now()
    OutsideActivation.objects.create(
        request=sent_request, number="BC-9", area="Tijuana", starts_at=now - timedelta(hours=2), expires_at=now,
        time_zone="America/Tijuana", recorded_by=baja_coordinator,
    )  # fmt: skip
    assert request_endings.expire_outside_due() == 1
    assert request_endings.expire_outside_due() == 0
    sent_request.refresh_from_db()
    assert sent_request.status == "expired"


@pytest.mark.parametrize("step", ["close_as_unfounded", "close_as_hoax"])
def test_open_requests_lapse_with_the_case(step, acknowledged, california_officer):
    cases_workflow.apply(acknowledged.case, step, by=california_officer)
    acknowledged.refresh_from_db()
    assert acknowledged.status == "lapsed"
    assert not Duty.objects.exists()


@pytest.mark.parametrize("step", ["close_as_unfounded", "close_as_hoax"])
def test_notice_in_force_is_ended_by_its_program_when_the_case_ends(step, lower, california_officer, baja_coordinator):
    cases_workflow.apply(lower.case, step, by=california_officer)
    lower.refresh_from_db()
    duty = Duty.objects.open().get()
    assert (lower.status, LowerNotice.objects.get().is_in_force) == ("accepted_lower_level", True)
    assert (duty.kind, duty.request, told("notice_to_end")) == ("end_notice", lower, 1)
    lower_levels.end_accepted(request=lower, by=baja_coordinator)
    duty.refresh_from_db()
    confirmation = Duty.objects.open().get()
    assert (lower.status, LowerNotice.objects.get().is_in_force) == ("cancelled", False)
    assert (duty.outcome, confirmation.kind) == ("done", "confirm_cancellation")
    discharge(duty=confirmation, by=baja_coordinator, outcome="done")
    lower.refresh_from_db()
    assert lower.status == "confirmed"


def test_notice_goes_on_when_the_case_is_taken_up_again(lower, california_officer):
    cases_workflow.apply(lower.case, "close_as_hoax", by=california_officer)
    duty = Duty.objects.open().get(kind="end_notice")
    cases_workflow.apply(lower.case, "reopen", by=california_officer)
    duty.refresh_from_db()
    assert (duty.status, LowerNotice.objects.get().is_in_force) == ("superseded", True)


def test_expired_alert_leaves_the_duty_to_confirm_when_the_child_is_found(active_alert, california_officer):
    Alert.objects.filter(pk=active_alert.pk).update(expires_at=timezone.now())
    issuing.expire_due()
    cases_workflow.apply(active_alert.case, "close_as_unfounded", by=california_officer)
    duty = Duty.objects.open().get()
    assert (duty.kind, duty.alert) == ("confirm_cancellation", active_alert)


# Notices below an alert: the asking side asks for their end, nobody else ends them (U1, U19)


def test_notice_in_force_is_not_withdrawn_away(lower, california_officer):
    with pytest.raises(ActRefused):
        requests.withdraw(request=lower, by=california_officer)
    assert LowerNotice.objects.get().is_in_force


def test_program_ends_its_notice_as_asked(lower, california_officer, baja_coordinator):
    cancellations.ask_cancellation(request=lower, by=california_officer, reason="suspect_caught")
    assert lower.status == "cancellation_asked"
    with pytest.raises(NotPermitted):
        cancellations.agree(request=lower, by=california_officer)
    cancellations.agree(request=lower, by=baja_coordinator)
    assert (lower.status, LowerNotice.objects.get().is_in_force) == ("cancelled", False)
    assert Duty.objects.open().get().kind == "confirm_cancellation"


def test_program_keeps_its_notice_in_force(lower, california_officer, baja_coordinator):
    cancellations.ask_cancellation(request=lower, by=california_officer, reason="criteria_not_met")
    cancellations.refuse(request=lower, by=baja_coordinator, reason="still_missing")
    assert (lower.status, LowerNotice.objects.get().is_in_force) == ("accepted_lower_level", True)
    assert not Duty.objects.open().exists()


@pytest.fixture
def asked_notice(sent_request, baja_coordinator):
    """A request for a notice to police, accepted as asked."""
    ExtensionRequest.objects.filter(pk=sent_request.pk).update(kind="police_only")
    sent_request.refresh_from_db()
    requests.acknowledge(request=sent_request, by=baja_coordinator, receiver_reference="BC/78", position="Jefa")
    requests.decide(request=sent_request, by=baja_coordinator, decision="accept")
    return sent_request


def test_notice_accepted_as_asked_is_kept_ended_or_raised(asked_notice, california_officer, baja_coordinator):
    with pytest.raises(ActRefused):
        requests.withdraw(request=asked_notice, by=california_officer)
    cancellations.ask_cancellation(request=asked_notice, by=california_officer, reason="criteria_not_met")
    cancellations.refuse(request=asked_notice, by=baja_coordinator, reason="still_missing")
    assert (asked_notice.status, LowerNotice.objects.get().is_in_force) == ("accepted", True)
    lower_levels.raise_to_alert(request=asked_notice, by=baja_coordinator)
    assert asked_notice.status == "accepted"
    with pytest.raises(ActRefused):
        cancellations.ask_cancellation(request=asked_notice, by=california_officer, reason="criteria_not_met")
    requests.withdraw(request=asked_notice, by=california_officer)
    assert asked_notice.status == "withdrawn"


@pytest.mark.parametrize("decision", ["accept_changed_area", "accept_lower_level"])
def test_what_was_asked_for_as_a_notice_is_accepted_as_asked(decision, sent_request, baja_coordinator):
    ExtensionRequest.objects.filter(pk=sent_request.pk).update(kind="border_lookout")
    sent_request.refresh_from_db()
    requests.acknowledge(request=sent_request, by=baja_coordinator)
    with pytest.raises(ActRefused):
        requests.decide(
            request=sent_request, by=baja_coordinator, decision=decision, level="prealert", area_words="Tijuana"
        )
    sent_request.refresh_from_db()
    assert (sent_request.status, LowerNotice.objects.exists()) == ("acknowledged", False)


def test_nothing_is_kept_running_after_the_search(lower, california_officer, baja_coordinator):
    cancellations.ask_cancellation(request=lower, by=california_officer, reason="suspect_caught")
    cases_workflow.apply(lower.case, "close_as_hoax", by=california_officer)
    with pytest.raises(ActRefused):
        cancellations.refuse(request=lower, by=baja_coordinator, reason="still_missing")
    duty = Duty.objects.open().get(kind="cancel_alert")
    discharge(duty=duty, by=baja_coordinator, outcome="done")
    lower.refresh_from_db()
    assert (lower.status, LowerNotice.objects.get().is_in_force) == ("cancelled", False)
    assert [row.kind for row in Duty.objects.open()] == ["confirm_cancellation"]


def test_alert_is_not_kept_running_after_the_search(active_alert, california_officer, baja_coordinator):
    request = active_alert.request
    cancellations.ask_cancellation(request=request, by=california_officer, reason="criteria_not_met")
    cases_workflow.apply(request.case, "close_as_unfounded", by=california_officer)
    with pytest.raises(ActRefused):
        cancellations.refuse(request=request, by=baja_coordinator, reason="danger_persists")


def test_page_asks_for_the_end_of_a_notice(lower, california_officer, baja_coordinator, client):
    page = reverse("alerts:request-detail", args=[lower.pk])
    client.force_login(california_officer)
    text = client.get(page).text
    assert "The notice belongs to the program" in text
    assert reverse("alerts:request-withdraw", args=[lower.pk]) not in text
    form = {"cancellation-reason": "suspect_caught", "nonce": "n" * 22}
    assert client.post(reverse("alerts:request-cancellation", args=[lower.pk]), form).status_code == 302
    client.force_login(baja_coordinator)
    assert "Aceptar y dar por terminado el aviso" in client.get(page).text


def test_activation_outside_leaves_a_duty_when_the_case_ends(sent_request, baja_coordinator, california_officer):
    ExtensionRequest.objects.filter(pk=sent_request.pk).update(status="activated_outside")
    OutsideActivation.objects.create(
        request=sent_request, number="BC-9", area="Tijuana", starts_at=timezone.now(), time_zone="America/Tijuana",
        recorded_by=baja_coordinator,
    )  # fmt: skip
    cases_workflow.apply(sent_request.case, "close_as_hoax", by=california_officer)
    duty = Duty.objects.get()
    assert (duty.kind, duty.request, duty.status) == ("cancel_alert", sent_request, "open")
    sent_request.refresh_from_db()
    cancellations.agree(request=sent_request, by=baja_coordinator)
    duty.refresh_from_db()
    assert (sent_request.status, duty.status) == ("cancelled", "discharged")
