"""Whatever the facts, a text keeps its limits and shows no code, no gap and no machine's word."""

from __future__ import annotations

import re
from datetime import UTC, datetime

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from alerts.composing.compose import compose
from alerts.composing.facts import (
    AboardFacts,
    AlertFacts,
    ChildFacts,
    CrossingFacts,
    EventFacts,
    Garment,
    LegFacts,
    Mark,
    PersonFacts,
    PlaceFacts,
    Plate,
    ProgramFacts,
    VehicleFacts,
)
from alerts.composing.gsm import BASIC_ALPHABET
from tests.alerts.composing.sample_alert import CODE_LISTS, new_lexicon

UNKNOWN_CODES = ("zz_unlisted", "QQQ")
# Typed words are made of letters that form no code and no word a test looks for (no o: "None").
WORD = st.text("aeilnáéñ", min_size=1, max_size=14).map(str.capitalize)
TYPED = st.lists(WORD, max_size=5).map(" ".join)
PLATE_NUMBER = st.text("0123456789-ñ ", max_size=30)
YES_NO = st.sampled_from(["yes", "no", "unknown"])


def tuples(of, max_size):
    return st.lists(of, max_size=max_size).map(tuple)


def code(name):
    return st.sampled_from(["", *UNKNOWN_CODES, *(row["code"] for row in CODE_LISTS[name])])


def codes(name):
    return tuples(code(name), 3)


def described(**more):
    return {
        "name": TYPED, "also_known_as": TYPED, "sex": st.sampled_from("MFU"),
        "age_years": st.none() | st.integers(0, 40), "height_cm": st.none() | st.integers(0, 210),
        "weight_kg": st.none() | st.integers(0, 150), "hair": code("hair"), "eyes": code("eyes"), "skin": code("skin"),
        "clothing": tuples(st.builds(Garment, item=code("garment"), colors=codes("color")), 3),
        "marks": tuples(st.builds(Mark, kind=code("mark_kind"), location=code("body_location")), 2),
        **more,
    }  # fmt: skip


CHILD = st.builds(ChildFacts, **described(medical=codes("caution")))
PERSON = st.builds(PersonFacts, **described(
    role=code("person_role"), relationship=code("relationship"), cautions=codes("caution")
))  # fmt: skip
ISSUER = st.sampled_from(["US-TX", "MX-BCN", "CA-QC", ""])
VEHICLE = st.builds(
    VehicleFacts, make=TYPED, model=TYPED, year=st.none() | st.integers(1950, 2030), colors=codes("vehicle_color"),
    style=code("vehicle_style"),
    plates=tuples(st.builds(Plate, number=PLATE_NUMBER, issuer=ISSUER, is_partial=st.booleans()), 2),
)  # fmt: skip
ABOARD = st.builds(AboardFacts, children=tuples(st.integers(0, 4), 3), people=tuples(st.integers(0, 3), 2))
PLACE = st.builds(PlaceFacts, text=TYPED, subdivision=ISSUER)
LEG = st.builds(
    LegFacts, mode=st.sampled_from(["", "bus", "train", "flight", "ferry", "on_foot", *UNKNOWN_CODES]),
    from_place=PLACE, to_place=PLACE, aboard=ABOARD,
)  # fmt: skip
EVENT = st.builds(
    EventFacts,
    happened_at=st.none() | st.datetimes(datetime(2000, 1, 2), datetime(2100, 1, 1), timezones=st.just(UTC)),
    time_zone=st.sampled_from(["UTC", "America/Tijuana", "America/St_Johns", "Asia/Kathmandu", "Not/AZone"]),
    kind=st.sampled_from(["last_seen", "taken"]), place=st.builds(PlaceFacts, text=TYPED, subdivision=ISSUER),
    how_taken=code("how_taken"), force=YES_NO, weapon=code("weapon"), threats=YES_NO,
)  # fmt: skip
CROSSING = st.builds(
    CrossingFacts, evidence=code("crossing_evidence"), toward=st.sampled_from(["", "US", "MX", "CA", "GT"]),
    crossing_point=code("crossing_point"),
)  # fmt: skip
PROGRAM = st.builds(
    ProgramFacts, names=st.dictionaries(st.sampled_from(["en", "es", "fr"]), TYPED, max_size=3),
    country=st.sampled_from(["US", "MX", "CA", "GT"]), tip_phone=PLATE_NUMBER, abroad_phone=PLATE_NUMBER,
)  # fmt: skip
FACTS = st.builds(
    AlertFacts,
    children=tuples(CHILD, 4), event=EVENT, program=PROGRAM, alert_number=PLATE_NUMBER,
    people=tuples(PERSON, 2), vehicles=tuples(VEHICLE, 2), legs=tuples(LEG, 2),
    crossing=st.none() | CROSSING,
    subdivision_names=st.just({"US-TX": {"en": "Texas"}, "CA-QC": {"en": "Quebec", "fr": "Québec", "es": "Quebec"}}),
)  # fmt: skip

# Every code that no language says as a word of its own: NCIC's capitals and digits stand apart from plates and ages.
CODE_WORDS = {
    row["code"]
    for rows in CODE_LISTS.values()
    for row in rows
    if "_" in row["code"] or re.fullmatch(r"(?=.*[A-Z])[A-Z0-9]{2,3}", row["code"])
} - {"FAM", "NFA", "LIM", "ERU"}
CODE_WORDS |= {*UNKNOWN_CODES, "MX-BCN", "US-TX", "CA-QC", "GT"}


@pytest.mark.parametrize("language", ["en", "es", "fr"])
@settings(max_examples=100, deadline=None, database=None, derandomize=True, suppress_health_check=list(HealthCheck))
@given(facts=FACTS)
def test_any_facts_make_a_clean_text(language, facts):
    text = compose(facts, language, new_lexicon())
    assert 0 < len(text.headline) <= 160
    assert 0 < len(text.short) <= 90
    assert set(text.short) <= BASIC_ALPHABET
    assert "911" in text.instruction
    for part in (text.event, text.headline, text.description, text.instruction, text.short):
        assert_clean(part)
    if language == "es":
        assert_spanish_words(text.description + text.instruction)
    if language == "fr":
        assert not re.search(r" [:;!?]|\u00a0[;!?]", text.headline + text.description + text.instruction)
    said = set(re.findall(r"[\w-]+", " ".join((text.headline, text.description, text.instruction, text.short))))
    assert not said & CODE_WORDS


def assert_clean(part):
    assert part == part.strip()
    assert "  " not in part
    assert "None" not in part
    assert not re.search(r"[<>{}\[\]]", part)
    assert not re.search(r"\(\)|\( | \)|,,|, ,|\.\.| ,| \.", part)
    for line in part.split("\n"):
        assert line
        assert not re.search(r":\s*(?:$|[.,;])", line), line
        assert not line.startswith((":", ",", ";", "."))


def assert_spanish_words(text):
    assert not re.search(r"\b(?:menor(?:es)?|secuestrador(?:a|es)?|cortocircuitos?|camisetas?)\b", text, re.IGNORECASE)
