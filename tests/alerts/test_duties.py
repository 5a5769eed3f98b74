"""Duties are discharged by the right people, done or refused with a reason, on a page of their own."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from agencies.refusals import ActRefused, NotPermitted
from alerts import delivery, permissions, workflow
from alerts.choices import DutyKind, DutyOutcome
from alerts.models import Delivery, Duty
from alerts.services import issuing, preparing, requests
from alerts.services.discharge import discharge, outcomes_of
from alerts.views.confirmations import confirmations_of
from cases import workflow as cases_workflow

pytestmark = pytest.mark.django_db


def signed_in(person: Any) -> Client:
    """Return a browser in which this person has signed in."""
    client = Client()
    client.force_login(person)
    return client


def duty_of(alert: Any, kind: str, **fields: Any) -> Duty:
    """Leave a duty about this alert."""
    return Duty.objects.create(
        kind=kind, case=alert.case, program=alert.program, alert=alert, due_at=timezone.now(), **fields
    )


@pytest.fixture
def cancelled(active_alert: Any, baja_coordinator: Any) -> Any:
    """The alert, cancelled; its mails are out."""
    while delivery.send_due():
        pass
    issuing.cancel(alert=active_alert, by=baja_coordinator, reason="found")
    return active_alert


def test_cancelled_alert_leaves_the_duty_to_confirm(cancelled, baja_coordinator):
    duty = cancelled.duties.open().get()
    assert duty.kind == "confirm_cancellation"
    assert cancelled.request.status == "cancelled"
    with pytest.raises(ActRefused):
        discharge(duty=duty, by=baja_coordinator, outcome="done")
    cancelled.request.refresh_from_db()
    assert cancelled.request.status == "cancelled", "a recipient is missing: nothing is confirmed"
    delivery.acknowledge(Delivery.objects.get(message__alert=cancelled, message__msg_type="Cancel"), name="Radio")
    discharge(duty=duty, by=baja_coordinator, outcome="done")
    cancelled.request.refresh_from_db()
    assert cancelled.request.status == "confirmed"
    assert cancelled.request.confirmed_at is not None
    duty.refresh_from_db()
    assert (duty.status, duty.outcome, duty.discharged_by) == ("discharged", "done", baja_coordinator)


def test_confirmations_of_recipients_are_counted(cancelled, baja_coordinator, california_officer):
    page = reverse("alerts:alert-detail", args=[cancelled.pk])
    client = signed_in(baja_coordinator)
    assert "0 de 1" in client.get(page).text
    desk = client.get("/desk/").text
    assert "0 de 1" in desk
    row = Delivery.objects.get(message__alert=cancelled, message__msg_type="Cancel")
    delivery.acknowledge(row, name="Radio")
    assert "1 de 1" in client.get(page).text
    assert "1 de 1" not in client.get("/desk/").text
    assert "1 of 1" not in signed_in(california_officer).get(page).text, "whom a program tells is its own affair"


def test_recipient_with_two_channels_confirms_with_one_of_them(cancelled, baja_coordinator):
    mail = Delivery.objects.get(message__alert=cancelled, message__msg_type="Cancel")
    Delivery.objects.create(
        message=mail.message, recipient=mail.recipient, channel="webhook", address="https://radio.example/intake",
        language="es",
    )  # fmt: skip
    client, page = signed_in(baja_coordinator), reverse("alerts:alert-detail", args=[cancelled.pk])
    found = confirmations_of(cancelled, baja_coordinator)
    assert (found.told, found.confirmed, len(found.missing)) == (1, 0, 2)
    assert "0 de 1" in client.get("/desk/").text
    delivery.acknowledge(mail, name="Radio")
    found = confirmations_of(cancelled, baja_coordinator)
    assert (found.told, found.confirmed, found.missing) == (1, 1, [])
    assert client.get(page).status_code == 200
    assert "de 1 destinatarios" not in client.get("/desk/").text


@pytest.mark.parametrize("kind", DutyKind.values)
def test_every_kind_is_discharged_by_its_own_program_only(
    kind, active_alert, california_coordinator, california_officer, baja_coordinator, make_user
):
    duty = duty_of(active_alert, kind)
    legal = make_user("lidia.juridica@baja.example", "mx-bcn-amber", "legal_advisor", "es")
    staff = make_user("brenda.personal@baja.example", "mx-bcn-amber", "staff", "es")
    for person in (california_coordinator, california_officer, legal, staff):
        assert not permissions.can_discharge(person, duty)
        assert duty not in Duty.objects.filter(permissions.dischargeable_by(person))
        with pytest.raises(NotPermitted):
            discharge(duty=duty, by=person, outcome="refused", reason="still_needed")
    assert permissions.can_discharge(baja_coordinator, duty)
    assert duty in Duty.objects.filter(permissions.dischargeable_by(baja_coordinator))


def test_single_officer_activation_is_reviewed_by_a_supervisor(active_alert, make_user):
    duty = duty_of(active_alert, "review_single_officer")
    officer = make_user("dario.guardia@baja.example", "mx-bcn-amber", "duty_officer", "es")
    assert not permissions.can_discharge(officer, duty)
    assert not Duty.objects.filter(permissions.dischargeable_by(officer)).exists()


# What may be said of a duty by itself, by kind. What is not here is discharged by its act alone, and nothing that the
# end of a search demands is refused away (U16).
SAID = {
    "acknowledge_change": {"done"}, "confirm_cancellation": {"done"}, "review_single_officer": {"done"},
    "cancel_alert": set(), "end_notice": set(), "issue_update": set(), "decide_cancellation": set(),
    "decide_term": set(), "review_text": set(),
}  # fmt: skip


@pytest.mark.parametrize("kind", DutyKind.values)
@pytest.mark.parametrize("outcome", DutyOutcome.values)
def test_each_kind_knows_what_may_be_said_of_it(kind, outcome, active_alert, baja_coordinator):
    duty = duty_of(active_alert, kind)
    assert set(outcomes_of(duty)) == SAID[kind]
    if outcome in SAID[kind]:
        discharge(duty=duty, by=baja_coordinator, outcome=outcome)
        duty.refresh_from_db()
        assert (duty.status, duty.outcome) == ("discharged", outcome)
        return
    with pytest.raises(ActRefused):
        discharge(duty=duty, by=baja_coordinator, outcome=outcome, reason="still_needed")
    duty.refresh_from_db()
    assert duty.status == "open"


def test_cancel_after_a_national_end_is_refused_with_a_reason_while_the_child_is_missing(
    active_alert, california_officer, baja_coordinator
):
    duty = duty_of(active_alert, "cancel_alert")
    Duty.objects.filter(pk=duty.pk).update(detail={"national": "MX-2026-7", "reason": "criteria_not_met"})
    with pytest.raises(ActRefused):
        discharge(duty=duty, by=baja_coordinator, outcome="refused")
    cases_workflow.apply(active_alert.case, "close_as_hoax", by=california_officer)
    with pytest.raises(ActRefused):
        discharge(duty=Duty.objects.get(pk=duty.pk), by=baja_coordinator, outcome="refused", reason="still_needed")
    duty.refresh_from_db()
    assert duty.status == "open"


def test_what_ran_outside_is_said_to_be_cancelled(sent_request, baja_coordinator):
    duty = Duty.objects.create(
        kind="cancel_alert", case=sent_request.case, program=sent_request.program, request=sent_request,
        due_at=timezone.now(),
    )  # fmt: skip
    assert outcomes_of(duty) == ("done",)


def test_discharge_happens_once(active_alert, baja_coordinator):
    duty = duty_of(active_alert, "acknowledge_change")
    discharge(duty=duty, by=baja_coordinator, outcome="done")
    with pytest.raises(ActRefused):
        discharge(duty=duty, by=baja_coordinator, outcome="done")


def test_activation_outside_the_portal_is_cancelled_and_confirmed(sent_request, baja_coordinator):
    requests.acknowledge(request=sent_request, by=baja_coordinator)
    requests.decide(request=sent_request, by=baja_coordinator, decision="accept_lower_level", level="police_only")
    workflow.apply(sent_request, "activate_outside", by=baja_coordinator)
    duty = Duty.objects.create(
        kind="cancel_alert", case=sent_request.case, program=sent_request.program, request=sent_request,
        due_at=timezone.now(),
    )  # fmt: skip
    discharge(duty=duty, by=baja_coordinator, outcome="done")
    sent_request.refresh_from_db()
    assert sent_request.status == "cancelled"
    confirm = Duty.objects.open().get()
    assert (confirm.kind, confirm.request) == ("confirm_cancellation", sent_request)
    discharge(duty=confirm, by=baja_coordinator, outcome="done")
    sent_request.refresh_from_db()
    assert sent_request.status == "confirmed"


# The page


def test_page_offers_the_prepared_cancel_and_issues_it(active_alert, baja_coordinator):
    duty = duty_of(active_alert, "cancel_alert", detail={"reason": "found"})
    client, page = signed_in(baja_coordinator), reverse("alerts:duty", args=[duty.pk])
    text = client.get(page).text
    assert "Zoraida" not in text
    assert active_alert.number in text
    cancel = reverse("alerts:alert-step", args=[active_alert.pk, "cancel"])
    assert f'action="{cancel}"' in text
    assert 'name="cancel-reason" value="found"' in text
    assert client.post(cancel, {"cancel-reason": "found", "nonce": "n" * 22}).status_code == 302
    duty.refresh_from_db()
    assert (duty.status, duty.outcome) == ("discharged", "done")
    assert f'action="{cancel}"' not in client.get(page).text


def test_page_refuses_with_a_reason(active_alert, baja_coordinator):
    duty = duty_of(active_alert, "cancel_alert")
    Duty.objects.filter(pk=duty.pk).update(detail={"national": "MX-2026-7"})
    client, address = signed_in(baja_coordinator), reverse("alerts:duty-discharge", args=[duty.pk])
    returned = client.post(address, {"duty-outcome": "refused", "duty-reason": "", "nonce": "n" * 22})
    assert returned.status_code == 422
    assert client.post(address, {"duty-outcome": "done", "nonce": "n" * 22}).status_code == 422
    answer = {"duty-outcome": "refused", "duty-reason": "still_needed", "nonce": "n" * 22}
    assert client.post(address, answer).status_code == 302
    duty.refresh_from_db()
    assert (duty.outcome, duty.reason) == ("refused", "still_needed")


def test_page_is_missing_for_the_other_side(active_alert, california_coordinator):
    duty = duty_of(active_alert, "cancel_alert")
    client = signed_in(california_coordinator)
    assert client.get(reverse("alerts:duty", args=[duty.pk])).status_code == 404
    answer = {"duty-outcome": "refused", "duty-reason": "still_needed", "nonce": "n" * 22}
    assert client.post(reverse("alerts:duty-discharge", args=[duty.pk]), answer).status_code == 404


def test_pages_of_case_and_request_name_the_duty_to_those_who_may(active_alert, baja_coordinator, california_officer):
    duty = duty_of(active_alert, "cancel_alert")
    pages = [
        reverse("cases:case-detail", args=[active_alert.case_id]),
        reverse("alerts:request-detail", args=[active_alert.request_id]),
    ]
    for page in pages:
        assert reverse("alerts:duty", args=[duty.pk]) in signed_in(baja_coordinator).get(page).text
        assert reverse("alerts:duty", args=[duty.pk]) not in signed_in(california_officer).get(page).text


# The API


def test_api_lists_and_discharges_duties_of_the_own_program(active_alert, baja_coordinator, california_coordinator):
    from rest_framework.test import APIClient

    duty = duty_of(active_alert, "cancel_alert")
    client, other = APIClient(), APIClient()
    client.default_format = other.default_format = "json"
    client.force_login(baja_coordinator)
    other.force_login(california_coordinator)
    assert other.get("/api/v1/duties/").json()["results"] == []
    address = f"/api/v1/duties/{duty.pk}/"
    assert other.get(address).status_code == 404
    assert other.post(f"{address}discharge/", {"outcome": "done"}).status_code == 404
    Duty.objects.filter(pk=duty.pk).update(detail={"national": "MX-2026-7"})
    (row,) = client.get("/api/v1/duties/", {"status": "open", "case": str(active_alert.case_id)}).json()["results"]
    assert (row["id"], row["kind"], row["alert"]) == (str(duty.pk), "cancel_alert", str(active_alert.pk))
    assert client.get("/api/v1/duties/", {"kind": "review_text"}).json()["results"] == []
    wrong = client.post(f"{address}discharge/", {"outcome": "refused"})
    assert (wrong.status_code, set(wrong.json()["errors"])) == (400, {"reason"})
    assert client.post(f"{address}discharge/", {"outcome": "done"}).status_code == 409
    done = client.post(f"{address}discharge/", {"outcome": "refused", "reason": "still_needed"})
    assert (done.status_code, done.json()["status"], done.json()["reason"]) == (200, "discharged", "still_needed")


@pytest.mark.parametrize(
    ("kind", "route"),
    [("decide_cancellation", "alerts:request-detail"), ("end_notice", "alerts:request-detail"),
     ("decide_term", "alerts:alert-detail")],
)  # fmt: skip
def test_page_leads_to_the_act_that_discharges(kind, route, active_alert, baja_coordinator):
    duty = duty_of(active_alert, kind)
    Duty.objects.filter(pk=duty.pk).update(request=active_alert.request)
    client, page = signed_in(baja_coordinator), reverse("alerts:duty", args=[duty.pk])
    text = client.get(page).text
    subject = active_alert.request_id if route.endswith("request-detail") else active_alert.pk
    assert f'class="button" href="{reverse(route, args=[subject])}"' in text
    assert "duty-outcome" not in text
    answer = client.post(reverse("alerts:duty-discharge", args=[duty.pk]), {"duty-outcome": "done", "nonce": "n" * 22})
    assert answer.status_code == 409


def test_duty_to_issue_leads_to_its_update(active_alert, baja_coordinator):
    update = preparing.prepare(alert=active_alert, kind="change")
    duty = active_alert.duties.get(kind="issue_update")
    text = signed_in(baja_coordinator).get(reverse("alerts:duty", args=[duty.pk])).text
    assert f'class="button" href="{reverse("alerts:update-detail", args=[update.pk])}"' in text
