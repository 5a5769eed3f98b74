"""Who is on duty: shifts, what goes before them, gaps, holidays, and desks without a roster (U39)."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from agencies.duty_roster import go_by_roster, go_without_roster, override_shift, plan_shifts, remove_shift, take_back
from agencies.models import Agency, AlertProgram, AuditEvent, Holiday, Membership, RosterShift
from agencies.on_duty import gaps_of, programs_on_duty, who_is_on_duty
from agencies.refusals import ActRefused, NotPermitted
from agencies.services import end_membership
from agencies.views.roster_days import days_of
from tests.agencies.rostered import HOUR, planned

pytestmark = pytest.mark.django_db


def test_desk_without_roster_is_on_duty_always(desk: Agency, guard: Any, baja_coordinator: Any) -> None:
    assert who_is_on_duty(desk).is_manned
    planned(desk, guard, baja_coordinator, 2 * HOUR, 3 * HOUR)
    found = who_is_on_duty(desk)
    assert (found.has_roster, found.is_manned, found.people) == (False, True, ())


def test_roster_in_force_names_who_is_on_duty_and_when_nobody_is(
    desk: Agency, guard: Any, baja_coordinator: Any
) -> None:
    shift = planned(desk, guard, baja_coordinator)
    go_by_roster(agency=desk, by=baja_coordinator)
    assert who_is_on_duty(desk).people == (guard,)
    assert who_is_on_duty(desk, shift.starts_at).people == (guard,)
    assert not who_is_on_duty(desk, shift.ends_at).is_manned, "the end belongs to the next shift"
    assert not who_is_on_duty(desk, shift.starts_at - timedelta(seconds=1)).is_manned
    remove_shift(shift=shift, by=baja_coordinator)
    assert not who_is_on_duty(desk).is_manned
    go_without_roster(agency=desk, by=baja_coordinator)
    assert who_is_on_duty(desk).is_manned


def test_roster_that_names_nobody_now_does_not_come_into_force(desk: Agency, guard: Any, baja_coordinator: Any) -> None:
    planned(desk, guard, baja_coordinator, HOUR, 2 * HOUR)
    with pytest.raises(ActRefused):
        go_by_roster(agency=desk, by=baja_coordinator)
    desk.refresh_from_db()
    assert not desk.keeps_roster


def test_swap_and_sickness_go_before_the_shift_and_can_be_taken_back(
    desk: Agency, guard: Any, baja_coordinator: Any, baja_approver: Any
) -> None:
    shift = planned(desk, guard, baja_coordinator)
    go_by_roster(agency=desk, by=baja_coordinator)
    now = timezone.now()
    swap = override_shift(
        shift=shift, kind="swap", starts_at=shift.starts_at, ends_at=now + HOUR, by=baja_coordinator,
        replacement=baja_approver,
    )  # fmt: skip
    sick = override_shift(
        shift=shift, kind="sick", starts_at=now + HOUR, ends_at=now + 2 * HOUR, by=baja_coordinator
    )  # fmt: skip
    assert who_is_on_duty(desk, now).people == (baja_approver,)
    assert not who_is_on_duty(desk, now + 1.5 * HOUR).is_manned
    assert who_is_on_duty(desk, now + 3 * HOUR).people == (guard,)
    assert gaps_of(desk, now)[0] == (sick.starts_at, sick.ends_at)
    take_back(override=sick, by=baja_coordinator)
    take_back(override=swap, by=baja_coordinator)
    assert who_is_on_duty(desk, now + 1.5 * HOUR).people == (guard,)
    assert who_is_on_duty(desk, now).people == (guard,)


def test_whoever_lost_the_role_or_was_suspended_is_not_on_duty(
    desk: Agency, guard: Any, baja_coordinator: Any, baja_approver: Any, baja_staff: Any
) -> None:
    planned(desk, guard, baja_coordinator)
    planned(desk, baja_approver, baja_coordinator)
    go_by_roster(agency=desk, by=baja_coordinator)
    assert set(who_is_on_duty(desk).people) == {guard, baja_approver}
    end_membership(membership=Membership.objects.get(user=guard), by=baja_staff)
    assert who_is_on_duty(desk).people == (baja_approver,)
    baja_approver.is_active = False
    baja_approver.save(update_fields=["is_active"])
    assert not who_is_on_duty(desk).is_manned


def test_coming_end_of_a_role_is_a_gap_that_is_seen_ahead(desk: Agency, guard: Any, baja_coordinator: Any) -> None:
    shift = planned(desk, guard, baja_coordinator, until=20 * HOUR)
    ends = timezone.now() + 5 * HOUR
    Membership.objects.filter(user=guard).update(valid_until=ends)
    assert gaps_of(desk, timezone.now(), within=20 * HOUR)[0][0] == ends
    assert who_is_on_duty(desk).is_manned
    assert shift.ends_at > ends


def test_gaps_are_the_hours_between_shifts(desk: Agency, guard: Any, baja_coordinator: Any, baja_approver: Any) -> None:
    now = timezone.now()
    first = planned(desk, guard, baja_coordinator)
    planned(desk, baja_approver, baja_coordinator, 6 * HOUR, 10 * HOUR)
    last = planned(desk, guard, baja_coordinator, 12 * HOUR, 30 * HOUR - HOUR * 6)
    found = gaps_of(desk, now, within=timedelta(hours=30))
    assert [(round((a - now) / HOUR), round((b - now) / HOUR)) for a, b in found] == [(10, 12), (24, 30)]
    assert first.ends_at < last.starts_at


@pytest.mark.parametrize(
    "changes",
    [
        {"hours": (2, 1)}, {"hours": (-3, -2)}, {"hours": (1, 27)}, {"times": 61, "repeat": "daily"},
        {"person": "staff"}, {"person": "outsider"}, {"hours": (0.5, 2)},
    ],
)  # fmt: skip
def test_shift_that_cannot_be_is_refused(
    desk: Agency, guard: Any, baja_coordinator: Any, baja_staff: Any, california_officer: Any, changes: Any
) -> None:
    planned(desk, guard, baja_coordinator, until=HOUR)
    now = timezone.now()
    people = {"guard": guard, "staff": baja_staff, "outsider": california_officer}
    since, until = changes.get("hours", (2, 3))
    with pytest.raises(ActRefused):
        plan_shifts(
            agency=desk, person=people[changes.get("person", "guard")], starts_at=now + since * HOUR,
            ends_at=now + until * HOUR, by=baja_coordinator, repeat=changes.get("repeat", ""),
            times=changes.get("times", 1),
        )  # fmt: skip
    assert RosterShift.objects.count() == 1


def test_hours_outside_the_shift_over_another_change_or_without_somebody_are_refused(
    desk: Agency, guard: Any, baja_coordinator: Any, baja_approver: Any, california_officer: Any
) -> None:
    shift = planned(desk, guard, baja_coordinator)
    now = timezone.now()
    inside = {"starts_at": now, "ends_at": now + HOUR}
    wrong = [
        {**inside, "kind": "swap"},
        {**inside, "kind": "swap", "replacement": guard},
        {**inside, "kind": "swap", "replacement": california_officer},
        {"kind": "sick", "starts_at": now - 2 * HOUR, "ends_at": now},
        {"kind": "sick", "starts_at": now, "ends_at": now + 8 * HOUR},
    ]
    for values in wrong:
        with pytest.raises(ActRefused):
            override_shift(shift=shift, by=baja_coordinator, **values)
    override_shift(shift=shift, by=baja_coordinator, kind="sick", **inside)
    with pytest.raises(ActRefused):
        override_shift(
            shift=shift, by=baja_coordinator, kind="swap", starts_at=now + HOUR / 2, ends_at=now + 2 * HOUR,
            replacement=baja_approver,
        )  # fmt: skip
    assert shift.overrides.count() == 1


def test_only_who_plans_duty_there_changes_the_roster(
    desk: Agency, guard: Any, baja_coordinator: Any, baja_staff: Any, california_coordinator: Any
) -> None:
    shift = planned(desk, guard, baja_coordinator)
    sick = override_shift(
        shift=shift, kind="sick", starts_at=shift.starts_at, ends_at=shift.ends_at, by=baja_coordinator
    )
    now = timezone.now()
    for person in (guard, baja_staff, california_coordinator):
        hours = {"starts_at": now, "ends_at": now + HOUR}
        for act in (
            lambda: plan_shifts(agency=desk, person=guard, by=person, **hours),  # noqa: B023  called at once
            lambda: remove_shift(shift=shift, by=person),  # noqa: B023
            lambda: override_shift(shift=shift, kind="sick", by=person, **hours),  # noqa: B023
            lambda: take_back(override=sick, by=person),  # noqa: B023
            lambda: go_by_roster(agency=desk, by=person),  # noqa: B023
            lambda: go_without_roster(agency=desk, by=person),  # noqa: B023
        ):
            with pytest.raises(NotPermitted):
                act()
    assert AuditEvent.objects.filter(action__startswith="roster.").count() == 2


def test_repeated_shift_keeps_its_hours_when_the_clocks_change(quebec_coordinator: Any) -> None:
    """Québec's clocks go forward on 14 March 2027: the shift of that night is an hour shorter."""
    desk, zone = Agency.objects.get(code="ca-qc-sq"), ZoneInfo("America/Toronto")
    shifts = plan_shifts(
        agency=desk, person=quebec_coordinator, by=quebec_coordinator, repeat="daily", times=3,
        starts_at=datetime(2027, 3, 12, 22, 0, tzinfo=zone), ends_at=datetime(2027, 3, 13, 6, 0, tzinfo=zone),
    )  # fmt: skip
    found = [(item.starts_at.astimezone(zone).hour, item.ends_at.astimezone(zone).hour) for item in shifts]
    assert found == [(22, 6)] * 3
    assert [(item.ends_at - item.starts_at) / HOUR for item in RosterShift.objects.order_by("starts_at")] == [8, 7, 8]


def test_shift_that_is_over_stays(desk: Agency, guard: Any, baja_coordinator: Any) -> None:
    shift = planned(desk, guard, baja_coordinator)
    sick = override_shift(
        shift=shift, kind="sick", starts_at=shift.starts_at, ends_at=shift.ends_at, by=baja_coordinator
    )
    RosterShift.objects.filter(pk=shift.pk).update(
        starts_at=shift.starts_at - 20 * HOUR, ends_at=shift.ends_at - 20 * HOUR
    )
    type(sick).objects.filter(pk=sick.pk).update(starts_at=sick.starts_at - 20 * HOUR, ends_at=sick.ends_at - 20 * HOUR)
    for act in (
        lambda: remove_shift(shift=shift, by=baja_coordinator),
        lambda: take_back(override=sick, by=baja_coordinator),
    ):
        with pytest.raises(ActRefused):
            act()


def test_programs_are_on_duty_by_any_of_their_desks_in_few_queries(
    desk: Agency, guard: Any, baja_coordinator: Any, california_officer: Any
) -> None:
    shift = planned(desk, guard, baja_coordinator)
    go_by_roster(agency=desk, by=baja_coordinator)
    programs = list(AlertProgram.objects.filter(is_active=True))
    with CaptureQueriesContext(connection) as queries:
        found = programs_on_duty(programs)
    assert len(queries) <= 7
    by_code = {program.code: found[program.pk] for program in programs}
    assert by_code["mx-bcn"]
    assert by_code["us-ca"]
    assert not by_code["us-nm"], "nobody works there in the portal"
    later = programs_on_duty(programs, shift.ends_at)
    assert {code for code, is_on in by_code.items() if is_on and not later[programs_by_code(programs)[code]]} == {
        "mx-bcn"
    }


def programs_by_code(programs: list[AlertProgram]) -> dict[str, int]:
    return {program.code: program.pk for program in programs}


def test_holidays_of_the_three_countries_are_rows_on_the_right_days() -> None:
    def days(country: str, year: int) -> set[str]:
        rows = Holiday.objects.filter(country=country, day__year=year)
        return {f"{day:%m-%d}" for day in rows.values_list("day", flat=True)}

    assert days("US", 2027) == {
        "01-01", "01-18", "02-15", "05-31", "06-19", "07-04", "09-06", "10-11", "11-11", "11-25", "12-25",
    }  # fmt: skip
    assert days("MX", 2027) == {"01-01", "02-01", "03-15", "05-01", "09-16", "11-15", "12-25"}
    assert days("MX", 2030) - days("MX", 2029) >= {"10-01"}, "the federal executive changes"
    assert days("CA", 2027) == {
        "01-01", "03-26", "05-24", "07-01", "09-06", "09-30", "10-11", "11-11", "12-25", "12-26",
    }  # fmt: skip
    assert not Holiday.objects.filter(name_es="").exists()


def test_days_show_holidays_of_the_country_and_of_the_own_place_only(quebec_coordinator: Any) -> None:
    desk = Agency.objects.get(code="ca-qc-sq")
    for place in ("CA-QC", "CA-ON"):
        Holiday.objects.create(country="CA", subdivision_id=place, day=date(2027, 6, 24), name=place)
    [*_others, day] = days_of(desk, date(2027, 6, 20), now=timezone.now(), count=5)
    assert (day.day, day.holidays) == (date(2027, 6, 24), ["CA-QC"])
    [canada_day] = days_of(desk, date(2027, 7, 1), now=timezone.now(), count=1)
    assert canada_day.holidays == ["Canada Day"]


def test_days_show_a_night_on_both_days_and_who_is_away(quebec_coordinator: Any, make_user: Any) -> None:
    desk, zone = Agency.objects.get(code="ca-qc-sq"), ZoneInfo("America/Toronto")
    other = make_user("odile.agente@quebec.example", "ca-qc-sq", "duty_officer", "fr")
    [shift] = plan_shifts(
        agency=desk, person=other, by=quebec_coordinator,
        starts_at=datetime(2027, 6, 1, 22, tzinfo=zone), ends_at=datetime(2027, 6, 2, 6, tzinfo=zone),
    )  # fmt: skip
    override_shift(
        shift=shift, kind="sick", by=quebec_coordinator,
        starts_at=datetime(2027, 6, 2, 2, tzinfo=zone), ends_at=datetime(2027, 6, 2, 6, tzinfo=zone),
    )  # fmt: skip
    first, second = days_of(desk, date(2027, 6, 1), now=datetime(2027, 5, 30, tzinfo=UTC), count=2)

    def shown(day: Any) -> list[tuple[int, int, bool]]:
        hours = [item.astimezone(zone).hour for entry in day.entries for item in (entry.starts_at, entry.ends_at)]
        return list(zip(hours[::2], hours[1::2], [entry.is_off for entry in day.entries], strict=True))

    assert shown(first) == [(22, 0, False)]
    assert shown(second) == [(0, 2, False), (2, 6, True)]
    assert [(a.astimezone(zone).hour, b.astimezone(zone).hour) for a, b in second.gaps] == [(2, 0)]
    lines = [(since.astimezone(zone).hour, entry is not None) for since, _until, entry in first.lines]
    assert lines == [(0, False), (22, True)], "by the clock, whether somebody covers the hours or not"
    assert not first.is_uncovered
    [empty] = days_of(desk, date(2027, 6, 3), now=datetime(2027, 5, 30, tzinfo=UTC), count=1)
    assert empty.is_uncovered
