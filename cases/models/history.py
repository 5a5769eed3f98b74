"""The history of the fields: a row for every version of a fact of a case, written by triggers (ADR 62)."""

from __future__ import annotations

from typing import Any

import pghistory
import pgtrigger
from django.db import models

from .abduction import Abduction, CrossingIndication
from .case import Case
from .evidence import Photo
from .person import Child, Person, Vehicle
from .plate import Plate
from .record import ExternalReference, ParallelNotice
from .sighting import Sighting
from .travel import Link, TravelLeg

# What the portal may no longer keep leaves no last version behind: the history goes with the row (migration 0026).
NOT_PURGING = pgtrigger.Condition("current_user <> 'amber_purge'")
INSERTED, CHANGED, REMOVED = "insert", "update", "delete"
# Decisions about parts keep a history of their own (`PartMark`).
MARKS = ("part_marks", "is_police_only")
# The facts of a case, and what is not kept of them: the id, which every version repeats as `pgh_obj`, pictures, and
# columns that the database derives or that count with every change.
TRACKED: dict[type[models.Model], tuple[str, ...]] = {
    Case: ("facts_version", "facts_changed_at"),
    Abduction: (),
    CrossingIndication: (),
    Child: (),
    Person: (),
    Vehicle: (),
    Plate: ("search_key",),
    TravelLeg: (),
    Link: (),
    Sighting: (),
    Photo: ("jpeg", "width", "height"),
    ExternalReference: ("search_key",),
    ParallelNotice: (),
}


def _history_of(model: type[models.Model], left_out: tuple[str, ...]) -> Any:
    """Return the model of the versions of one kind of fact.

    Foreign keys hold ids without a constraint, so that a version outlives what it names; `pgh_context` says who made
    it, in which request (agencies/scope.py).
    """
    names = [field.name for field in model._meta.local_fields if field.name not in ("id", *MARKS, *left_out)]
    case = "pgh_obj" if model is Case else "case"
    short = str(model._meta.model_name)[:16]
    return pghistory.create_event_model(
        model,
        pghistory.InsertEvent(INSERTED),
        pghistory.UpdateEvent(CHANGED),
        pghistory.DeleteEvent(REMOVED, condition=NOT_PURGING),
        fields=names,
        obj_field=pghistory.ObjForeignKey(related_name="+", db_index=False),
        context_field=pghistory.ContextJSONField(),
        context_id_field=None,  # type: ignore[arg-type]  # documented, and forgotten in the annotation
        model_name=f"{model.__name__}Version",
        abstract=False,
        attrs={"pgh_id": models.BigAutoField(primary_key=True)},
        meta={
            "verbose_name": model._meta.verbose_name,
            "verbose_name_plural": model._meta.verbose_name_plural,
            "default_permissions": (),
            "indexes": [
                models.Index(fields=[case, "-pgh_created_at", "-pgh_id"], name=f"{short}_versions"),
                models.Index(fields=["pgh_obj", "-pgh_id"], name=f"{short}_version"),
            ],
        },
    )


VERSIONS: dict[type[models.Model], Any] = {model: _history_of(model, left_out) for model, left_out in TRACKED.items()}
