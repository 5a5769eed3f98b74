"""The lexicon says nothing rather than something raw, and keeps note of what it could not say."""

from __future__ import annotations

from dataclasses import replace

import pytest

from alerts.composing.compose import compose
from alerts.composing.facts import Garment
from alerts.composing.lexicon import Lexicon
from tests.alerts.composing.sample_alert import ALERT, GIRL, new_lexicon


def test_unknown_code_is_left_unsaid_and_noted():
    lexicon = new_lexicon()
    assert lexicon.label("hair", "ZZZ", "es") == ""
    assert lexicon.adjective("hair", "ZZZ", "es") == ""
    assert lexicon.noun("garment", "toga", "fr") is None
    assert lexicon.gaps == {("hair", "ZZZ"), ("garment", "toga")}


def test_empty_code_is_no_gap():
    lexicon = new_lexicon()
    assert lexicon.label("hair", "", "en") == ""
    assert lexicon.gaps == set()


def test_unknown_value_codes_are_silent():
    lexicon = new_lexicon()
    assert lexicon.adjective("hair", "XXX", "en") == ""
    assert lexicon.label("hair", "XXX", "en") == "Unknown or completely bald"
    assert lexicon.gaps == set()


@pytest.mark.parametrize(
    "gender, number, spanish, french",
    [("m", "s", "blanco", "blanc"), ("f", "s", "blanca", "blanche"), ("m", "p", "blancos", "blancs"),
     ("f", "p", "blancas", "blanches")],
)  # fmt: skip
def test_adjective_takes_the_form_of_its_noun(gender, number, spanish, french):
    lexicon = new_lexicon()
    assert lexicon.adjective("color", "white", "es", gender, number) == spanish
    assert lexicon.adjective("color", "white", "fr", gender, number) == french


def test_row_without_grammar_is_said_by_its_label_and_noted():
    lexicon = Lexicon([("color", "salmon", "Salmon", "Salmón", "Saumon", None)])
    assert lexicon.adjective("color", "salmon", "es", "f", "p") == "salmón"
    assert lexicon.gaps == {("color", "salmon")}


@pytest.mark.parametrize("grammar", [{"es": {"adjective": ["rojo"]}}, {"es": "rojo"}, {"es": {"adjective": 4}}])
def test_malformed_grammar_never_crashes(grammar):
    lexicon = Lexicon([("color", "red", "Red", "Rojo", "Rouge", grammar)])
    assert lexicon.adjective("color", "red", "es", "f", "s") == "rojo"


def test_empty_lexicon_still_composes_an_alert():
    child = replace(GIRL, clothing=(*GIRL.clothing, Garment("toga", ("puce",))))
    for language in ("en", "es", "fr"):
        lexicon = Lexicon([])
        text = compose(replace(ALERT, children=(child,)), language, lexicon)
        assert "Sofía Ramírez De la Cruz" in text.description
        assert "toga" not in text.description
        assert {("garment", "toga"), ("hair", "BRO"), ("vehicle_style", "4D")} <= lexicon.gaps


def test_complete_alert_leaves_no_gap():
    lexicon = new_lexicon()
    for language in ("en", "es", "fr"):
        compose(ALERT, language, lexicon)
    assert lexicon.gaps == set()
