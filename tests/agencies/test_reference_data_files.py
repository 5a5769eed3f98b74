"""The reference data files of the agencies app: complete, consistent, and honest about what nobody verified."""

from __future__ import annotations

import re
from collections import Counter
from datetime import date
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest

from agencies.reference_files import read_programs, read_rows

LANGUAGES = ("en", "es", "fr")
E164 = re.compile(r"\+[1-9]\d{7,14}")
SLUG = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")
ISO_CODE = re.compile(r"(US-[A-Z]{2}|MX-[A-Z]{3}|CA-[A-Z]{2})")
# The field's own notes print these; every other number must lie in 555-0100..0199, which is kept free for fiction.
REAL_PHONES = {"+528000085400", "+18008435678"}
FICTITIOUS_PHONE = re.compile(r"\+1[2-9]\d{2}55501\d{2}")

KINDS = {"US": dict(state=50, district=1, territory=5), "MX": dict(entity=32), "CA": dict(province=10, territory=3)}
# Latitude and longitude that hold each country; the Pacific territories lie apart.
BOUNDS = {"US": (17.0, 72.0, -180.0, -64.0), "MX": (14.0, 33.0, -119.0, -86.0), "CA": (41.5, 84.0, -142.0, -52.0)}
PACIFIC = {"US-AS": (-15, -10, -172, -168), "US-GU": (13, 14, 144, 145.5), "US-MP": (13.9, 21, 144.5, 146.5)}
# NCIC's own two letters where they are not the ISO code's (domain §4.2): each of them means another place elsewhere.
NCIC_TRAPS = """
US-NE NB; US-AS AM; US-GU GM; US-MP MK; US-CO CO; CA-NB NK; CA-NL NF; CA-QC PQ; CA-SK SN; MX-BCN BA; MX-BCS BJ;
MX-MEX MX; MX-NLE NL; MX-CHH CH; MX-CHP CI; MX-COA CU; MX-COL CL; MX-GUA GU; MX-GRO GR; MX-CMX DF
"""
TRANSLATED = {
    "US-CA": ("California", "California", "Californie"),
    "MX-BCN": ("Baja California", "Baja California", "Basse-Californie"),
    "MX-CMX": ("Mexico City", "Ciudad de México", "Ville de Mexico"),
    "MX-MEX": ("State of Mexico", "Estado de México", "État de Mexico"),
    "CA-BC": ("British Columbia", "Columbia Británica", "Colombie-Britannique"),
    "CA-NL": ("Newfoundland and Labrador", "Terranova y Labrador", "Terre-Neuve-et-Labrador"),
    "CA-QC": ("Quebec", "Quebec", "Québec"),
}
ACROSS_BORDERS = """
US-CA MX-BCN; US-AZ MX-BCN; US-AZ MX-SON; US-NM MX-SON; US-NM MX-CHH; US-TX MX-CHH; US-TX MX-COA; US-TX MX-NLE;
US-TX MX-TAM; US-AK CA-YT; US-AK CA-BC; US-WA CA-BC; US-ID CA-BC; US-MT CA-BC; US-MT CA-AB; US-MT CA-SK; US-ND CA-SK;
US-ND CA-MB; US-MN CA-MB; US-MN CA-ON; US-MI CA-ON; US-NY CA-ON; US-NY CA-QC; US-VT CA-QC; US-NH CA-QC; US-ME CA-QC;
US-ME CA-NB
"""
ISLANDS = {"US-HI", "US-AS", "US-GU", "US-MP", "US-PR", "US-VI"}
ALLOWED = {
    "abduction_test": {"confirmed", "reasonable_belief", "not_required"},
    "db_entry_required": {"NCIC", "CPIC", "RNPDNO", ""},
    "parental_policy": {"allowed", "danger_only", "homicide_only", "life_threatening_only"},
    "runaway_policy": {"allowed_if_at_risk", "not_eligible", "other_alert"},
}
ALLOWED_ITEMS = {
    "levels": {"local", "regional", "state", "national", "international"},
    "fallback_alert_types": {"advisory", "prealert", "police_only", "media_release"},
}
HOURS = (
    "max_hours_since_event", "min_duration_hours", "max_duration_hours", "max_total_hours", "renewal_deadline_hours",
)  # fmt: skip
AGENCY_KINDS = "police prosecution alert_program clearinghouse central_authority border_agency consulate national_hub"
PLACES = """
Tijuana MX-BCN 32.51 -117.02; San_Diego US-CA 32.75 -117.1; Ciudad_Juárez MX-CHH 31.68 -106.43;
El_Paso US-TX 31.79 -106.43; Nuevo_Laredo MX-TAM 27.48 -99.53; Ciudad_de_México MX-CMX 19.43 -99.13;
Montréal CA-QC 45.51 -73.57; Gatineau CA-QC 45.49 -75.66; Toronto CA-ON 43.68 -79.4; Windsor CA-ON 42.29 -83.0;
Detroit US-MI 42.36 -83.1; Vancouver CA-BC 49.25 -123.1; Honolulu US-HI 21.33 -157.83; Key_West US-FL 24.56 -81.78;
Juneau US-AK 58.37 -134.6; Iqaluit CA-NU 63.75 -68.52; San_Juan US-PR 18.42 -66.07; Saipan US-MP 15.2 145.75
"""


SUBDIVISIONS = read_rows("subdivisions.json")
AGENCIES = read_rows("agencies.json")
PROGRAMS = read_programs()
SUBDIVISION = {row["code"]: row for row in SUBDIVISIONS}
AGENCY = {row["code"]: row for row in AGENCIES}
PROGRAM = {row["code"]: row for row in PROGRAMS}
each_subdivision = pytest.mark.parametrize("row", SUBDIVISIONS, ids=[row["code"] for row in SUBDIVISIONS])
each_agency = pytest.mark.parametrize("row", AGENCIES, ids=[row["code"] for row in AGENCIES])
each_program = pytest.mark.parametrize("row", PROGRAMS, ids=[row["code"] for row in PROGRAMS])


def assert_three_languages(row: dict, key: str, *, translated: bool) -> None:
    """Assert that a text exists in three languages and, if asked, that no translation repeats the English."""
    texts = [row[f"{key}_{language}"] for language in LANGUAGES]
    assert all(text.strip() == text and text for text in texts)
    if translated:
        assert texts[0] not in texts[1:]


def segments_cross(a: list, b: list, c: list, d: list) -> bool:
    """Return whether the segments a-b and c-d share a point."""

    def side(p: list, q: list, r: list) -> float:
        return (q[0] - p[0]) * (r[1] - p[1]) - (q[1] - p[1]) * (r[0] - p[0])

    def between(p: list, q: list, r: list) -> bool:
        return min(p[0], q[0]) <= r[0] <= max(p[0], q[0]) and min(p[1], q[1]) <= r[1] <= max(p[1], q[1])

    sides = side(a, b, c), side(a, b, d), side(c, d, a), side(c, d, b)
    if sides[0] * sides[1] < 0 and sides[2] * sides[3] < 0:
        return True
    ends = ((a, b, c), (a, b, d), (c, d, a), (c, d, b))
    return any(value == 0 and between(*end) for value, end in zip(sides, ends, strict=True))


def crossings(ring: list) -> list[tuple[int, int]]:
    """Return the pairs of segments of a closed ring that touch although they are not neighbors."""
    segments = list(pairwise(ring))
    last = len(segments) - 1
    return [
        (i, j)
        for i in range(len(segments))
        for j in range(i + 2, len(segments))
        if (i, j) != (0, last) and segments_cross(*segments[i], *segments[j])
    ]


def contains(ring: list, point: list) -> bool:
    """Return whether the point lies inside the closed ring (even-odd rule)."""
    inside = False
    for (lat1, lon1), (lat2, lon2) in pairwise(ring):
        if (lat1 > point[0]) != (lat2 > point[0]):
            inside ^= point[1] < lon1 + (point[0] - lat1) * (lon2 - lon1) / (lat2 - lat1)
    return inside


def ring_area(ring: list) -> float:
    """Return the unsigned area of a ring in square degrees."""
    return abs(sum(a[0] * b[1] - b[0] * a[1] for a, b in pairwise(ring))) / 2


def test_ring_checks_find_a_bow_tie_and_an_outside_point():
    square = [[0, 0], [0, 2], [2, 2], [2, 0], [0, 0]]
    bow_tie = [[0, 0], [2, 2], [0, 2], [2, 0], [0, 0]]
    assert crossings(square) == []
    assert crossings(bow_tie) == [(0, 2)]
    assert contains(square, [1, 1])
    assert not contains(square, [3, 1])


@pytest.mark.parametrize("country", KINDS)
def test_subdivisions_are_complete(country):
    kinds = Counter(row["kind"] for row in SUBDIVISIONS if row["country"] == country)
    assert kinds == KINDS[country]
    assert len(SUBDIVISION) == len(SUBDIVISIONS) == 56 + 32 + 13


@each_subdivision
def test_subdivision_has_iso_code_of_its_country_and_three_names(row):
    assert ISO_CODE.fullmatch(row["code"])
    assert row["code"][:2] == row["country"]
    assert_three_languages(row, "name", translated=False)


@pytest.mark.parametrize("code", TRANSLATED)
def test_subdivision_names_follow_mexican_and_canadian_usage(code):
    assert tuple(SUBDIVISION[code][f"name_{language}"] for language in LANGUAGES) == TRANSLATED[code]


def test_subdivision_names_differ_within_each_language():
    for language in LANGUAGES:
        names = Counter(row[f"name_{language}"] for row in SUBDIVISIONS)
        assert [name for name, times in names.items() if times > 1] == []


@pytest.mark.parametrize(("system", "country"), [("fips", "US"), ("inegi", "MX"), ("sgc", "CA")])
def test_statistical_codes_are_two_digits_and_belong_to_one_country(system, country):
    own = [row[system] for row in SUBDIVISIONS if row["country"] == country]
    assert all(re.fullmatch(r"\d{2}", code) for code in own)
    assert len(set(own)) == len(own)
    assert {row[system] for row in SUBDIVISIONS if row["country"] != country} == {""}


def test_ncic_codes_are_unique_across_the_three_countries():
    codes = [row["ncic"] for row in SUBDIVISIONS if row["ncic"]]
    assert all(re.fullmatch(r"[A-Z]{2}", code) for code in codes)
    assert [code for code, times in Counter(codes).items() if times > 1] == []
    # The list that domain §4.2 was read from is older than Nunavut (1999): its code is unknown, not guessed.
    assert [row["code"] for row in SUBDIVISIONS if not row["ncic"]] == ["CA-NU"]


@pytest.mark.parametrize("trap", NCIC_TRAPS.split(";"))
def test_ncic_code_is_not_guessed_from_iso(trap):
    code, ncic = trap.split()
    assert SUBDIVISION[code]["ncic"] == ncic


@each_subdivision
def test_neighbors_are_symmetric_and_exist(row):
    assert row["code"] not in row["neighbors"]
    assert len(set(row["neighbors"])) == len(row["neighbors"])
    for code in row["neighbors"]:
        assert row["code"] in SUBDIVISION[code]["neighbors"]


def test_only_islands_have_no_neighbor():
    assert {row["code"] for row in SUBDIVISIONS if not row["neighbors"]} == ISLANDS


def test_neighbors_across_national_borders_are_exactly_these():
    found = {frozenset((a["code"], b)) for a in SUBDIVISIONS for b in a["neighbors"] if b[:2] != a["country"]}
    assert found == {frozenset(pair.split()) for pair in ACROSS_BORDERS.split(";")}


def test_neighbors_of_known_places():
    assert " ".join(SUBDIVISION["US-TX"]["neighbors"]) == "MX-CHH MX-COA MX-NLE MX-TAM US-AR US-LA US-NM US-OK"
    assert SUBDIVISION["MX-CMX"]["neighbors"] == ["MX-MEX", "MX-MOR"]
    assert SUBDIVISION["CA-ON"]["neighbors"] == ["CA-MB", "CA-QC", "US-MI", "US-MN", "US-NY"]


@pytest.mark.parametrize("pair", [("US-AZ", "US-CO"), ("US-NM", "US-UT"), ("CA-SK", "CA-NU"), ("MX-COA", "MX-SLP")])
def test_corners_that_only_touch_are_no_neighbors(pair):
    assert pair[1] not in SUBDIVISION[pair[0]]["neighbors"]


@each_subdivision
def test_outline_fits_a_cap_polygon(row):
    """Closed, 4 points a ring (CAP 1.2); 100 points in all, 4 decimals, no crossing (IPAWS); the largest ring first."""
    rings = row["outline"]
    assert 1 <= len(rings) <= 3
    areas = [ring_area(ring) for ring in rings]
    assert areas == sorted(areas, reverse=True)
    assert sum(len(ring) for ring in rings) <= 100
    for ring in rings:
        assert len(ring) >= 4
        assert ring[0] == ring[-1]
        assert all(a != b for a, b in pairwise(ring))
        assert all(round(number, 4) == number for point in ring for number in point)
        assert crossings(ring) == []


@each_subdivision
def test_outline_lies_in_its_country_with_its_centroid_inside(row):
    south, north, west, east = PACIFIC.get(row["code"], BOUNDS[row["country"]])
    for lat, lon in [row["centroid"], *(point for ring in row["outline"] for point in ring)]:
        assert south <= lat <= north
        assert west <= lon <= east
    assert [round(number, 2) for number in row["centroid"]] == row["centroid"]
    assert any(contains(ring, row["centroid"]) for ring in row["outline"])


@pytest.mark.parametrize("place", PLACES.split(";"))
def test_city_lies_in_one_outline_of_its_country(place):
    _name, code, lat, lon = place.split()
    compatriots = [row for row in SUBDIVISIONS if row["country"] == code[:2]]
    point = [float(lat), float(lon)]
    holders = [row["code"] for row in compatriots if any(contains(ring, point) for ring in row["outline"])]
    assert holders == [code]


@each_agency
def test_agency_is_well_formed(row):
    assert SLUG.fullmatch(row["code"])
    assert len(row["code"]) <= 40
    assert row["kind"] in AGENCY_KINDS.split()
    assert row["country"] in KINDS
    assert row["code"].startswith(row["country"].lower())
    assert row["subdivision"] is None or SUBDIVISION[row["subdivision"]]["country"] == row["country"]
    assert row["parent"] is None or AGENCY[row["parent"]]["country"] == row["country"]
    assert ZoneInfo(row["time_zone"])
    assert row["languages"]
    assert len(set(row["languages"])) == len(row["languages"])
    assert set(row["languages"]) <= set(LANGUAGES)
    assert_three_languages(row, "name", translated=True)


@each_agency
def test_desk_reaches_nobody_by_accident(row):
    assert re.fullmatch(r"[a-z0-9.-]+@[a-z0-9.-]+\.example", row["desk_email"])
    for key in ("desk_phone", "desk_fax"):
        number = row.get(key, "")
        assert number in REAL_PHONES | {""} or FICTITIOUS_PHONE.fullmatch(number)


def test_agencies_share_no_code_and_no_desk():
    for keys in (("code",), ("desk_email",), ("desk_phone", "desk_fax")):
        values = [row[key] for row in AGENCIES for key in keys if row.get(key)]
        assert len(set(values)) == len(values)


def test_each_country_has_a_hub_or_clearinghouse_and_a_central_authority():
    kinds = {(row["country"], row["kind"]) for row in AGENCIES if row["subdivision"] is None}
    for country in KINDS:
        assert (country, "central_authority") in kinds
        assert {(country, "national_hub"), (country, "clearinghouse")} & kinds


@each_program
def test_program_belongs_to_an_agency_of_its_place(row):
    agency = AGENCY[row["agency"]]
    assert agency["country"] == row["country"] == row["code"][:2].upper()
    assert agency["subdivision"] == row["subdivision"]
    assert agency["time_zone"] == row["time_zone"]
    assert row["languages_required"]
    assert set(row["languages_required"]) <= set(agency["languages"])
    assert_three_languages(row, "name", translated=True)
    # CAP 1.2 allows no space, comma, less-than sign or ampersand in identifier and sender.
    assert re.fullmatch(r"[A-Z][A-Z-]{0,11}", row["number_prefix"])
    assert re.fullmatch(r"[a-z0-9-]+@[a-z0-9-]+\.example", row["cap_sender"])


def test_programs_share_no_mark():
    for key in ("number_prefix", "cap_sender", "agency"):
        assert len({row[key] for row in PROGRAMS}) == len(PROGRAMS)


@each_program
def test_program_phones_are_printed_or_fictitious(row):
    for key in ("tip_phone", "abroad_phone"):
        assert E164.fullmatch(row[key])
        assert row[key] in REAL_PHONES or FICTITIOUS_PHONE.fullmatch(row[key])
    assert row["tip_phone_display"].strip()
    # Toll-free numbers of one country cannot be called from another.
    assert row["abroad_phone"] not in REAL_PHONES


def test_tip_lines_are_shown_as_at_home():
    assert {row["tip_phone_display"] for row in PROGRAMS if row["country"] == "MX"} == {"800 00 854 00"}
    assert PROGRAM["ca-qc"]["tip_phone_display"] == "*4141"


def test_standing_authority_to_cancel_is_given_by_three_programs_and_single_officers_by_none():
    assert {row["code"] for row in PROGRAMS if row["cancel_on_recovery"]} == {"us-ca", "mx-bcn", "ca-qc"}
    assert [row["code"] for row in PROGRAMS if row["single_officer_activation"]] == []


@each_program
def test_criteria_use_only_known_words(row):
    criteria = row["criteria"]
    for key, words in ALLOWED.items():
        assert criteria[key] in words, key
    for key, words in ALLOWED_ITEMS.items():
        assert criteria[key] or not row["bodies"], key
        assert len(set(criteria[key])) == len(criteria[key])
        assert set(criteria[key]) <= words, key
    test = criteria["info_test"]
    assert set(test) == {"rule", "of", "photo_required"}
    assert test["rule"] in {"any_of", "all_of"}
    assert test["of"]
    assert set(test["of"]) <= {"child", "suspect", "vehicle", "abduction"}
    assert isinstance(test["photo_required"], bool)
    assert isinstance(criteria["vulnerable_adult_allowed"], bool)


@each_program
def test_desks_routes_and_bodies_name_what_there_is(row):
    assert row["desks"]
    for code in row["desks"] + row["bodies"]:
        assert AGENCY[code]["country"] == row["country"]
        assert AGENCY[code]["subdivision"] in (row["subdivision"], None)
    assert bool(row["bodies"]) is (not row["is_hub"] or row["code"] == "mx-fgr")
    for route in row["routes"]:
        assert route["kind"] in {"receives", "decides", "is_told"}
        assert PROGRAM[route["to"]]["country"] == row["country"]
    for fallback in row["fallbacks"]:
        assert_three_languages(fallback, "condition", translated=True)


@each_program
def test_criteria_numbers_are_plausible_or_unknown(row):
    criteria = row["criteria"]
    assert criteria["max_age"] == 17
    for key in HOURS:
        assert criteria[key] is None or (type(criteria[key]) is int and 0 < criteria[key] <= 72), key
    for channel, characters in criteria["message_limits"].items():
        assert re.fullmatch(r"[a-z_]+", channel)
        assert type(characters) is int
        assert characters > 0


@each_program
def test_criteria_texts_are_translated_and_nothing_claims_to_be_verified(row):
    criteria = row["criteria"]
    for key in ("danger_test", "activating_bodies", "notes"):
        assert_three_languages(criteria, key, translated=True)
    assert criteria["is_verified"] is False
    assert "not verified by the program" in criteria["notes_en"]
    assert ".md" not in criteria["source"], "name a source that a reader of the portal can look up"
    assert len(criteria["source"]) > 10
    assert len(criteria["source"]) <= 240
    assert criteria["source_url"] == "" or criteria["source_url"].startswith("https://")
    assert date.fromisoformat(criteria["effective_from"]) <= date(2026, 1, 1)
