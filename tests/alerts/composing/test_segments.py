"""How much room a text message takes, in each language, and how it is cut."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from alerts.composing.segments import GSM, UCS2, Size, plain_signs, shorten, size_of


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", Size(GSM, 0, 0)),
        ("a" * 160, Size(GSM, 160, 1)),
        ("a" * 161, Size(GSM, 161, 2)),
        ("a" * 306, Size(GSM, 306, 2)),
        ("a" * 307, Size(GSM, 307, 3)),
        ("€" * 80, Size(GSM, 160, 1)),  # an escape and a sign each
        ("€" * 80 + "a", Size(GSM, 161, 2)),
        ("a" * 152 + "€" + "a" * 152, Size(GSM, 306, 3)),  # the escape does not stay behind alone
        ("¿" + "ñ" * 159, Size(GSM, 160, 1)),
        ("ó" * 70, Size(UCS2, 70, 1)),
        ("ó" * 71, Size(UCS2, 71, 2)),
        ("ó" * 134, Size(UCS2, 134, 2)),
        ("ó" * 135, Size(UCS2, 135, 3)),
        ("ó" * 66 + "🚨" + "ó" * 66, Size(UCS2, 134, 3)),  # nor does half of a pair
        ("line\nline", Size(GSM, 9, 1)),
    ],
)
def test_size_of_a_text(text: str, expected: Size) -> None:
    assert size_of(text) == expected


@pytest.mark.parametrize(
    ("text", "alphabet"),
    [
        ("AMBER Alert: girl, 7, last seen in San Diego", GSM),
        ("Niña de 7 años", GSM),  # ñ is in the alphabet
        ("Alerta AMBER: niño de 7 años, último lugar", UCS2),  # ú is not
        ("Fillette de 7 ans, vue à Gatineau, très tôt", UCS2),  # ô is not
        ("Fillette de 7 ans, vue à Québec", GSM),
    ],
)
def test_alphabet_by_language(text: str, alphabet: str) -> None:
    assert size_of(text).alphabet == alphabet


def test_signs_of_typography_do_not_make_a_text_ucs2() -> None:
    text = "Appelez le 9-1-1 « maintenant »\u202f: l’enfant – 7 ans…"
    assert size_of(text).alphabet == UCS2
    assert plain_signs(text) == 'Appelez le 9-1-1 " maintenant " : l\'enfant - 7 ans...'
    assert plain_signs("sœur, último, garçon") == "sœur, último, garçon", "letters stay as they were approved"


def test_text_that_fits_stays_whole() -> None:
    assert shorten("a" * 100, "\nend", 1) == "a" * 100 + "\nend"


def test_text_that_is_too_long_is_cut_between_words_and_keeps_its_ending() -> None:
    found = shorten("word " * 100, "\nAlert 1\nhttps://x.example/a/1", 2)
    assert found.endswith("word...\nAlert 1\nhttps://x.example/a/1")
    assert size_of(found).parts == 2
    assert size_of(found.replace("word...", "word word...")).parts == 3, "not a word less than fits"


def test_one_word_that_does_not_fit_leaves_the_ending_alone() -> None:
    assert shorten("a" * 500, "\nend", 1) == "\nend"


def test_ending_that_does_not_fit_is_refused() -> None:
    with pytest.raises(ValueError, match="ending"):
        shorten("text", "e" * 161, 1)


@given(st.text(alphabet="abc ñúô€🚨\n", max_size=400), st.integers(1, 4))
def test_what_is_cut_fits_begins_as_written_and_ends_as_asked(text: str, most: int) -> None:
    found = shorten(text, "\nAlert 7", most)
    assert found.endswith("\nAlert 7")
    assert size_of(found).parts <= most
    assert text.startswith(found.removesuffix("\nAlert 7").removesuffix("..."))
