"""The list of cases: narrowed, searched and paged, and never wider than what the reader may see."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.urls import reverse
from django.utils import timezone

from agencies import scope
from agencies.access import agency_ids
from agencies.models import Agency
from cases.models import Case, CaseAccess, Child, Person, Vehicle
from cases.models.case_search import CaseFilter, fold, is_searchable, name_parts
from cases.services.files import open_case, share_case
from tests.project.returned_forms import signed_in

CALIFORNIA, BAJA = "us-ca-chp", "mx-bcn-amber"


@pytest.fixture
def make_case(california_officer: Any) -> Any:
    """Open a case of California with one child, one suspect and one vehicle."""

    def make(child: tuple[str, str, str], plate: str = "", suspect: str = "", **fields: Any) -> Case:
        case = open_case(by=california_officer, agency=Agency.objects.get(code=CALIFORNIA), **fields)
        Child.objects.create(case=case, given_names=child[0], first_surname=child[1], second_surname=child[2])
        Person.objects.create(case=case, also_known_as=suspect)
        Vehicle.objects.create(case=case, plate=plate)
        return case

    return make


def found(user: Any, words: str = "", **chosen: Any) -> set[str]:
    """Return the references of the first page."""
    page = CaseAccess.page(user, chosen=CaseFilter(words=words, **chosen))
    assert page.count == len(page.cases)
    return {case.reference for case in page.cases}


def test_particles_stay_with_their_surname() -> None:
    assert name_parts("María De la Cruz") == ["maria", "de la cruz"]
    assert name_parts("Saint-Pierre Élodie") == ["saint pierre", "elodie"]
    assert name_parts("núñez") == ["nunez"]
    assert name_parts("de la") == ["de la"]
    assert is_searchable("Li Wei") and not is_searchable("a b") and not is_searchable("--")


@pytest.mark.django_db
@pytest.mark.parametrize(
    "text", ["Núñez-Ibáñez", "Œuvré", "STRAßE", "Łukasz", "Dʼ Ångström", "7XYZ 123", "Ñandú & C.º"]
)
def test_python_folds_like_the_database(text: str) -> None:
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute("SELECT trim(amber_fold(%s))", [text])
        assert fold(text) == cursor.fetchone()[0]


@pytest.mark.django_db
def test_cases_are_found_by_parts_of_names_plates_and_numbers(make_case: Any, california_officer: Any) -> None:
    cruz = make_case(("Ximena", "De la Cruz", "Ibáñez"), "7XYZ-123", agency_reference="LA/77-A")
    pierre = make_case(("Élodie", "Saint-Pierre", ""), "ABC 987", "El Güero")
    make_case(("Cruzita", "Lamas", ""), "")
    for words in ("de la cruz", "DE LA CRUZ ximena", "ibanez", "Ximena Ibáñez", "mena", "7xyz123", "xyz 12", "la/77",
                  cruz.reference, cruz.reference[-5:]):  # fmt: skip
        assert cruz.reference in found(california_officer, words), words
    for words in ("elodie", "saint pierre", "Saint-Pierre", "pierre", "guero", "bc98"):
        assert found(california_officer, words) == {pierre.reference}, words
    assert found(california_officer, "la cruz") == {cruz.reference}, "not whoever has both words somewhere"
    assert found(california_officer, "nobody") == set()
    assert found(california_officer, "%%%'; DROP") == set()


@pytest.mark.django_db
def test_search_is_never_wider_than_sight(
    make_case: Any, california_officer: Any, baja_coordinator: Any, quebec_coordinator: Any
) -> None:
    shared = make_case(("Ximena", "Cruz", ""), "7XYZ123")
    make_case(("Ximena", "Cruz", ""), "7XYZ123")
    baja = Agency.objects.get(code=BAJA)
    share_case(case=shared, agency=baja, by=california_officer, level="look", purpose="request")
    for words in ("ximena", "7xyz123", "US-CA"):
        assert len(found(california_officer, words)) == 2
        assert found(baja_coordinator, words) == {shared.reference}
        assert found(quebec_coordinator, words) == set()
    CaseAccess.objects.filter(case=shared, agency=baja).update(until=timezone.now() - timedelta(minutes=1))
    assert found(baja_coordinator, "ximena") == set()


@pytest.mark.django_db
def test_filters_narrow_and_go_together(make_case: Any, california_officer: Any) -> None:
    real = make_case(("Ana", "Lopez", ""))
    drill = make_case(("Ana", "Lopez", ""), is_exercise=True)
    old = make_case(("Ana", "Ruiz", ""), opened_at=datetime(2020, 5, 1, 12, tzinfo=UTC))
    Case.objects.filter(pk=real.pk).update(destination_country="MX")
    who = california_officer
    assert found(who, exercise=True) == {drill.reference}
    assert found(who, origin="US", destination="MX") == {real.reference}
    assert found(who, opened_before=datetime(2021, 1, 1, tzinfo=UTC)) == {old.reference}
    assert found(who, "lopez", exercise=False) == {real.reference}
    assert found(who, lead_agency=Agency.objects.get(code=BAJA).pk) == set()
    assert found(who, statuses=("active",)) == set()


@pytest.mark.django_db
def test_pages_of_a_search_follow_each_other_by_key(make_case: Any, california_officer: Any) -> None:
    made = [make_case(("Ana", f"Lopez{number}", "")).reference for number in range(7)]
    seen, after = [], ""
    for _page in range(10):
        page = CaseAccess.page(california_officer, after=after, limit=3, chosen=CaseFilter(words="lopez"))
        seen += [case.reference for case in page.cases]
        after = page.after
        if not after:
            break
    assert seen == made[::-1]


@pytest.mark.django_db
def test_person_with_two_agencies_sees_a_case_once(
    make_case: Any, california_officer: Any, baja_coordinator: Any
) -> None:
    from agencies.services import grant_membership

    baja = Agency.objects.get(code=BAJA)
    case = make_case(("Ana", "Lopez", ""))
    share_case(case=case, agency=baja, by=california_officer, level="look", purpose="request")
    grant_membership(user=california_officer, agency=baja, role="coordinator", by=None)
    page = CaseAccess.page(california_officer, chosen=CaseFilter(words="lopez"))
    assert ([item.reference for item in page.cases], page.count) == ([case.reference], 1)


@pytest.mark.django_db
def test_page_filters_by_the_readers_own_days(make_case: Any, california_officer: Any) -> None:
    """23:30 in Los Angeles is the next day in UTC, but not for the reader."""
    late = make_case(("Ana", "Lopez", ""), opened_at=datetime(2026, 1, 11, 7, 30, tzinfo=UTC))
    client = signed_in(california_officer)
    address = reverse("cases:case-list")
    assert late.reference in client.get(address, {"opened_from": "2026-01-10", "opened_until": "2026-01-10"}).text
    assert late.reference not in client.get(address, {"opened_from": "2026-01-11"}).text


@pytest.mark.django_db
def test_page_keeps_its_filters_from_page_to_page(make_case: Any, california_officer: Any) -> None:
    for number in range(51):
        make_case(("Ana", f"Lopez{number}", ""))
    text = signed_in(california_officer).get("/cases/", {"q": "lopez", "exercise": "no"}).text
    assert 'href="?q=lopez&amp;exercise=no&amp;after=' in text
    assert 'value="lopez"' in text and "51 cases" in text


@pytest.mark.django_db
@pytest.mark.parametrize("query", ["status=x", "origin=XX", "exercise=maybe", "lead=999999", "toward=MX'"])
def test_choice_that_no_page_offers_is_not_found(query: str, california_officer: Any) -> None:
    assert signed_in(california_officer).get(f"/cases/?{query}").status_code == 404


@pytest.mark.django_db
def test_too_few_letters_are_told_beside_the_field(make_case: Any, california_officer: Any) -> None:
    make_case(("Ana", "Li", ""))
    answer = signed_in(california_officer, "es").get("/cases/", {"q": "li"})
    assert answer.status_code == 200
    assert 'aria-invalid="true"' in answer.text and "/cases/0" not in answer.text


@pytest.mark.django_db
def test_search_uses_its_indexes(make_case: Any, california_officer: Any) -> None:
    """With every other way forbidden no table is read from end to end; the policies would forbid the indexes."""
    from django.db import connection

    from cases.models.case_search import found_cases

    make_case(("Ximena", "López", ""), "7XYZ-123", "El Güero")
    sql, values = found_cases("lopez", sorted(agency_ids(california_officer, "view_cases")), are_few=False)
    tables = ("cases_child", "cases_person", "cases_vehicle", "cases_plate", "cases_externalreference", "cases_case")
    reads = "SELECT sum(seq_scan), sum(idx_scan) FROM pg_stat_xact_user_tables WHERE relname = ANY(%s)"
    with scope.acting_for(agency_ids(california_officer, "view_cases")), connection.cursor() as cursor:
        for other in ("seqscan", "indexscan", "indexonlyscan"):
            cursor.execute(f"SET LOCAL enable_{other} = off")
        cursor.execute(reads, [list(tables)])
        before = cursor.fetchone()
        cursor.execute(sql, values)
        assert len(cursor.fetchall()) == 1
        cursor.execute(reads, [list(tables)])
        after = cursor.fetchone()
    assert after[0] == before[0]
    assert after[1] >= before[1] + len(tables)


@pytest.mark.django_db
@pytest.mark.parametrize("few", [0, 2000])
def test_search_finds_the_same_from_the_words_and_from_the_agencys_few_cases(
    few: int, make_case: Any, california_officer: Any, baja_coordinator: Any, monkeypatch: Any
) -> None:
    monkeypatch.setattr("cases.models.case_access.FEW_CASES", few)
    cruz = make_case(("Ximena", "De la Cruz", "Ibáñez"), "7XYZ-123", "El Güero", agency_reference="LA/77-A")
    make_case(("Élodie", "Saint-Pierre", ""), "ABC 987")
    for words in ("de la cruz", "ibanez ximena", "guero", "xyz 12", "la/77", cruz.reference, cruz.reference.lower(),
                  cruz.reference.replace("-", " "), cruz.reference[3:]):  # fmt: skip
        assert found(california_officer, words) == {cruz.reference}, words
        assert found(baja_coordinator, words) == set(), words
    assert found(california_officer, "US-CA-2026-99999") == set()
    assert found(california_officer, "cruz", exercise=True) == set()


@pytest.mark.django_db
@pytest.mark.parametrize("few", [0, 2000])
def test_count_of_a_search_stays_the_same_from_page_to_page(
    few: int, make_case: Any, california_officer: Any, monkeypatch: Any
) -> None:
    monkeypatch.setattr("cases.models.case_access.FEW_CASES", few)
    for number in range(3):
        make_case(("Ana", f"Lopez{number}", ""))
    first = CaseAccess.page(california_officer, limit=2, chosen=CaseFilter(words="lopez"))
    second = CaseAccess.page(california_officer, after=first.after, limit=2, chosen=CaseFilter(words="lopez"))
    assert (first.count, second.count, len(second.cases), second.after) == (3, 3, 1, "")
    beyond = CaseAccess.page(california_officer, after="0_" + "0" * 32, chosen=CaseFilter(words="lopez"))
    assert (beyond.cases, beyond.count) == ([], 3)
