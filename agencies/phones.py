"""Telephone numbers: stored as E.164, shown as their own country writes them (U27)."""

from __future__ import annotations

import re
from urllib.parse import quote

from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _

MOST_DIGITS = 15  # E.164
MOST_TYPED = 40
NORTH_AMERICA, MEXICO = "1", "52"
# Area codes of Canada inside the North American numbering plan (Canadian Numbering Administrator).
CANADIAN_AREA_CODES = frozenset(map(str, (
    204, 226, 236, 249, 250, 257, 263, 289, 306, 343, 354, 365, 367, 368, 382, 403, 416, 418, 428, 431, 437, 438, 450,
    468, 474, 506, 514, 519, 548, 579, 581, 584, 587, 600, 604, 613, 622, 639, 647, 672, 683, 705, 709, 742, 753, 778,
    780, 782, 807, 819, 825, 867, 873, 879, 902, 905, 942,
)))  # fmt: skip
MEXICAN_TWO_DIGIT_AREAS = ("33", "55", "56", "81")
SEPARATORS = re.compile(r"[\s,().\-/\u2010-\u2015\u00a0\u202f]+")
EXTENSION = re.compile(r"(?:ext\.?|x|#|poste|extensión|extension)\s*(\d{1,8})\s*$", re.IGNORECASE)
E164 = re.compile(r"\+[1-9][0-9]{7,14}")
# 911, 089, *4141, #77: what a country's network or one carrier answers, reachable from nowhere else.
SHORT_NUMBER = re.compile(r"[*#]?[0-9]{2,6}")
# How a number is dialed inside each country, with what is dialed before it: 1 in North America; 01, 044 and 045 in
# Mexico until 3 August 2019, still on letterheads; and the number with its country code but without the plus.
DIALED_AT_HOME = {
    "US": (NORTH_AMERICA, re.compile(r"(?:011(?P<abroad>[0-9]+)|1?(?P<own>[2-9][0-9]{9}))")),
    "CA": (NORTH_AMERICA, re.compile(r"(?:011(?P<abroad>[0-9]+)|1?(?P<own>[2-9][0-9]{9}))")),
    "MX": (MEXICO, re.compile(r"(?:00(?P<abroad>[0-9]+)|(?:01|04[45]|52)?(?P<own>[1-9][0-9]{9}))")),
}  # fmt: skip


def _mexican(own: str) -> str:
    if own.startswith(MEXICAN_TWO_DIGIT_AREAS):
        return f"{own[:2]} {own[2:6]} {own[6:]}"
    return f"{own[:3]} {own[3:6]} {own[6:]}"


# How each country groups its own ten digits, for readers there and for all others; no brackets abroad, where they
# would mark digits to leave out.
GROUPS = {
    "US": (NORTH_AMERICA, lambda own: f"({own[:3]}) {own[3:6]}-{own[6:]}",
           lambda own: f"+1 {own[:3]} {own[3:6]}-{own[6:]}"),
    "CA": (NORTH_AMERICA, lambda own: f"{own[:3]}-{own[3:6]}-{own[6:]}",
           lambda own: f"+1 {own[:3]} {own[3:6]}-{own[6:]}"),
    "MX": (MEXICO, _mexican, lambda own: f"+52 {_mexican(own)}"),
}  # fmt: skip
EXAMPLES = {"US": "+1 915 555 0199", "MX": "+52 656 555 0199", "CA": "+1 514 555 0199"}


def read_phone(typed: str, country: str = "") -> tuple[str, str]:
    """Return number (E.164) and extension of what a person typed, two empty strings for nothing.

    `country` ("US", "MX", "CA") is where the telephone stands, if that is known: then the number may also be written as
    it is dialed there. Refuses with ValueError (a message for the reader, with an example of that country) a number
    without its country code where no country is known: ten digits alone are a number in all three.
    """
    text = typed.strip()
    if not text:
        return "", ""
    found = EXTENSION.search(text)
    extension = found[1] if found else ""
    number = SEPARATORS.sub("", text[: found.start()] if found else text)
    example = EXAMPLES.get(country, EXAMPLES["US"])
    if not number.startswith("+"):
        number = _from_home(number, country, example)
    digits = number[1:]
    if not (E164.fullmatch(number) and digits.isascii()):
        raise ValueError(format_lazy(_("This is no telephone number. Write it as {example}."), example=example))
    if digits[0] == NORTH_AMERICA and not re.fullmatch(r"1[2-9]\d{2}[2-9]\d{6}", digits):
        raise ValueError(_("A number that begins with +1 has ten more digits, as in +1 915 555 0199."))
    if digits.startswith("521") and len(digits) == 13:  # a mobile number as it was written until August 2019
        digits = MEXICO + digits[3:]
    if digits.startswith(MEXICO) and len(digits) != 12:
        raise ValueError(_("A number that begins with +52 has ten more digits, as in +52 656 555 0199."))
    return f"+{digits}", extension


def _from_home(number: str, country: str, example: str) -> str:
    if country not in DIALED_AT_HOME:
        raise ValueError(_("Start with + and the code of the country: +1 or +52."))
    code, pattern = DIALED_AT_HOME[country]
    found = pattern.fullmatch(number)
    if found is None:
        raise ValueError(format_lazy(_("This is no telephone number. Write it as {example}."), example=example))
    return f"+{found['abroad']}" if found["abroad"] else f"+{code}{found['own']}"


def read_tip_number(typed: str, country: str = "") -> str:
    """Return the number of a tip line: E.164, or a short number such as 911, 089 or *4141 as it is dialed.

    Refuses with ValueError what is neither, and an extension: the public dials one number.
    """
    short = re.sub(r"\s+", "", typed)
    if SHORT_NUMBER.fullmatch(short):
        return short
    number, extension = read_phone(typed, country)
    if extension:
        raise ValueError(_("A tip line has no extension: the public dials one number."))
    return number


def is_stored_form(number: str) -> bool:
    """Say whether a number stands as E.164; anything else was typed before numbers were read, or is a short number."""
    return E164.fullmatch(number) is not None


def country_of(number: str) -> str:
    """Return "US", "MX" or "CA" for an E.164 number of one of the three countries, an empty string for any other."""
    digits = number.removeprefix("+")
    if not is_stored_form(number):
        return ""
    if digits[0] == NORTH_AMERICA and len(digits) == 11:
        return "CA" if digits[1:4] in CANADIAN_AREA_CODES else "US"
    return "MX" if digits.startswith(MEXICO) and len(digits) == 12 else ""


def show_phone(number: str, extension: str = "", reader: str = "") -> str:
    """Return an E.164 number as its country groups it, with its extension; anything else as it stands.

    `reader` is the country in which it is read: there its own numbers stand as they are dialed, (915) 555-0199,
    656 555 0199, 514-555-0199. Everybody else, and a reader whose country is not known, gets + and the country code.
    """
    country = country_of(number)
    shown = number
    if country:
        code, at_home, abroad = GROUPS[country]
        shown = (at_home if country == reader else abroad)(number[len(code) + 1 :])
    shown = shown.replace(" ", "\u00a0") if country else shown
    return _("%(number)s, ext. %(extension)s") % {"number": shown, "extension": extension} if extension else shown


def phone_address(number: str, extension: str = "") -> str:
    """Return the `tel:` address of a number with its extension (RFC 3966, sections 3 and 5.3)."""
    dialed = number if is_stored_form(number) else quote(re.sub(r"[^0-9+*#]", "", number), safe="+*")
    return f"tel:{dialed};ext={extension}" if extension else f"tel:{dialed}"
