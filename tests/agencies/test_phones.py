"""Telephone numbers: E.164 inside, shown as their own country writes them (U27)."""

from __future__ import annotations

import pytest
from django.utils import translation

from agencies.phones import phone_address, read_phone, read_tip_number, show_phone


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
    [
        "9155550199",
        "656 555 0199",
        "+1 555 0199",
        "+52 555 0199",
        "+0 1234 5678",
        "+1 915 CALL NOW",
        "911",
        "+",
        "+1 115 555 0199",
        "+1 915 155 0199",
    ],
)
def test_number_without_a_country_or_of_a_wrong_length_is_refused(typed: str) -> None:
    with pytest.raises(ValueError):
        read_phone(typed)


@pytest.mark.parametrize(
    ("number", "shown"),
    [
        ("+19155550199", "+1 915 555-0199"), ("+15145550199", "+1 514 555-0199"),
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


@pytest.mark.parametrize(
    ("country", "typed", "number", "extension"),
    [
        ("US", "915 555 0199", "+19155550199", ""), ("US", "1-915-555-0199 ext. 7", "+19155550199", "7"),
        ("US", "011 52 656 555 0199", "+526565550199", ""), ("US", "+52 656 555 0199", "+526565550199", ""),
        ("CA", "514-555-0199, poste 12", "+15145550199", "12"), ("CA", "1 (514) 555-0199", "+15145550199", ""),
        ("MX", "656 555 0199", "+526565550199", ""), ("MX", "01 656 555 0199", "+526565550199", ""),
        ("MX", "045 656 555 0199", "+526565550199", ""), ("MX", "52 656 555 0199", "+526565550199", ""),
        ("MX", "+52 1 656 555 0199", "+526565550199", ""), ("MX", "800 00 854 00", "+528000085400", ""),
        ("MX", "00 1 915 555 0199", "+19155550199", ""), ("MX", "55 5555 0199 ext. 3", "+525555550199", "3"),
    ],
)  # fmt: skip
def test_number_is_read_as_it_is_dialed_in_its_country(country: str, typed: str, number: str, extension: str) -> None:
    assert read_phone(typed, country) == (number, extension)


@pytest.mark.parametrize(
    ("country", "language", "example"),
    [
        ("US", "en", "Write it as +1 915 555 0199."), ("MX", "es", "Escríbalo así: +52 656 555 0199."),
        ("CA", "fr", "Écrivez-le ainsi\u00a0: +1 514 555 0199."),
    ],
)  # fmt: skip
@pytest.mark.parametrize("typed", ["555 0199", "call the desk", "911"])
def test_refusal_shows_an_example_of_the_country(country: str, language: str, example: str, typed: str) -> None:
    with translation.override(language), pytest.raises(ValueError) as refused:
        read_phone(typed, country)
    with translation.override(language):
        assert str(refused.value.args[0]).endswith(example)


@pytest.mark.parametrize(
    ("number", "reader", "shown"),
    [
        ("+19155550199", "US", "(915) 555-0199"), ("+19155550199", "CA", "+1 915 555-0199"),
        ("+19155550199", "MX", "+1 915 555-0199"), ("+526145550199", "MX", "614 555 0199"),
        ("+526145550199", "US", "+52 614 555 0199"), ("+525555550199", "MX", "55 5555 0199"),
        ("+15145550199", "CA", "514-555-0199"), ("+15145550199", "US", "+1 514 555-0199"),
        ("+50255550199", "MX", "+50255550199"), ("*4141", "CA", "*4141"), ("call the desk", "US", "call the desk"),
    ],
)  # fmt: skip
def test_number_is_shown_as_at_home_to_readers_of_its_country_only(number: str, reader: str, shown: str) -> None:
    assert show_phone(number, reader=reader).replace("\u00a0", " ") == shown


@pytest.mark.parametrize(
    ("country", "typed", "stored"),
    [
        ("US", "911", "911"), ("MX", "089", "089"), ("CA", "*4141", "*4141"), ("MX", "800 00 854 00", "+528000085400"),
        ("US", "1-800-843-5678", "+18008435678"), ("US", "# 77", "#77"),
    ],
)  # fmt: skip
def test_tip_line_may_be_a_short_number(country: str, typed: str, stored: str) -> None:
    assert read_tip_number(typed, country) == stored


@pytest.mark.parametrize("typed", ["+1 915 555 0199 ext. 3", "91155501", "**41", "tips"])
def test_tip_line_is_one_number_that_can_be_dialed(typed: str) -> None:
    with pytest.raises(ValueError):
        read_tip_number(typed, "US")


@pytest.mark.parametrize(
    ("number", "extension", "address"),
    [
        ("+19155550199", "", "tel:+19155550199"), ("+15145550199", "12", "tel:+15145550199;ext=12"),
        ("*4141", "", "tel:*4141"), ("#77", "", "tel:%2377"), ("(915) 555 0199", "", "tel:9155550199"),
    ],
)  # fmt: skip
def test_address_dials_the_number_with_its_extension(number: str, extension: str, address: str) -> None:
    assert phone_address(number, extension) == address
