"""Supervisors hear which hours their roster leaves to nobody, staff hear that a desk calls its numbers wrong."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest
from django.utils import timezone

from agencies import access, desk_checks
from agencies.duty_roster import go_by_roster, plan_shifts, remove_shift
from agencies.models import Agency, DeskCheck, Membership, RosterShift, ShiftOverride
from alerts import delivery
from alerts.management.commands import relay
from alerts.models import Delivery, DeskWarning
from alerts.services import desk_warnings
from tests.alerts.test_ladders import told_of

pytestmark = pytest.mark.django_db
BAJA, HOUR, DAY = "mx-bcn-amber", timedelta(hours=1), timedelta(days=1)


@pytest.fixture
def desk(baja_coordinator: Any) -> Agency:
    """Baja California's desk with a supervisor; its roster covers today, and was planned hours ago."""
    agency = Agency.objects.get(code=BAJA)
    Membership.objects.filter(agency=agency).update(valid_from=timezone.now() - 30 * DAY)
    add(agency, baja_coordinator, -HOUR, 20 * HOUR)
    go_by_roster(agency=agency, by=baja_coordinator)
    settle()
    return agency


def add(agency: Agency, person: Any, since: timedelta, until: timedelta) -> RosterShift:
    """Plan hours counted from the same moment, so that two shifts meet."""
    first = agency.shifts.order_by("created_at", "starts_at").first()
    start = first.starts_at + HOUR if first else timezone.now()
    [shift] = plan_shifts(agency=agency, person=person, starts_at=start + since, ends_at=start + until, by=person)
    return shift


def settle() -> None:
    """Let the last change of the roster be two hours ago."""
    RosterShift.objects.update(created_at=timezone.now() - 2 * HOUR)
    ShiftOverride.objects.update(created_at=timezone.now() - 2 * HOUR)


def covered(agency: Agency, person: Any, since: timedelta, until: timedelta) -> None:
    """Cover these hours from now without a hole."""
    while since < until:
        add(agency, person, since, min(since + 24 * HOUR, until))
        since += 24 * HOUR


def told() -> list[list[int]]:
    """Return for each warning at which notice its gaps were told."""
    return [[hours for _begins, _ends, hours in row.gaps] for row in DeskWarning.objects.order_by("told_at")]


def supervisors(agency: Agency) -> set[str]:
    return {person.email for person in access.people_with(agency, "supervise_program")}


def test_gap_within_two_weeks_is_told_once_to_supervisors(desk: Agency, baja_coordinator: Any) -> None:
    covered(desk, baja_coordinator, 20 * HOUR, 10 * DAY)
    settle()
    assert (desk_warnings.tell_gaps(), desk_warnings.tell_gaps()) == (1, 0)
    assert told() == [[336]]
    assert told_of("roster_gap") == supervisors(desk)
    assert supervisors(desk)


def test_gap_is_told_again_within_two_days(desk: Agency, baja_coordinator: Any) -> None:
    covered(desk, baja_coordinator, 20 * HOUR, 3 * DAY)
    settle()
    assert desk_warnings.tell_gaps() == 1
    move_back(DAY + HOUR)
    assert (desk_warnings.tell_gaps(), desk_warnings.tell_gaps()) == (1, 0)
    assert told() == [[336], [48]]


def move_back(by: timedelta) -> None:
    """Let so much time pass: roster and warnings move back together."""
    for shift in RosterShift.objects.order_by("starts_at"):
        RosterShift.objects.filter(pk=shift.pk).update(starts_at=shift.starts_at - by, ends_at=shift.ends_at - by)
    for row in DeskWarning.objects.all():
        row.gaps = [[*((datetime.fromisoformat(at) - by).isoformat() for at in gap[:2]), gap[2]] for gap in row.gaps]
        row.save()


def test_several_gaps_stand_in_one_notice(desk: Agency, baja_coordinator: Any, mailoutbox: Any) -> None:
    add(desk, baja_coordinator, 30 * HOUR, 40 * HOUR)
    add(desk, baja_coordinator, 80 * HOUR, 90 * HOUR)
    settle()
    assert desk_warnings.tell_gaps() == 1
    assert told() == [[48, 48, 336]]
    while delivery.send_due():
        pass
    [mail] = [item for item in mailoutbox if desk.name_es in item.subject]
    assert mail.body.count("→") == 3
    assert "/roster/" in mail.body


def test_gap_that_runs_is_told_and_not_at_every_look(desk: Agency, baja_coordinator: Any) -> None:
    covered(desk, baja_coordinator, 20 * HOUR, 14 * DAY + HOUR)
    now = timezone.now()
    first = RosterShift.objects.order_by("starts_at").first()
    assert first is not None
    RosterShift.objects.filter(pk=first.pk).update(ends_at=now - HOUR / 2)
    settle()
    assert [desk_warnings.tell_gaps() for _look in range(3)] == [1, 0, 0]
    RosterShift.objects.filter(pk=first.pk).update(starts_at=now - 4 * DAY, ends_at=now - 3 * DAY)
    assert [desk_warnings.tell_gaps() for _look in range(3)] == [1, 0, 0], "one that began before all that is read"


def test_whoever_is_planning_is_not_mailed_between_two_shifts(desk: Agency, baja_coordinator: Any) -> None:
    covered(desk, baja_coordinator, 20 * HOUR, 5 * DAY)
    assert desk_warnings.tell_gaps() == 0
    RosterShift.objects.update(created_at=timezone.now() - HOUR / 2)
    assert desk_warnings.tell_gaps() == 0
    settle()
    assert desk_warnings.tell_gaps() == 1


def test_near_gap_waits_a_quarter_of_an_hour(desk: Agency, baja_coordinator: Any) -> None:
    shift = add(desk, baja_coordinator, 20 * HOUR, 30 * HOUR)
    settle()
    remove_shift(shift=shift, by=baja_coordinator)
    assert desk_warnings.tell_gaps() == 0
    RosterShift.objects.filter(pk=shift.pk).update(removed_at=timezone.now() - HOUR / 3)
    assert desk_warnings.tell_gaps() == 1


def test_desk_without_a_roster_and_one_without_gaps_are_not_told_of(desk: Agency, baja_coordinator: Any) -> None:
    Agency.objects.filter(pk=desk.pk).update(keeps_roster=False)
    assert desk_warnings.tell_gaps() == 0
    Agency.objects.filter(pk=desk.pk).update(keeps_roster=True)
    covered(desk, baja_coordinator, 20 * HOUR, 15 * DAY)
    settle()
    assert desk_warnings.tell_gaps() == 0


def test_supervisor_who_has_left_is_not_told(desk: Agency, baja_coordinator: Any, mailoutbox: Any) -> None:
    assert desk_warnings.tell_gaps() == 1
    assert told_of("roster_gap")
    Membership.objects.filter(agency=desk).update(valid_until=timezone.now() - HOUR)
    while delivery.send_due():
        pass
    assert [item for item in mailoutbox if desk.name_es in item.subject] == []
    assert set(Delivery.objects.filter(notice__kind="roster_gap").values_list("state", flat=True)) == {"suppressed"}


def test_relay_looks_at_rosters_once_in_five_minutes(desk: Agency, monkeypatch: Any) -> None:
    monkeypatch.setattr(desk_warnings._Round, "next_at", 0.0)
    monkeypatch.setattr(desk_warnings, "tell_gaps", lambda: 7)
    assert (desk_warnings.sweep_gaps(), desk_warnings.sweep_gaps()) == (7, 0)
    monkeypatch.setattr(desk_warnings._Round, "next_at", 0.0)
    assert desk_warnings.sweep_gaps() == 7
    assert {desk_warnings.sweep_gaps, desk_warnings.tell_wrong_numbers} <= set(relay.PERIODIC)


# Numbers


def call_wrong(agency: Agency) -> DeskCheck:
    check = DeskCheck(agency=agency)
    check.token_hash = desk_checks.hash_of(desk_checks.token_for(check.pk))
    check.save()
    return desk_checks.answer(check=check, answer="wrong")


def test_staff_hear_once_that_numbers_are_wrong(baja_staff: Any, baja_coordinator: Any, mailoutbox: Any) -> None:
    agency = Agency.objects.get(code=BAJA)
    check = call_wrong(agency)
    assert (desk_warnings.tell_wrong_numbers(), desk_warnings.tell_wrong_numbers()) == (1, 0)
    assert told_of("numbers_wrong") == {baja_staff.email}
    while delivery.send_due():
        pass
    [mail] = mailoutbox
    assert f"/admin/agencies/agency/{agency.pk}/change/" in mail.body
    desk_checks.answer(check=check, answer="right")
    desk_checks.answer(check=check, answer="wrong")
    assert desk_warnings.tell_wrong_numbers() == 0, "once for each check"


def test_what_was_mended_meanwhile_is_not_told(baja_staff: Any) -> None:
    agency = Agency.objects.get(code=BAJA)
    call_wrong(agency)
    agency.refresh_from_db()
    desk_checks.numbers_changed(agency)
    assert desk_warnings.tell_wrong_numbers() == 0


def test_desk_without_staff_is_brought_to_the_administrators(superuser: Any, california_staff: Any) -> None:
    call_wrong(Agency.objects.get(code=BAJA))
    assert desk_warnings.tell_wrong_numbers() == 1
    assert told_of("numbers_wrong") == {superuser.email}


def test_desk_without_staff_is_brought_to_the_agency_above(superuser: Any, california_staff: Any) -> None:
    agency = Agency.objects.get(code=BAJA)
    Agency.objects.filter(pk=agency.pk).update(parent=Agency.objects.get(code="us-ca-chp"))
    call_wrong(agency)
    assert desk_warnings.tell_wrong_numbers() == 1
    assert told_of("numbers_wrong") == {california_staff.email}
