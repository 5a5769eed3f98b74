"""The delivered code lists: complete in three languages, with NCIC's values and a grammar that composing can use."""

from __future__ import annotations

import re
from itertools import chain

import pytest

from tests.alerts.composing.sample_alert import CODE_LISTS

ROWS = [(name, row) for name, rows in CODE_LISTS.items() for row in rows]
LISTS = {
    "hair", "eyes", "skin", "race", "sex", "caution", "color", "garment", "mark_kind", "body_location",
    "vehicle_color", "vehicle_style", "relationship", "person_role", "how_taken", "weapon", "force", "place_kind",
    "crossing_evidence", "crossing_confidence", "crossing_point", "danger", "decline_reason", "alternative",
    "identity_method", "end_reason", "located_condition", "case_category", "opinion", "request_kind",
}  # fmt: skip
# domain.md 4.2, read from NIEM 2.1 fbi.xsd and niem 1.0 ncic_2000.xsd.
NCIC = {
    "hair": "BLK BLN BLU BRO GRN GRY ONG PLE PNK RED SDY WHI XXX",
    "eyes": "BLK BLU BRO GRN GRY HAZ MAR MUL PNK XXX",
    "skin": "ALB BLK DRK DBR FAR LGT LBR MED MBR OLV RUD SAL YEL",
    "race": "A B I W U P",
    "caution": "00 01 05 10 15 20 25 30 40 50 55 60 65 70 80 85 90",
    "vehicle_color": "AME BGE BLK BLU BRO BRZ CAM COM CPR CRM DBL DGR GLD GRN GRY LAV LBL LGR MAR MUL COL MVE ONG PLE "
    "PNK RED SIL TAN TEA TPE TRQ WHI YEL",
    "vehicle_style": "2D 4D SD 2H 4H HB 2T 4T HT CP CV SW PK LL UT VN VC MH BU LM MC MD MS SM TR DS BT",
}
ADJECTIVE_LISTS = ("hair", "eyes", "skin", "color", "vehicle_color")
NOUN_LISTS = ("garment", "mark_kind", "vehicle_style")


def is_spoken(row) -> bool:
    return not row.get("grammar", {}).get("silent")


def strings_in(value):
    if isinstance(value, str):
        return [value]
    if isinstance(value, dict):
        value = list(value.values())
    return list(chain.from_iterable(map(strings_in, value))) if isinstance(value, list) else []


def test_every_agreed_list_is_there():
    assert set(CODE_LISTS) >= LISTS


@pytest.mark.parametrize("name, row", ROWS, ids=lambda value: value if isinstance(value, str) else value["code"])
def test_every_code_has_three_clean_labels(name, row):
    for language in ("en", "es", "fr"):
        label = row[language]
        assert label, (name, row["code"], language)
        assert label == " ".join(label.split(" ")).strip()
        assert "  " not in label
        assert label[0] == label[0].upper()


def test_codes_are_unique_in_their_list():
    for name, rows in CODE_LISTS.items():
        codes = [row["code"] for row in rows]
        assert len(codes) == len(set(codes)), name


@pytest.mark.parametrize("name", NCIC)
def test_every_ncic_value_is_kept_and_marked(name):
    marked = {row["code"] for row in CODE_LISTS[name] if row.get("ncic")}
    assert marked == set(NCIC[name].split())


def test_race_is_never_said():
    assert all(row["grammar"]["silent"] for row in CODE_LISTS["race"])


@pytest.mark.parametrize("name", ADJECTIVE_LISTS)
def test_every_spoken_adjective_has_four_forms(name):
    for row in filter(is_spoken, CODE_LISTS[name]):
        grammar = row["grammar"]
        if "phrase" in grammar["en"]:
            assert grammar["es"]["phrase"]
            assert grammar["fr"]["phrase"]
            continue
        assert grammar["en"]["adjective"]
        for language in ("es", "fr"):
            forms = grammar[language]["adjective"]
            assert len(forms) == 4, row
            assert all(forms), row


@pytest.mark.parametrize("name", NOUN_LISTS)
def test_every_spoken_noun_has_gender_and_number(name):
    for row in filter(is_spoken, CODE_LISTS[name]):
        assert row["grammar"]["en"]["number"] in {"s", "p", "u"}, row
        for language in ("es", "fr"):
            noun = row["grammar"][language]
            assert noun["noun"]
            assert noun["gender"] in {"m", "f"}
            assert noun["number"] in {"s", "p"}


def test_what_happened_has_forms_for_number_and_gender():
    for row in filter(is_spoken, CODE_LISTS["how_taken"]):
        lengths = {language: len(row["grammar"][language]["clause"]) for language in ("en", "es", "fr")}
        assert lengths == {"en": 2, "es": 2, "fr": 4}, row["code"]


def test_relationships_and_roles_have_forms_by_sex():
    for name, key in (("relationship", "phrase"), ("person_role", "title")):
        for row in filter(is_spoken, CODE_LISTS[name]):
            for language in ("en", "es", "fr"):
                assert set(row["grammar"][language][key]) == {"m", "f", "u"}, row["code"]


def test_spanish_words_are_those_of_mexico():
    labels = {row["code"]: row["es"].casefold() for row in CODE_LISTS["garment"]}
    expected = {
        "t_shirt": "playera", "hoodie": "sudadera con capucha", "sneakers": "tenis", "jeans": "pantalón de mezclilla",
        "jacket": "chamarra", "sweater": "suéter", "skirt": "falda", "glasses": "lentes", "blanket": "cobija",
    }  # fmt: skip
    assert {code: labels[code] for code in expected} == expected
    styles = {row["code"]: row["es"].casefold() for row in CODE_LISTS["vehicle_style"]}
    assert styles["PK"] == "camioneta pick-up"


def test_french_words_are_those_of_canada():
    labels = {row["code"]: row["fr"].casefold() for row in CODE_LISTS["garment"]}
    expected = {"hoodie": "chandail à capuchon", "sneakers": "espadrilles", "knit_hat": "tuque", "sweater": "chandail"}
    assert {code: labels[code] for code in expected} == expected
    styles = {row["code"]: row["fr"] for row in CODE_LISTS["vehicle_style"]}
    assert (styles["LL"], styles["PK"], styles["VN"]) == ("VUS", "Camionnette", "Fourgonnette")


@pytest.mark.parametrize("word", ["menor", "menores", "secuestrador", "secuestradora", "cortocircuito", "camiseta"])
def test_spanish_avoids_words_that_harm_or_are_not_mexican(word):
    for name, row in ROWS:
        spanish = [row["es"], *strings_in(row.get("grammar", {}).get("es", {}))]
        assert not any(re.search(rf"\b{word}\b", text, re.IGNORECASE) for text in spanish), (name, row["code"])


def test_french_has_no_plain_space_before_a_colon():
    for name, row in ROWS:
        french = [row["fr"], *strings_in(row.get("grammar", {}).get("fr", {}))]
        assert not any(re.search(r" [:;!?]", text) for text in french), (name, row["code"])


def test_crossing_points_name_both_sides():
    for row in CODE_LISTS["crossing_point"]:
        assert re.fullmatch(r"US-[A-Z]{2}", row["us_subdivision"]), row
        assert re.fullmatch(r"MX-[A-Z]{3}|CA-[A-Z]{2}", row["other_subdivision"]), row
    sides = {row["other_subdivision"][:2] for row in CODE_LISTS["crossing_point"]}
    assert sides == {"MX", "CA"}
