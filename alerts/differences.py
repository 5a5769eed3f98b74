"""What has changed between two snapshots, field by field, in the reader's language with labels for codes (U20)."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from agencies.choices import Country
from alerts.presenting import moment
from cases.choices import Answer, EventKind, PersonRole, Sex, TravelMode
from cases.countries import country_name
from cases.models.code import code_label

ABOARD = "aboard"  # kept as places in the lists of children and people; compared by who they are
ENTITIES: dict[str, Any] = {
    "children": _("Child"), "people": _("Person"), "vehicles": _("Vehicle"), "legs": _("Travel leg"),
    "event": _("What happened"), "crossing": _("Indication of crossing"), "dangers": _("Danger"), "photo": _("Photo"),
}  # fmt: skip
FIELDS: dict[str, Any] = {
    "name": _("name"), "also_known_as": _("also known as"), "sex": _("sex"), "age_years": _("age in years"),
    "height_cm": _("height in centimeters"), "weight_kg": _("weight in kilograms"), "hair": _("hair"),
    "eyes": _("eyes"), "skin": _("skin"), "clothing": _("clothing"), "marks": _("distinguishing marks"),
    "medical": _("medical needs"), "role": _("role"), "relationship": _("relationship to the child"),
    "cautions": _("cautions"), "make": _("make"), "model": _("model"), "year": _("year"), "colors": _("color"),
    "style": _("body style"), "plates": _("license plate"), "has_no_plates": _("carries no plates"),
    "mode": _("means of travel"), "from_place": _("place of departure"), "to_place": _("place of arrival"),
    "happened_at": _("date and time"),
    "kind": _("what is known"), "place": _("town, municipality or place"), "how_taken": _("how the child was taken"),
    "force": _("force used"), "weapon": _("weapon"), "threats": _("threats made"), "toward": _("toward"),
    "crossing_point": _("border crossing"), ABOARD: _("who is aboard"), "dangers": _("reasons for danger"),
    "photo": _("photo"), "custody": _("custody"), "custody_holder": _("custody held by"),
    "custody_court": _("court of the custody order"),
}  # fmt: skip
CODED = {
    "hair": "hair", "eyes": "eyes", "skin": "skin", "relationship": "relationship", "style": "vehicle_style",
    "how_taken": "how_taken", "weapon": "weapon", "crossing_point": "crossing_point", "evidence": "crossing_evidence",
    "custody": "custody_status", "custody_holder": "custody_holder",
}  # fmt: skip
CODED_LISTS = {"medical": "caution", "cautions": "caution", "colors": "vehicle_color", "dangers": "danger"}
CHOSEN: dict[str, Any] = {
    "sex": Sex, "role": PersonRole, "kind": EventKind, "force": Answer, "threats": Answer, "toward": Country,
    "mode": TravelMode,
}  # fmt: skip
UNSAID = {"key", "time_zone", "evidence"}
SEVERAL = ("children", "people", "vehicles", "legs")


@dataclass(frozen=True)
class Difference:
    """One line: of whom or what, which field, how it read and how it reads now. "" is not known."""

    subject: str
    field: str
    before: str
    after: str


def differences(before: dict[str, Any], after: dict[str, Any]) -> list[Difference]:
    """Return what differs between two snapshots in the active language; [] when nothing does."""
    old, new = dict(_rows(before)), dict(_rows(after))
    found = []
    for path in [*new, *(path for path in old if path not in new)]:
        was, now = old.get(path), new.get(path)
        if was != now:
            found.append(_difference(path, was, now, before, after))
    return found


def is_changed(before: dict[str, Any], after: dict[str, Any]) -> bool:
    """Say whether anything differs that a program must know of."""
    return dict(_rows(before)) != dict(_rows(after))


def _rows(snapshot: dict[str, Any]) -> Iterator[tuple[tuple[str, str, str], Any]]:
    """Yield every known value by entity, row and field; what is empty is no value."""
    facts = snapshot.get("facts") or {}
    for entity in SEVERAL:
        for item in facts.get(entity) or []:
            aboard = {ABOARD: [key for key, _said in _on_board(snapshot, item)]} if ABOARD in item else {}
            yield from _fields(entity, item.get("key", ""), {**item, **aboard})
    for key, custody in (snapshot.get("custody") or {}).items():
        yield from _fields("children", key, custody)
    for entity in ("event", "crossing"):
        yield from _fields(entity, "", facts.get(entity) or {})
    for name in ("dangers", "photo"):
        if snapshot.get(name):
            yield (name, "", name), snapshot[name]


def _fields(entity: str, key: str, item: dict[str, Any]) -> Iterator[tuple[tuple[str, str, str], Any]]:
    for name, value in item.items():
        if name not in UNSAID and value not in (None, "", [], {}, False, "unknown", "U"):
            yield (entity, key, name), (value, item.get("time_zone", "")) if name == "happened_at" else value


def _difference(path: tuple[str, str, str], was: Any, now: Any, before: Any, after: Any) -> Difference:
    entity, key, name = path
    subject = str(ENTITIES.get(entity, entity))
    if entity in SEVERAL:
        subject = _numbered(subject, entity, key, before, after)
    if name == ABOARD:
        return Difference(subject, str(FIELDS[name]), _who_is_aboard(path, before), _who_is_aboard(path, after))
    if name == "photo":  # a hash says nothing to a reader
        return Difference(subject, str(FIELDS[name]), _kept(was), gettext("Another photo") if now else gettext("None"))
    return Difference(subject, str(FIELDS.get(name, name.replace("_", " "))), _words(name, was), _words(name, now))


def _on_board(snapshot: dict[str, Any], item: dict[str, Any]) -> list[tuple[str, str]]:
    """Return key and name of everybody in a vehicle or on a leg; people without a name are told by their number."""
    facts, found = snapshot.get("facts") or {}, []
    for entity in ("children", "people"):
        rows = facts.get(entity) or []
        for place in (item.get(ABOARD) or {}).get(entity) or ():
            if place < len(rows):
                said = rows[place].get("name") or f"{ENTITIES[entity]} {place + 1}"
                found.append((rows[place].get("key", ""), said))
    return sorted(found)


def _who_is_aboard(path: tuple[str, str, str], snapshot: dict[str, Any]) -> str:
    entity, key, _name = path
    items = (snapshot.get("facts") or {}).get(entity) or []
    item: dict[str, Any] = next((item for item in items if item.get("key", "") == key), {})
    return ", ".join(said for _key, said in _on_board(snapshot, item))


def _numbered(subject: str, entity: str, key: str, before: Any, after: Any) -> str:
    """Return "Vehicle 2" where there are several of them."""
    keys = list(dict.fromkeys(
        item.get("key", "")
        for snapshot in (before, after)
        for item in (snapshot.get("facts") or {}).get(entity) or []
    ))  # fmt: skip
    return f"{subject} {keys.index(key) + 1}" if len(keys) > 1 and key in keys else subject


def _kept(value: Any) -> str:
    return gettext("The photo issued before") if value else ""


def _words(name: str, value: Any) -> str:
    """Return a value as the reader sees it, "" for none."""
    return SAID.get(name, _any)(value) if value is not None else ""


def _any(value: Any) -> str:
    if isinstance(value, list):
        return ", ".join(_any(item) for item in value)
    if isinstance(value, dict):
        return ", ".join(_any(item) for name, item in value.items() if item and name not in UNSAID)
    return str(value)


def _plates(plates: list[dict[str, Any]]) -> str:
    return ", ".join(
        f"{plate['number']} ({plate['issuer']})" if plate.get("issuer") else str(plate.get("number", ""))
        for plate in plates
    )


def _clothing(garments: list[dict[str, Any]]) -> str:
    said = []
    for garment in garments:
        colors = ", ".join(code_label("color", color).lower() for color in garment.get("colors", ()))
        item = code_label("garment", garment["item"])
        said.append(f"{item} ({colors})" if colors else item)
    return "; ".join(said)


def _marks(marks: list[dict[str, Any]]) -> str:
    return "; ".join(
        ", ".join(part for part in (code_label("mark_kind", mark["kind"]),
                                    code_label("body_location", mark.get("location", ""))) if part)
        for mark in marks
    )  # fmt: skip


def _place(place: dict[str, Any]) -> str:
    return ", ".join(part for part in (place.get("text", ""), place.get("subdivision", "")) if part)


def _moment(value: tuple[str, str]) -> str:
    return moment(datetime.fromisoformat(value[0]), value[1] or "UTC")


def _coded(list_name: str) -> Callable[[str], str]:
    return lambda code: code_label(list_name, code)


def _coded_list(list_name: str) -> Callable[[list[str]], str]:
    return lambda codes: ", ".join(code_label(list_name, code) for code in codes)


def _chosen(choices: Any) -> Callable[[str], str]:
    return lambda value: str(dict(choices.choices).get(value, value))


SAID: dict[str, Callable[[Any], str]] = {
    "plates": _plates,
    "clothing": _clothing,
    "marks": _marks,
    "place": _place,
    "from_place": _place,
    "to_place": _place,
    "happened_at": _moment,
    "custody_court": country_name,
    **{name: _coded(list_name) for name, list_name in CODED.items()},
    **{name: _coded_list(list_name) for name, list_name in CODED_LISTS.items()},
    **{name: _chosen(choices) for name, choices in CHOSEN.items()},
}
