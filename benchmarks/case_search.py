"""The list of cases at a million cases: first page, filters, deep pages, search; for a large and a small agency.

    make bench-case-search                 # a million cases, about five minutes on an idle machine
    make bench-case-search CASES=100000    # to try it

Everything runs in one process, interleaved, with medians of `--rounds` rounds: ours as the application, behind
row-level security, the floor as the owner of the database, whom no policy binds. Two pairs are
compared: our statements with the same question asked by hand without any right (SQL), and `CaseAccess.page` whole
(rights, page, capped count, rows as objects) with that question and the same rows as objects (page). The ratio is the
price of showing people only what they may see; milliseconds belong to the machine and are printed only to be read
beside it (docs/performance.md). Data are invented and dropped afterwards.
"""

from __future__ import annotations

import argparse
import os
import re
import statistics
import time
from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from typing import Any

import django
import psycopg

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings.test")
django.setup()

from django.db import connection  # noqa: E402

from agencies import access, scope  # noqa: E402
from agencies.choices import Capability  # noqa: E402
from agencies.keyset import read_key  # noqa: E402
from agencies.models import User  # noqa: E402
from benchmarks.case_data import DATABASE, LARGE, SMALL, build, sample_words  # noqa: E402
from cases.models import Case, CaseAccess  # noqa: E402
from cases.models.case_access import COUNT_CAP  # noqa: E402
from cases.models.case_search import CaseFilter, fold, name_parts  # noqa: E402
from tests.database import drop  # noqa: E402

PAGE = 50
DEEP_PAGES = 40
# The floor: the same questions without any right. Only our own clauses are put into the text.
LISTED = (
    "SELECT listed.id, listed.opened_at FROM cases_case listed WHERE true{clauses}"
    " ORDER BY listed.opened_at DESC, listed.id DESC LIMIT %s"
)
COUNTED = "SELECT count(*) FROM (SELECT 1 FROM cases_case listed WHERE true{clauses} LIMIT %s) capped"
FOUND = """
    WITH hits AS MATERIALIZED (
        SELECT listed.id, listed.opened_at
        FROM ({found}) found JOIN cases_case listed ON listed.id = found.case_id WHERE true{clauses}
    )
    SELECT id, opened_at, (SELECT count(*) FROM (SELECT 1 FROM hits LIMIT %s) capped) FROM hits
    ORDER BY opened_at DESC, id DESC LIMIT %s
"""
NAMED = (
    "amber_fold(given_names || ' ' || first_surname || ' ' || second_surname || ' ' || also_known_as || ' '"
    " || name_on_document) LIKE %s"
)
SIDES = ("our SQL", "floor SQL", "our page", "floor page")


@dataclass
class Question:
    """One way of asking for cases, and what it took each side in milliseconds."""

    name: str
    chosen: CaseFilter
    is_deep: bool = False
    took: dict[str, list[float]] = field(default_factory=lambda: {side: [] for side in SIDES})

    def row(self, label: str, found: int) -> str:
        """Return the line of the table: medians and the two ratios."""
        ours, floor, page, floor_page = (statistics.median(self.took[side]) for side in SIDES)
        return (
            f"{self.name:<26} {label:<6} {found:>6} {ours:>9.2f} {floor:>9.2f} {ours / floor:>7.2f}"
            f" {page:>9.2f} {floor_page:>9.2f} {page / floor_page:>7.2f}"
        )


def main() -> None:
    """Build, warm up, measure in turns, print the table, drop."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n", 1)[0])
    parser.add_argument("--cases", type=int, default=1_000_000)
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument("--keep", action="store_true", help="keep the database for another run")
    parser.add_argument("--explain", action="store_true", help="print the plans of our statements")
    options = parser.parse_args()
    started = time.monotonic()
    with scope.through_door("demo"):
        build(options.cases)
    print(f"{options.cases:,} cases over 200 agencies, built in {time.monotonic() - started:.0f} s", flush=True)
    print(f"{'question':<26} {'agency':<6} {'found':>6} {'SQL ms':>9} {'floor':>9} {'ratio':>7}"
          f" {'page ms':>9} {'floor':>9} {'ratio':>7}")  # fmt: skip
    try:
        for code in (LARGE, SMALL):
            with psycopg.connect(os.environ["DATABASE_OWNER_URL"], dbname=DATABASE, autocommit=True) as owner:
                measure(code, options, owner)
    finally:
        connection.close()
        if not options.keep:
            drop(DATABASE)


def measure(code: str, options: argparse.Namespace, owner: psycopg.Connection) -> None:
    """Measure every question of one agency's officer, ours and the floor in turns."""
    with scope.through_door("demo"):
        words = sample_words(code)
    person = User.objects.get(email=f"officer@{code}.example")
    questions = [
        Question("first page", CaseFilter()),
        Question("open cases", CaseFilter(statuses=("active", "located"))),
        Question("intakes (rare)", CaseFilter(statuses=("intake",))),
        Question("corridor toward Mexico", CaseFilter(origin="US", destination="MX")),
        Question("category (one in 50)", CaseFilter(category="NFA")),
        Question(f"page {DEEP_PAGES}", CaseFilter(), is_deep=True),
        Question("reference", CaseFilter(words=words["reference"])),
        Question("full name", CaseFilter(words=words["name"])),
        Question("common surname", CaseFilter(words=words["surname"])),
        Question("plate", CaseFilter(words=words["plate"])),
        Question("part of a plate", CaseFilter(words=words["plate"][:4])),
    ]
    with sight_of(person):
        deep = deep_key(person)
    for question in questions:
        key = deep if question.is_deep else ""
        with sight_of(person):
            sent = statements_of(person, question, key)
            if options.explain:
                explain(question, sent)
        asked: dict[str, Callable[[], Any]] = {
            "our SQL": lambda sent=sent: run(sent),  # type: ignore[misc]
            "floor SQL": lambda q=question, key=key: ask_floor(owner, q.chosen, key),  # type: ignore[misc]
            "our page": lambda q=question, key=key: ask_ours(person, q.chosen, key),  # type: ignore[misc]
            "floor page": lambda q=question, key=key: as_objects(ask_floor(owner, q.chosen, key)),  # type: ignore[misc]
        }
        for turn in range(-1, options.rounds):
            for side in SIDES if turn % 2 else reversed(SIDES):
                with sight_of(person if side.startswith("our") else None):
                    begun = time.perf_counter()
                    asked[side]()
                    took = time.perf_counter() - begun
                if turn >= 0:  # the first turn warms up
                    question.took[side].append(took * 1000)
        with sight_of(person):
            found = ask_ours(person, question.chosen, key)
        print(question.row("large" if code == LARGE else "small", found), flush=True)


def sight_of(person: User | None) -> AbstractContextManager[None]:
    """Give the connection the sight of a person's agencies, or for the floor that of everybody."""
    if person is None:
        return scope.through_door("demo")
    return scope.acting_for(access.agency_ids(person, Capability.VIEW_CASES))


def statements_of(person: User, question: Question, key: str) -> list[tuple[str, Any]]:
    """Return the statements that find our page and its count, with their values."""
    sent: list[tuple[str, Any]] = []

    def keep(execute: Any, sql: str, values: Any, many: bool, context: Any) -> Any:
        sent.append((sql, values))
        return execute(sql, values, many, context)

    with connection.execute_wrapper(keep):
        ask_ours(person, question.chosen, key)
    return [(sql, values) for sql, values in sent if "cases_caseaccess" in sql]


def run(sent: list[tuple[str, Any]]) -> None:
    """Send statements as they are."""
    with connection.cursor() as cursor:
        for sql, values in sent:
            cursor.execute(sql, values)
            cursor.fetchall()


def as_objects(ids: list[Any]) -> None:
    """Read the rows of a page as the application does."""
    Case.objects.select_related("lead_agency", "origin").in_bulk(ids[:PAGE])


def ask_ours(person: User, chosen: CaseFilter, after: str) -> int:
    """Ask as the page does, with nothing remembered of the person's rights; return the capped count."""
    if hasattr(person, "_capabilities_now"):
        del person._capabilities_now
    return CaseAccess.page(person, after=after, limit=PAGE, chosen=chosen).count


def deep_key(person: User) -> str:
    """Walk to a deep page and return its key; of few cases the key of the tenth."""
    after = ""
    for _page in range(DEEP_PAGES):
        following = CaseAccess.page(person, after=after, limit=PAGE).after
        if not following:
            break
        after = following
    return after or CaseAccess.page(person, limit=10).after


def ask_floor(owner: psycopg.Connection, chosen: CaseFilter, after: str) -> list[Any]:
    """Ask the same of the database by hand, as its owner, whom no policy binds: the ids of one page, and the count."""
    clauses, values = chosen.conditions()
    clauses = clauses.replace("access.opened_at", "listed.opened_at").replace("access.case_id", "listed.id")
    with owner.cursor() as cursor:
        if chosen.is_search:
            found, words = found_by_hand(chosen.words)
            cursor.execute(FOUND.format(found=found, clauses=clauses), [*words, *values, COUNT_CAP + 1, PAGE + 1])
            return [row[0] for row in cursor.fetchall()]
        key = " AND (listed.opened_at, listed.id) < (%s, %s)" if after else ""
        key_values: list[Any] = list(read_key(after)) if after else []
        cursor.execute(LISTED.format(clauses=clauses + key), [*values, *key_values, PAGE + 1])
        ids = [row[0] for row in cursor.fetchall()]
        cursor.execute(COUNTED.format(clauses=clauses), [*values, COUNT_CAP + 1])
        cursor.fetchall()
        return ids


def found_by_hand(words: str) -> tuple[str, list[Any]]:
    """Return the SQL of the ids of all cases that these words may mean, asked of each table's own index."""
    if re.fullmatch(r"[A-Z]{2}-[A-Z0-9]{1,3}-\d{4}-\d{5,}", words):
        return "SELECT id AS case_id FROM cases_case WHERE reference = %s", [words]
    parts = [f"%{part}%" for part in name_parts(words)]
    named = " AND ".join([NAMED] * len(parts))
    key = f"%{fold(words).replace(' ', '').upper()}%"
    asked: list[tuple[str, str, list[str]]] = [
        ("case_id FROM cases_child", named, parts),
        ("case_id FROM cases_person", named, parts),
        ("case_id FROM cases_vehicle", "amber_plate(plate) LIKE %s", [key]),
        ("case_id FROM cases_plate", "search_key LIKE %s", [key]),
        ("case_id FROM cases_externalreference", "search_key LIKE %s", [key]),
        ("id FROM cases_case", "amber_fold(reference || ' ' || agency_reference) LIKE %s", [f"%{fold(words)}%"]),
    ]
    sql = " UNION ".join(f"SELECT {source} WHERE {test}" for source, test, _told in asked)
    return sql, [value for _source, _test, told in asked for value in told]


def explain(question: Question, sent: list[tuple[str, Any]]) -> None:
    """Print the plans of our statements."""
    for sql, values in sent:
        with connection.cursor() as cursor:
            cursor.execute("EXPLAIN (ANALYZE, COSTS OFF) " + sql, values)
            print("\n".join(["", f"-- {question.name}", *(row[0] for row in cursor.fetchall())]), flush=True)


if __name__ == "__main__":
    main()
