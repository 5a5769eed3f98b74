"""What composing returns, and how long its parts may be."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

# CAP 1.2 recommends headlines of at most 160 characters; a wireless alert's short text holds 90 (47 CFR 10.430).
HEADLINE_LIMIT = 160
SHORT_LIMIT = 90


@dataclass(frozen=True)
class ComposedText:
    """One alert in one language: plain text, paragraphs of `description` separated by line feeds."""

    language: str
    event: str
    headline: str
    description: str
    instruction: str
    short: str


def first_that_fits(candidates: Iterable[str], limit: int) -> str:
    """Return the first of `candidates` (fullest first) that has at most `limit` characters.

    The last candidate of every list is a fixed phrase that fits; a list without one is a mistake and is refused.
    """
    for candidate in candidates:
        if candidate and len(candidate) <= limit:
            return candidate
    raise ValueError(f"no candidate fits {limit} characters")
