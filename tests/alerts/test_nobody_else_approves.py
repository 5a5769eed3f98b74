"""Nobody else of the program may approve: the call is opened, its minutes run, then one officer may go alone (U9)."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.urls import reverse

from agencies.models import Agency, AlertProgram, CriteriaVersion
from agencies.refusals import NotPermitted
from alerts.desk_items import what_needs
from alerts.models import Alert, ApprovalCall, Delivery, Duty
from alerts.services import approval_calls, drafts, single_officer
from alerts.services.discharge import discharge
from tests.alerts.test_duties import signed_in
from tests.alerts.test_single_officer import go, overdue, refused

pytestmark = pytest.mark.django_db


@pytest.fixture
def nobody_else(draft_alert: Alert, recipient: Any, baja_coordinator: Any) -> Alert:
    """The alert, submitted by its author, the only person of the program who might approve; one may go alone."""
    AlertProgram.objects.filter(pk=draft_alert.program_id).update(single_officer_activation=True)
    CriteriaVersion.objects.filter(program=draft_alert.program).update(single_officer_after_minutes=25)
    drafts.submit(alert=draft_alert, by=baja_coordinator)
    draft_alert.refresh_from_db()
    return draft_alert


def test_call_is_opened_when_nobody_can_be_asked_and_the_supervisor_is_told(nobody_else: Alert, baja_coordinator: Any):
    call = nobody_else.approval_calls.get()
    assert (call.asked, call.is_on_call, call.asked_by) == ([], False, baja_coordinator)
    assert timedelta(minutes=24) < call.due_at - call.created_at <= timedelta(minutes=25, seconds=5)
    told = Delivery.objects.filter(notice__kind="nobody_to_approve").values_list("user__email", flat=True)
    assert list(told) == [baja_coordinator.email]
    assert not Delivery.objects.filter(notice__kind="approval_wanted").exists()
    page = signed_in(baja_coordinator).get(f"/desk/alerts/{nobody_else.pk}/").text
    assert "fuera de quienes la redactaron, nadie del programa puede aprobar" in page
    assert reverse("alerts:alert-alone", args=[nobody_else.pk]) not in page
    with refused("minutes for an answer still run"):
        go(nobody_else, baja_coordinator)


def test_one_officer_activates_where_nobody_else_may_approve(nobody_else: Alert, baja_coordinator: Any):
    client, address = signed_in(baja_coordinator), reverse("alerts:alert-alone", args=[nobody_else.pk])
    overdue(nobody_else)
    (item,) = [item for item in what_needs(baja_coordinator) if item.kind == "unanswered"]
    assert str(item.title) == "No one else may approve"
    assert address in client.get(f"/desk/alerts/{nobody_else.pk}/").text
    assert "Nadie más de su programa puede aprobar" in client.get(address).text
    with refused("Nobody else may approve"):  # asking nobody again would only begin the minutes anew
        approval_calls.ask_again(alert=nobody_else, by=baja_coordinator)
    go(nobody_else, baja_coordinator)
    nobody_else.refresh_from_db()
    assert (nobody_else.status, nobody_else.exception) == ("active", "single_officer")
    duty = Duty.objects.get(kind="review_single_officer")
    with pytest.raises(NotPermitted):
        discharge(duty=duty, by=baja_coordinator, outcome="done")


def test_whoever_was_named_meanwhile_is_asked_first(nobody_else: Alert, baja_coordinator: Any, make_user: Any):
    named = make_user("nueva.aprobadora@baja.example", "mx-bcn-amber", "coordinator", "es")
    overdue(nobody_else)
    assert not single_officer.is_possible(nobody_else, baja_coordinator)
    with refused("By now somebody else may approve"):
        go(nobody_else, baja_coordinator)
    assert approval_calls.ask_again(alert=nobody_else, by=baja_coordinator).asked == [named.pk]


def test_switched_off_it_says_whom_to_turn_to(nobody_else: Alert, baja_coordinator: Any):
    AlertProgram.objects.filter(pk=nobody_else.program_id).update(single_officer_activation=False)
    Agency.objects.filter(programs__code="mx-fgr").update(desk_phone="+528000085400", desk_extension="12")
    with refused(": +52\u00a0800\u00a0008\u00a05400, ext. 12."):
        go(overdue(nobody_else), baja_coordinator)
    hub = AlertProgram.objects.get(code="mx-fgr")
    client, address = signed_in(baja_coordinator), reverse("alerts:alert-alone", args=[nobody_else.pk])
    for page in (client.get(f"/desk/alerts/{nobody_else.pk}/").text, client.get(address).text):
        assert hub.name_es in page and 'href="tel:+528000085400;ext=12">800\u00a0008\u00a05400, ext. 12</a>' in page
    assert (
        reverse("alerts:alert-alone", args=[nobody_else.pk]) not in client.get(f"/desk/alerts/{nobody_else.pk}/").text
    )


def test_alert_that_was_submitted_before_such_calls_gets_one(nobody_else: Alert, baja_coordinator: Any):
    ApprovalCall.objects.all().delete()
    with refused("Ask the approvers"):
        go(nobody_else, baja_coordinator)
    assert approval_calls.ask_again(alert=nobody_else, by=baja_coordinator).asked == []
