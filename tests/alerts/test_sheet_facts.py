"""The request sheet says what the desk must know: way, force, place in detail, who is with whom, numbers (U8)."""

from __future__ import annotations

import io
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.utils import timezone
from pypdf import PdfReader

from agencies.models import Subdivision
from alerts.sheet_content import request_sheet
from alerts.sheets import render_sheet
from cases.models import CrossingIndication, Link, Person, TravelLeg
from cases.services.facts import record_facts
from cases.services.records import add_reference

pytestmark = pytest.mark.django_db


@pytest.fixture
def told(sent_request: Any, california_officer: Any) -> Any:
    """A request about a child on a bus to Buffalo with a cleared man, whose first car was found."""
    case, by = sent_request.case, california_officer
    event, vehicle, child = case.abduction, case.vehicles.get(), case.children.get()
    known = {
        "force": "yes", "threats": "no", "weapon": "knife", "how_taken": "school", "place_kind": "bus_station",
        "neighborhood": "Barrio Logan", "municipality": "San Diego County", "road": "I-5", "kilometer": "12.5",
        "cross_street": "28th Street", "postal_code": "92113", "latitude": "32.69750", "longitude": "-117.14220",
    }  # fmt: skip
    for name, value in known.items():
        setattr(event, name, value)
    vehicle.second_color = "WHI"
    leg = TravelLeg(
        mode="bus", carrier="Greyhound", route="1204", ticket="A-17", from_place="Montréal",
        from_subdivision=Subdivision.objects.get(code="CA-QC"), departs_at=datetime(2026, 11, 20, 14, 0, tzinfo=UTC),
        departure_zone="America/Toronto", to_place="Buffalo", arrives_at=datetime(2026, 11, 20, 23, 30, tzinfo=UTC),
        to_subdivision=Subdivision.objects.get(code="US-NY"), arrival_zone="America/New_York", confidence="likely",
    )  # fmt: skip
    crossing = CrossingIndication(toward="US", evidence="ticket", crossing_point="peace_bridge", confidence="confirmed")
    cleared = Person(given_names="Innocenzo", role="suspect")
    items: list[Any] = [(event, [*known]), (vehicle, ["second_color"]), (leg, ["mode"]), (crossing, ["toward"])]
    record_facts(case=case, by=by, items=[*items, (cleared, ["given_names"])])
    suspect = case.people.exclude(pk=cleared.pk).get()
    Person.objects.filter(pk=cleared.pk).update(cleared_at=timezone.now())
    since = datetime(2026, 11, 20, 4, 0, tzinfo=UTC)
    links = [
        Link(child=child, person=suspect, vehicle=vehicle, since=since, time_zone="America/Los_Angeles"),
        Link(person=cleared, vehicle=vehicle),
        Link(child=child, leg=leg, confidence="possible"),
        Link(person=suspect, leg=leg, since=since, until=since + timedelta(hours=1), time_zone="UTC"),
    ]
    record_facts(case=case, by=by, items=[(link, ["case"]) for link in links])
    add_reference(case=case, by=by, kind="nic", number="M123456789")
    return sent_request


def said(item: Any, language: str, by: Any) -> dict[str, list[str]]:
    """Return the rows of each section of the sheet, labels and values together."""
    sheet = request_sheet(item, language, by)
    return {part.title: [f"{label} {value}" for label, value in part.rows] for part in sheet.sections}


def test_sheet_says_the_place_in_detail_force_threats_and_evidence(told: Any, california_officer: Any) -> None:
    rows = said(told, "en", california_officer)["What happened"]
    for row in (
        "Force used: Yes", "Threats made: No", "Weapon: Knife or blade", "Kind of place: Bus station",
        "Neighborhood: Barrio Logan", "Municipality or county: San Diego County", "Road or highway: I-5, km 12.5",
        "Intersection with: 28th Street", "Postal code: 92113", "Latitude and longitude: 32.69750, -117.14220",
    ):  # fmt: skip
        assert row in rows, row
    (crossing,) = [row for row in rows if "Peace Bridge" in row]
    assert crossing.endswith("Ticket or reservation, Confirmed")


@pytest.mark.parametrize(
    ("language", "travel", "link", "number"),
    [("en", "Bus: Greyhound 1204; Montréal, Quebec", "since Nov", "NIC number (NCIC): M123456789"),
     ("es", "Autobús: Greyhound 1204; Montréal, Quebec", "desde el 19 de noviembre", "M123456789"),
     ("fr", "Autocar\xa0: Greyhound 1204; Montréal, Québec", "depuis le 19\xa0novembre", "M123456789")],
)  # fmt: skip
def test_sheet_says_how_they_travel_and_who_is_with_whom_in_its_own_language(
    language: str, travel: str, link: str, number: str, told: Any, california_officer: Any
) -> None:
    rows = [row for part in said(told, language, california_officer).values() for row in part]
    assert [row for row in rows if row.startswith(travel)], rows
    assert [row for row in rows if link in row], rows
    assert "A-17" not in str(rows), "a booking is told to no other agency until it is released"
    assert [row for row in rows if number in row], rows


def test_links_name_nobody_who_was_cleared_and_nothing_that_is_over(told: Any, california_officer: Any) -> None:
    parts = said(told, "en", california_officer)
    first, second = sorted(parts["Who is with whom"])
    assert first == "Zoraida Quimby: Bus Greyhound 1204; Possible"
    assert second.startswith("Zoraida Quimby: Waldemar Quimby, Ford F-150 7XYZ123; since ")
    assert "Innocenzo" not in str(parts)
    assert "Color: Blue, White" in parts["Vehicle"]


def test_sheet_without_ways_or_numbers_has_no_empty_sections(sent_request: Any, california_officer: Any) -> None:
    sheet = request_sheet(sent_request, "en", california_officer)
    assert [part.title for part in sheet.sections if not part.rows and not part.words] == []
    assert not {"Travel", "Who is with whom", "Numbers in other systems"} & {part.title for part in sheet.sections}


def test_full_sheet_can_be_set(told: Any, california_officer: Any) -> None:
    raw = render_sheet(request_sheet(told, "fr", california_officer))
    assert "Greyhound 1204" in " ".join(PdfReader(io.BytesIO(raw)).pages[0].extract_text().split())
