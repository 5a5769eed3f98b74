"""Turns the rows of a case into the facts that a text is composed from, and hashes what is approved."""

from __future__ import annotations

import dataclasses
import hashlib
import json
import uuid
from collections.abc import Collection, Iterable
from typing import Any

from agencies.choices import PublicField
from agencies.models import AlertProgram, CriteriaVersion, Subdivision
from agencies.phones import show_phone
from alerts.composing import facts as f
from alerts.composing.lexicon import Lexicon
from alerts.models import Alert
from alerts.publication import Allowed, allowed_for
from cases.choices import PUBLIC_ROLES, ChildStatus, PlateStanding, PublicItem
from cases.models import Case, Child, Link, Person, Plate, TravelLeg, Vehicle
from cases.models.code import code_rows
from cases.models.part import as_read_by
from cases.models.person import Described


def lexicon() -> Lexicon:
    """Return the words and their grammar from the code lists."""
    return Lexicon(
        (row["list_name"], row["code"], row["label_en"], row["label_es"], row["label_fr"], row["grammar"])
        for row in code_rows()
    )


def gather_facts(
    case: Case, program: AlertProgram, alert_number: str, criteria: CriteriaVersion | None = None,
    *, allowed: Allowed | None = None, readers: Collection[int] = (),
) -> f.AlertFacts:  # fmt: skip
    """Return the coded facts of a case as this program's alert may tell them. Free text never enters.

    A recovered child is never told of again, also while a brother or sister is still missing (U14). Names and
    descriptions without an authority for this program, and fields that its rules keep out, are left out (U28), unless
    the caller says what is `allowed`. Police-only parts are told to the agencies that are the `readers` and were given
    them, so to nobody in a text for the public.
    """
    allowed = allowed or allowed_for(program, case, criteria)
    [event] = as_read_by([case.abduction], readers)
    children = as_read_by(case.children.exclude(status=ChildStatus.RECOVERED), readers)
    people = as_read_by(case.people.filter(role__in=PUBLIC_ROLES, cleared_at__isnull=True), readers)
    vehicles, plates = _current_vehicles(case, readers)
    aboard = _aboard(case, children, people)
    # A journey is told while somebody who is looked for is on it.
    ridden = [pk for pk, on_it in aboard.items() if on_it.children or on_it.people]
    legs = as_read_by(case.legs.filter(pk__in=ridden).select_related("from_subdivision", "to_subdivision"), readers)
    crossing = next(reversed(as_read_by(case.crossingindications.all(), readers)), None)
    return f.AlertFacts(
        children=tuple(_child(child, allowed) for child in children),
        people=tuple(_person(person, allowed) for person in people),
        vehicles=tuple(_vehicle(vehicle, plates[vehicle.pk], aboard.get(vehicle.pk)) for vehicle in vehicles),
        legs=tuple(_leg(leg, aboard[leg.pk]) for leg in legs),
        event=f.EventFacts(
            happened_at=event.happened_at,
            time_zone=event.time_zone or "UTC",
            kind=event.kind,
            place=f.PlaceFacts(event.public_place, event.subdivision_id or ""),
            how_taken=event.how_taken,
            force=event.force,
            weapon=event.weapon,
            threats=event.threats,
        ),
        crossing=f.CrossingFacts(crossing.evidence, crossing.toward, crossing.crossing_point) if crossing else None,
        program=program_facts(program),
        alert_number=alert_number,
        subdivision_names=_names(
            [
                event.subdivision,
                *(plate.issuer for row in plates.values() for plate in row),
                *(place for leg in legs for place in (leg.from_subdivision, leg.to_subdivision)),
            ]
        ),
    )


def still_authorized(facts: f.AlertFacts, allowed: Allowed) -> f.AlertFacts:
    """Return facts that were told earlier without names and descriptions whose authority has ended since (U28)."""
    children = (_nameless_unless(allowed.covers_key(PublicItem.CHILD_NAME, item.key), item) for item in facts.children)
    people = (_still_told(item, allowed) for item in facts.people)
    return dataclasses.replace(facts, children=tuple(children), people=tuple(people))


def program_facts(program: AlertProgram) -> f.ProgramFacts:
    """Return what a text says about the program itself."""
    return f.ProgramFacts(
        names={language: getattr(program, f"name_{language}") for language in ("en", "es", "fr")},
        country=program.country,
        tip_phone=program.tip_phone_display,
        abroad_phone=show_phone(program.abroad_phone).replace("\u00a0", " "),
    )


def content_hash(alert: Alert, languages: Collection[str] | None = None) -> str:
    """Return the hash of everything an approval covers: words, areas, audience, photo, term.

    With `languages`, only the words in these count: an approval does not cover the others.
    """
    rows = alert.texts.order_by("language")
    if languages is not None:
        rows = rows.filter(language__in=languages)
    texts = rows.values_list("language", "event", "headline", "description", "instruction")
    content = {
        "texts": [list(text) for text in texts],
        "areas": sorted(alert.areas.values_list("subdivision_id", flat=True)),
        "photo": alert.photo.sha256 if alert.photo else "",
        "hours": alert.duration_hours,
        "exercise": alert.is_exercise,
    }
    if alert.audience_kinds or alert.audience_roles:  # left out where it is for everybody, as it was before
        content["audience"] = [sorted(alert.audience_kinds), sorted(alert.audience_roles)]
    return hashlib.sha256(json.dumps(content, ensure_ascii=False, sort_keys=True).encode()).hexdigest()


def _described(item: Described, *, is_named: bool = True) -> dict[str, object]:
    return {
        "key": str(item.pk),
        "name": item.name if is_named else "",
        "also_known_as": item.also_known_as if is_named else "",
        "sex": item.sex,
        "age_years": item.age_now(),
        "height_cm": item.height_cm,
        "weight_kg": item.weight_kg,
        "hair": item.hair,
        "eyes": item.eyes,
        "skin": item.skin,
        "clothing": tuple(f.Garment(row["item"], tuple(row.get("colors", ()))) for row in item.clothing),
        "marks": tuple(f.Mark(row["kind"], row.get("location", "")) for row in item.marks),
    }


def _child(child: Child, allowed: Allowed) -> f.ChildFacts:
    medical = tuple(child.medical) if PublicField.MEDICAL in allowed.fields else ()
    return f.ChildFacts(**_described(child, is_named=allowed.names_child(child)), medical=medical)  # type: ignore[arg-type]


def _person(person: Person, allowed: Allowed) -> f.PersonFacts:
    """Return what may be told; that somebody is sought stays said, for nobody should approach them."""
    is_named = allowed.names_suspect(person)
    if not allowed.describes_suspect(person):
        name, alias = (person.name, person.also_known_as) if is_named else ("", "")
        return f.PersonFacts(key=str(person.pk), name=name, also_known_as=alias, role=person.role)
    return f.PersonFacts(
        **_described(person, is_named=is_named),  # type: ignore[arg-type]
        role=person.role,
        relationship=person.relationship,
        cautions=tuple(person.cautions),
    )


def _nameless_unless(is_named: bool, told: Any) -> Any:
    return told if is_named else dataclasses.replace(told, name="", also_known_as="")


def _still_told(person: f.PersonFacts, allowed: Allowed) -> f.PersonFacts:
    told: f.PersonFacts = _nameless_unless(allowed.covers_key(PublicItem.SUSPECT_NAME, person.key), person)
    if allowed.covers_key(PublicItem.SUSPECT_DETAILS, person.key):
        return told
    return told.undescribed()


def _current_vehicles(case: Case, readers: Collection[int]) -> tuple[list[Vehicle], dict[uuid.UUID, list[Plate]]]:
    """Return the vehicles to look for, each with all its current plates; one that everybody has left is none."""
    in_use = _current_links(case).filter(vehicle__isnull=False).values("vehicle_id")
    left = case.links.values("vehicle_id").exclude(vehicle_id__in=in_use)
    vehicles = as_read_by(case.vehicles.exclude(pk__in=left.filter(vehicle__isnull=False)), readers)
    plates: dict[uuid.UUID, list[Plate]] = {vehicle.pk: [] for vehicle in vehicles}
    for plate in case.plates.filter(standing=PlateStanding.CURRENT, vehicle__in=vehicles).select_related("issuer"):
        plates[plate.vehicle_id].append(plate)
    return vehicles, plates


def _current_links(case: Case) -> Any:
    return Link.objects.filter(case=case).current()  # type: ignore[attr-defined]


def _aboard(case: Case, children: list[Child], people: list[Person]) -> dict[uuid.UUID, f.AboardFacts]:
    """Return who is in which vehicle or on which leg now, as places in the lists of children and people."""
    child_at = {child.pk: place for place, child in enumerate(children)}
    person_at = {person.pk: place for place, person in enumerate(people)}
    found: dict[uuid.UUID, tuple[set[int], set[int]]] = {}
    for link in _current_links(case).exclude(vehicle=None, leg=None):
        in_it = found.setdefault(link.vehicle_id or link.leg_id, (set(), set()))
        in_it[0].update({child_at[link.child_id]} if link.child_id in child_at else ())
        in_it[1].update({person_at[link.person_id]} if link.person_id in person_at else ())
    return {pk: f.AboardFacts(tuple(sorted(small)), tuple(sorted(grown))) for pk, (small, grown) in found.items()}


def _leg(leg: TravelLeg, aboard: f.AboardFacts) -> f.LegFacts:
    return f.LegFacts(
        key=str(leg.pk),
        mode=leg.mode,
        from_place=f.PlaceFacts(leg.from_place, leg.from_subdivision_id or ""),
        to_place=f.PlaceFacts(leg.to_place, leg.to_subdivision_id or ""),
        aboard=aboard,
    )


def _vehicle(vehicle: Vehicle, plates: list[Plate], aboard: f.AboardFacts | None) -> f.VehicleFacts:
    return f.VehicleFacts(
        key=str(vehicle.pk),
        make=vehicle.make,
        model=vehicle.model,
        year=vehicle.year,
        colors=tuple(color for color in (vehicle.color, vehicle.second_color) if color),
        style=vehicle.style,
        plates=tuple(f.Plate(plate.number, plate.issuer_id or "", plate.is_partial) for plate in plates),
        has_no_plates=vehicle.has_no_plates and not plates,
        aboard=aboard or f.AboardFacts(),
    )


def _names(subdivisions: Iterable[Subdivision | None]) -> dict[str, dict[str, str]]:
    return {
        item.pk: {language: getattr(item, f"name_{language}") for language in ("en", "es", "fr")}
        for item in subdivisions
        if item is not None
    }
