"""What the case already says about each question, for the officer's eye: never an answer."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from django.db.models import Prefetch
from django.utils import timezone
from django.utils.translation import gettext, ngettext

from agencies.models import CriteriaVersion
from cases.choices import Answer, PersonRole, ReferenceKind
from cases.choices import CriteriaQuestion as Q
from cases.models import Case, Child, Person, Photo
from cases.models.code import code_label

TAKERS = (PersonRole.ABDUCTOR, PersonRole.SUSPECT)
# Police databases in which an entry of the child is made; a number of another system answers no such question.
DATABASES = (ReferenceKind.NIC, ReferenceKind.CPIC, ReferenceKind.RNPDNO)


def with_facts(cases: object) -> object:
    """Return a query of cases that brings along what `known_facts` reads, in a constant number of queries."""
    return cases.select_related("abduction", "lead_agency", "origin").prefetch_related(  # type: ignore[attr-defined]
        "children", "people", "vehicles", "references__agency", Prefetch("photos", Photo.objects.defer("jpeg"))
    )


def known_facts(case: Case) -> dict[str, list[str]]:
    """Return for each question what is known, in the reader's language; a question without facts is missing."""
    event = case.abduction
    children = list(case.children.all())
    takers = [person for person in case.people.all() if person.role in TAKERS]
    found: dict[str, list[str]] = {
        Q.AGE: [_of(child, children, age_in_words(child, event.happened_at)) for child in children],
        Q.ABDUCTION: [event.get_how_taken_label()] if event.how_taken else [],  # type: ignore[attr-defined]
        Q.DANGER: _dangers(case),
        Q.INFORMATION: _descriptions(case, children, takers),
        Q.DATABASE: _entries(case),
        Q.PARENTAL: [person.get_relationship_label() for person in takers if person.relationship],  # type: ignore[attr-defined]
        Q.RUNAWAY: [event.get_category_at_intake_label()] if event.category_at_intake else [],  # type: ignore[attr-defined]
        Q.TIME: [_elapsed(event.happened_at)] if event.happened_at else [],
    }
    return {str(question): facts for question, facts in found.items() if facts}


def known_age(child: Child, at: datetime | None = None) -> int | None:
    """Return the age in whole years: from the date of birth on the day of `at` (today without one), else as recorded.

    None where neither is known.
    """
    if child.birth_date is None:
        return child.age_years
    day = timezone.localdate(at)
    had_birthday = (day.month, day.day) >= (child.birth_date.month, child.birth_date.day)
    return day.year - child.birth_date.year - (0 if had_birthday else 1)


def age_in_words(child: Child, happened_at: datetime | None = None) -> str:
    """Return the age for a reader, or that it is not known; both ages where a birthday lies between event and today."""
    now, then = known_age(child), known_age(child, happened_at)
    if now is None or then is None:
        return gettext("Age not known")
    words = ngettext("%(years)s year", "%(years)s years", then) % {"years": then}
    if then == now:
        return words
    return ngettext(
        "%(then)s at the event, %(years)s year today", "%(then)s at the event, %(years)s years today", now
    ) % {"then": words, "years": now}  # fmt: skip


def time_limit(case: Case, version: CriteriaVersion) -> datetime | None:
    """Return until when the program's rule lets it act, counted from the event; None without a rule or a moment."""
    if version.max_hours_since_event is None or case.abduction.happened_at is None:
        return None
    return case.abduction.happened_at + timedelta(hours=version.max_hours_since_event)


def may_be_asked(case: Case, max_age: int) -> bool:
    """Say whether some child may have been of this age or younger when it happened: unknown leaves nothing out."""
    ages = [known_age(child, case.abduction.happened_at) for child in case.children.all()]
    return not ages or any(age is None or age <= max_age for age in ages)


def _dangers(case: Case) -> list[str]:
    event = case.abduction
    found = [code_label("danger", code) for code in event.dangers]
    if event.force == Answer.YES:
        found.append(gettext("Force used"))
    if event.threats == Answer.YES:
        found.append(gettext("Threats made"))
    if event.weapon not in ("", "none", "unknown"):
        found.append(event.get_weapon_label())  # type: ignore[attr-defined]
    return found


def _descriptions(case: Case, children: list[Child], takers: list[Person]) -> list[str]:
    """Say of each child, suspect and vehicle what is there and what is missing: nothing is a test that was passed."""
    pictured = {photo.child_id for photo in case.photos.all()} | {photo.person_id for photo in case.photos.all()}
    found = [
        _of(child, children, _there(_is_described(child), child.pk in pictured, gettext("Child"))) for child in children
    ]
    found += [
        _of(taker, takers, _there(_is_described(taker), taker.pk in pictured, taker.get_role_display()))
        for taker in takers
    ]
    for vehicle in case.vehicles.all():
        parts = [vehicle.make, vehicle.model, vehicle.year]
        color = vehicle.get_color_label().lower()  # type: ignore[attr-defined]
        # The color stands apart: each language puts it in another place, and the make has no gender to agree with.
        said = [" ".join(str(part) for part in parts if part), color]
        words = ", ".join(part for part in said if part) or gettext("not described")
        found.append(gettext("Vehicle: %(description)s") % {"description": words})
    return found


def _there(is_described: bool, is_pictured: bool, who: str) -> str:
    if is_described:
        words = gettext("%(who)s: described, with photo") if is_pictured else gettext("%(who)s: described, no photo")
    elif is_pictured:
        words = gettext("%(who)s: not described, with photo")
    else:
        words = gettext("%(who)s: not described, no photo")
    return words % {"who": who}


def _is_described(somebody: Child | Person) -> bool:
    """Say whether one can be told from others by what is recorded; a name or an age alone shows nobody."""
    looks = (somebody.hair, somebody.eyes, somebody.skin, somebody.height_cm, somebody.weight_kg)
    return any((*looks, somebody.clothing, somebody.marks))


def _of(somebody: Child | Person, everybody: list[Any], words: str) -> str:
    """Name whom a fact is about where there are several."""
    return f"{somebody.name}, {words}" if len(everybody) > 1 and somebody.name else words


def _entries(case: Case) -> list[str]:
    """Return the numbers under which the case stands in police databases, with who recorded them."""
    return [
        gettext("%(system)s %(number)s, recorded by %(agency)s")
        % {"system": row.get_kind_display(), "number": row.number, "agency": row.agency}
        for row in case.references.all()
        if row.kind in DATABASES
    ]


def _elapsed(happened_at: datetime) -> str:
    hours = max(0, int((timezone.now() - happened_at).total_seconds() // 3600))
    return ngettext("%(hours)s hour since the event", "%(hours)s hours since the event", hours) % {"hours": hours}
