"""A database with many invented cases, made in bulk from one sample row of each table."""

from __future__ import annotations

import os
from typing import Any

import psycopg
import psycopg.sql
from django.db import connection

from agencies.models import Agency, Membership, User
from agencies.services import ensure_role_groups, grant_membership
from cases.models import (
    Abduction,
    Case,
    CaseAccess,
    Child,
    CrossingIndication,
    ExternalReference,
    Person,
    Plate,
    Vehicle,
)
from cases.services.facts import record_facts
from cases.services.files import open_case
from cases.services.records import add_reference
from tests.database import as_owner, clone, drop, exists, run_as_owner, template_name

DATABASE = "amber_bench_cases"
AGENCIES = 200
LARGE, SMALL = "bench-001", "bench-200"
THREE, NOBODY = "officer@three.example", "nobody@bench.example"
OF_THE_SMALL = 400  # cases of the small agency, all in the oldest year
GIVEN = (
    "Ana", "María José", "Ximena", "Zoraida", "Élodie", "Maude", "Liam", "Mateo", "Santiago", "Noah", "Emma", "Olivia",
    "Lucía", "Valentina", "Regina", "Chloé", "Florence", "William", "Thomas", "Jacob", "Ashley", "Brandon", "Itzel",
    "Citlali", "Nicté", "Aisha", "Wei", "Priya", "Kateri", "Aurèle",
)  # fmt: skip
SYLLABLES = (
    "ba", "ber", "cas", "cor", "dal", "dor", "es", "fer", "gal", "gon", "her", "iba", "jua", "lam", "lo", "mar", "men",
    "mo", "nav", "no", "or", "pa", "per", "qui", "ra", "rey", "ro", "sal", "san", "so", "tor", "ul", "val", "var", "ze",
)  # fmt: skip
COMMON = ("García", "Hernández", "Smith", "Tremblay", "De la Cruz", "Saint-Pierre")

# The agencies' shares fall off steeply: the first has about a sixth of all cases, the last its few, all of 2012.
# In the order of time, as cases are opened: sorted by agency, every agency's rows would lie together on the disk.
SPINE = """
CREATE UNLOGGED TABLE bench_spine AS
SELECT n, opened_at, agency_id, row_number() OVER (PARTITION BY agency_id ORDER BY n) AS of_agency,
    (lpad(to_hex((extract(epoch FROM opened_at) * 1000)::bigint), 12, '0') || '7' || substr(md5('c' || n), 1, 3)
        || '8' || substr(md5('c' || n), 4, 15))::uuid AS id
FROM (
    SELECT n,
        CASE WHEN n <= {small} THEN timestamptz '2012-03-01' + n * interval '12 hours'
            ELSE timestamptz '2013-01-01' + (n::float8 / {cases}) * interval '4900 days' END AS opened_at,
        ids[CASE WHEN n <= {small} THEN {agencies}
            ELSE 1 + least({agencies} - 2, floor(({agencies} - 1) * power(hash, 3))::int) END] AS agency_id
    FROM (
        SELECT n, (hashint8(n)::bigint + 2147483648) / 4294967296.0 AS hash
        FROM generate_series(1, {cases}) n
    ) numbers CROSS JOIN (
        SELECT array_agg(id ORDER BY code) AS ids FROM agencies_agency WHERE code LIKE 'bench-%'
    ) known
) placed
ORDER BY n
"""
STATUS = (
    "CASE WHEN spine.n % 997 = 0 THEN 'intake' WHEN spine.opened_at > timestamptz '2026-05-01' AND spine.n % 3 = 0"
    " THEN 'active' WHEN spine.n % 4999 = 0 THEN 'located' WHEN spine.n % 40 = 0 THEN 'unfounded' ELSE 'closed' END"
)


MADE = "SELECT (SELECT count(*) FROM bench_spine), obj_description('bench_spine'::regclass)"


def build(cases: int) -> None:
    """Make the database unless it is there with so many cases, and point Django at it as the application's role.

    One that an earlier version of the tables filled is made anew.
    """
    if exists(DATABASE) and run_as_owner(MADE, database=DATABASE) != [(cases, template_name())]:
        drop(DATABASE)
    if not exists(DATABASE):
        clone(DATABASE)
        with as_owner(DATABASE):
            _samples()
            connection.close()
        with psycopg.connect(os.environ["DATABASE_OWNER_URL"], dbname=DATABASE, autocommit=True) as owner:
            _fill(owner, cases)
            owner.execute(psycopg.sql.SQL("COMMENT ON TABLE bench_spine IS {}").format(template_name()))
    connection.close()
    connection.settings_dict["NAME"] = DATABASE


def sample_words(code: str) -> dict[str, str]:
    """Return what the agency's officer looks for: of a case of theirs its number, a name, a plate."""
    case = Case.objects.filter(lead_agency__code=code).order_by("opened_at")[OF_THE_SMALL // 2 : OF_THE_SMALL][0]
    child = Child.objects.filter(case=case).get()
    plate = Plate.objects.filter(case__lead_agency__code=code).order_by("case__opened_at").first()
    return {
        "reference": case.reference, "name": f"{child.given_names} {child.first_surname} {child.second_surname}",
        "surname": COMMON[0], "plate": plate.number if plate else "",
    }  # fmt: skip


def people(count: int) -> None:
    """Spread people over the agencies until there are so many; one is in the three largest agencies, one in none."""
    if User.objects.filter(email=NOBODY).exists():
        return
    agencies = list(Agency.objects.filter(code__startswith="bench-").order_by("code"))
    made = User.objects.bulk_create(
        User(email=f"person{number}@bench.example", full_name="Bench Person")
        for number in range(count - 2 - User.objects.count())
    )
    Membership.objects.bulk_create(
        Membership(user=person, agency=agencies[number % len(agencies)], role="coordinator")
        for number, person in enumerate(made)
    )
    User.objects.create_user(NOBODY, full_name="Bench Nobody")
    three = User.objects.create_user(THREE, full_name="Bench Officer")
    for agency in agencies[:3]:
        grant_membership(user=three, agency=agency, role="coordinator", by=None)


def _samples() -> None:
    """Make the agencies, their officers, and one case with everything that the search looks at."""
    sample = Agency.objects.get(code="us-ca-chp")
    for number in range(1, AGENCIES + 1):
        sample.pk, sample.code = None, f"bench-{number:03d}"
        sample._state.adding = True
        sample.save()
    ensure_role_groups(*Agency.objects.filter(code__startswith="bench-"))
    for code in (LARGE, SMALL):
        person = User.objects.create_user(f"officer@{code}.example", full_name="Bench Officer")
        grant_membership(user=person, agency=Agency.objects.get(code=code), role="coordinator", by=None)
    officer = User.objects.get(email=f"officer@{LARGE}.example")
    case = open_case(by=officer, agency=Agency.objects.get(code=LARGE))
    rows: list[Any] = [
        (Child(given_names="A"), ["given_names"]), (Person(given_names="A"), ["given_names"]),
        (Vehicle(plate="A1"), ["plate"]), (CrossingIndication(toward="MX"), ["toward"]),
    ]  # fmt: skip
    record_facts(case=case, by=officer, items=rows)
    add_reference(case=case, by=officer, kind="nic", number="M1")


def _fill(owner: Any, cases: int) -> None:
    """Multiply the sample case.

    Indexes are made again when the rows are there, as a restore does; references between tables are not: reading
    asks nothing of them.
    """
    owner.execute("SET synchronous_commit = off")
    owner.execute("SET maintenance_work_mem = '512MB'; SET work_mem = '128MB'")
    owner.execute(SPINE.format(small=OF_THE_SMALL, cases=cases, agencies=AGENCIES))
    models = (Case, Abduction, CaseAccess, Child, Person, Vehicle, Plate, ExternalReference)
    tables = [model._meta.db_table for model in models]
    indexes = _drop_indexes(owner, tables)
    _drop_references(owner, tables)
    _fill_cases(owner)
    _fill_descriptions(owner)
    for definition in indexes:
        owner.execute(definition)
    # For the floor only: what an unrestricted list would walk.
    owner.execute("CREATE INDEX bench_floor ON cases_case (opened_at DESC, id DESC)")
    owner.execute("VACUUM ANALYZE")


def _fill_cases(owner: Any) -> None:
    """Make the cases, their events, and who is on them: the lead agency, and for a tenth of them one more."""
    year = "extract(year FROM spine.opened_at)"
    _multiply(owner, Case, {
        "id": "spine.id", "reference": f"'US-CA-' || {year} || '-' || lpad(spine.n::text, 7, '0')",
        "agency_reference": "'F/' || spine.of_agency", "lead_agency_id": "spine.agency_id", "status": STATUS,
        "opened_at": "spine.opened_at", "facts_changed_at": "spine.opened_at",
        "destination_country": "CASE WHEN spine.n % 25 = 0 THEN 'MX' ELSE '' END",
    })  # fmt: skip
    _multiply(owner, Abduction, {
        "id": _uuid("e"), "case_id": "spine.id",
        "category_at_intake": "CASE WHEN spine.n % 50 = 0 THEN 'NFA' WHEN spine.n % 3 = 0 THEN 'ERU' ELSE 'FAM' END",
    })  # fmt: skip
    access = {"id": None, "case_id": "spine.id", "opened_at": "spine.opened_at", "granted_at": "spine.opened_at"}
    _multiply(owner, CaseAccess, {**access, "agency_id": "spine.agency_id"})
    second = "(SELECT min(id) FROM agencies_agency WHERE code LIKE 'bench-%') + 1"
    _multiply(
        owner, CaseAccess, {**access, "level": "'look'", "purpose": "'request'", "agency_id": f"({second})"},
        where=f"spine.n % 10 = 3 AND spine.agency_id <> {second}",
    )  # fmt: skip


def _fill_descriptions(owner: Any) -> None:
    """Make what is searched: a child each, a person in half of the cases, a vehicle with a plate in two thirds."""
    given, common, syllables = _array(GIVEN), _array(COMMON), _array(SYLLABLES)
    surname = (
        f"CASE WHEN spine.n % 12 = 0 THEN {common}[1 + spine.n / 12 % {len(COMMON)}] ELSE initcap("
        + " || ".join(f"{syllables}[1 + abs(hashint8(spine.n * {prime})) % {len(SYLLABLES)}]" for prime in (3, 7, 11))
        + ") END"
    )
    plate = "upper(substr(md5('p' || spine.n), 1, 7))"
    for model, salt in ((Child, "k"), (Person, "s")):
        _multiply(owner, model, {
            "id": _uuid(salt), "case_id": "spine.id", "first_surname": surname,
            "second_surname": surname.replace("spine.n", "(spine.n + 5)"),
            "given_names": f"{given}[1 + abs(hashint8(spine.n * 13)) % {len(GIVEN)}]",
        }, where="true" if salt == "k" else "spine.n % 2 = 0")  # fmt: skip
    with_plate = "spine.n % 3 <> 0"
    _multiply(owner, Vehicle, {"id": _uuid("v"), "case_id": "spine.id", "plate": plate}, where=with_plate)
    _multiply(owner, Plate, {
        "id": _uuid("p"), "case_id": "spine.id", "vehicle_id": _uuid("v"), "number": plate,
    }, where=with_plate)  # fmt: skip
    _multiply(owner, ExternalReference, {
        "id": _uuid("r"), "case_id": "spine.id", "number": "'M' || spine.n",
    }, where="spine.n % 5 = 0")  # fmt: skip


def _array(words: tuple[str, ...]) -> str:
    return "(ARRAY[" + ", ".join("'" + word.replace("'", "''") + "'" for word in words) + "])"


def _uuid(salt: str) -> str:
    return f"md5('{salt}' || spine.n)::uuid"


def _multiply(owner: Any, model: Any, values: dict[str, str | None], where: str = "true") -> None:
    """Insert one row per case: the given expressions, everything else as in the sample row."""
    table = model._meta.db_table
    columns = [
        field.column for field in model._meta.concrete_fields
        if not field.generated and not (field.column in values and values[field.column] is None)
    ]  # fmt: skip
    taken = ", ".join(values.get(name) or f"sample.{name}" for name in columns)
    owner.execute(
        f"INSERT INTO {table} ({', '.join(columns)}) SELECT {taken} FROM bench_spine spine"  # noqa: S608
        f" CROSS JOIN (SELECT * FROM {table} ORDER BY id LIMIT 1) sample WHERE {where}"
    )


def _drop_references(owner: Any, tables: list[str]) -> None:
    """Drop the foreign keys of these tables, which would be checked row by row."""
    keys = owner.execute(
        "SELECT conrelid::regclass, conname FROM pg_constraint"
        " WHERE contype = 'f' AND conrelid::regclass::text = ANY(%s)",
        [tables],
    ).fetchall()
    for table, name in keys:
        owner.execute(f'ALTER TABLE {table} DROP CONSTRAINT "{name}"')


def _drop_indexes(owner: Any, tables: list[str]) -> list[str]:
    """Drop what is no constraint, and return how to make it again."""
    found = owner.execute(
        "SELECT indexname, indexdef FROM pg_indexes WHERE tablename = ANY(%s) AND indexname NOT IN"
        " (SELECT conname FROM pg_constraint)", [tables],
    ).fetchall()  # fmt: skip
    for name, _definition in found:
        owner.execute(f'DROP INDEX "{name}"')
    return [definition for _name, definition in found]
