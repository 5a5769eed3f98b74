"""Dates, hours, zones, measures and the alphabet of short texts."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from alerts.composing import english, french, spanish
from alerts.composing.compose import compose
from alerts.composing.facts import ChildFacts
from alerts.composing.gsm import BASIC_ALPHABET, to_basic_alphabet
from alerts.composing.measures import feet_and_inches, meters, pounds
from alerts.composing.moments import local_time, zone_name
from alerts.composing.typed import clean
from tests.alerts.composing.sample_alert import ALERT, EVENT, PROGRAM, new_lexicon


def last_seen(language, moment, zone):
    event = replace(EVENT, happened_at=moment, time_zone=zone)
    lines = compose(replace(ALERT, event=event), language, new_lexicon()).description.split("\n")
    return lines[1].split(": ", 1)[1]


@pytest.mark.parametrize(
    "language, expected",
    [
        ("en", "Nov 23, 2026, 5:40 p.m. MST, El Paso, Texas."),
        ("es", "23 de noviembre de 2026, 17:40 (hora estándar de la montaña), El Paso, Texas."),
        ("fr", "le 23 novembre 2026 à 17 h 40 (heure normale des Rocheuses), El Paso (Texas)."),
    ],
)
def test_moment_is_local_and_unambiguous(language, expected):
    assert last_seen(language, datetime(2026, 11, 24, 0, 40, tzinfo=UTC), "America/Denver") == expected


@pytest.mark.parametrize(
    "hour, minute, in_english, in_spanish, in_french",
    [(0, 5, "12:05 a.m.", "00:05", "0 h 05"), (9, 0, "9:00 a.m.", "09:00", "9 h"),
     (12, 30, "12:30 p.m.", "12:30", "12 h 30"), (23, 59, "11:59 p.m.", "23:59", "23 h 59")],
)  # fmt: skip
def test_hours_follow_each_language(hour, minute, in_english, in_spanish, in_french):
    moment = datetime(2026, 5, 1, hour, minute, tzinfo=UTC)
    assert english.clock(moment) == in_english
    assert spanish.clock(moment) == in_spanish
    assert french.clock(moment) == in_french


def test_first_of_the_month_is_an_ordinal_in_french():
    assert french.date_words(datetime(2026, 8, 1, tzinfo=UTC)) == "1er août 2026"
    assert spanish.date_words(datetime(2026, 8, 1, tzinfo=UTC)) == "1 de agosto de 2026"
    assert english.date_words(datetime(2026, 8, 1, tzinfo=UTC)) == "Aug 1, 2026"


@pytest.mark.parametrize(
    "zone, month, names",
    [
        ("America/Ciudad_Juarez", 1, ("MST", "hora estándar de la montaña", "heure normale des Rocheuses")),
        ("America/Chihuahua", 7, ("CST", "hora estándar del centro", "heure normale du Centre")),
        ("America/Ojinaga", 7, ("CDT", "hora de verano del centro", "heure avancée du Centre")),
        ("America/Toronto", 7, ("EDT", "hora de verano del este", "heure avancée de l'Est")),
        ("America/St_Johns", 1, ("NST", "hora estándar de Terranova", "heure normale de Terre-Neuve")),
        ("Asia/Shanghai", 1, ("UTC+8", "UTC+8", "UTC+8")),
        ("Asia/Kolkata", 1, ("UTC+5:30", "UTC+5:30", "UTC+5:30")),
        ("Nowhere/Nothing", 1, ("UTC", "UTC", "UTC")),
        ("../etc/passwd", 1, ("UTC", "UTC", "UTC")),
    ],
)
def test_zones_are_named_in_three_languages_or_by_offset(zone, month, names):
    local = local_time(datetime(2026, month, 15, 12, tzinfo=UTC), zone)
    assert tuple(zone_name(local, language) for language in ("en", "es", "fr")) == names


def test_measures_are_rounded_to_whole_inches_and_pounds():
    assert feet_and_inches(110) == (3, 7)
    assert feet_and_inches(152) == (5, 0)
    assert feet_and_inches(182) == (6, 0)  # 71.65 inches, never "5 feet 12 inches"
    assert pounds(25) == 55
    assert meters(75, ",") == "75 cm"
    assert meters(105, ",") == "1,05 m"


@pytest.mark.parametrize(
    "country, language, expected",
    [
        ("US", "en", "3 feet 7 inches (1.10 m), 40 pounds (18 kg)"),
        ("CA", "en", "1.10 m (3 feet 7 inches), 18 kg (40 pounds)"),
        ("CA", "fr", "1,10 m (3 pieds 7 pouces), 18 kg (40 livres)"),
        ("MX", "es", "estatura 1.10 m (3 pies 7 pulgadas), peso 18 kg (40 libras)"),
        ("US", "es", "estatura 3 pies 7 pulgadas (1.10 m), peso 40 libras (18 kg)"),
    ],
)
def test_units_follow_the_country_and_numbers_the_language(country, language, expected):
    facts = replace(
        ALERT,
        children=(ChildFacts(sex="F", age_years=4, height_cm=110, weight_kg=18),),
        program=replace(PROGRAM, country=country),
    )
    assert expected in compose(facts, language, new_lexicon()).description


def test_short_text_drops_accents_that_gsm_lacks_and_keeps_its_own():
    assert to_basic_alphabet("sedán ñandú çà é É œuvre – ¿qué? l’été") == "sedan ñandu cà é É oeuvre - ¿qué? l'été"
    assert to_basic_alphabet("a{b}[c]€\u4e2d") == "abc"


@pytest.mark.parametrize("language", ["en", "es", "fr"])
def test_short_text_is_in_the_basic_alphabet(language):
    text = compose(ALERT, language, new_lexicon()).short
    assert set(text) <= BASIC_ALPHABET
    assert not set(text) & set("áíóúÁÍÓÚ\u00a0")


def test_french_spacing_follows_quebec():
    text = compose(ALERT, "fr", new_lexicon())
    for part in (text.headline, text.description, text.instruction):
        assert " :" not in part
        assert not any(f"{space}{sign}" in part for space in (" ", "\u00a0") for sign in ";!?")
    assert "\u00a0:" in text.headline


def test_typed_text_cannot_break_lines_hide_signs_or_open_tags():
    assert clean(" Ana \n\t <b>Li</b>\u202e\u200b  X\x00") == "Ana bLi/b X"
