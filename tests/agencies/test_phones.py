"""Telephone numbers: E.164 inside, shown as their own country writes them (U27)."""

from __future__ import annotations

import pytest
from django.utils import translation

from agencies.phones import read_phone, show_phone


@pytest.mark.parametrize(
    ("typed", "number", "extension"),
    [
        ("+1 (915) 555-0199", "+19155550199", ""), ("+52 656 555 0199", "+526565550199", ""),
        ("+1 514 555-0199, poste 12", "+15145550199", "12"), ("+52 55 5555 0199 ext. 3", "+525555550199", "3"),
        ("+1-915-555-0199 x 4", "+19155550199", "4"), ("+502 5555 0199", "+50255550199", ""), ("  ", "", ""),
    ],
)  # fmt: skip
def test_number_is_read_with_its_country(typed: str, number: str, extension: str) -> None:
    assert read_phone(typed) == (number, extension)


@pytest.mark.parametrize(
    "typed",
    ["9155550199", "656 555 0199", "+1 555 0199", "+52 555 0199", "+0 1234 5678", "+1 915 CALL NOW", "911", "+"],
)
def test_number_without_a_country_or_of_a_wrong_length_is_refused(typed: str) -> None:
    with pytest.raises(ValueError):
        read_phone(typed)


@pytest.mark.parametrize(
    ("number", "shown"),
    [
        ("+19155550199", "+1 (915) 555-0199"), ("+15145550199", "+1 514 555-0199"),
        ("+525555550199", "+52 55 5555 0199"), ("+526565550199", "+52 656 555 0199"), ("+50255550199", "+50255550199"),
        ("911", "911"), ("", ""),
    ],
)  # fmt: skip
def test_number_is_shown_as_its_country_writes_it(number: str, shown: str) -> None:
    assert show_phone(number).replace("\u00a0", " ") == shown


def test_extension_is_named_in_the_readers_language_and_read_back() -> None:
    for language, word in (("en", "ext."), ("es", "ext."), ("fr", "poste")):
        with translation.override(language):
            shown = show_phone("+15145550199", "12")
        assert shown.endswith(f", {word} 12")
        assert read_phone(shown) == ("+15145550199", "12")
