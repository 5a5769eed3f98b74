"""How much room a text message takes: septets or UCS-2, and in how many parts it travels (3GPP TS 23.038, 23.040).

A text in the GSM 7-bit alphabet holds 160 septets in one part and 153 in each of several, the signs of the extension
table two septets each (23.038, 6.2.1.1); any sign outside makes the whole text UCS-2: 70 units in one part, 67 in each
of several. Neither an escaped sign nor a surrogate pair is split between two parts.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Callable
from dataclasses import dataclass

from alerts.composing.gsm import BASIC_ALPHABET, REPLACEMENTS

EXTENSION = frozenset("\f^{}\\[~]|€")
BASIC = BASIC_ALPHABET | {"\n", "\r"}
GSM, UCS2 = "GSM-7", "UCS-2"
ROOM = {GSM: (160, 153), UCS2: (70, 67)}  # in the only part, in each of several
# Signs that only typography asks for: they would make a text UCS-2 that needs not be. Letters stay as approved.
PLAIN = {sign: plain for sign, plain in REPLACEMENTS.items() if not sign.isalpha()} | {
    "…": "...", "\u00a0": " ", "\u202f": " ", "\u2009": " ", "\u2011": "-", "\u2212": "-", "•": "-",
}  # fmt: skip
CUT = "..."


@dataclass(frozen=True)
class Size:
    """What one text takes: its alphabet, its length in septets or UCS-2 units, and in how many parts it travels."""

    alphabet: str
    units: int
    parts: int


def size_of(text: str) -> Size:
    """Return how much room a text takes; an empty text takes no part."""
    if all(sign in BASIC or sign in EXTENSION for sign in text):
        alphabet, widths = GSM, [2 if sign in EXTENSION else 1 for sign in text]
    else:
        alphabet, widths = UCS2, [2 if ord(sign) > 0xFFFF else 1 for sign in text]
    whole, each = ROOM[alphabet]
    units = sum(widths)
    return Size(alphabet, units, min(units, 1) if units <= whole else _packed(widths, each))


def _packed(widths: list[int], room: int) -> int:
    parts, taken = 1, 0
    for width in widths:
        if taken + width > room:
            parts, taken = parts + 1, 0
        taken += width
    return parts


def plain_signs(text: str) -> str:
    """Return a text with the signs of typography in their plain form; its letters and its lines stay as they are."""
    return "".join(PLAIN.get(sign, sign) for sign in unicodedata.normalize("NFC", text))


def shorten(text: str, ending: str, most: int) -> str:
    """Return `text` and `ending` in at most so many parts; where both are too long, `text` is cut between two words.

    Refuses (ValueError) an ending that alone is too long: nothing of it may be lost.
    """
    if size_of(ending).parts > most:
        raise ValueError("the ending alone is longer than the message may be")
    if size_of(text + ending).parts <= most:
        return text + ending
    ends = [place for place, sign in enumerate(text) if sign.isspace()]
    kept = _last_that(lambda end: size_of(text[:end].rstrip() + CUT + ending).parts <= most, ends)
    return (text[:kept].rstrip() + CUT if kept else "") + ending


def _last_that(fits: Callable[[int], bool], ends: list[int]) -> int:
    low, high = 0, len(ends)  # everything before `low` fits, nothing from `high` on: a longer text takes more room
    while low < high:
        middle = (low + high) // 2
        low, high = (middle + 1, high) if fits(ends[middle]) else (low, middle)
    return ends[low - 1] if low else 0
