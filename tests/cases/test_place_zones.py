"""The zone of an event comes from its county, municipio or town, never from its state or agency (U25)."""

from __future__ import annotations

import json
from collections import defaultdict
from datetime import datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from django.utils import translation

from cases.choices import TIME_ZONES
from cases.models import PlaceZone
from cases.models.place import place_key, zone_of
from cases.zones import zone_choices

ROWS = json.loads((Path(__file__).parents[2] / "cases/data/places.json").read_text(encoding="utf-8"))["places"]


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("subdivision", "place", "january", "july"),
    [
        ("MX-CHH", "Ciudad Juárez", -7, -6),
        ("US-TX", "El Paso", -7, -6),
        ("MX-CHH", "Chihuahua", -6, -6),
        ("MX-CHH", "Ojinaga", -6, -5),
        ("MX-CHH", "Cd. Juarez", -7, -6),
        ("MX-CHH", "Municipio de Juárez", -7, -6),
        ("MX-CHH", "Col. Anapra, Juárez, Chih.", -7, -6),
        ("US-TX", "EL PASO COUNTY", -7, -6),
        ("US-TX", "Laredo", -6, -5),
        ("MX-TAM", "Nuevo Laredo", -6, -5),
        ("MX-TAM", "Tampico", -6, -6),
        ("MX-NAY", "Bahía de Banderas", -6, -6),
        ("MX-NAY", "Tepic", -7, -7),
        ("US-FL", "Pensacola", -6, -5),
        ("US-FL", "Miami", -5, -4),
        ("US-AZ", "Window Rock", -7, -6),
        ("US-AZ", "Nogales", -7, -7),
        ("CA-QC", "Montreal", -5, -4),
        ("CA-QC", "Îles-de-la-Madeleine", -4, -3),
        ("CA-QC", "Blanc-Sablon", -4, -4),
        ("CA-NL", "Labrador City", -4, -3),
    ],
)
def test_place_has_its_own_offset(subdivision: str, place: str, january: int, july: int) -> None:
    zone = ZoneInfo(zone_of(subdivision, place=place))
    offsets = [datetime(2026, month, 15, 12, tzinfo=zone).utcoffset() for month in (1, 7)]
    assert offsets == [timedelta(hours=january), timedelta(hours=july)]


@pytest.mark.django_db
def test_state_alone_tells_no_zone() -> None:
    assert zone_of("MX-CHH", place="Un ejido sin nombre") == ""
    assert zone_of("MX-CHH") == ""
    assert zone_of("", place="Ciudad Juárez") == ""


@pytest.mark.django_db
def test_county_is_no_town_of_its_name() -> None:
    """The town of Russell lies in Greenup County, Kentucky, an hour before Russell County."""
    assert zone_of("US-KY", place="Russell") == ""
    assert zone_of("US-KY", place="Russell County") == "America/Chicago"
    assert zone_of("US-KY", municipality="Russell") == "America/Chicago"


@pytest.mark.django_db
def test_narrower_place_comes_first() -> None:
    assert zone_of("MX-CHH", place="Ojinaga", municipality="Chihuahua") == "America/Ojinaga"


@pytest.mark.django_db
def test_every_row_of_the_file_is_in_the_table() -> None:
    wanted = {(row["subdivision"], place_key(name)): row["time_zone"] for row in ROWS for name in row["names"]}
    assert {(row.subdivision_id, row.key): row.time_zone for row in PlaceZone.objects.all()} == wanted


def test_no_place_stands_under_two_zones() -> None:
    zones = defaultdict(set)
    for row in ROWS:
        for name in row["names"]:
            zones[row["subdivision"], place_key(name)].add(row["time_zone"])
    assert {key: found for key, found in zones.items() if len(found) > 1} == {}
    assert {row["time_zone"] for row in ROWS} <= set(TIME_ZONES)


@pytest.mark.parametrize(
    ("subdivision", "zone", "number"),
    [
        ("US-FL", "America/Chicago", 9), ("US-ID", "America/Los_Angeles", 9), ("US-IN", "America/Chicago", 12),
        ("US-KS", "America/Denver", 4), ("US-KY", "America/Chicago", 41), ("US-MI", "America/Chicago", 4),
        ("US-NE", "America/Denver", 18), ("US-ND", "America/Denver", 8), ("US-OR", "America/Boise", 1),
        ("US-SD", "America/Denver", 15), ("US-TN", "America/New_York", 30), ("US-TX", "America/Denver", 2),
        ("MX-CHH", "America/Ciudad_Juarez", 5), ("MX-CHH", "America/Ojinaga", 3), ("MX-COA", "America/Matamoros", 11),
        ("MX-NLE", "America/Matamoros", 1), ("MX-TAM", "America/Matamoros", 10),
        ("MX-NAY", "America/Bahia_Banderas", 1),
    ],
)  # fmt: skip
def test_every_whole_county_and_municipio_off_the_main_zone_is_listed(subdivision: str, zone: str, number: int) -> None:
    """Counties that a line cuts in two are left out on purpose: there the officer chooses."""
    listed = {
        name for row in ROWS for name in row["names"]
        if (row["subdivision"], row["time_zone"]) == (subdivision, zone) and row["kind"] in ("county", "municipio")
    }  # fmt: skip
    assert len(listed) == number


@pytest.mark.parametrize(
    ("language", "name"),
    [
        ("en", "Pacific Time (Los Angeles)"),
        ("es", "Hora del Pacífico (Los Ángeles)"),
        ("fr", "Heure du Pacifique (Los Angeles)"),
    ],
)
def test_zones_are_offered_by_the_names_that_people_know(language: str, name: str) -> None:
    with translation.override(language):
        choices = dict(zone_choices())
        assert choices["America/Los_Angeles"] == name
        assert set(choices) == set(TIME_ZONES)
        assert not [label for label in choices.values() if "/" in label or "_" in label]
        assert choices["America/Atikokan"] == "Atikokan", "its clock has no name of its own"
