"""What the case already says about each question, for the officer's eye: never an answer."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.db.models import Prefetch
from django.utils import timezone
from django.utils.translation import gettext, ngettext

from agencies.models import CriteriaVersion
from cases.choices import Answer, PersonRole
from cases.choices import CriteriaQuestion as Q
from cases.models import Case, Child, Person, Photo
from cases.models.code import code_label

TAKERS = (PersonRole.ABDUCTOR, PersonRole.SUSPECT)


def with_facts(cases: object) -> object:
    """Return a query of cases that brings along what `known_facts` reads, in a constant number of queries."""
    return cases.select_related("abduction", "lead_agency", "origin").prefetch_related(  # type: ignore[attr-defined]
        "children", "people", "vehicles", Prefetch("photos", Photo.objects.defer("jpeg"))
    )


def known_facts(case: Case) -> dict[str, list[str]]:
    """Return for each question what is known, in the reader's language; a question without facts is missing."""
    event = case.abduction
    children = list(case.children.all())
    takers = [person for person in case.people.all() if person.role in TAKERS]
    found: dict[str, list[str]] = {
        Q.AGE: [age_in_words(child) for child in children],
        Q.ABDUCTION: [event.get_how_taken_label()] if event.how_taken else [],  # type: ignore[attr-defined]
        Q.DANGER: _dangers(case),
        Q.INFORMATION: _descriptions(case, children, takers),
        Q.PARENTAL: [person.get_relationship_label() for person in takers if person.relationship],  # type: ignore[attr-defined]
        Q.RUNAWAY: [event.get_category_at_intake_label()] if event.category_at_intake else [],  # type: ignore[attr-defined]
        Q.TIME: [_elapsed(event.happened_at)] if event.happened_at else [],
    }
    return {str(question): facts for question, facts in found.items() if facts}


def known_age(child: Child) -> int | None:
    """Return the age in whole years: from the date of birth today, else as recorded, else None."""
    if child.birth_date is None:
        return child.age_years
    today = timezone.localdate()
    had_birthday = (today.month, today.day) >= (child.birth_date.month, child.birth_date.day)
    return today.year - child.birth_date.year - (0 if had_birthday else 1)


def age_in_words(child: Child) -> str:
    """Return the age for a reader, or that it is not known."""
    years = known_age(child)
    if years is None:
        return gettext("Age not known")
    return ngettext("%(years)s year", "%(years)s years", years) % {"years": years}


def time_limit(case: Case, version: CriteriaVersion) -> datetime | None:
    """Return until when the program's rule lets it act, counted from the event; None without a rule or a moment."""
    if version.max_hours_since_event is None or case.abduction.happened_at is None:
        return None
    return case.abduction.happened_at + timedelta(hours=version.max_hours_since_event)


def may_be_asked(case: Case, max_age: int) -> bool:
    """Say whether some child may be of this age or younger: an unknown age is no reason to leave a question out."""
    ages = [known_age(child) for child in case.children.all()]
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
    found = []
    if any(child.hair or child.eyes or child.height_cm or child.clothing or child.marks for child in children):
        found.append(gettext("The child is described"))
    if any(taker.name or taker.hair or taker.height_cm or taker.clothing for taker in takers):
        found.append(gettext("A suspect is described"))
    if case.vehicles.exists():
        found.append(gettext("A vehicle is recorded"))
    if case.photos.exists():
        found.append(gettext("A photo is there"))
    return found


def _elapsed(happened_at: datetime) -> str:
    hours = max(0, int((timezone.now() - happened_at).total_seconds() // 3600))
    return ngettext("%(hours)s hour since the event", "%(hours)s hours since the event", hours) % {"hours": hours}
