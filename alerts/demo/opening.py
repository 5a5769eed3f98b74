"""Opens a case from coded facts through the services, as officers do."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.db import models

from agencies.choices import Country
from agencies.models import User
from cases import workflow
from cases.models import Case, Child, CrossingIndication, Person, Vehicle
from cases.services.facts import add_photo, record_facts
from cases.services.files import open_case
from cases.services.publication import public_items, record_authority

from .desks import Desk
from .photos import draw_portrait

# Stands in every case as its circumstances, in the lead agency's language.
DISCLAIMER = {
    "en": "Invented for the demonstration; no real person or event is meant.",
    "es": "Caso ficticio para la demostración; no se refiere a ninguna persona ni a ningún hecho real.",
    "fr": "Dossier fictif créé pour la démonstration; il ne vise aucune personne ni aucun fait réel.",
}
Row = tuple[models.Model, list[str]]


@dataclass(frozen=True)
class Facts:
    """Field values of the rows of one case; an empty row is not recorded."""

    event: dict[str, Any]
    child: dict[str, Any] = field(default_factory=dict)
    suspect: dict[str, Any] = field(default_factory=dict)
    vehicle: dict[str, Any] = field(default_factory=dict)
    crossing: dict[str, Any] = field(default_factory=dict)


def open_with(
    facts: Facts,
    *,
    desk: Desk,
    key: str,
    opened_at: datetime,
    happened_at: datetime,
    is_exercise: bool = False,
    is_active: bool = True,
) -> Case:
    """Open a case in the name of the desk's recorder and record its facts; activate it unless it is a draft.

    `key` becomes the agency's own file number, by which the demo finds its cases again.
    """
    by, agency = desk.recorder, desk.agency
    case = open_case(by=by, agency=agency, is_exercise=is_exercise, agency_reference=key, opened_at=opened_at)
    event = filled(case.abduction, event_values(facts, by=by, happened_at=happened_at))
    record_facts(case=case, by=by, items=[event, *rows_of(facts)])
    if is_active:
        workflow.apply(case, "activate", by=by, agency=agency)
    return case


def event_values(facts: Facts, *, by: User, happened_at: datetime) -> dict[str, Any]:
    """Return the values of the event with its time, and the disclaimer in the language of who records them."""
    return {
        **facts.event,
        "happened_at": happened_at,
        "circumstances": DISCLAIMER[by.language],
        "circumstances_language": by.language,
    }


def filled(row: models.Model, values: dict[str, Any]) -> Row:
    """Set values on a row; return it with the names of its fields, as `record_facts` takes them."""
    for name, value in values.items():
        setattr(row, name, value)
    return row, [name.removesuffix("_id") for name in values]


def add_portrait(case: Case, *, by: User, basis: str, colors: tuple[str, str, str]) -> None:
    """Draw a portrait of the case's child, and record the authority to publish everything of the case everywhere."""
    add_photo(case=case, by=by, raw=draw_portrait(*colors), child=case.children.first())
    record_authority(case=case, by=by, items=public_items(case), countries=Country.values, basis=basis)


def rows_of(facts: Facts) -> list[Row]:
    """Return the rows of everything but the event, with the names of their fields; they have no case yet."""
    rows = ((Child(), facts.child), (Person(), facts.suspect), (Vehicle(), facts.vehicle))
    recorded = [filled(row, values) for row, values in rows if values]
    if facts.crossing:
        recorded.append(filled(CrossingIndication(), facts.crossing))
    return recorded
