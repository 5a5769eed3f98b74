"""Databases for tests: migrated once as the owner, then cloned; never truncated.

The migrated template is kept under a name made from what went into it, so that a second run starts at once.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import psycopg
from django.core.management import call_command
from django.db import connection

ROOT = Path(__file__).resolve().parent.parent
MADE_FROM = (
    "*/migrations/*.py",
    "*/data/*.json",
    "agencies/management/commands/load_reference_data.py",
    "agencies/reference_files.py",
    "agencies/services.py",
    "agencies/permissions.py",
    "agencies/choices.py",
)


def template_name() -> str:
    """Return the template's name: a hash of the migrations and the reference data."""
    digest = hashlib.sha256()
    for pattern in MADE_FROM:
        for path in sorted(ROOT.glob(pattern)):
            digest.update(path.read_bytes())
    return f"amber_template_{digest.hexdigest()[:16]}"


@contextmanager
def as_owner(name: str) -> Iterator[None]:
    """Point Django's connection at a database as the owner, and back."""
    from config.settings.base import database_from_url

    connection.close()
    before = dict(connection.settings_dict)
    owner = database_from_url(os.environ["DATABASE_OWNER_URL"])
    connection.settings_dict.update({key: owner[key] for key in ("USER", "PASSWORD", "HOST", "PORT")}, NAME=name)
    try:
        yield
    finally:
        connection.close()
        connection.settings_dict.clear()
        connection.settings_dict.update(before)


def run_as_owner(sql: str, *, database: str = "postgres") -> list[Any]:
    """Run one statement outside a transaction, as the owner."""
    url = os.environ["DATABASE_OWNER_URL"]
    with psycopg.connect(url, dbname=database, autocommit=True) as owner:
        cursor = owner.execute(sql)
        return cursor.fetchall() if cursor.description else []


def exists(name: str) -> bool:
    """Say whether a database is there."""
    return bool(run_as_owner(f"SELECT 1 FROM pg_database WHERE datname = '{name}'"))  # noqa: S608


@contextmanager
def only_one_at_a_time() -> Iterator[None]:
    """Let the processes of one run make the template, or copy it, one after the other."""
    with psycopg.connect(os.environ["DATABASE_OWNER_URL"], dbname="postgres", autocommit=True) as owner:
        owner.execute("SELECT pg_advisory_lock(7353)")  # any number, the same for all
        yield


def ensure_template() -> str:
    """Make the migrated template unless it is there; return its name."""
    name = template_name()
    with only_one_at_a_time():
        if not exists(name):
            _build(name)
    return name


def _build(name: str) -> None:
    building = f"{name}_{os.getpid()}"
    run_as_owner(f'CREATE DATABASE "{building}" TEMPLATE template0')
    with as_owner(building):
        call_command("migrate", verbosity=0)
        call_command("load_reference_data", verbosity=0)
    for (old,) in run_as_owner("SELECT datname FROM pg_database WHERE datname LIKE 'amber_template_%'"):
        if old != building:
            drop(old)
    run_as_owner(f'ALTER DATABASE "{building}" RENAME TO "{name}"')


def clone(name: str) -> None:
    """Make a fresh database from the template."""
    drop(name)
    template = ensure_template()
    with only_one_at_a_time():  # PostgreSQL refuses to copy a template that somebody else is copying
        run_as_owner(f'CREATE DATABASE "{name}" TEMPLATE "{template}"')


def drop(name: str) -> None:
    """Remove a database, whoever is still connected."""
    run_as_owner(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')
