"""Turns the rows of a case into the facts that a text is composed from, and hashes what is approved."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Collection, Iterable

from django.utils import timezone

from agencies.models import AlertProgram, Subdivision
from alerts.composing import facts as f
from alerts.composing.lexicon import Lexicon
from alerts.models import Alert
from cases.choices import ChildStatus, PersonRole
from cases.models import Case, Child, Person, Vehicle
from cases.models.code import code_rows
from cases.models.person import Described

PUBLIC_ROLES = (PersonRole.ABDUCTOR, PersonRole.SUSPECT, PersonRole.COMPANION)


def lexicon() -> Lexicon:
    """Return the words and their grammar from the code lists."""
    return Lexicon(
        (row["list_name"], row["code"], row["label_en"], row["label_es"], row["label_fr"], row["grammar"])
        for row in code_rows()
    )


def gather_facts(case: Case, program: AlertProgram, alert_number: str) -> f.AlertFacts:
    """Return the coded facts of a case as this program's alert may tell them. Free text never enters.

    A recovered child is never told of again, also while a brother or sister is still missing (U14).
    """
    event = case.abduction
    vehicles = list(case.vehicles.select_related("plate_issuer"))
    crossing = case.crossingindications.last()
    return f.AlertFacts(
        children=tuple(_child(child) for child in case.children.exclude(status=ChildStatus.RECOVERED)),
        people=tuple(_person(person) for person in case.people.filter(role__in=PUBLIC_ROLES)),
        vehicles=tuple(_vehicle(vehicle) for vehicle in vehicles),
        event=f.EventFacts(
            happened_at=event.happened_at,
            time_zone=event.time_zone or "UTC",
            kind=event.kind,
            place=f.PlaceFacts(event.place, event.subdivision_id or ""),
            how_taken=event.how_taken,
            force=event.force,
            weapon=event.weapon,
            threats=event.threats,
        ),
        crossing=f.CrossingFacts(crossing.evidence, crossing.toward, crossing.crossing_point) if crossing else None,
        program=program_facts(program),
        alert_number=alert_number,
        subdivision_names=_names([event.subdivision, *(vehicle.plate_issuer for vehicle in vehicles)]),
    )


def program_facts(program: AlertProgram) -> f.ProgramFacts:
    """Return what a text says about the program itself."""
    return f.ProgramFacts(
        names={language: getattr(program, f"name_{language}") for language in ("en", "es", "fr")},
        country=program.country,
        tip_phone=program.tip_phone_display,
        abroad_phone=program.abroad_phone,
    )


def content_hash(alert: Alert, languages: Collection[str] | None = None) -> str:
    """Return the hash of everything an approval covers: words, areas, photo, term.

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
    return hashlib.sha256(json.dumps(content, ensure_ascii=False, sort_keys=True).encode()).hexdigest()


def _described(item: Described) -> dict[str, object]:
    return {
        "name": item.name,
        "also_known_as": item.also_known_as,
        "sex": item.sex,
        "age_years": _age(item),
        "height_cm": item.height_cm,
        "weight_kg": item.weight_kg,
        "hair": item.hair,
        "eyes": item.eyes,
        "skin": item.skin,
        "clothing": tuple(f.Garment(row["item"], tuple(row.get("colors", ()))) for row in item.clothing),
        "marks": tuple(f.Mark(row["kind"], row.get("location", "")) for row in item.marks),
    }


def _age(item: Described) -> int | None:
    if item.birth_date is None:
        return item.age_years
    today = timezone.localdate()
    before_birthday = (today.month, today.day) < (item.birth_date.month, item.birth_date.day)
    return today.year - item.birth_date.year - before_birthday


def _child(child: Child) -> f.ChildFacts:
    return f.ChildFacts(**_described(child), medical=tuple(child.medical))  # type: ignore[arg-type]


def _person(person: Person) -> f.PersonFacts:
    return f.PersonFacts(
        **_described(person),  # type: ignore[arg-type]
        role=person.role,
        relationship=person.relationship,
        cautions=tuple(person.cautions),
    )


def _vehicle(vehicle: Vehicle) -> f.VehicleFacts:
    plates = (f.Plate(vehicle.plate, vehicle.plate_issuer_id or "", vehicle.is_plate_partial),) if vehicle.plate else ()
    return f.VehicleFacts(
        make=vehicle.make,
        model=vehicle.model,
        year=vehicle.year,
        colors=tuple(color for color in (vehicle.color, vehicle.second_color) if color),
        style=vehicle.style,
        plates=plates,
    )


def _names(subdivisions: Iterable[Subdivision | None]) -> dict[str, dict[str, str]]:
    return {
        item.pk: {language: getattr(item, f"name_{language}") for language in ("en", "es", "fr")}
        for item in subdivisions
        if item is not None
    }
