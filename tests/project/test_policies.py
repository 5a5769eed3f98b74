"""Each policy by itself: what a table shows and takes (ADR 32). `make mutants` opens each in turn."""

from __future__ import annotations

import json
from typing import Any

import pytest
from django.db import DatabaseError, connection, transaction

from agencies import access, scope
from tests.project.test_second_lock import count, protected, tables
from tests.project.whole_world import fill

pytestmark = pytest.mark.django_db


def columns_of(table: str) -> str:
    """Return the names of the columns that may be written."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT string_agg(quote_ident(column_name), ', ') FROM information_schema.columns"
            " WHERE table_schema = 'public' AND table_name = %s AND is_generated = 'NEVER' AND is_identity = 'NO'",
            [table],
        )
        return str(cursor.fetchone()[0])


def a_row_of(table: str) -> str:
    """Return one row as JSON."""
    with connection.cursor() as cursor:
        cursor.execute(f'SELECT to_jsonb(kept) FROM "{table}" kept LIMIT 1')  # noqa: S608  our own table
        return json.dumps(json.loads(cursor.fetchone()[0]))


def write(table: str, row: str) -> None:
    """Write a row back a second time: refused by the policy before any constraint is asked."""
    columns = columns_of(table)
    with connection.cursor() as cursor, transaction.atomic():
        cursor.execute(
            f'INSERT INTO "{table}" ({columns}) SELECT {columns} FROM jsonb_populate_record(NULL::"{table}", %s)',  # noqa: S608
            [row],
        )


def test_every_table_shows_and_takes_nothing_from_an_agency_off_the_case(world: Any) -> None:
    fill(world)
    rows = {table: a_row_of(table) for _label, table in tables() if table in protected() and count(table)}
    assert set(rows) == protected()
    shown, taken = [], []
    with scope.acting_for(access.all_agency_ids(world.people["outsider"])):
        for table, row in rows.items():
            if count(table):
                shown.append(table)
            try:
                write(table, row)
            except DatabaseError as refusal:
                if "row-level security" not in str(refusal):  # a constraint was asked first: the policy let it pass
                    taken.append(f"{table}: {refusal}")
            else:
                taken.append(table)
    assert shown == []
    assert taken == []
