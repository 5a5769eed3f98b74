"""The pages of a roster: planning, changing, switching, reading (U39)."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from agencies.duty_roster import override_shift, plan_shifts
from agencies.models import Agency, RosterShift
from agencies.refusals import NotPermitted
from tests.agencies.rostered import BAJA, HOUR, planned

pytestmark = pytest.mark.django_db


def browser(person: Any) -> Client:
    client = Client()
    client.force_login(person)
    return client


def form_of(person: Any, desk: Agency, **changes: Any) -> dict[str, Any]:
    tomorrow = timezone.now().astimezone(ZoneInfo(desk.time_zone)).date() + timedelta(days=1)
    return {"nonce": "n" * 22, "person": person.pk, "day": f"{tomorrow}", "starts": "22:00", "ends": "06:00",
            "repeat": "", "times": "1", **changes}  # fmt: skip


def test_coordinator_plans_a_night_once_however_often_it_is_sent(
    desk: Agency, guard: Any, baja_coordinator: Any
) -> None:
    client, address = browser(baja_coordinator), reverse("agencies:roster")
    assert client.get(address).status_code == 200
    for _send in range(2):
        assert client.post(address, form_of(guard, desk, repeat="weekly", times="3")).status_code == 302
    shifts = list(RosterShift.objects.order_by("starts_at"))
    assert len(shifts) == 3
    zone = ZoneInfo(desk.time_zone)
    assert {(item.starts_at.astimezone(zone).hour, item.time_zone) for item in shifts} == {(22, desk.time_zone)}
    assert (shifts[0].ends_at.astimezone(zone).date() - shifts[0].starts_at.astimezone(zone).date()).days == 1
    again = client.post(address, form_of(guard, desk, nonce="m" * 22))
    assert again.status_code == 409, "over another shift of the same person"


def test_wrong_form_comes_back_filled_in(desk: Agency, guard: Any, baja_coordinator: Any, baja_staff: Any) -> None:
    client, address = browser(baja_coordinator), reverse("agencies:roster")
    for changes in ({"person": baja_staff.pk}, {"day": ""}, {"starts": "x"}, {"times": "61"}, {"day": "2020-01-01"}):
        answer = client.post(address, {**form_of(guard, desk), **changes})
        assert (answer.status_code, RosterShift.objects.count()) == (422, 0), changes
        assert 'value="06:00"' in answer.text


def test_hour_that_the_day_does_not_have_is_refused(quebec_coordinator: Any) -> None:
    desk = Agency.objects.get(code="ca-qc-sq")
    answer = browser(quebec_coordinator).post(
        reverse("agencies:roster"), form_of(quebec_coordinator, desk, day="2027-03-14", starts="02:30", ends="10:00")
    )
    assert (answer.status_code, RosterShift.objects.count()) == (422, 0)


def test_everybody_in_the_agency_reads_and_only_planners_get_the_forms(
    desk: Agency, guard: Any, baja_coordinator: Any, baja_staff: Any, california_officer: Any
) -> None:
    shift = planned(desk, guard, baja_coordinator)
    pages = (reverse("agencies:roster"), reverse("agencies:shift", args=[shift.pk]))
    for person, may_plan in ((guard, False), (baja_staff, False), (baja_coordinator, True)):
        for page in pages:
            answer = browser(person).get(page)
            assert answer.status_code == 200
            assert "Dario Guardia" in answer.text
            assert ('name="starts"' in answer.text) is may_plan
    assert browser(guard).post(pages[0], form_of(guard, desk)).status_code == 404
    stranger = browser(california_officer)
    assert stranger.get(pages[1]).status_code == 404
    assert "Dario Guardia" not in stranger.get(pages[0]).text


def test_shift_is_swapped_taken_back_and_taken_off_by_its_page(
    desk: Agency, guard: Any, baja_coordinator: Any, baja_approver: Any
) -> None:
    client, zone = browser(baja_coordinator), ZoneInfo(desk.time_zone)
    client.post(reverse("agencies:roster"), form_of(guard, desk))
    shift = RosterShift.objects.get()
    page = reverse("agencies:shift", args=[shift.pk])
    swap = {"nonce": "a" * 22, "kind": "swap", "starts": "00:00", "ends": "03:00", "replacement": baja_approver.pk}
    for wrong in ({"replacement": ""}, {"starts": "05:00", "ends": "07:00"}, {"kind": "x"}):
        assert client.post(page, {**swap, **wrong}).status_code == 422
    assert client.post(page, swap).status_code == 302
    change = shift.overrides.get()
    hours = [item.astimezone(zone).hour for item in (change.starts_at, change.ends_at)]
    assert (hours, change.replacement) == ([0, 3], baja_approver)
    assert shift.starts_at < change.starts_at < change.ends_at < shift.ends_at
    removal = reverse("agencies:override-remove", args=[change.pk])
    assert browser(guard).post(removal, {"nonce": "b" * 22}).status_code == 404
    assert client.post(removal, {"nonce": "b" * 22}).status_code == 302
    assert not shift.overrides.filter(removed_at__isnull=True).exists()
    assert client.post(reverse("agencies:shift-remove", args=[shift.pk]), {"nonce": "c" * 22}).status_code == 302
    assert client.get(page).status_code == 404


def test_switch_says_who_is_on_duty_and_warns_of_gaps(desk: Agency, guard: Any, baja_coordinator: Any) -> None:
    client, switch = browser(baja_coordinator), reverse("agencies:roster-switch")
    refused = client.post(switch, {"nonce": "a" * 22, "keep": "yes"})
    assert refused.status_code == 409
    planned(desk, guard, baja_coordinator)
    assert client.post(switch, {"nonce": "b" * 22, "keep": "yes"}).status_code == 302
    page = client.get(reverse("agencies:roster"))
    assert (len(page.context["gaps"]), page.context["duty"].people) == (1, (guard,))
    assert client.post(switch, {"nonce": "c" * 22, "keep": "no"}).status_code == 302
    desk.refresh_from_db()
    assert not desk.keeps_roster


def test_other_days_are_reached_and_what_is_no_day_is_not_found(baja_coordinator: Any) -> None:
    client, address = browser(baja_coordinator), reverse("agencies:roster")
    assert client.get(address, {"from": "2027-03-01"}).context["days"][0].day == date(2027, 3, 1)
    for typed in ("x", "2027-13-01", "0001-01-01", "9999-12-31"):
        assert client.get(address, {"from": typed}).status_code == 404


def test_page_costs_the_same_with_three_shifts_and_with_thirty(
    desk: Agency, guard: Any, baja_coordinator: Any, baja_approver: Any
) -> None:
    client, counts = browser(baja_coordinator), []
    now = timezone.now()
    for times, since in ((3, 1), (30, 5)):
        shifts = plan_shifts(
            agency=desk, person=guard, starts_at=now + since * HOUR, ends_at=now + (since + 1) * HOUR,
            by=baja_coordinator, repeat="daily" if times == 30 else "weekly", times=times,
        )  # fmt: skip
        for shift in shifts[:2]:
            override_shift(
                shift=shift, kind="swap", starts_at=shift.starts_at, ends_at=shift.ends_at, by=baja_coordinator,
                replacement=baja_approver,
            )  # fmt: skip
        client.get(reverse("agencies:roster"))
        with CaptureQueriesContext(connection) as queries:
            assert client.get(reverse("agencies:roster")).status_code == 200
        counts.append(len(queries))
    assert counts[0] == counts[1]


def test_person_without_an_agency_has_no_roster(superuser: Any) -> None:
    assert browser(superuser).get(reverse("agencies:roster")).status_code == 404
    with pytest.raises(NotPermitted):
        plan_shifts(
            agency=Agency.objects.get(code=BAJA), person=superuser, by=superuser, starts_at=timezone.now(),
            ends_at=timezone.now() + HOUR,
        )  # fmt: skip
