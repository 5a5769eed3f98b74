"""Row-level security: what PostgreSQL shows to whom, whatever the application asks (ADR 32)."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.apps import apps
from django.db import ProgrammingError, connection, models, transaction
from django.test import Client
from django.utils import timezone

from agencies import access, scope
from agencies.choices import Capability
from agencies.models import Agency
from cases.models import Case, CaseAccess
from tests.portal import ROOT
from tests.project.columns import declined, share_over
from tests.project.routes import read_routes

pytestmark = pytest.mark.django_db
# Tables without a policy, and why everybody who signs in may read them or nobody learns of a case from them.
OPEN = {
    "agencies.*": "people, agencies, programs and their rules; the audit holds ids only",
    "cases.CodeValue": "code lists",
    "cases.CaseNumber": "the last number of a series",
    "cases.PlaceZone": "zones of places",
    "alerts.AlertNumber": "the last number of a series",
    "alerts.Heartbeat": "when each process last gave a sign of life",
    "alerts.TransitRoute": "bus and train routes",
    "alerts.Recipient": "recipients belong to a program, not to a case",
    "alerts.Recipient_areas": "and so does for which areas they want alerts",
    "alerts.RecipientDesk": "and so do their desks",
    "alerts.DeskWarning": "gaps of rosters and numbers called wrong: of desks, not of cases",
    "alerts.NumberProof": "codes on their way to telephone numbers of recipients and people",
    "alerts.PublicAlert": "told to everybody",
    "alerts.PublicAlertText": "told to everybody",
    "alerts.PublicPhoto": "told to everybody",
}
CANARIES = ("Zoraida", "Quimby", "Waldemar", "7XYZ123")


def tables() -> Iterator[tuple[str, str]]:
    """Yield label and table of every model of ours, relations of many to many included."""
    for app in ("agencies", "cases", "alerts"):
        for model in apps.get_app_config(app).get_models(include_auto_created=True):
            yield model._meta.label, model._meta.db_table


def protected() -> set[str]:
    """Return the tables whose rows are shown by policies to the application's role."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT relname FROM pg_class WHERE relrowsecurity AND (SELECT array_agg(polname::text ORDER BY polname)"
            " FROM pg_policy WHERE polrelid = pg_class.oid) = '{purged,seen}'"
        )
        return {row[0] for row in cursor.fetchall()}


def count(table: str) -> int:
    """Return how many rows the connection is shown."""
    with connection.cursor() as cursor:
        cursor.execute(f'SELECT count(*) FROM "{table}"')  # noqa: S608  our own table
        return int(cursor.fetchone()[0])


def test_every_table_has_a_policy_or_a_reason_to_have_none() -> None:
    lock = protected()
    without = {
        label for label, table in tables()
        if table not in lock and label not in OPEN and f"{label.split('.')[0]}.*" not in OPEN
    }  # fmt: skip
    assert without == set()
    both = {label for label, table in tables() if table in lock and (label in OPEN or label.startswith("agencies."))}
    assert both == set()
    assert len(lock) > 45


def test_application_passes_no_policy() -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT rolsuper OR rolbypassrls FROM pg_roles WHERE rolname = current_user")
        assert cursor.fetchone() == (False,)
        cursor.execute("SELECT count(*) FROM pg_class JOIN pg_roles owner ON relowner = owner.oid"
                       " WHERE owner.rolname = current_user")  # fmt: skip
        assert cursor.fetchone() == (0,)


def test_rows_are_there_for_agencies_on_the_case_and_for_nobody_else(world: Any) -> None:
    lock = protected()
    everything = {table: count(table) for _label, table in tables() if table in lock}
    filled = {table for table, rows in everything.items() if rows}
    assert len(filled) > 35
    with scope.acting_for([]):
        assert {table for table in filled if count(table)} == set()
    for who in ("outsider", "baja", "superuser"):
        with scope.acting_for(access.all_agency_ids(world.people[who])):
            assert {table for table in filled if count(table)} == set(), who
    with scope.acting_for(access.all_agency_ids(world.people["owner_officer"])):
        assert {table: count(table) for table in everything} == everything


def test_ended_share_shows_nothing_any_more(world: Any) -> None:
    receiver = access.all_agency_ids(world.people["receiver_coordinator"])
    shares = CaseAccess.objects.filter(agency_id__in=receiver)
    with scope.acting_for(receiver):
        assert count("cases_child") == 1
    shares.update(until=timezone.now() - timedelta(seconds=1))
    with scope.acting_for(receiver):
        assert count("cases_child") == count("cases_case") == count("alerts_alert") == 0
        assert count("cases_caseaccess") == len(shares)  # its own share, which is over


def test_nobody_puts_itself_on_a_case(world: Any, quebec_coordinator: Any) -> None:
    case, agency = Case.objects.get(), Agency.objects.get(code="ca-qc-sq")
    row = {"case": case, "agency": agency, "level": "own", "purpose": "lead", "opened_at": case.opened_at}
    with scope.acting_for([agency.pk]):
        with pytest.raises(ProgrammingError, match="row-level security"), transaction.atomic():
            CaseAccess.objects.create(**row, granted_by=quebec_coordinator)
        with pytest.raises(ProgrammingError, match="row-level security"), transaction.atomic():
            Case.objects.create(
                reference="US-CA-2026-99999", origin_country="US", lead_agency=case.lead_agency,
                opened_by=quebec_coordinator,
            )  # fmt: skip
        assert Case.objects.filter(pk=case.pk).update(agency_reference="stolen") == 0


@pytest.fixture
def _without_scoping(monkeypatch: pytest.MonkeyPatch) -> None:
    """Take the first lock away: every queryset shows everybody every row, and lists hold every agency's cases."""
    seen = set()
    for model in apps.get_models():
        for manager in model._meta.managers:
            rows = type(manager.get_queryset())
            if hasattr(rows, "visible_to") and rows not in seen:
                seen.add(rows)
                monkeypatch.setattr(rows, "visible_to", lambda self, user: self.all())
                monkeypatch.setattr(type(manager), "visible_to", lambda self, user: self.all(), raising=False)
    assert len(seen) > 5
    page = CaseAccess.page.__func__  # type: ignore[attr-defined]

    def page_of_all(cls: Any, user: Any, **options: Any) -> Any:
        with monkeypatch.context() as inner:
            inner.setattr(access, "agency_ids", lambda *_: set(Agency.objects.values_list("pk", flat=True)))
            return page(cls, user, **options)

    monkeypatch.setattr(CaseAccess, "page", classmethod(page_of_all))


@pytest.mark.usefixtures("_without_scoping")
@pytest.mark.parametrize(
    ("who", "before"),
    [("outsider", None), ("outsider_staff", None), ("baja", None), ("superuser", None),
     ("receiver_coordinator", share_over), ("receiver_staff", share_over), ("baja", declined)],
)  # fmt: skip
def test_second_lock_alone_shows_no_row_of_a_case(who: str, before: Any, world: Any) -> None:
    if before:
        before(world)
    client = Client(raise_request_exception=False)
    client.force_login(world.people[who])
    leaks, asked = [], 0
    for route in read_routes():
        if "GET" not in route.methods or route.policy in ("public", "token"):
            continue
        if before and "kept" in route.name:
            continue  # its own record of the request, with the sheet as released to it (U35)
        response = client.get(route.address(world.samples), headers={"accept-language": "en"})
        body = b"".join(response.streaming_content) if response.streaming else response.content
        asked += 1
        found = [word for word in CANARIES if word in body.decode(errors="replace")]
        if found:
            leaks.append(f"{route}: {response.status_code} {found}")
    assert leaks == []
    assert asked > 150


@pytest.mark.usefixtures("_without_scoping")
def test_first_lock_was_really_off(world: Any) -> None:
    """The same walk shows the case as soon as the connection is shown everything."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(scope, "_tell", lambda _scope: None)
        client = Client()
        client.force_login(world.people["outsider"])
        assert "Quimby" in client.get(f"/cases/{world.samples['case']}/").text


def test_no_setting_survives_its_request(world: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    client = Client(raise_request_exception=False)
    client.force_login(world.people["owner_officer"])
    told: list[str] = []

    def settings() -> list[str]:
        with connection.cursor() as cursor:
            cursor.execute("SELECT current_setting('amber.agencies', true), current_setting('amber.cases', true),"
                           " current_setting('amber.everything', true),"
                           " current_setting('pghistory.context_metadata', true)")  # fmt: skip
            return list(cursor.fetchone())

    def fail(*_args: Any, **_options: Any) -> Any:
        told.extend(settings())
        raise RuntimeError

    with scope.acting_for([]):
        before = settings()
        assert before == ["{}", "{}", "", ""]
        assert client.get(f"/cases/{world.samples['case']}/").status_code == 200
        assert settings() == before
        assert client.get("/cases/00000000-0000-7000-8000-000000000000/").status_code == 404
        assert settings() == before
        monkeypatch.setattr(CaseAccess, "page", fail)
        assert client.get("/cases/").status_code == 500
        assert settings() == before
    assert len(told) == 4
    assert told[0] != "{}", "inside the request the agencies were set"
    assert str(world.people["owner_officer"].pk) in told[3], "and who makes the versions of its facts (ADR 62)"


def test_every_door_is_listed_and_used() -> None:
    used: dict[str, list[str]] = {}
    widened = set()
    for app in ("agencies", "cases", "alerts", "benchmarks", "config"):
        for path in sorted((ROOT / app).rglob("*.py")):
            text = path.read_text()
            for name in re.findall(r'through_door\("(\w+)"\)', text):
                used.setdefault(name, []).append(str(path.relative_to(ROOT)))
            assert len(re.findall(r"through_door\(", text)) == len(re.findall(r'through_door\("', text)) or (
                path.name == "scope.py"
            ), f"{path} names a door that cannot be read"
            if "scope.widen(" in text:
                widened.add(str(path.relative_to(ROOT)))
    assert set(used) == set(scope.DOORS)
    assert widened == {
        "cases/services/handovers.py",
        "alerts/services/text_reviews.py",
        "alerts/views/acknowledgement.py",
    }


def test_act_for_the_own_agencies_only(world: Any) -> None:
    """Inside a request the connection acts for the agencies for which the person may read cases, no others."""
    shown: list[Any] = []
    client = Client()
    client.force_login(world.people["outsider"])

    def look(execute: Any, sql: str, values: Any, many: bool, context: Any) -> Any:
        if "set_config('amber.agencies'" in sql:
            shown.append(values[0])
        return execute(sql, values, many, context)

    with connection.execute_wrapper(look):
        client.get("/cases/")
    own = sorted(access.agency_ids(world.people["outsider"], Capability.VIEW_CASES))
    assert shown[0] == "{" + ",".join(map(str, own)) + "}"


def test_no_model_reaches_a_case_past_the_policies() -> None:
    """A foreign key from an open table to a case would be a way around."""
    roads = [
        f"{model._meta.label}.{field.name}"
        for model in apps.get_models()
        if model._meta.label in OPEN
        for field in model._meta.concrete_fields
        if isinstance(field, models.ForeignKey) and field.related_model._meta.db_table in protected()
    ]
    assert roads == ["alerts.PublicAlert.alert"]
