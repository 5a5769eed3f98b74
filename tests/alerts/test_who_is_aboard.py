"""Who is with whom and in which vehicle is a fact that programs must know of when it changes (U20, U26)."""

from __future__ import annotations

from typing import Any

import pytest
from django.utils import translation

from alerts.differences import differences, is_changed
from alerts.models import Alert
from cases.models import Child, Link, Vehicle
from cases.services.facts import record_facts
from cases.services.links import record_link

ANA = {"key": "a", "name": "Ana"}
LUIS = {"key": "l", "name": ""}
TAKER = {"key": "p", "name": "Raúl"}


def snapshot(first: dict[str, Any], second: dict[str, Any], children: Any = (ANA, LUIS)) -> dict[str, Any]:
    """Return the facts of two cars with those aboard."""
    cars = [{"key": "1", "make": "Ford", "aboard": first}, {"key": "2", "make": "Seat", "aboard": second}]
    return {"facts": {"children": list(children), "people": [TAKER], "vehicles": cars}}


BEFORE = snapshot({"children": [0], "people": [0]}, {"children": [1]})


def test_children_who_changed_cars_are_a_difference() -> None:
    after = snapshot({"children": [1], "people": [0]}, {"children": [0]})
    assert is_changed(BEFORE, after)
    with translation.override("en"):
        told = [(row.subject, row.field, row.before, row.after) for row in differences(BEFORE, after)]
    assert told == [
        ("Vehicle 1", "who is aboard", "Ana, Raúl", "Child 2, Raúl"), ("Vehicle 2", "who is aboard", "Child 2", "Ana"),
    ]  # fmt: skip


def test_another_order_of_the_same_people_is_none() -> None:
    turned = snapshot({"children": [1], "people": [0]}, {"children": [0]}, children=(LUIS, ANA))
    assert not is_changed(BEFORE, turned)


def test_snapshot_without_its_people_is_read(subtests: Any) -> None:
    for lost in ({}, {"children": [7]}, None):
        with subtests.test(lost=lost):
            assert isinstance(is_changed(BEFORE, snapshot(lost, {"children": [1]})), bool)  # type: ignore[arg-type]


@pytest.mark.django_db
def test_child_who_changes_cars_leaves_a_prepared_update(
    active_alert: Alert, active_case: Any, california_officer: Any
) -> None:
    child, first = Child.objects.get(case=active_case), Vehicle.objects.get(case=active_case)
    second = Vehicle(make="Seat", model="Ibiza", color="RED")
    record_facts(case=active_case, by=california_officer, items=[(second, ["make", "model", "color"])])
    record_link(
        case=active_case, by=california_officer, link=Link(child=child, vehicle=first), names=["child", "vehicle"]
    )
    update = active_alert.updates.open().get()
    before = update.texts["es"]["description"]
    record_link(
        case=active_case, by=california_officer, link=Link(child=child, vehicle=second), names=["child", "vehicle"]
    )
    update = active_alert.updates.open().get()
    assert update.texts["es"]["description"] != before
    with translation.override("es"):
        told = {(row.subject, row.field): row.after for row in differences(active_alert.facts, update.facts)}
    assert told[("Vehículo 2", "quién va a bordo")] == child.name
