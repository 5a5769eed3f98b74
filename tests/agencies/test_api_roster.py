"""The roster by API: read by everybody of the desk, changed by who plans its duty, nothing to anybody else."""

from __future__ import annotations

import uuid
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone
from rest_framework.test import APIClient

from agencies.duty_roster import go_by_roster, override_shift
from agencies.models import Agency, RosterShift, ShiftOverride
from agencies.on_duty import who_is_on_duty
from tests.agencies.rostered import BAJA, HOUR, planned

pytestmark = pytest.mark.django_db
ROUTES = [
    ("get", "roster-shift-detail", "shift"), ("post", "roster-shift-remove", "shift"),
    ("post", "roster-shift-override", "shift"), ("get", "roster-override-detail", "override"),
    ("post", "roster-override-take-back", "override"),
]  # fmt: skip


def url(name: str, *args: Any) -> str:
    return reverse(f"api:{name}", args=args)


def machine(person: Any) -> APIClient:
    client = APIClient()
    client.default_format = "json"
    client.force_login(person)
    return client


@pytest.fixture
def shift(desk: Agency, guard: Any, baja_coordinator: Any) -> RosterShift:
    """A guard's shift around now, sick in its last hour."""
    made = planned(desk, guard, baja_coordinator)
    override_shift(shift=made, kind="sick", starts_at=made.ends_at - HOUR, ends_at=made.ends_at, by=baja_coordinator)
    return made


def test_everybody_of_the_desk_reads_its_shifts(shift: RosterShift, guard: Any) -> None:
    [row] = machine(guard).get(url("roster-shift-list")).json()["results"]
    assert (row["id"], row["agency"], row["person"]) == (
        str(shift.pk), BAJA, {"id": str(guard.pk), "full_name": guard.full_name},
    )  # fmt: skip
    assert [(item["kind"], item["replacement"]) for item in row["overrides"]] == [("sick", None)]
    one = machine(guard).get(url("roster-shift-detail", shift.pk)).json()
    assert one == row


def test_list_is_narrowed(shift: RosterShift, desk: Agency, guard: Any, baja_coordinator: Any) -> None:
    later = planned(desk, guard, baja_coordinator, 30 * HOUR, 38 * HOUR)
    client = machine(guard)
    ahead = client.get(url("roster-shift-list"), {"ends_after": (timezone.now() + 20 * HOUR).isoformat()})
    assert [row["id"] for row in ahead.json()["results"]] == [str(later.pk)]
    assert client.get(url("roster-shift-list"), {"agency": "us-ca-chp"}).json()["results"] == []
    assert client.get(url("roster-shift-list"), {"ends_after": "tomorrow"}).status_code == 400


def test_desk_says_who_is_on_duty_and_when_nobody_is(
    shift: RosterShift, desk: Agency, guard: Any, baja_coordinator: Any, baja_approver: Any
) -> None:
    client = machine(guard)
    before = client.get(url("roster-detail", BAJA)).json()
    assert (before["keeps_roster"], before["is_manned"], before["on_duty"], before["gaps"]) == (False, True, [], [])
    go_by_roster(agency=desk, by=baja_coordinator)
    after = client.get(url("roster-detail", BAJA)).json()
    assert [person["id"] for person in after["on_duty"]] == [str(guard.pk)]
    assert len(after["gaps"]) == 1
    assert {person["id"] for person in after["people"]} == {
        str(item.pk) for item in (guard, baja_coordinator, baja_approver)
    }


def plan(client: APIClient, person: Any, **changed: Any) -> Any:
    now = timezone.now().replace(microsecond=0)
    body = {
        "agency": BAJA, "person": str(person.pk), "starts_at": (now + HOUR).isoformat(),
        "ends_at": (now + 9 * HOUR).isoformat(), **changed,
    }  # fmt: skip
    return client.post(url("roster-shift-list"), body)


def test_coordinator_plans_repeats_swaps_and_takes_back(desk: Agency, guard: Any, baja_coordinator: Any) -> None:
    client = machine(baja_coordinator)
    made = plan(client, guard, repeat="daily", times=3)
    assert made.status_code == 201
    assert len(made.json()["shifts"]) == 3
    first = RosterShift.objects.get(pk=made.json()["shifts"][0])
    hours = {"starts_at": first.starts_at.isoformat(), "ends_at": first.ends_at.isoformat()}
    swapped = client.post(
        url("roster-shift-override", first.pk), {"kind": "swap", "replacement": str(baja_coordinator.pk), **hours}
    )
    assert swapped.status_code == 201, swapped.content
    switched = client.post(url("roster-switch", BAJA), {"keeps_roster": True})
    assert switched.status_code == 409, "nobody would be on duty now"
    back = client.post(url("roster-override-take-back", swapped.json()["id"]), {})
    assert back.status_code == 200
    assert not ShiftOverride.objects.filter(removed_at__isnull=True).exists()
    assert client.post(url("roster-shift-remove", first.pk), {}).status_code == 200
    assert client.post(url("roster-shift-remove", first.pk), {}).status_code == 404, "it is off the roster"
    assert RosterShift.objects.filter(removed_at__isnull=True).count() == 2


def test_switch(shift: RosterShift, desk: Agency, guard: Any, baja_coordinator: Any) -> None:
    client = machine(baja_coordinator)
    assert client.post(url("roster-switch", BAJA), {"keeps_roster": True}).json()["keeps_roster"] is True
    assert who_is_on_duty(desk).people == (guard,)
    assert client.post(url("roster-switch", BAJA), {"keeps_roster": False}).json()["keeps_roster"] is False
    assert client.post(url("roster-switch", BAJA), {}).status_code == 400


def test_what_is_refused(desk: Agency, guard: Any, baja_coordinator: Any, california_officer: Any) -> None:
    client = machine(baja_coordinator)
    stranger = plan(client, california_officer)
    assert (stranger.status_code, list(stranger.json()["errors"])) == (400, ["person"])
    ended = plan(client, guard, ends_at=(timezone.now() + HOUR / 2).isoformat())
    assert ended.status_code == 409
    assert plan(client, guard, agency="us-ca-chp").status_code == 404
    assert plan(client, guard, starts_at="2026-12-01T08:00:00").status_code == 400, "without its offset"
    assert plan(client, guard, times=61).status_code == 400
    assert plan(machine(guard), guard).status_code == 404, "who reads does not plan"
    assert not RosterShift.objects.exists()


def test_who_reads_does_not_change(shift: RosterShift, guard: Any) -> None:
    client, override = machine(guard), shift.overrides.get()
    for name, key in (
        ("roster-shift-remove", shift.pk), ("roster-shift-override", shift.pk),
        ("roster-override-take-back", override.pk), ("roster-switch", BAJA),
    ):  # fmt: skip
        assert client.post(url(name, key), {}).status_code == 404, name


def test_same_key_plans_once(desk: Agency, guard: Any, baja_coordinator: Any) -> None:
    client = machine(baja_coordinator)
    now = timezone.now().replace(microsecond=0)
    body = {"agency": BAJA, "person": str(guard.pk), "starts_at": (now + HOUR).isoformat(),
            "ends_at": (now + 9 * HOUR).isoformat()}  # fmt: skip
    answers = [client.post(url("roster-shift-list"), body, headers={"Idempotency-Key": "k1"}) for _time in range(2)]
    assert [answer.status_code for answer in answers] == [201, 201]
    assert RosterShift.objects.count() == 1


@pytest.mark.parametrize("who", ["california_coordinator", "superuser"])
@pytest.mark.parametrize(("method", "name", "kind"), ROUTES)
def test_foreign_and_random_ids_get_the_same_404(
    request: Any, shift: RosterShift, method: str, name: str, kind: str, who: str
) -> None:
    client = machine(request.getfixturevalue(who))
    row: Any = shift if kind == "shift" else shift.overrides.get()
    answers = [
        getattr(client, method)(url(name, key), {"nonsense": 1} if method != "get" else None)
        for key in (row.pk, uuid.uuid4(), "no-uuid")
    ]
    assert {answer.status_code for answer in answers} == {404}
    assert len({answer.content for answer in answers}) == 1


def test_another_desk_is_none(shift: RosterShift, california_coordinator: Any) -> None:
    client = machine(california_coordinator)
    assert client.get(url("roster-detail", BAJA)).status_code == 404
    assert client.get(url("roster-detail", "zz-none")).content == client.get(url("roster-detail", BAJA)).content
    assert client.get(url("roster-shift-list")).json()["results"] == []


def test_list_costs_the_same_for_many(shift: RosterShift, desk: Agency, guard: Any, baja_coordinator: Any) -> None:
    client = machine(guard)

    def cost() -> int:
        client.get(url("roster-shift-list"))
        with CaptureQueriesContext(connection) as queries:
            client.get(url("roster-shift-list"))
        return len(queries)

    few = cost()
    for day in range(1, 12):
        planned(desk, guard, baja_coordinator, day * timedelta(days=1), day * timedelta(days=1) + 8 * HOUR)
    assert cost() == few
