"""Proper names and numbers that people typed, made safe to stand in a line of plain text."""

from __future__ import annotations

import unicodedata

INVISIBLE = {"Cf", "Cs", "Co"}
SENTENCE_ENDS = (".", "!", "?", "…")


def clean(typed: str) -> str:
    """Return `typed` on one line, single-spaced, without control or direction signs and angle brackets.

    Direction signs (Unicode Cf) can make a plate read differently from what was approved; angle brackets could be taken
    for markup by a careless reader. Nothing else is changed: a name keeps its letters, accents and case.
    """
    kept = (" " if sign.isspace() or unicodedata.category(sign) == "Cc" else sign for sign in typed)
    visible = (sign for sign in kept if sign not in "<>" and unicodedata.category(sign) not in INVISIBLE)
    return " ".join("".join(visible).split())


def capital(text: str) -> str:
    """Return `text` with its first letter in upper case, the rest untouched."""
    return text[:1].upper() + text[1:]


def sentence(text: str) -> str:
    """Return `text` as a sentence: capital at the start, one full stop at the end; nothing stays nothing."""
    if not text:
        return ""
    return capital(text) if text.endswith(SENTENCE_ENDS) else capital(text) + "."


def spaced(*parts: str) -> str:
    """Join the parts that are not empty with one space."""
    return " ".join(part for part in parts if part)


def listed(*parts: str) -> str:
    """Join the parts that are not empty with commas."""
    return ", ".join(part for part in parts if part)
