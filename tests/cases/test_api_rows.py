"""Travel legs, links, plates, and changes on an older version, through the API: what a page can, it can."""

from __future__ import annotations

from typing import Any

import pytest

from cases.models import Link, Plate, TravelLeg, Vehicle
from tests.cases.test_api import signed_in, url

pytestmark = pytest.mark.django_db
LEG = {
    "mode": "bus", "carrier": "Greyhound", "route": "1204", "to_place": "El Paso", "to_subdivision": "US-TX",
    "arrives_at": "2026-11-21T03:00:00Z",
}  # fmt: skip


@pytest.fixture
def officer(california_officer: Any) -> Any:
    return signed_in(california_officer)


def file_of(officer: Any, case: Any) -> dict[str, Any]:
    answer: dict[str, Any] = officer.get(url("case-detail", case.pk)).json()
    return answer


def test_leg_is_added_changed_and_read_with_the_zone_of_its_place(officer: Any, active_case: Any) -> None:
    added = officer.post(url("case-legs", active_case.pk), LEG)
    assert added.status_code == 201, added.json()
    assert TravelLeg.objects.get().arrival_zone == "America/Denver", "El Paso's zone, not the state's"
    leg, version = added.json()["id"], added.json()["facts_version"]
    changed = officer.patch(url("leg-detail", leg), {"version": version, "ticket": "A-17"})
    assert (changed.status_code, changed.json()["changed"]) == (200, ["travelleg.ticket"])
    (row,) = file_of(officer, active_case)["legs"]
    assert (row["ticket"], row["arrival_zone"], row["mode"]) == ("A-17", "America/Denver", "bus")


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"mode": "rocket"}, "mode"), ({"arrives_at": "2026-11-21T03:00:00"}, "arrives_at"),
        ({"departs_at": "2026-11-21T04:00:00Z", "departure_zone": "America/Denver"}, "arrives_at"),
        ({"departs_at": "2026-11-21T01:00:00Z"}, "departure_zone"), ({"to_subdivision": "XX-YY"}, "to_subdivision"),
        ({"confidence": "none_such"}, "confidence"), ({"arrival_zone": "Mars/Base"}, "arrival_zone"),
    ],
)  # fmt: skip
def test_wrong_leg_is_refused_beside_its_field(officer: Any, active_case: Any, wrong: Any, field: str) -> None:
    answer = officer.post(url("case-legs", active_case.pk), {**LEG, **wrong})
    assert (answer.status_code, list(answer.json()["errors"])) == (400, [field])
    assert not TravelLeg.objects.exists()


def test_link_begins_moves_on_and_ends(officer: Any, active_case: Any) -> None:
    child, vehicle = active_case.children.get(), active_case.vehicles.get()
    address = url("case-links", active_case.pk)
    first = officer.post(address, {
        "child": str(child.pk), "vehicle": str(vehicle.pk), "since": "2026-11-20T10:00:00Z",
        "time_zone": "America/Los_Angeles",
    })  # fmt: skip
    assert first.status_code == 201, first.json()
    leg = officer.post(url("case-legs", active_case.pk), LEG).json()["id"]
    second = officer.post(address, {
        "child": str(child.pk), "leg": leg, "since": "2026-11-20T12:00:00Z", "time_zone": "America/Los_Angeles",
    })  # fmt: skip
    left = Link.objects.get(pk=first.json()["id"])
    assert left.until is not None and left.until.isoformat() == "2026-11-20T12:00:00+00:00", "nobody is in two places"
    version = second.json()["facts_version"]
    for until, status in (("2026-11-20T11:00:00Z", 400), ("2026-11-20T14:00:00Z", 200)):
        body = {"version": version, "until": until}
        assert officer.patch(url("link-detail", second.json()["id"]), body).status_code == status
    rows = {row["id"]: row for row in file_of(officer, active_case)["links"]}
    assert rows[second.json()["id"]]["until"] == "2026-11-20T14:00:00Z"
    assert rows[second.json()["id"]]["leg"] == leg


def test_link_needs_two_ends_and_rows_of_its_own_case(officer: Any, california_officer: Any, active_case: Any) -> None:
    from cases.services.files import open_case

    other = open_case(by=california_officer, agency=active_case.lead_agency)
    foreign = Vehicle.objects.create(case=other)
    address, child = url("case-links", active_case.pk), str(active_case.children.get().pk)
    for body, field in (
        ({"vehicle": str(active_case.vehicles.get().pk)}, "child"), ({"child": child}, "vehicle"),
        ({"child": child, "vehicle": str(foreign.pk)}, "vehicle"), ({"child": child, "vehicle": "x"}, "vehicle"),
        ({"child": child, "vehicle": str(active_case.vehicles.get().pk), "since": "2026-11-20T10:00:00Z"}, "time_zone"),
    ):  # fmt: skip
        answer = officer.post(address, body)
        assert (answer.status_code, list(answer.json()["errors"])) == (400, [field]), body
    assert not Link.objects.exists()


def test_plate_is_added_corrected_and_changed(officer: Any, active_case: Any) -> None:
    vehicle, first = active_case.vehicles.get(), active_case.plates.get()
    added = officer.post(url("vehicle-plates", vehicle.pk), {"number": "ab*12", "issuer": "MX-CHH"})
    assert added.status_code == 201, added.json()
    kept = Plate.objects.get(pk=added.json()["id"])
    assert (kept.number, kept.is_partial, kept.issuing_country) == ("AB?12", True, "MX")
    assert officer.post(url("vehicle-plates", vehicle.pk), {"number": "AB?12"}).status_code == 409
    corrected = officer.post(url("plate-replace", first.pk), {"number": "7XYZ124", "because": "correction"})
    assert corrected.status_code == 201
    first.refresh_from_db()
    assert first.standing == "wrong"
    body = {"number": "NEW1", "because": "change", "on": "2026-11-21"}
    assert officer.post(url("plate-replace", corrected.json()["id"]), body).status_code == 201
    assert Plate.objects.get(pk=corrected.json()["id"]).standing == "former"
    assert officer.post(url("plate-replace", first.pk), body).status_code == 409, "it counts no more"
    wrong = officer.post(
        url("vehicle-plates", vehicle.pk), {"number": "X1", "issuer": "US-CA", "issuing_country": "MX"}
    )
    assert (wrong.status_code, list(wrong.json()["errors"])) == (400, ["issuing_country"])
    assert "NEW1" not in str(added.json()) + str(corrected.json())


def test_change_on_an_older_version_goes_through_where_nobody_else_changed_the_field(
    officer: Any, california_coordinator: Any, active_case: Any
) -> None:
    child, version = active_case.children.get(), active_case.facts_version
    theirs = signed_in(california_coordinator)
    assert theirs.patch(url("child-detail", child.pk), {"version": version, "hair": "BLN"}).status_code == 200
    body = {"version": version, "height_cm": 131, "base": {"height_cm": 120}}
    answer = officer.patch(url("child-detail", child.pk), body)
    assert answer.status_code == 200, answer.json()
    child.refresh_from_db()
    assert (child.height_cm, child.hair) == (131, "BLN")


def test_both_values_come_back_where_two_changed_one_field(
    officer: Any, california_coordinator: Any, active_case: Any
) -> None:
    child, version = active_case.children.get(), active_case.facts_version
    theirs = signed_in(california_coordinator)
    theirs.patch(url("child-detail", child.pk), {"version": version, "height_cm": 125, "hair": "BLN"})
    body = {"version": version, "height_cm": 131, "eyes": "GRN", "hair": "BLN",
            "base": {"height_cm": 120, "eyes": child.eyes, "hair": child.hair}}  # fmt: skip
    answer = officer.patch(url("child-detail", child.pk), body, headers={"Idempotency-Key": "k-1"})
    assert (answer.status_code, answer.json()["code"]) == (409, "edit_conflict")
    assert answer.json()["conflicts"] == {"height_cm": {"mine": 131, "theirs": 125}}
    child.refresh_from_db()
    assert (child.height_cm, child.eyes) == (125, body["base"]["eyes"]), "nothing was saved"
    body["base"]["height_cm"] = 125  # mine counts, said with open eyes
    assert officer.patch(url("child-detail", child.pk), body, headers={"Idempotency-Key": "k-1"}).status_code == 200
    child.refresh_from_db()
    assert (child.height_cm, child.eyes) == (131, "GRN")


def test_person_is_known_by_a_phone_and_a_place_by_its_road(officer: Any, active_case: Any) -> None:
    person = officer.post(url("case-people", active_case.pk), {"phone": "+52 656 555 0199 ext 4"})
    assert person.status_code == 201, person.json()
    found = next(row for row in file_of(officer, active_case)["people"] if row["id"] == person.json()["id"])
    assert (found["phone"], found["phone_extension"]) == ("+526565550199", "4")
    version = person.json()["facts_version"]
    wrong = officer.patch(url("person-detail", found["id"]), {"version": version, "phone": "555"})
    assert (wrong.status_code, list(wrong.json()["errors"])) == (400, ["phone"])
    event, address = active_case.abduction, url("abduction-detail", active_case.abduction.pk)
    body = {"version": version, "road": "I-10", "kilometer": "12.5", "postal_code": "h2y1c6"}
    assert officer.patch(address, body).status_code == 200
    event.refresh_from_db()
    assert (event.road, str(event.kilometer), event.postal_code) == ("I-10", "12.5", "H2Y 1C6")
    for wrong_part, field in (({"postal_code": "12"}, "postal_code"), ({"latitude": "31.5"}, "longitude")):
        answer = officer.patch(address, {"version": version + 1, **wrong_part})
        assert (answer.status_code, list(answer.json()["errors"])) == (400, [field])
