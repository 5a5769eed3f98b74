"""Reads the files in `data/`: subdivisions, agencies, programs with their criteria, desks, routes and bodies."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from agencies.phones import read_phone, read_tip_number

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


def desk_numbers(row: dict[str, Any]) -> dict[str, str]:
    """Return telephone, extension and fax of an agency's row as columns. Refuses what is no number with ValueError."""
    phone, extension = _number(row, "desk_phone")
    fax, _no_extension = _number(row, "desk_fax")
    return {"desk_phone": phone, "desk_extension": extension or row.get("desk_extension", ""), "desk_fax": fax}


def tip_numbers(row: dict[str, Any]) -> dict[str, str]:
    """Return the public numbers of a program's row as columns. Refuses what is no number with ValueError."""
    try:
        tip = read_tip_number(row["tip_phone"], row["country"])
    except ValueError as error:
        raise ValueError(f"{row['code']}: tip_phone: {error.args[0]}") from error
    return {"tip_phone": tip, "abroad_phone": _number(row, "abroad_phone")[0]}


def _number(row: dict[str, Any], key: str) -> tuple[str, str]:
    try:
        return read_phone(row.get(key, ""), row["country"])
    except ValueError as error:
        raise ValueError(f"{row['code']}: {key}: {error.args[0]}") from error


def names(row: dict[str, Any], field: str = "name") -> dict[str, str]:
    """Return a translated field of a row, as modeltranslation's columns."""
    return {f"{field}_{language}": row[f"{field}_{language}"] for language in LANGUAGES}
