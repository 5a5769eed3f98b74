"""Every seeded program against a table written by hand from the field's own facts, and the desk of every subdivision.

`programs.csv` names for each parameter the programs it counts for (`us-*`, `!us-tx` takes one out), the value and where
it was read ("§" and "[S…]" are those of domain.md). It is reviewed like a law and never generated from the seeds.
"""

from __future__ import annotations

import csv
from collections.abc import Callable
from fnmatch import fnmatch
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command
from django.db import connection
from django.test.utils import CaptureQueriesContext

from agencies import routing
from agencies.choices import RouteKind
from agencies.models import (
    ActivatingBody,
    Agency,
    AlertProgram,
    CriteriaVersion,
    ProgramDesk,
    ProgramRoute,
    Subdivision,
)
from agencies.program_agencies import agencies_of
from tests.criteria import next_version

pytestmark = pytest.mark.django_db
TABLE = Path(__file__).with_name("programs.csv")
US = ["us-ca", "us-co", "us-id", "us-nc", "us-ncmec", "us-nm", "us-ny", "us-tx", "us-wa"]
CA = ["ca-ab", "ca-bc", "ca-ncmpur", "ca-on", "ca-qc"]


def words(values: Any) -> str:
    """Return a list as the table writes it."""
    return " ".join(str(value) for value in values)


def yes(value: bool) -> str:
    """Return a truth as the table writes it."""
    return "yes" if value else "no"


def route(version: CriteriaVersion, kind: str) -> str:
    """Return the programs of one route, in order."""
    return words(row.to_program.code for row in routing.routes_of(version.program, kind))


SPECIAL: dict[str, Callable[[CriteriaVersion], str]] = {
    "info_rule": lambda v: v.info_test["rule"],
    "info_of": lambda v: words(v.info_test["of"]),
    "branches": lambda v: words(row["question"] for row in v.branches),
    "photo_required": lambda v: yes(v.info_test["photo_required"]),
    "message_limits": lambda v: words(f"{key}={number}" for key, number in sorted(v.message_limits.items())),
    "languages_required": lambda v: words(v.program.languages_required),
    "activating_bodies": lambda v: words(v.bodies.values_list("agency__code", flat=True)),
    "fallback_activations": lambda v: str(v.fallbacks.count()),
    "inbound_route": lambda v: route(v, RouteKind.RECEIVES),
    "outbound_decides": lambda v: route(v, RouteKind.DECIDES),
    "outbound_told": lambda v: route(v, RouteKind.IS_TOLD),
    "verified": lambda v: yes(v.is_verified),
}


def found(version: CriteriaVersion, parameter: str) -> str:
    """Return what the portal holds for one parameter of a program."""
    if parameter in SPECIAL:
        return SPECIAL[parameter](version)
    value = getattr(version, parameter)
    if isinstance(value, bool):
        return yes(value)
    if isinstance(value, list):
        return words(value)
    return "" if value is None else str(value)


def counts_for(programs: str, code: str) -> bool:
    """Say whether a cell of the first column names this program."""
    patterns = programs.split()
    return any(fnmatch(code, item) for item in patterns if item[0] != "!") and f"!{code}" not in patterns


def read_table() -> dict[tuple[str, str], str]:
    """Return the value by program and parameter. Refuses a cell that two rows name."""
    codes = list(AlertProgram.objects.values_list("code", flat=True))
    expected: dict[tuple[str, str], str] = {}
    with TABLE.open(newline="") as file:
        for row in csv.DictReader(file):
            assert row["source"].strip(), row
            for code in codes:
                if counts_for(row["programs"], code):
                    key = (code, row["parameter"])
                    assert key not in expected, f"{key} stands twice"
                    expected[key] = row["value"].replace("{code}", code)
    return expected


def test_programs_are_those_that_the_field_names() -> None:
    entities = Subdivision.objects.filter(country="MX").values_list("code", flat=True)
    mexico = [*(code.lower() for code in entities), "mx-fgr"]
    assert sorted(AlertProgram.objects.values_list("code", flat=True)) == sorted([*US, *CA, *mexico])


def test_table_covers_every_program_and_every_parameter() -> None:
    expected = read_table()
    parameters = {parameter for _code, parameter in expected}
    codes = {code for code, _parameter in expected}
    assert set(expected) == {(code, parameter) for code in codes for parameter in parameters}
    assert codes == set(AlertProgram.objects.values_list("code", flat=True))
    columns = {
        field.name for field in CriteriaVersion._meta.concrete_fields if field.name[-3:] not in ("_en", "_es", "_fr")
    }
    words_only = {"danger_test", "activating_bodies", "notes", "source", "source_url"}  # judged as texts below
    technical = {"id", "program", "version", "effective_to", "verified_by", "verified_at", "info_test"}
    assert columns - words_only - technical - parameters == set()


def test_every_program_holds_the_parameters_of_the_table() -> None:
    versions = {version.program.code: version for version in CriteriaVersion.objects.select_related("program__agency")}
    expected = read_table()
    differences = [
        f"{code} · {parameter}: expected {value!r}, found {held!r}"
        for (code, parameter), value in expected.items()
        if (held := found(versions[code], parameter)) != value
    ]
    assert differences == []
    assert len(expected) > 47 * 25


def test_no_version_claims_to_be_verified_and_each_says_so_in_three_languages() -> None:
    said = {"en": "not verified by the program", "es": "no verificad", "fr": "non vérifié"}
    for version in CriteriaVersion.objects.select_related("program"):
        assert not version.is_verified
        for language, words_ in said.items():
            assert words_ in getattr(version, f"notes_{language}"), version
    assert not any(row.is_verified for row in ProgramRoute.objects.all())


# --- desks -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("country", ["US", "MX", "CA"])
def test_every_subdivision_resolves_to_a_desk(country: str) -> None:
    hubs = {"US": "us-ncmec", "MX": "mx-fgr", "CA": "ca-ncmpur"}
    own = {"US": 8, "MX": 32, "CA": 4}
    found_own = 0
    for subdivision in Subdivision.objects.filter(country=country):
        receiving = routing.receiving_desks(subdivision)
        assert receiving.desks, subdivision
        assert all(desk.is_active and (desk.desk_phone or desk.desk_email) for desk in receiving.desks)
        assert receiving.program.country == country
        if receiving.is_hub:
            assert receiving.program.code == hubs[country]
        else:
            assert receiving.program.subdivision == subdivision
            found_own += 1
    assert found_own == own[country]
    assert Subdivision.objects.filter(country=country).count() == {"US": 56, "MX": 32, "CA": 13}[country]


def test_all_desks_at_once_are_the_same_in_three_queries() -> None:
    with CaptureQueriesContext(connection) as captured:
        together = routing.all_receiving_desks()
    assert len(captured) == 3
    singly = {item.code: routing.receiving_desks(item) for item in Subdivision.objects.all()}
    assert together == singly


def test_quebec_has_two_desks_and_manitoba_goes_to_the_hub() -> None:
    quebec = routing.receiving_desks(Subdivision.objects.get(code="CA-QC"))
    assert ([desk.code for desk in quebec.desks], quebec.is_hub) == (["ca-qc-sq", "ca-qc-spvm"], False)
    manitoba = routing.receiving_desks(Subdivision.objects.get(code="CA-MB"))
    assert ([desk.code for desk in manitoba.desks], manitoba.is_hub) == (["ca-rcmp-ncmpur"], True)
    assert "NCMPUR" in str(manitoba.program)


def test_place_whose_program_is_switched_off_goes_to_the_hub() -> None:
    AlertProgram.objects.filter(code="mx-jal").update(is_active=False)
    receiving = routing.receiving_desks(Subdivision.objects.get(code="MX-JAL"))
    assert (receiving.program.code, receiving.is_hub) == ("mx-fgr", True)


# --- routes ----------------------------------------------------------------------------------------------


def test_mexican_state_receives_first_passes_to_fgr_and_hands_up_what_has_left_it() -> None:
    jalisco, fgr = AlertProgram.objects.get(code="mx-jal"), AlertProgram.objects.get(code="mx-fgr")
    assert routing.first_receiver(jalisco) == jalisco
    assert routing.ways_in().of(jalisco).then == (fgr,)
    assert routing.deciding_hub(jalisco) == fgr
    assert routing.deciding_hub(fgr) is None
    assert [row.is_verified for row in routing.routes_of(jalisco, RouteKind.RECEIVES)] == [False, False]


def test_route_is_a_row_so_that_fgr_may_come_first() -> None:
    jalisco = AlertProgram.objects.get(code="mx-jal")
    rows = ProgramRoute.objects.filter(program=jalisco, kind=RouteKind.RECEIVES)
    rows.filter(to_program__code="mx-fgr").update(position=0)
    assert routing.first_receiver(jalisco).code == "mx-fgr"


def test_american_state_decides_itself_and_tells_ncmec() -> None:
    texas = AlertProgram.objects.get(code="us-tx")
    assert routing.deciding_hub(texas) is None
    assert [row.to_program.code for row in routing.told_rows([texas])] == ["us-ncmec"]


# --- parts of agencies -----------------------------------------------------------------------------------


def codes(ids: frozenset[int]) -> set[str]:
    """Return the codes of agencies."""
    return set(Agency.objects.filter(pk__in=ids).values_list("code", flat=True))


@pytest.mark.parametrize(
    ("program", "bodies", "only_drafting"),
    [
        ("ca-qc", {"ca-qc-sq", "ca-qc-spvm"}, set()),
        ("ca-on", {"ca-on-opp"}, {"ca-on-tps"}),
        ("us-wa", {"us-wa-wsp"}, {"us-wa-seattle-pd"}),
        ("mx-bcn", {"mx-bcn-amber"}, {"mx-bcn-fge"}),
        ("mx-fgr", {"mx-fgr-amber"}, set()),
        ("ca-ncmpur", set(), set()),
    ],
)
def test_agencies_of_a_program_by_their_part(program: str, bodies: set[str], only_drafting: set[str]) -> None:
    found_parts = agencies_of(AlertProgram.objects.get(code=program))
    assert codes(found_parts.bodies) == bodies
    assert codes(found_parts.drafting - found_parts.running) == only_drafting


def test_programs_of_an_agency() -> None:
    def run_by(code: str) -> list[str]:
        return [item.code for item in AlertProgram.objects.run_by([Agency.objects.get(code=code).pk])]

    def drafted_by(code: str) -> list[str]:
        return [item.code for item in AlertProgram.objects.drafted_by([Agency.objects.get(code=code).pk])]

    assert run_by("ca-qc-spvm") == drafted_by("ca-qc-spvm") == ["ca-qc"]
    assert (run_by("ca-on-tps"), drafted_by("ca-on-tps")) == ([], ["ca-on"])
    assert run_by("us-cbp-ntc") == drafted_by("us-cbp-ntc") == []
    assert list(AlertProgram.objects.drafted_by([])) == []


def test_bodies_are_those_of_the_version_in_force_and_survive_a_lapse() -> None:
    program = AlertProgram.objects.get(code="us-tx")
    first = CriteriaVersion.ruling_for(program)
    assert first is not None
    later = next_version(first)
    ActivatingBody.objects.filter(criteria=later).update(agency=Agency.objects.get(code="us-ncmec"))
    assert codes(agencies_of(AlertProgram.objects.get(code="us-tx")).bodies) == {"us-tx-dps"}
    CriteriaVersion.objects.filter(pk=later.pk).update(effective_from="2026-01-01")
    assert codes(agencies_of(AlertProgram.objects.get(code="us-tx")).bodies) == {"us-ncmec"}
    CriteriaVersion.objects.filter(program=program).update(effective_to="2026-01-02")
    assert CriteriaVersion.in_force_for(program) is None
    assert codes(agencies_of(AlertProgram.objects.get(code="us-tx")).bodies) == {"us-ncmec"}


# --- loading again ---------------------------------------------------------------------------------------


def test_loading_again_changes_nothing_and_takes_few_queries() -> None:
    before = {
        model: model.objects.count() for model in (Agency, AlertProgram, ProgramDesk, ProgramRoute, ActivatingBody)
    }
    ProgramDesk.objects.filter(program__code="ca-qc", agency__code="ca-qc-spvm").delete()
    with CaptureQueriesContext(connection) as captured:
        call_command("load_reference_data", verbosity=0)
    assert len(captured) < 30
    assert {model: model.objects.count() for model in before} == {**before, ProgramDesk: before[ProgramDesk] - 1}


def test_database_of_an_older_release_gets_its_rows() -> None:
    for model in (ProgramDesk, ProgramRoute, ActivatingBody):
        model.objects.all().delete()
    call_command("load_reference_data", verbosity=0)
    assert codes(agencies_of(AlertProgram.objects.get(code="ca-qc")).bodies) == {"ca-qc-sq", "ca-qc-spvm"}
    assert routing.deciding_hub(AlertProgram.objects.get(code="mx-chh")) == AlertProgram.objects.get(code="mx-fgr")
