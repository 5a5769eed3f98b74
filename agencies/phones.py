"""Telephone numbers: stored as E.164, shown as their own country writes them (U27)."""

from __future__ import annotations

import re

from django.utils.translation import gettext_lazy as _

MOST_DIGITS = 15  # E.164
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


def read_phone(typed: str) -> tuple[str, str]:
    """Return number (E.164) and extension of what a person typed, two empty strings for nothing.

    Refuses with ValueError (a message for the reader) a number without its country code: ten digits alone are a
    number in all three countries.
    """
    text = typed.strip()
    if not text:
        return "", ""
    found = EXTENSION.search(text)
    extension = found[1] if found else ""
    number = SEPARATORS.sub("", text[: found.start()] if found else text)
    if not number.startswith("+"):
        raise ValueError(_("Start with + and the code of the country: +1 or +52."))
    digits = number[1:]
    if not (digits.isascii() and digits.isdigit() and 8 <= len(digits) <= MOST_DIGITS and digits[0] != "0"):
        raise ValueError(_("This is no telephone number. Write it as +1 915 555 0199."))
    if digits[0] == NORTH_AMERICA and len(digits) != 11:
        raise ValueError(_("A number that begins with +1 has ten more digits."))
    if digits.startswith(MEXICO) and len(digits) != 12:
        raise ValueError(_("A number that begins with +52 has ten more digits."))
    return f"+{digits}", extension


def show_phone(number: str, extension: str = "") -> str:
    """Return an E.164 number as its country groups it, with its extension; anything else as it stands."""
    digits = number.removeprefix("+")
    if not (number.startswith("+") and digits.isdigit()):
        shown = number
    elif digits[0] == NORTH_AMERICA and len(digits) == 11:
        area, office, line = digits[1:4], digits[4:7], digits[7:]
        shown = f"+1 {area} {office}-{line}" if area in CANADIAN_AREA_CODES else f"+1 ({area}) {office}-{line}"
    elif digits.startswith(MEXICO) and len(digits) == 12:
        own = digits[2:]
        shown = f"+52 {_mexican(own)}"
    else:
        shown = number
    shown = shown.replace(" ", "\u00a0")
    return _("%(number)s, ext. %(extension)s") % {"number": shown, "extension": extension} if extension else shown


def _mexican(own: str) -> str:
    if own.startswith(MEXICAN_TWO_DIGIT_AREAS):
        return f"{own[:2]} {own[2:6]} {own[6:]}"
    return f"{own[:3]} {own[3:6]} {own[6:]}"
