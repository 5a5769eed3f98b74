"""Requests to cancel, and how requests end: by agreement, with the term of an alert, with the case."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone

from agencies.refusals import ActRefused, NotPermitted
from alerts import workflow
from alerts.models import Alert, Duty, ExtensionRequest, LowerNotice, Notice, OutsideActivation, RequestNote
from alerts.services import cancellations, issuing, request_endings, requests
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
def test_open_requests_lapse_with_the_case(step, lower, california_officer):
    cases_workflow.apply(lower.case, step, by=california_officer)
    lower.refresh_from_db()
    assert (lower.status, LowerNotice.objects.get().is_in_force) == ("lapsed", False)


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
