"""Keeps the facts that a text was composed from, so that a later change can be compared with what was issued.

A snapshot is JSON: the facts as `composing/facts.py` has them, the reasons for danger and the custody of each child,
which are never said in public, and the hash of the picture. It holds names and therefore lives and is purged
with the messages.
"""

from __future__ import annotations

import dataclasses
import types
import typing
from collections.abc import Collection, Iterable
from datetime import datetime
from functools import cache
from typing import Any, Protocol

from alerts.choices import RedactionKind
from alerts.composing import facts as f
from alerts.gathering import gather_facts
from alerts.models import Alert
from cases.models import Case, Photo
from cases.models.part import as_read_by


class Withdrawn(Protocol):
    """What a redaction names."""

    kind: str
    child_id: Any
    person_id: Any


def take_snapshot(
    facts: f.AlertFacts, case: Case, photo: Photo | None, readers: Collection[int] = ()
) -> dict[str, Any]:
    """Return the snapshot of facts that are about to be said, or were said; police-only custody only to its readers."""
    return {
        "facts": _plain(facts),
        "dangers": sorted(case.abduction.dangers or []),
        "custody": _custody(case, {child.key for child in facts.children}, readers),
        "photo": photo.sha256 if photo else "",
    }


def _custody(case: Case, shown: Collection[str], readers: Collection[int]) -> dict[str, dict[str, str]]:
    """Return what is known of the custody of each child whose facts are shown."""
    rows = {
        str(child.pk): {
            "custody": child.custody, "custody_holder": child.custody_holder,
            "custody_court": child.custody_subdivision_id or child.custody_country,
        }
        for child in as_read_by(case.children.all(), readers)
    }  # fmt: skip
    return {key: row for key, row in rows.items() if key in shown and any(row.values())}


def present_facts(alert: Alert, redactions: Iterable[Withdrawn] = ()) -> f.AlertFacts:
    """Return the facts as they are now, without what is withdrawn from the public."""
    return redacted(gather_facts(alert.case, alert.program, alert.number, alert.criteria), redactions)


def facts_of(snapshot: dict[str, Any]) -> f.AlertFacts | None:
    """Return the facts of a snapshot, None where none was kept (messages older than Updates)."""
    kept = snapshot.get("facts")
    if not kept:
        return None
    facts: f.AlertFacts = _built(f.AlertFacts, kept)
    return facts


def redacted(facts: f.AlertFacts, redactions: Iterable[Withdrawn]) -> f.AlertFacts:
    """Return the facts without what was withdrawn: a child, a person, or one's names."""
    for item in redactions:
        child, person = str(item.child_id), str(item.person_id)
        if item.kind == RedactionKind.CHILD:
            facts = _remove(facts, "children", child)
        elif item.kind == RedactionKind.CHILD_NAME:
            facts = dataclasses.replace(facts, children=_nameless(facts.children, child))
        elif item.kind == RedactionKind.PERSON:
            facts = _remove(facts, "people", person)
        elif item.kind == RedactionKind.PERSON_LOOKS:
            facts = dataclasses.replace(facts, people=_undescribed(facts.people, person))
        elif item.kind == RedactionKind.PERSON_NAME:
            facts = dataclasses.replace(facts, people=_nameless(facts.people, person))
    return facts


def may_show(photo: Photo | None, redactions: Collection[Withdrawn]) -> bool:
    """Say whether a picture may stay public beside these withdrawals.

    Once a child was withdrawn, only a picture known to show another child stays.
    """
    if photo is None or any(item.kind in (RedactionKind.PHOTO, RedactionKind.WHOLE) for item in redactions):
        return False
    if any(item.kind == RedactionKind.PERSON and item.person_id == photo.person_id for item in redactions):
        return False
    gone = {item.child_id for item in redactions if item.kind == RedactionKind.CHILD}
    return not gone or (photo.child_id is not None and photo.child_id not in gone)


def _remove(facts: f.AlertFacts, group: str, key: str) -> f.AlertFacts:
    """Return the facts without one child or person; who is aboard is named by place, so places move up."""
    members = getattr(facts, group)
    places = {old: new for new, old in enumerate(at for at, item in enumerate(members) if item.key != key)}
    left: dict[str, Any] = {group: tuple(item for item in members if item.key != key)}
    for carriers in ("vehicles", "legs"):
        left[carriers] = tuple(_moved_up(item, group, places) for item in getattr(facts, carriers))
    return dataclasses.replace(facts, **left)


def _moved_up(carrier: Any, group: str, places: dict[int, int]) -> Any:
    aboard: dict[str, Any] = {group: tuple(places[at] for at in getattr(carrier.aboard, group) if at in places)}
    return dataclasses.replace(carrier, aboard=dataclasses.replace(carrier.aboard, **aboard))


def _nameless(items: tuple[Any, ...], key: str) -> tuple[Any, ...]:
    return tuple(dataclasses.replace(item, name="", also_known_as="") if item.key == key else item for item in items)


def _undescribed(people: tuple[f.PersonFacts, ...], key: str) -> tuple[f.PersonFacts, ...]:
    return tuple(item.undescribed() if item.key == key else item for item in people)


def _plain(value: Any) -> Any:
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return {field.name: _plain(getattr(value, field.name)) for field in dataclasses.fields(value)}
    if isinstance(value, list | tuple):
        return [_plain(item) for item in value]
    if isinstance(value, dict):
        return {key: _plain(item) for key, item in value.items()}
    return value.isoformat() if isinstance(value, datetime) else value


@cache
def _types_of(cls: type) -> dict[str, Any]:
    return typing.get_type_hints(cls)


def _built(kind: Any, value: Any) -> Any:
    """Return a value of a declared type; what a later version of the facts added or dropped is left at its default."""
    if value is None:
        return None
    origin, arguments = typing.get_origin(kind), typing.get_args(kind)
    if origin in (types.UnionType, typing.Union):
        return _built(next(part for part in arguments if part is not types.NoneType), value)
    if origin is tuple:
        return tuple(_built(arguments[0], item) for item in value)
    if dataclasses.is_dataclass(kind):
        known = {field.name for field in dataclasses.fields(kind)}
        hints = _types_of(typing.cast(type, kind))
        return kind(**{name: _built(hints[name], item) for name, item in value.items() if name in known})  # type: ignore[operator]
    return datetime.fromisoformat(value) if kind is datetime else value
