"""The desk shows what needs this person now, by time, with the next act; the API shows the same."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from agencies.models import Agency, AlertProgram, Subdivision
from alerts.desk_items import LATER, MOST_OF_ONE_KIND, NOW, what_needs, what_rests
from alerts.models import Alert, Duty
from alerts.services import drafts, requests
from cases.models import LegalReview
from cases.services.recoveries import report_located

pytestmark = pytest.mark.django_db


def signed_in(person: Any) -> Client:
    """Return a browser in which this person has signed in."""
    client = Client()
    client.force_login(person)
    return client


def kinds(person: Any) -> list[str]:
    """Return the kinds of what waits for this person, in their order."""
    return [item.kind for item in what_needs(person)]


def leave_duty(alert: Alert, kind: str, minutes: int) -> Duty:
    """Leave a duty that is due in so many minutes."""
    return Duty.objects.create(
        kind=kind, case=alert.case, program=alert.program, alert=alert,
        due_at=timezone.now() + timedelta(minutes=minutes),
    )  # fmt: skip


def test_request_waits_for_the_receiver_and_then_for_the_asker(sent_request, baja_coordinator, california_officer):
    (item,) = what_needs(baja_coordinator)
    assert (item.kind, item.reference, str(item.act)) == ("request", sent_request.number, "Acknowledge receipt")
    assert what_needs(california_officer) == []
    requests.acknowledge(request=sent_request, by=baja_coordinator)
    assert [str(item.act) for item in what_needs(baja_coordinator)] == ["Decide"]
    type(sent_request).objects.filter(pk=sent_request.pk).update(status="information_asked")
    assert kinds(baja_coordinator) == []
    assert kinds(california_officer) == ["question"]
    type(sent_request).objects.filter(pk=sent_request.pk).update(status="answered")
    assert kinds(baja_coordinator) == ["request"]


def test_alert_waits_for_whoever_comes_next(draft_alert, baja_coordinator, baja_approver, california_officer):
    assert [item.kind for item in what_rests(baja_coordinator)] == ["alert_draft"]
    assert kinds(baja_coordinator) == []
    drafts.submit(alert=draft_alert, by=baja_coordinator)
    assert kinds(baja_approver) == ["approval"]
    assert kinds(baja_coordinator) == [], "who wrote it does not approve it"
    assert kinds(california_officer) == []
    Alert.objects.filter(pk=draft_alert.pk).update(status="approved")
    assert kinds(baja_coordinator) == ["activation"]
    now = timezone.now()
    Alert.objects.filter(pk=draft_alert.pk).update(
        status="active", activated_at=now, expires_at=now + timedelta(hours=3)
    )
    assert kinds(baja_coordinator) == []
    Alert.objects.filter(pk=draft_alert.pk).update(expires_at=now + timedelta(hours=1))
    assert kinds(baja_coordinator) == ["expiring"]


def test_most_urgent_comes_first(active_alert, baja_coordinator):
    leave_duty(active_alert, "cancel_alert", 20)
    late = leave_duty(active_alert, "confirm_cancellation", -5)
    leave_duty(active_alert, "issue_update", 5)
    items = what_needs(baja_coordinator)
    assert [str(item.title) for item in items] == [duty.get_kind_display() for duty in Duty.objects.order_by("due_at")]
    assert [item.is_late for item in items] == [True, False, False]
    assert items[0].url == f"/desk/duties/{late.pk}/"


def test_identity_and_opinion_wait_for_those_who_may(
    sent_request, baja_coordinator, california_officer, california_legal
):
    case = sent_request.case
    report_located(
        child=case.children.get(), by=california_officer, located_at=timezone.now(), time_zone="America/Tijuana",
        place="Tijuana", subdivision=Subdivision.objects.get(code="MX-BCN"), condition="unharmed",
        holding_agency=Agency.objects.get(code="mx-bcn-amber"),
    )  # fmt: skip
    LegalReview.objects.create(case=case, agency=case.lead_agency, requested_by=california_officer)
    assert "identity" in kinds(baja_coordinator)
    assert kinds(california_officer) == ["identity"]
    assert kinds(california_legal) == ["opinion"]


@pytest.mark.parametrize("who", ["quebec_coordinator", "superuser", "california_legal", "california_staff"])
def test_nothing_waits_for_strangers_and_readers(who, request, active_alert, baja_approver):
    person = request.getfixturevalue(who)
    leave_duty(active_alert, "cancel_alert", 1)
    assert what_needs(person) == []
    assert what_rests(person) == []
    assert kinds(baja_approver) == ["duty"]


def test_each_kind_costs_one_query_and_is_capped(active_alert, baja_coordinator):
    for number in range(MOST_OF_ONE_KIND + 5):
        Duty.objects.create(
            kind="issue_update", case=active_alert.case, program=active_alert.program,
            due_at=timezone.now() + timedelta(minutes=number),
        )  # fmt: skip
    what_needs(baja_coordinator)  # reads what the person may do
    for provider in (*NOW, *LATER):
        with CaptureQueriesContext(connection) as queries:
            items = list(provider(baja_coordinator))
            assert all(str(item.title) and item.about for item in items)
        assert len(queries) <= 1, provider.__name__
        assert len(items) <= MOST_OF_ONE_KIND
    assert kinds(baja_coordinator).count("duty") == MOST_OF_ONE_KIND


def test_page_shows_the_next_act_and_the_clock(active_alert, baja_coordinator):
    duty = leave_duty(active_alert, "cancel_alert", -5)
    text = signed_in(baja_coordinator).get("/desk/").text
    assert f'href="/desk/duties/{duty.pk}/"' in text
    assert "Emitir la cancelación" in text
    assert "clock--late" in text
    assert "Zoraida" not in text


def test_empty_desk_says_so(quebec_coordinator):
    text = signed_in(quebec_coordinator).get("/desk/").text
    assert 'class="empty"' in text


def test_api_shows_the_same_rows(active_alert, baja_coordinator, quebec_coordinator):
    duty = leave_duty(active_alert, "cancel_alert", -5)
    desk = signed_in(baja_coordinator).get("/api/v1/desk/").json()
    parts = {"now", "drafts", "case_drafts", "open_cases", "corridors", "corrections_open", "corrections_decided"}
    assert set(desk) == parts
    (row,) = desk["now"]
    assert (row["kind"], row["reference"], row["is_late"]) == ("duty", active_alert.number, True)
    assert row["url"].endswith(f"/desk/duties/{duty.pk}/")
    assert [case["reference"] for case in desk["open_cases"]] == [active_alert.case.reference]
    assert len(desk["corridors"]) == 6
    assert "Zoraida" not in str(desk)
    other = signed_in(quebec_coordinator).get("/api/v1/desk/").json()
    assert (other["now"], other["drafts"], other["open_cases"]) == ([], [], [])
    assert AlertProgram.objects.exists()
