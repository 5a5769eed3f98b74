"""How a list of cases is narrowed: filters, and the search by reference, name and plate."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from datetime import datetime
from typing import Any

# Particles that belong to the surname after them: De la Cruz is one word of a name, and so is Saint-Pierre.
PARTICLES = {
    "al", "ap", "da", "das", "de", "dei", "del", "della", "den", "der", "di", "do", "dos", "du", "el", "la", "las",
    "le", "les", "los", "mac", "mc", "saint", "sainte", "san", "santa", "st", "ste", "van", "vander", "von", "y",
}  # fmt: skip
LETTERS = str.maketrans({
    "ø": "o", "Ø": "O", "ß": "ss", "œ": "oe", "Œ": "OE", "æ": "ae", "Æ": "AE", "ł": "l", "Ł": "L", "đ": "d", "Đ": "D",
})  # fmt: skip
LEAST_LETTERS = 3  # a trigram index finds nothing shorter
MOST_LETTERS = 80


@dataclass(frozen=True)
class CaseFilter:
    """What a list of cases is narrowed by; empty means all. `opened_before` is excluded, `opened_from` included."""

    statuses: tuple[str, ...] = ()
    exercise: bool | None = None
    origin: str = ""
    destination: str = ""
    category: str = ""
    lead_agency: int | None = None
    opened_from: datetime | None = None
    opened_before: datetime | None = None
    words: str = ""

    @property
    def is_search(self) -> bool:
        """Say whether cases are looked for by words."""
        return bool(self.words.strip())

    def conditions(self) -> tuple[str, list[Any]]:
        """Return the SQL conditions on `access` and `listed`, and their parameters."""
        clauses = {
            "listed.status = ANY(%s)": list(self.statuses) or None,
            "listed.is_exercise = %s": self.exercise,
            "listed.origin_country = %s": self.origin or None,
            "listed.destination_country = %s": self.destination or None,
            "listed.lead_agency_id = %s": self.lead_agency,
            "access.case_id IN (SELECT case_id FROM cases_abduction WHERE category_at_intake = %s)": self.category
            or None,
            "access.opened_at >= %s": self.opened_from,
            "access.opened_at < %s": self.opened_before,
        }
        used = {clause: value for clause, value in clauses.items() if value is not None}
        return "".join(f" AND {clause}" for clause in used), list(used.values())

    @property
    def needs_case(self) -> bool:
        """Say whether a condition asks for the case itself."""
        return "listed." in self.conditions()[0]


def fold(text: str) -> str:
    """Return a text as `amber_fold` does for Latin letters: lower case, no accents, single spaces."""
    plain = unicodedata.normalize("NFKD", text.translate(LETTERS))
    bare = "".join(letter for letter in plain if not unicodedata.combining(letter)).lower()
    return re.sub(r"[^a-z0-9]+", " ", bare).strip()[:MOST_LETTERS]


def name_parts(words: str) -> list[str]:
    """Return the parts of a name that are looked for, each as a fragment; particles stay with their surname."""
    parts: list[str] = []
    held: list[str] = []
    for word in fold(words).split():
        held.append(word)
        if word not in PARTICLES:
            parts.append(" ".join(held))
            held = []
    return [*parts, " ".join(held)] if held else parts


def is_searchable(words: str) -> bool:
    """Say whether there is enough to look for."""
    return any(len(part.replace(" ", "")) >= LEAST_LETTERS for part in name_parts(words))


# With its state, entity or province; without one it may be a part of another.
WHOLE_REFERENCE = re.compile(r"[A-Z]{2}-[A-Z0-9]{1,3}-\d{4}-\d{5,}")


def found_cases(words: str, agency_ids: list[int], *, are_few: bool) -> tuple[str, list[Any]]:
    """Return the SQL of the ids of the cases of these agencies that these words may mean, and its parameters.

    The database looks only through the cases of agencies for which the connection acts, whatever is asked here.
    `are_few` says that all cases of the agencies are looked through, rather than the indexes of the words. A whole
    reference means one case only.
    """
    reference = re.sub(r"[\s/-]+", "-", words.strip().upper())
    if WHOLE_REFERENCE.fullmatch(reference):
        return "SELECT id AS case_id FROM cases_case WHERE reference = %s", [reference]
    parts = [f"%{part}%" for part in name_parts(words)]
    key = f"%{fold(words).replace(' ', '').upper()}%"
    return (
        "SELECT case_id FROM amber_find_cases(%s::bigint[], %s::text[], %s, %s, %s) AS case_id",
        [agency_ids, parts, key, f"%{fold(words)}%", are_few],
    )
