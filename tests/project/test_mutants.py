"""The machinery of `make mutants` takes checks away, puts them back, and tells a killed mutant from a survivor."""

from __future__ import annotations

import subprocess
import sys
from typing import Any

import pytest

from agencies.models import Agency
from agencies.permissions import may
from cases import permissions
from cases.models import Case, CaseAccess, Child, LegalReview
from cases.permissions import can_edit_case as known_elsewhere
from tests import database
from tests.mutants.places import Mutant, find_mutants
from tests.portal import ROOT


@pytest.fixture(scope="module")
def mutants(django_db_setup: None) -> dict[str, Mutant]:
    """Every mutant that there is, by name."""
    return {mutant.name: mutant for mutant in find_mutants()}


def test_every_kind_of_check_is_found(mutants: dict[str, Mutant]) -> None:
    names = set(mutants)
    assert names >= {
        "agencies.permissions.may allows",
        "agencies.access.agency_ids allows",
        "cases.permissions.can_lead_case allows",
        "alerts.permissions.can_approve allows",
        "alerts.permissions.has_people says no",
        "cases.Case.visible_to keeps every row",
        "cases.Child.visible_to keeps every row",
        "alerts.TextReview.readable_by keeps every row",
        "cases.CaseAccess.page asks for every agency",
        "cases.CaseAccess.page asks for no end",
        "cases_child seen shows every row",
        "cases_child seen takes every row",
        "cases_child purged is for everybody",
        "amber_sees_case says yes",
    }
    assert not [name for name in names if name.startswith("agencies.access.forget")]
    assert len(names) > 280


@pytest.mark.django_db
def test_predicate_is_taken_away_wherever_it_is_known(
    mutants: dict[str, Mutant], intake_case: Any, outside: Any
) -> None:
    assert not known_elsewhere(outside, intake_case)
    with mutants["cases.permissions.can_edit_case allows"].change(""):
        assert known_elsewhere(outside, intake_case)
        assert permissions.can_lead_case(outside, intake_case), "who asks it is told so too"
        assert not may(outside, "edit_cases", intake_case.lead_agency), "the others stay"
    assert not known_elsewhere(outside, intake_case)


@pytest.mark.django_db
def test_rows_are_shown_of_the_one_model_only(mutants: dict[str, Mutant], intake_case: Any, outside: Any) -> None:
    with mutants["cases.Child.visible_to keeps every row"].change(""):
        assert Child.objects.visible_to(outside).exists()
        assert not Case.objects.visible_to(outside).exists()
        assert not intake_case.people.visible_to(outside).exists(), "another model of the same queryset"
    assert not Child.objects.visible_to(outside).exists()


@pytest.mark.django_db
def test_what_a_query_computes_beside_is_kept(mutants: dict[str, Mutant], outside: Any) -> None:
    with mutants["cases.LegalReview.visible_to keeps every row"].change(""):
        assert "is_whole" in LegalReview.objects.visible_to(outside).query.annotations


@pytest.mark.django_db
@pytest.mark.parametrize("way", ["asks for every agency", "asks for no end"])
def test_pages_are_opened(way: str, mutants: dict[str, Mutant], intake_case: Any, outside: Any) -> None:
    if way == "asks for no end":
        agency = Agency.objects.get(code="ca-qc-sq")
        CaseAccess.objects.create(
            case=intake_case, agency=agency, level="look", purpose="border", opened_at=intake_case.opened_at,
            granted_by=intake_case.opened_by, until=intake_case.opened_at,
        )  # fmt: skip
    assert CaseAccess.page(outside).cases == []
    with mutants[f"cases.CaseAccess.page {way}"].change(""):
        assert CaseAccess.page(outside).cases == [intake_case]
    assert CaseAccess.page(outside).cases == []


@pytest.fixture
def outside(quebec_coordinator: Any) -> Any:
    """Somebody whose agency is not on the case."""
    return quebec_coordinator


def test_policies_are_opened_and_closed_again(mutants: dict[str, Mutant], own_database: str) -> None:
    def policy() -> list[Any]:
        return database.run_as_owner(
            "SELECT pg_get_expr(polqual, polrelid), polroles FROM pg_policy WHERE polrelid = 'cases_child'::regclass"
            " ORDER BY polname", database=own_database,
        )  # fmt: skip

    (purged, to_purge), (seen, to_app) = before = policy()
    assert purged == "true"
    with mutants["cases_child seen shows every row"].change(own_database):
        assert policy() == [(purged, to_purge), ("true", to_app)]
    with mutants["cases_child purged is for everybody"].change(own_database):
        assert policy() == [(purged, [0]), (seen, to_app)]
    assert policy() == before


def test_change_is_killed_and_no_change_survives() -> None:
    told = subprocess.run(
        [sys.executable, "-m", "pytest", "-n", "0", "-q", "--capture=sys", "-p", "tests.mutants.plugin", "--no-search",
         "--mutant-processes", "1", "--mutants", "cases.ExternalReference.visible_to,nothing",
         "tests/cases/test_records.py::test_each_side_records_its_own_number_and_finds_it_again"],
        cwd=ROOT, capture_output=True, text=True, check=False, timeout=240,
    )  # fmt: skip
    assert told.returncode == 1, told.stdout + told.stderr
    assert "killed   cases.ExternalReference.visible_to keeps every row" in told.stdout
    assert "SURVIVED nothing is changed" in told.stdout
    assert "killed 1 of 2" in told.stdout
