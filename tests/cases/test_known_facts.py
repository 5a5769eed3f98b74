"""What stands beside the questions of criteria: coded facts of the case, never an answer and never a verdict (U33)."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from django.utils import timezone, translation
from lxml import html

from agencies.models import CriteriaVersion
from cases.criteria.known import known_age, known_facts, may_be_asked
from cases.models import Abduction, Case, Child, ExternalReference, Person, Photo, Vehicle
from tests.project.returned_forms import signed_in

pytestmark = pytest.mark.django_db
VERDICT = re.compile(r"(?i)\b(in)?eligib|\bmet\b|\bfulfil|\bcumple|\bprocede la alerta|\badmissib")


def facts(case: Case, question: str, language: str = "en") -> list[str]:
    """Return what is known beside a question, in a language."""
    with translation.override(language):
        return known_facts(Case.objects.get(pk=case.pk)).get(question, [])


def add_photo(case: Case, by: Any, **of: Any) -> None:
    """Keep a picture of somebody, or of nobody in particular."""
    Photo.objects.create(case=case, jpeg=b"x", width=1, height=1, sha256="0" * 64, added_by=by, **of)


def test_numbers_in_police_databases_stand_beside_the_entry(active_case, california_officer):
    assert facts(active_case, "database") == []
    for kind, number in (("nic", "M123456789"), ("rnpdno", "RN-77"), ("interpol", "2026/1"), ("carpeta", "CI-9")):
        ExternalReference.objects.create(
            case=active_case, kind=kind, number=number, agency=active_case.lead_agency, recorded_by=california_officer
        )
    agency = active_case.lead_agency.name_en
    assert facts(active_case, "database") == [
        f"NIC number (NCIC) M123456789, recorded by {agency}",
        f"RNPDNO RN-77, recorded by {agency}",
    ]
    assert "lo registró: " in facts(active_case, "database", "es")[0]
    assert "consigné par" in facts(active_case, "database", "fr")[0]


def test_age_counts_on_the_day_of_the_event(active_case):
    child = active_case.children.get()
    happened_at = datetime(2026, 11, 20, 20, 0, tzinfo=UTC)
    Abduction.objects.filter(case=active_case).update(happened_at=happened_at)
    today = timezone.localdate()
    Child.objects.filter(pk=child.pk).update(birth_date=date(2012, 11, 25), age_years=None)
    child.refresh_from_db()
    assert known_age(child, happened_at) == 13
    assert known_age(child) == today.year - 2012 - ((today.month, today.day) < (11, 25))
    assert may_be_asked(Case.objects.get(pk=active_case.pk), 13)
    assert not may_be_asked(Case.objects.get(pk=active_case.pk), 12)
    assert facts(active_case, "age")[0].startswith("13 years at the event, ")
    Child.objects.filter(pk=child.pk).update(birth_date=date(2012, 11, 19))
    assert not may_be_asked(Case.objects.get(pk=active_case.pk), 13)


def test_each_of_several_children_is_named(active_case):
    first = active_case.children.get()
    Child.objects.filter(pk=first.pk).update(hair="", eyes="", skin="", height_cm=None, weight_kg=None, marks=[],
                                             clothing=[])  # fmt: skip
    Child.objects.create(case=active_case, given_names="Ana", age_years=4, hair="BRO")
    ages, told = facts(active_case, "age"), facts(active_case, "information")
    assert ages[1] == "Ana, 4 years"
    assert f"{first.name}, Child: not described, no photo" in told
    assert "Ana, Child: described, no photo" in told


def test_description_and_photo_are_told_for_child_suspect_and_vehicle(active_case, california_officer):
    active_case.people.all().delete()
    active_case.vehicles.all().delete()
    child = active_case.children.get()
    Child.objects.filter(pk=child.pk).update(hair="BRO")
    assert facts(active_case, "information") == ["Child: described, no photo"]
    add_photo(active_case, california_officer)  # of a place: no picture of the child
    assert facts(active_case, "information") == ["Child: described, no photo"]
    add_photo(active_case, california_officer, child=child)
    suspect = Person.objects.create(case=active_case, role="suspect", given_names="Waldemar")
    Person.objects.create(case=active_case, role="reporter", hair="BRO")  # no suspect
    Vehicle.objects.create(case=active_case)
    assert facts(active_case, "information") == [
        "Child: described, with photo", "Suspect: not described, no photo", "Vehicle: not described",
    ]  # fmt: skip
    add_photo(active_case, california_officer, person=suspect)
    Vehicle.objects.filter(case=active_case).update(make="FORD", year=2019)
    assert facts(active_case, "information")[1:] == ["Suspect: not described, with photo", "Vehicle: FORD 2019"]


@pytest.mark.parametrize("language", ["en", "es", "fr"])
def test_no_fact_is_a_verdict_and_the_limit_runs_beside_the_question(active_case, california_officer, language):
    Abduction.objects.filter(case=active_case).update(happened_at=timezone.now() - timedelta(hours=3))
    CriteriaVersion.objects.filter(program__code="us-ca").update(max_hours_since_event=12)
    ExternalReference.objects.create(
        case=active_case, kind="nic", number="M1", agency=active_case.lead_agency, recorded_by=california_officer
    )
    page = signed_in(california_officer, language).get(f"/desk/cases/{active_case.pk}/criteria/us-ca/")
    assert page.status_code == 200
    tree = html.fromstring(page.text)
    (clock,) = tree.xpath('//section[.//select[contains(@name, "time")]]//span[@class="clock"]/@data-since')
    event = Abduction.objects.get(case=active_case).happened_at
    assert datetime.fromisoformat(clock) == event + timedelta(hours=12)
    known = " ".join(text for item in tree.xpath('//p[@class="muted"]') for text in [item.text_content()])
    assert "M1" in known
    assert not VERDICT.search(known)
