"""The walls of the house that no import contract holds: keys, writers of states, append-only rows, roles, sizes."""

from __future__ import annotations

import ast
import os
import re
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest
from django.apps import apps
from django.db import DatabaseError, connection, transaction
from django.db.migrations.loader import MigrationLoader

ROOT = Path(__file__).resolve().parent.parent.parent
LINE = ("agencies", "cases", "alerts")
CODE = ("agencies", "cases", "alerts", "config")
BANNED_NAMES = {"utils", "util", "helpers", "helper", "common", "core", "misc", "shared", "base_utils"}
MOST_LINES = 400
MOST_FUNCTION_LINES = 60
WRITING_CALLS = {
    "update", "create", "get_or_create", "update_or_create", "Case", "Child", "LegalReview", "ExtensionRequest",
    "Alert", "AlertUpdate", "Duty", "Delivery",
}  # fmt: skip
APPEND_ONLY = (
    "agencies_auditevent", "cases_caseevent", "cases_homedecision", "cases_reviewrelease", "alerts_alertmessage",
    "alerts_deliveryattempt",
)  # fmt: skip


def python_files(*folders: str, with_migrations: bool = False) -> Iterator[Path]:
    """Yield the Python files of these folders."""
    for folder in folders:
        for path in sorted((ROOT / folder).rglob("*.py")):
            if with_migrations or "migrations" not in path.parts:
                yield path


def name_of(path: Path) -> str:
    """Return a path as the repository names it."""
    return path.relative_to(ROOT).as_posix()


# Line of apps


def test_no_foreign_key_points_up() -> None:
    rank = {app: place for place, app in enumerate(LINE)}
    upward = [
        f"{model._meta.label}.{field.name} → {field.related_model._meta.label}"
        for app in LINE
        for model in apps.get_app_config(app).get_models(include_auto_created=True)
        for field in model._meta.get_fields()
        if field.concrete and field.is_relation and field.related_model._meta.app_label in rank
        and rank[field.related_model._meta.app_label] > rank[app]
    ]  # fmt: skip
    assert upward == []


def test_no_migration_depends_upward() -> None:
    rank = {app: place for place, app in enumerate(LINE)}
    loader = MigrationLoader(None)
    seen = [key for key in loader.disk_migrations if key[0] in rank]
    assert {app for app, _name in seen} == set(LINE)
    upward = [
        f"{app}.{name} → {other}"
        for (app, name), migration in loader.disk_migrations.items()
        for other, _other_name in migration.dependencies
        if rank.get(other, -1) > rank.get(app, len(LINE))
    ]
    upward += [
        f"{app}.{name} runs before {other}"
        for (app, name), migration in loader.disk_migrations.items()
        for other, _other_name in migration.run_before
        if rank.get(other, len(LINE)) < rank.get(app, -1)
    ]
    assert upward == []


# Writers of states


def writes_of(tree: ast.AST, attribute: str) -> Iterator[int]:
    """Yield the lines that write a model's column of this name: by attribute, `setattr`, `update` or SQL."""
    update_sql = re.compile(rf"\bUPDATE\b.*\bSET\b.*\b{attribute}\s*=", re.IGNORECASE | re.DOTALL)
    for node in ast.walk(tree):
        if isinstance(node, ast.Assign | ast.AugAssign | ast.AnnAssign):
            targets = node.targets if isinstance(node, ast.Assign) else [node.target]
            parts = [part for target in targets for part in ast.walk(target)]
            if any(isinstance(part, ast.Attribute) and part.attr == attribute for part in parts):
                yield node.lineno
        elif (isinstance(node, ast.Call) and call_writes(node, attribute)) or (
            isinstance(node, ast.Constant) and isinstance(node.value, str) and update_sql.search(node.value)
        ):
            yield node.lineno


def call_writes(call: ast.Call, attribute: str) -> bool:
    """Say whether a call writes a column of this name."""
    name = call.func.attr if isinstance(call.func, ast.Attribute) else getattr(call.func, "id", "")
    if name == "bulk_update":
        return attribute in ast.dump(call)
    if name == "setattr":
        return attribute in [argument.value for argument in call.args if isinstance(argument, ast.Constant)]
    return name in WRITING_CALLS and attribute in {word.arg for word in call.keywords}


def writers(attribute: str) -> dict[str, list[int]]:
    """Return the files that write this column, with the lines."""
    found = {name_of(path): sorted(set(writes_of(ast.parse(path.read_text()), attribute)))
             for path in python_files(*CODE)}  # fmt: skip
    return {name: lines for name, lines in found.items() if lines}


@pytest.mark.parametrize(
    "text",
    [
        "case.status = 'active'", "a, case.status = 1, 2", "case.status += 'x'", "setattr(case, 'status', 'active')",
        "Case.objects.update(status='active')", "Case.objects.bulk_update(rows, ['status'])",
        "cursor.execute('UPDATE cases_case SET status = 1')", "Case.objects.create(status='active')",
        "bulk_create([Alert(status='active')])",
    ],
)  # fmt: skip
def test_search_for_writers_finds_every_way_of_writing(text: str) -> None:
    assert list(writes_of(ast.parse(text), "status"))
    assert not list(writes_of(ast.parse("x = case.status == 'active'; f(status=200); r.status_code = 4"), "status"))


def test_only_the_engine_writes_a_status() -> None:
    found = writers("status")
    found.pop("alerts/demo/history.py", None)  # cases taken over in bulk are born in their state; none is changed
    assert set(found) == {"agencies/transitions.py"}


def test_only_delivery_writes_the_state_of_a_delivery() -> None:
    found = writers("state")
    found.pop("agencies/refusals.py", None)  # the state that an exception tells of
    assert set(found) == {"alerts/delivery.py"}


def test_every_status_belongs_to_a_machine() -> None:
    from alerts.workflow import MACHINES as OF_ALERTS
    from cases.models import VERSIONS
    from cases.workflow import MACHINES as OF_CASES

    with_status = {
        model for app in LINE for model in apps.get_app_config(app).get_models()
        if any(field.name == "status" for field in model._meta.get_fields())
    } - set(VERSIONS.values())  # fmt: skip  # what triggers keep of a status moves nothing
    assert with_status == set(OF_CASES) | set(OF_ALERTS)


def test_there_is_one_signal() -> None:
    made = [
        f"{name_of(path)}:{node.lineno}"
        for path in python_files(*CODE, with_migrations=True)
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.Call)
        and (getattr(node.func, "id", "") == "Signal" or getattr(node.func, "attr", "") == "Signal")
    ]
    assert [place.split(":")[0] for place in made] == ["cases/signals.py"]


def test_nobody_listens_to_the_signals_of_models() -> None:
    listening = [
        name_of(path)
        for path in python_files(*CODE)
        if re.search(r"\b(pre_save|post_save|pre_delete|post_delete|m2m_changed)\b", path.read_text())
    ]
    assert listening == []


# Rows that are only added


@pytest.mark.django_db
@pytest.mark.parametrize("table", APPEND_ONLY)
@pytest.mark.parametrize("statement", ["UPDATE {} SET id = id", "DELETE FROM {}", "TRUNCATE {} CASCADE"])
def test_application_role_changes_no_row_that_is_only_added(table: str, statement: str, active_alert: object) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT current_user")
        assert cursor.fetchone() == ("amber_app",)
        with pytest.raises(DatabaseError) as refusal, transaction.atomic():
            cursor.execute(statement.format(table))
    assert isinstance(refusal.value.__cause__, psycopg.errors.InsufficientPrivilege)


@pytest.mark.django_db
@pytest.mark.parametrize("table", APPEND_ONLY)
def test_triggers_refuse_changes_whoever_asks(table: str) -> None:
    row, before, delete, update, truncate = 1, 2, 8, 16, 32  # bits of pg_trigger.tgtype
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT tgtype, tgenabled FROM pg_trigger JOIN pg_proc ON pg_proc.oid = tgfoid"
            " WHERE tgrelid = %s::regclass AND NOT tgisinternal AND proname = 'amber_append_only'",
            [table],
        )
        kinds = {(int(kind), enabled) for kind, enabled in cursor.fetchall()}
    assert kinds == {(row | before | delete | update, "O"), (before | truncate, "O")}


def test_owner_and_purge_cannot_change_the_audit(django_db_setup: None) -> None:
    """The trigger holds even where the privilege would not; tried in a transaction that is given back."""
    insert = (
        "INSERT INTO agencies_auditevent (id, action, outcome, channel, agency_ids, object_type, object_ids,"
        " also_shown, case_ids, purpose, field_names, detail)"
        " VALUES (gen_random_uuid(), 'x', 'done', 'page', '{}', '', '{}', '{}', '{}', '', '{}', '{}')"
    )
    database = connection.settings_dict["NAME"]
    for url in (os.environ["DATABASE_OWNER_URL"], os.environ["DATABASE_PURGE_URL"]):
        for statement in ("UPDATE agencies_auditevent SET action = 'y'", "DELETE FROM agencies_auditevent"):
            with psycopg.connect(url, dbname=database) as other:
                if "owner" in url.split("@")[0]:
                    other.execute(insert)
                with pytest.raises(psycopg.errors.InsufficientPrivilege):
                    other.execute(statement)
                other.rollback()


# Roles of the database


@pytest.mark.django_db
def test_application_role_owns_nothing_and_makes_nothing() -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT relname FROM pg_class JOIN pg_roles r ON r.oid = relowner WHERE r.rolname <> 'amber_owner'"
            " AND relnamespace = 'public'::regnamespace"
        )
        assert cursor.fetchall() == []
        cursor.execute(
            "SELECT has_schema_privilege('public', 'CREATE'), has_database_privilege(current_database(), 'CREATE')"
        )
        assert cursor.fetchone() == (False, False)
        for statement in (
            "CREATE TABLE taken (id int)", "ALTER TABLE cases_case ADD COLUMN x int", "DROP TABLE cases_case CASCADE",
            "ALTER TABLE agencies_auditevent DISABLE TRIGGER ALL", "CREATE SCHEMA taken",
            "UPDATE django_migrations SET name = name", "SET ROLE amber_owner",
        ):  # fmt: skip
            with pytest.raises(DatabaseError) as refusal, transaction.atomic():
                cursor.execute(statement)
            assert isinstance(refusal.value.__cause__, psycopg.errors.InsufficientPrivilege), statement


@pytest.mark.django_db
def test_roles_have_no_more_than_they_need() -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT rolname, rolsuper, rolbypassrls, rolcreaterole, rolreplication FROM pg_roles"
            " WHERE rolname LIKE 'amber\\_%' ORDER BY rolname"
        )
        assert cursor.fetchall() == [
            (name, False, False, False, False) for name in ("amber_app", "amber_owner", "amber_purge")
        ]
        cursor.execute("SELECT rolname FROM pg_roles WHERE rolname LIKE 'amber\\_%' AND rolcreatedb")
        assert set(cursor.fetchall()) <= {("amber_owner",)}
        cursor.execute(
            "SELECT relname, privilege FROM pg_class,"
            " unnest(ARRAY['INSERT', 'UPDATE', 'TRUNCATE', 'REFERENCES', 'TRIGGER']) privilege"
            " WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace"
            " AND has_table_privilege('amber_purge', pg_class.oid, privilege)"
        )
        assert cursor.fetchall() == []
        cursor.execute(
            "SELECT relname, privilege FROM pg_class, unnest(ARRAY['TRUNCATE', 'REFERENCES', 'TRIGGER']) privilege"
            " WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace"
            " AND has_table_privilege('amber_app', pg_class.oid, privilege)"
        )
        assert cursor.fetchall() == []


# Sizes and names


def test_no_file_is_longer_than_four_hundred_lines() -> None:
    files = [*python_files(*CODE, "tests"), *sorted((ROOT / "templates").rglob("*.*"))]
    assert len(files) > 100
    long = {name_of(path): count for path in files if (count := len(path.read_text().splitlines())) > MOST_LINES}
    assert long == {}


def test_no_function_is_longer_than_sixty_lines() -> None:
    long = {
        f"{name_of(path)}:{node.lineno} {node.name}": node.end_lineno - node.lineno + 1
        for path in python_files(*CODE, "tests")
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
        and node.end_lineno - node.lineno + 1 > MOST_FUNCTION_LINES
    }
    assert long == {}


def test_names_of_files_explain_themselves() -> None:
    banned = [
        name_of(path)
        for folder in (*CODE, "tests", "templates", "static", "docs")
        for path in sorted((ROOT / folder).rglob("*"))
        if path.stem.lower().strip("_") in BANNED_NAMES and "__pycache__" not in path.parts
    ]
    assert banned == []


def test_every_module_says_what_it_is() -> None:
    silent = [
        name_of(path) for path in python_files(*CODE, "tests")
        if path.read_text().strip() and not ast.get_docstring(ast.parse(path.read_text()))
    ]  # fmt: skip
    assert silent == []


def test_code_calls_no_country_by_name() -> None:
    """Authority is data (design §3.2): nothing compares a country with a constant."""
    asking = [
        f"{name_of(path)}:{node.lineno}"
        for path in python_files(*CODE)
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.Compare)
        and any(getattr(side, "attr", getattr(side, "id", "")) == "country" for side in (node.left, *node.comparators))
        and any(isinstance(side, ast.Constant) and side.value in {"US", "MX", "CA"} for side in node.comparators)
    ]
    assert asking == []


def test_lock_names_no_address() -> None:
    lock = (ROOT / "requirements.lock").read_text()
    assert "--hash=sha256:" in lock
    assert not re.search(r"https?:|://|--(extra-)?index-url|--find-links|--trusted-host", lock)
    assert not re.search(r"\b[\w-]+(\.[\w-]+)*\.(org|com|net|io|dev|local|internal)\b", lock)
    pinned = re.findall(r"^([\w.\[\],-]+)==", lock, re.MULTILINE)
    requirements = [line for line in lock.splitlines() if line and not line.startswith((" ", "#"))]
    assert len(pinned) == len(requirements)
