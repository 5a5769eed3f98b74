"""Approvals and the page of sending ask the roster who is on duty (U9, U21, U39)."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from agencies.duty_roster import go_by_roster, plan_shifts, remove_shift
from agencies.models import Agency, AlertProgram, Membership, RosterShift
from alerts.models import ApprovalCall, ExtensionRequest
from alerts.services import drafts
from alerts.services.choosing import Selection

pytestmark = pytest.mark.django_db
BAJA = "mx-bcn-amber"
NOBODY = "is on duty now by its roster"


def on_roster(person: Any, by: Any) -> RosterShift:
    """Put a person on duty in Baja California for an hour, and let the desk go by its roster."""
    agency, now = Agency.objects.get(code=BAJA), timezone.now()
    [shift] = plan_shifts(agency=agency, person=person, starts_at=now, ends_at=now + timedelta(hours=1), by=by)
    go_by_roster(agency=agency, by=by)
    return shift


def browser(person: Any) -> Client:
    client = Client()
    client.force_login(person)
    return client


@pytest.fixture
def second_approver(make_user: Any) -> Any:
    """A third coordinator in Baja California."""
    return make_user("berta.coord@baja.example", BAJA, "coordinator", "es")


def asked(alert: Any, by: Any) -> tuple[list[Any], bool]:
    drafts.submit(alert=alert, by=by)
    call = ApprovalCall.objects.get(alert=alert)
    return call.asked, call.is_on_call


def test_roster_goes_before_the_flag(
    draft_alert: Any, baja_coordinator: Any, baja_approver: Any, second_approver: Any
) -> None:
    Membership.objects.filter(user=second_approver).update(is_on_call=True)
    on_roster(baja_approver, baja_coordinator)
    assert asked(draft_alert, baja_coordinator) == ([baja_approver.pk], True)


def test_where_no_roster_is_kept_the_flag_counts(
    draft_alert: Any, baja_coordinator: Any, baja_approver: Any, second_approver: Any
) -> None:
    Membership.objects.filter(user=second_approver).update(is_on_call=True)
    now = timezone.now()
    plan_shifts(
        agency=Agency.objects.get(code=BAJA), person=baja_approver, starts_at=now, ends_at=now + timedelta(hours=1),
        by=baja_coordinator,
    )  # fmt: skip
    assert asked(draft_alert, baja_coordinator) == ([second_approver.pk], True)


def test_while_the_roster_names_no_approver_everybody_is_asked(
    draft_alert: Any, baja_coordinator: Any, baja_approver: Any, second_approver: Any, make_user: Any
) -> None:
    guard = make_user("dario.guardia@baja.example", BAJA, "duty_officer", "es")
    Membership.objects.filter(user=second_approver).update(is_on_call=True)
    on_roster(guard, baja_coordinator)
    people, is_on_call = asked(draft_alert, baja_coordinator)
    assert (set(people), is_on_call) == ({baja_approver.pk, second_approver.pk}, False)


def test_page_of_sending_says_who_is_on_duty_and_gives_the_number(
    active_case: Any, california_officer: Any, baja_coordinator: Any
) -> None:
    program = AlertProgram.objects.get(code="mx-bcn")
    shift = on_roster(baja_coordinator, baja_coordinator)
    assert Selection(active_case).choices[program.pk].is_on_duty
    address = reverse("alerts:request-send", args=[active_case.pk])
    client = browser(california_officer)
    assert "No one on duty now by its roster" not in client.get(address).text
    remove_shift(shift=shift, by=baja_coordinator)
    choice = Selection(active_case).choices[program.pk]
    assert (choice.has_people, choice.is_on_duty) == (True, False)
    page = client.get(address).text
    assert page.count("No one on duty now by its roster") >= 1
    assert program.agency.desk_phone in page


def test_sending_to_a_program_with_nobody_on_duty_says_so_at_once(
    active_case: Any, california_officer: Any, baja_coordinator: Any, quebec_coordinator: Any
) -> None:
    shift = on_roster(baja_coordinator, baja_coordinator)
    remove_shift(shift=shift, by=baja_coordinator)
    client, address = browser(california_officer), reverse("alerts:request-send", args=[active_case.pk])
    sent = client.post(
        address, {"nonce": "a" * 22, "program": "mx-bcn", "kind": "activate", "note": "", "confirmed": "1"}, follow=True
    )
    request = ExtensionRequest.objects.get()
    assert sent.redirect_chain[-1][0] == reverse("alerts:request-detail", args=[request.pk])
    assert NOBODY in sent.text
    assert request.program.agency.desk_phone in sent.text
    assert NOBODY not in browser(baja_coordinator).get(reverse("alerts:request-detail", args=[request.pk])).text
    ExtensionRequest.objects.update(status="acknowledged")
    assert NOBODY not in client.get(reverse("alerts:request-detail", args=[request.pk])).text


def test_sending_to_several_programs_says_of_which_nobody_is_on_duty(
    active_case: Any, california_officer: Any, baja_coordinator: Any, quebec_coordinator: Any
) -> None:
    shift = on_roster(baja_coordinator, baja_coordinator)
    remove_shift(shift=shift, by=baja_coordinator)
    sent = browser(california_officer).post(
        reverse("alerts:request-send", args=[active_case.pk]),
        {"nonce": "a" * 22, "program": ["mx-bcn", "ca-qc"], "kind": "activate", "note": "", "confirmed": "1"},
        follow=True,
    )
    off_duty = AlertProgram.objects.filter(pk__in=sent.context["off_duty"]).values_list("code", flat=True)
    assert list(off_duty) == ["mx-bcn"]
    assert sent.text.count("No one is on duty there now.") == 1
