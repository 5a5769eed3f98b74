"""Every check that `make mutants` takes away: found in the code and in the database, not written down.

A new predicate, queryset or policy is found by itself. A predicate whose type says not what would allow everything
stops the run until `changes.allowing` knows it.
"""

from __future__ import annotations

import importlib
import inspect
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from dataclasses import dataclass
from functools import partial
from typing import Any

from tests import database
from tests.mutants.changes import FunctionPlace, Make, MethodPlace, Place, allowing, always, at_any_time, everything
from tests.mutants.changes import for_every_agency as every_agency

PREDICATES = ("agencies.access", "agencies.permissions", "cases.access", "cases.permissions", "alerts.permissions")
# Methods of querysets that decide which rows somebody sees, or which memberships and shares count now.
GATES = ("visible_to", "readable_by", "current", "valid")
OURS = ("agencies", "cases", "alerts")


@dataclass(frozen=True)
class Mutant:
    """One check taken away. `place` is where tests are watched asking; a change of the database has none."""

    name: str
    place: Place | None
    change: Callable[[str], AbstractContextManager[None]]

    @property
    def is_in_database(self) -> bool:
        """Say whether the database is changed, which every process sees that works on it."""
        return self.place is None


def find_mutants() -> list[Mutant]:
    """Return every mutant, in a fixed order. Needs the apps and a server of databases."""
    return [*predicates(), *gates(), *pages(), *policies()]


def nothing() -> Mutant:
    """Return a mutant that changes nothing: whatever claims to kill it is broken."""
    return Mutant("nothing is changed", None, lambda _database: nullcontext())


def _in_code(name: str, place: Place, make: Callable[[], Make]) -> Mutant:
    return Mutant(name, place, lambda _database: place.put(make()))


def predicates() -> Iterator[Mutant]:
    """Yield each function of the modules of permissions, replaced by one that allows.

    A question about things instead of a person (has a program people, has a share ended) has no answer that allows:
    it is replaced by either.
    """
    for module in map(importlib.import_module, PREDICATES):
        for _name, found in inspect.getmembers(module, inspect.isfunction):
            if found.__module__ != module.__name__:
                continue
            function: Any = inspect.unwrap(found)
            place, make = FunctionPlace(function), allowing(function)
            if make is not None:
                yield _in_code(f"{place.name} allows", place, make)
            if function.__annotations__["return"] == "bool" and "user" not in inspect.signature(function).parameters:
                yield _in_code(f"{place.name} says no", place, lambda: always(False))


def _models() -> Iterator[Any]:
    from django.apps import apps

    for app in OURS:
        yield from apps.get_app_config(app).get_models()


def _owner(owned: type, method: str) -> type | None:
    """Return the class of ours that a method comes from."""
    owner = next((cls for cls in owned.__mro__ if method in cls.__dict__), None)
    return owner if owner is not None and owner.__module__.partition(".")[0] in OURS else None


def gates() -> Iterator[Mutant]:
    """Yield each method of a queryset that decides who sees a row, replaced by every row, model by model."""
    for model in _models():
        rows = type(model._default_manager.get_queryset())
        for method in GATES:
            if owner := _owner(rows, method):
                place = MethodPlace(owner, method, model)
                yield _in_code(f"{place.name} keeps every row", place, lambda: everything)


def pages() -> Iterator[Mutant]:
    """Yield each way to list past `visible_to` (design §7), for every agency and for shares that are over."""
    for model in _models():
        if isinstance(model.__dict__.get("page"), classmethod):
            place = MethodPlace(model, "page", model)
            yield _in_code(f"{place.name} asks for every agency", place, lambda: every_agency)
            yield _in_code(f"{place.name} asks for no end", place, lambda: at_any_time)


POLICIES = """
    SELECT polrelid::regclass::text, polname, pg_get_expr(polqual, polrelid), pg_get_expr(polwithcheck, polrelid),
        (SELECT string_agg(rolname, ', ') FROM pg_roles WHERE pg_roles.oid = ANY (polroles))
    FROM pg_policy ORDER BY 1, 2
"""
QUESTIONS = """
    SELECT proname, pg_get_functiondef(oid), pg_get_function_arguments(oid) FROM pg_proc
    WHERE pronamespace = 'public'::regnamespace AND proname LIKE 'amber\\_%' AND prorettype = 'boolean'::regtype
        AND prokind = 'f' ORDER BY 1
"""


def policies() -> Iterator[Mutant]:
    """Yield each policy of a table opened for reading and for writing, or to everybody; and each question it asks."""
    template = database.ensure_template()
    for table, name, read, written, roles in database.run_as_owner(POLICIES, database=template):
        alter = f'ALTER POLICY "{name}" ON {table}'
        if read == "true":
            yield _in_database(f"{table} {name} is for everybody", f"{alter} TO PUBLIC", f"{alter} TO {roles}")
        else:
            yield _in_database(f"{table} {name} shows every row", f"{alter} USING (true)", f"{alter} USING ({read})")
        if written not in (None, "true"):
            back = f"{alter} WITH CHECK ({written})"
            yield _in_database(f"{table} {name} takes every row", f"{alter} WITH CHECK (true)", back)
    for name, definition, arguments in database.run_as_owner(QUESTIONS, database=template):
        yes = f"CREATE OR REPLACE FUNCTION {name}({arguments}) RETURNS boolean LANGUAGE sql AS 'SELECT true'"
        yield _in_database(f"{name} says yes", yes, definition)


def _in_database(name: str, there: str, back: str) -> Mutant:
    return Mutant(name, None, partial(_altered, there, back))


@contextmanager
def _altered(there: str, back: str, name: str) -> Iterator[None]:
    database.run_as_owner(there, database=name)
    try:
        yield
    finally:
        database.run_as_owner(back, database=name)


def code_places(mutants: list[Mutant]) -> list[Place]:
    """Return the places of these mutants, each once."""
    return list({mutant.place.name: mutant.place for mutant in mutants if mutant.place is not None}.values())


def is_inherited(place: Place | None) -> bool:
    """Say whether a method stands in a queryset that several models share."""
    if not isinstance(place, MethodPlace):
        return False
    return sum(place.owner in type(model._default_manager.get_queryset()).__mro__ for model in _models()) > 1
