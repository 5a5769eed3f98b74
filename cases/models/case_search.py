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


# Each source of found cases; the expressions are those of the indexes.
NAMES = (
    "amber_fold(given_names || ' ' || first_surname || ' ' || second_surname || ' ' || also_known_as || ' '"
    " || name_on_document) LIKE %s"
)
PEOPLE = ("cases_child", "cases_person")
REFERENCES = "amber_fold(reference || ' ' || agency_reference) LIKE %s"
KEYS = {  # plates now and earlier, and the case's numbers in other systems
    "cases_vehicle": "amber_plate(plate) LIKE %s",
    "cases_plate": "search_key LIKE %s",
    "cases_externalreference": "search_key LIKE %s",
}
# With its state, entity or province; without one it may be a part of another.
WHOLE_REFERENCE = re.compile(r"[A-Z]{2}-[A-Z0-9]{1,3}-\d{4}-\d{5,}")


def found_cases(words: str, *, among: bool = False) -> tuple[str, list[Any]]:
    """Return the SQL of the ids of all cases that these words may mean, and its parameters.

    It asks no rights: whoever uses it joins the result with the accesses of the reader's agencies, or says with
    `among` that only the cases of a relation `mine` are looked through. A whole reference means one case only.
    """
    reference = re.sub(r"[\s/-]+", "-", words.strip().upper())
    if WHOLE_REFERENCE.fullmatch(reference):
        return "SELECT id AS case_id FROM cases_case WHERE reference = %s", [reference]
    parts = [f"%{part}%" for part in name_parts(words)]
    every_part = " AND ".join([NAMES] * len(parts))
    key = f"%{fold(words).replace(' ', '').upper()}%"
    asked = {table: (every_part, parts) for table in PEOPLE} | {table: (test, [key]) for table, test in KEYS.items()}
    join = " JOIN mine USING (case_id)" if among else ""
    own = " JOIN mine ON mine.case_id = id" if among else ""
    # "IS TRUE" keeps the planner from the indexes of the words, which it thinks cheaper than they are for a common one.
    test_as = "({}) IS TRUE" if among else "{}"
    sources = [
        f"SELECT case_id FROM {table}{join} WHERE {test_as.format(test)}"  # noqa: S608  our own clauses
        for table, (test, _told) in asked.items()
    ]
    sources.append(f"SELECT id AS case_id FROM cases_case{own} WHERE {test_as.format(REFERENCES)}")  # noqa: S608
    told = [value for _test, values in asked.values() for value in values]
    return " UNION ".join(sources), [*told, f"%{fold(words)}%"]
