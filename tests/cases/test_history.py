"""The history of the fields of a case (ADR 62): written by triggers, read by those who may, gone with its row."""

from __future__ import annotations

from datetime import timedelta
from importlib import import_module
from types import SimpleNamespace
from typing import Any

import pytest
from django.db import ProgrammingError, connection, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone, translation

from agencies import access, scope
from agencies.models import Agency, AuditEvent, Membership
from cases.history import history_of
from cases.models import VERSIONS, Case, Child, Person, Vehicle
from cases.services.facts import record_facts
from cases.services.sharing import share_by_hand

pytestmark = pytest.mark.django_db


def browser(person: Any) -> Client:
    client = Client()
    client.force_login(person)
    return client


def page_of(person: Any, case: Case, **query: Any) -> Any:
    return browser(person).get(reverse("cases:case-history", args=[case.pk]), query)


def newest(case: Case, reader: Any) -> Any:
    return history_of(case, reader=reader).rows[0]


def change(case: Case, by: Any, **values: Any) -> Child:
    child = case.children.get()
    for name, value in values.items():
        setattr(child, name, value)
    record_facts(case=case, by=by, items=[(child, list(values))])
    return child


def test_change_of_a_page_says_who_when_and_from_what_to_what(
    active_case: Any, california_officer: Any, california_coordinator: Any
) -> None:
    child = active_case.children.get()
    before = Child.objects.filter(pk=child.pk).values_list("hair", flat=True).get()
    answer = browser(california_officer).patch(
        f"/api/v1/children/{child.pk}/",
        {"hair": "BLK" if before != "BLK" else "BRO", "version": active_case.facts_version},
        content_type="application/json",
    )
    assert answer.status_code == 200, answer.content
    row = newest(active_case, california_coordinator)
    assert (row.kind, row.label, row.object_id) == ("child", "update", child.pk)
    assert row.person == california_officer.full_name
    assert row.agencies == active_case.lead_agency.name
    assert timezone.now() - row.at < timedelta(minutes=1)
    assert [change.name for change in row.changes] == ["hair"]
    kept = VERSIONS[Child].objects.latest("pgh_id").pgh_context
    assert kept["actor"] == str(california_officer.pk)
    assert kept["request"] == answer["X-Request-Id"]
    assert kept["agencies"] == [active_case.lead_agency_id]
    assert set(kept) == {"actor", "agencies", "request"}


def test_codes_read_in_the_language_of_the_reader(
    active_case: Any, california_officer: Any, california_coordinator: Any
) -> None:
    change(active_case, california_officer, hair="BLK", medical=["medication"])
    change(active_case, california_officer, hair="BRO")
    words = {}
    for language in ("en", "es", "fr"):
        with translation.override(language):
            found = newest(active_case, california_coordinator).changes[0]
            words[language] = (found.label, found.before, found.after)
    assert words["en"] == ("Hair", "Black", "Brown")
    assert len(set(words.values())) == 3


@pytest.mark.parametrize("how", ["bulk_update", "queryset", "sql", "bulk_create"])
def test_no_way_of_writing_passes_the_history(how: str, active_case: Any, california_coordinator: Any) -> None:
    vehicle = active_case.vehicles.get()
    if how == "bulk_update":
        vehicle.make = "Kenworth"
        Vehicle.objects.bulk_update([vehicle], ["make"])
    elif how == "queryset":
        Vehicle.objects.filter(pk=vehicle.pk).update(make="Kenworth")
    elif how == "sql":
        with connection.cursor() as cursor:
            cursor.execute("UPDATE cases_vehicle SET make = 'Kenworth' WHERE id = %s", [vehicle.pk])
    else:
        Vehicle.objects.bulk_create([Vehicle(case=active_case, make="Kenworth")])
    row = newest(active_case, california_coordinator)
    assert (row.kind, row.label) == ("vehicle", "insert" if how == "bulk_create" else "update")
    assert [(found.name, found.after) for found in row.changes] == [("make", "Kenworth")]
    assert row.person == ""  # nobody asked for it in a request


def test_removed_row_is_told_with_what_it_held(active_case: Any, california_coordinator: Any) -> None:
    person = Person.objects.create(case=active_case, given_names="Waldo", role="companion")
    person.delete()
    row = newest(active_case, california_coordinator)
    assert (row.kind, row.label, row.object_id) == ("person", "delete", person.pk or row.object_id)
    assert ("given_names", "Waldo", "") in [(found.name, found.before, found.after) for found in row.changes]


def test_counters_and_derived_columns_are_no_versions(active_case: Any, california_officer: Any) -> None:
    count = VERSIONS[Case].objects.count()
    change(active_case, california_officer, hair="RED")
    assert VERSIONS[Case].objects.count() == count
    names = {field.name for model in VERSIONS.values() for field in model._meta.concrete_fields}
    assert not names & {"facts_version", "facts_changed_at", "search_key", "jpeg"}


@pytest.mark.parametrize("model", list(VERSIONS.values()), ids=[model.__name__ for model in VERSIONS])
def test_versions_are_only_added(model: Any) -> None:
    table = model._meta.db_table
    for statement in ("UPDATE {} SET pgh_label = 'x'", "DELETE FROM {}", "TRUNCATE {}"):
        with pytest.raises(ProgrammingError), transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(statement.format(table))


def test_versions_of_a_removed_row_stay_behind_the_lock_of_their_case(
    active_case: Any, california_officer: Any, quebec_coordinator: Any
) -> None:
    person = Person.objects.create(case=active_case, given_names="Waldo", role="companion")
    key = person.pk
    person.delete()
    versions = VERSIONS[Person].objects.filter(pgh_obj_id=key)
    with scope.acting_for(access.all_agency_ids(california_officer)):
        assert versions.count() == 2
    with scope.acting_for(access.all_agency_ids(quebec_coordinator)):
        assert versions.count() == 0
        with pytest.raises(ProgrammingError, match="row-level security"), transaction.atomic():
            VERSIONS[Person].objects.create(pgh_obj_id=key, pgh_label="insert", case=active_case)


@pytest.mark.parametrize(
    ("who", "status"),
    [("california_coordinator", 200), ("california_staff", 200), ("california_officer", 404), ("california_legal", 404),
     ("quebec_coordinator", 404), ("superuser", 404)],
)  # fmt: skip
def test_page_and_api_are_there_for_those_who_read_the_audit(
    request: pytest.FixtureRequest, active_case: Any, who: str, status: int
) -> None:
    person = request.getfixturevalue(who)
    assert page_of(person, active_case).status_code == status
    assert browser(person).get(f"/api/v1/cases/{active_case.pk}/history/").status_code == status
    leads = reverse("cases:case-history", args=[active_case.pk])
    shown = browser(person).get(reverse("cases:case-detail", args=[active_case.pk]))
    assert (f'href="{leads}"' in shown.text) == (status == 200)


def test_agency_that_only_looks_reads_no_history(
    active_case: Any, california_officer: Any, quebec_coordinator: Any
) -> None:
    share_by_hand(case=active_case, by=california_officer, agency=Agency.objects.get(code="ca-qc-sq"), level="look",
                  purpose="border", hours=24)  # fmt: skip
    assert browser(quebec_coordinator).get(reverse("cases:case-detail", args=[active_case.pk])).status_code == 200
    assert page_of(quebec_coordinator, active_case).status_code == 404


def test_another_agency_reads_what_changed_since_it_came(
    active_case: Any, california_officer: Any, california_coordinator: Any, quebec_coordinator: Any
) -> None:
    change(active_case, california_officer, given_names="Mistaken")
    change(active_case, california_officer, given_names="Zoraida")
    share_by_hand(case=active_case, by=california_officer, agency=Agency.objects.get(code="ca-qc-sq"),
                  level="contribute", purpose="border", hours=24)  # fmt: skip
    change(active_case, california_officer, also_known_as="Zori")
    theirs = page_of(quebec_coordinator, active_case)
    assert [change.name for row in theirs.context["page"].rows for change in row.changes] == ["also_known_as"]
    assert "Mistaken" not in theirs.text
    assert "Mistaken" in page_of(california_coordinator, active_case).text


def test_ended_membership_ends_the_sight(active_case: Any, california_coordinator: Any) -> None:
    client = browser(california_coordinator)
    address = reverse("cases:case-history", args=[active_case.pk])
    assert client.get(address).status_code == 200
    Membership.objects.filter(user=california_coordinator).update(valid_until=timezone.now())
    assert client.get(address).status_code == 404


def test_reading_is_one_event_with_every_version_and_no_value(active_case: Any, california_coordinator: Any) -> None:
    response = page_of(california_coordinator, active_case)
    event = AuditEvent.objects.get(action="case_history.read")
    assert event.case_id == active_case.pk
    assert event.ids_of("cases.case") == [str(active_case.pk)]
    listed = sum(len(ids) for kind, ids in event.also_shown.items() if kind.endswith("version"))
    assert listed == len(response.context["page"].rows) > 5
    assert "Zoraida" in response.text
    assert "Zoraida" not in str([event.detail, event.also_shown, event.field_names])


def test_pages_follow_each_other_without_gap_or_repeat(active_case: Any, california_coordinator: Any) -> None:
    for number in range(60):
        Vehicle.objects.create(case=active_case, make=f"M{number}")
    keys, after = [], None
    while after != "":
        page = page_of(california_coordinator, active_case, **({"after": after} if after else {})).context["page"]
        keys += [(row.kind, row.version) for row in page.rows]
        after = page.after
    assert len(keys) == len(set(keys)) == sum(
        model.objects.filter(**{"pgh_obj" if kind is Case else "case": active_case}).count()
        for kind, model in VERSIONS.items()
    )  # fmt: skip
    whole, after = [], ""
    while True:
        answer = browser(california_coordinator).get(
            f"/api/v1/cases/{active_case.pk}/history/", {"after": after, "limit": 7}
        )
        assert len(answer.json()["results"]) <= 7
        whole += answer.json()["results"]
        after = answer.json()["after"]
        if not after:
            break
    assert [row["kind"] for row in whole] == [kind for kind, _version in keys]


@pytest.mark.parametrize("key", ["x", "1_child", "1_nobody_1", "99999999999999999999999_child_1", "1_child_-1",
                                 "1_child_99999999999999999999", "\x00"])  # fmt: skip
def test_key_that_no_page_gave(key: str, active_case: Any, california_coordinator: Any) -> None:
    assert page_of(california_coordinator, active_case, after=key).status_code == 404
    address = f"/api/v1/cases/{active_case.pk}/history/"
    assert browser(california_coordinator).get(address, {"after": key}).status_code == 400


def test_page_costs_the_same_however_long_it_is(active_case: Any, california_coordinator: Any) -> None:
    client = browser(california_coordinator)
    address = reverse("cases:case-history", args=[active_case.pk])

    def cost() -> int:
        client.get(address)
        with CaptureQueriesContext(connection) as queries:
            assert client.get(address).status_code == 200
        return len(queries)

    few = cost()
    for number in range(30):
        person = Person.objects.create(case=active_case, given_names=f"P{number}")
        Vehicle.objects.create(case=active_case, make=f"M{number}", plate_issuer_id="US-CA")
        Person.objects.filter(pk=person.pk).update(eyes="BRO")
    assert cost() == few


def test_administration_shows_it_and_records_it(
    active_case: Any, california_staff: Any, california_officer: Any
) -> None:
    change(active_case, california_officer, also_known_as="Zori")
    shown = browser(california_staff).get(reverse("admin:cases_case_change", args=[active_case.pk]))
    assert "Zori" in shown.text
    assert shown.text.count("<form") == shown.text.count('method="post"')  # sign out and language, nothing to edit
    assert AuditEvent.objects.filter(action="case_history.read", channel="admin").count() == 1


def test_history_of_what_was_there_before_begins_with_how_it_stood(
    active_case: Any, california_officer: Any, california_coordinator: Any
) -> None:
    migration = import_module("cases.migrations.0026_history_protected")
    migration.begin(None, SimpleNamespace(connection=connection))
    assert set(migration.TRACKED) == {model._meta.model_name for model in VERSIONS}
    row = next(row for row in history_of(active_case, reader=california_coordinator).rows if row.kind == "child")
    assert (row.label, row.changes) == ("begin", [])
    change(active_case, california_officer, also_known_as="Zori")
    assert [found.after for found in newest(active_case, california_coordinator).changes] == ["Zori"]
