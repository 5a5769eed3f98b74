"""Reads the files in `data/`: subdivisions, agencies, programs with their criteria, desks, routes and bodies."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

DATA = Path(__file__).resolve().parent / "data"
LANGUAGES = ("en", "es", "fr")


def read_rows(name: str) -> Any:
    """Return the content of one file."""
    return json.loads((DATA / name).read_text(encoding="utf-8"))


def read_programs() -> list[dict[str, Any]]:
    """Return the programs, each with its whole criteria.

    A program without facts of its own names only the national default it takes over (domain §1); what it states
    itself goes before.
    """
    defaults = read_rows("criteria_defaults.json")
    return [{**row, "criteria": _whole(row["criteria"], defaults)} for row in read_rows("programs.json")]


def _whole(criteria: dict[str, Any], defaults: dict[str, Any]) -> dict[str, Any]:
    own = {key: value for key, value in criteria.items() if key != "default"}
    return {**defaults[criteria["default"]], **own}


def names(row: dict[str, Any], field: str = "name") -> dict[str, str]:
    """Return a translated field of a row, as modeltranslation's columns."""
    return {f"{field}_{language}": row[f"{field}_{language}"] for language in LANGUAGES}
