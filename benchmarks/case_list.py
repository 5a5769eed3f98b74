"""The list of cases for everybody: a million cases, 200 agencies, 5,000 people, behind row-level security.

    make bench-case-list                 # a million cases; fails outside the limits
    make bench-case-list CASES=100000    # to try it

Users of five kinds take turns with the floors, in one process, interleaved; medians of `--rounds` rounds. Ours runs
as the application, behind the policies; the floors as the owner of the tables, whom no policy binds.

- *SQL*: our statements of the first page (page and capped count) against an unrestricted query of the same shape.
- *page*: `CaseAccess.page` whole, rights asked anew, against the same page and count by the ORM without any right.
- *one case*: `visible_to(user).get(pk)` against the ORM's look-up by primary key.

The limits are those of the project's promise (docs/performance.md). Data are invented and dropped afterwards.
"""

from __future__ import annotations

import argparse
import os
import statistics
import sys
import time
from collections.abc import Callable
from typing import Any

import django
import psycopg

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings.test")
django.setup()

from django.db import connection, connections  # noqa: E402
from django.test.utils import CaptureQueriesContext  # noqa: E402

from agencies import access, scope  # noqa: E402
from agencies.choices import Capability  # noqa: E402
from agencies.models import User  # noqa: E402
from benchmarks.case_data import DATABASE, LARGE, NOBODY, SMALL, THREE, build, people  # noqa: E402
from benchmarks.case_search import DEEP_PAGES, PAGE, ask_floor, run, sight_of  # noqa: E402
from cases.models import Case, CaseAccess  # noqa: E402
from cases.models.case_access import COUNT_CAP  # noqa: E402
from cases.models.case_search import CaseFilter  # noqa: E402
from config.settings.base import database_from_url  # noqa: E402
from tests.database import drop  # noqa: E402

FLOOR = "floor"
KINDS = {"small": f"officer@{SMALL}.example", "large": f"officer@{LARGE}.example", "three large": THREE}
# The promise: what is measured, and how many times its floor it may take.
LIMITS = {"SQL": 3.0, "page": 2.0, "deep": 1.5, "one case": 3.0, "slowest": 2.0}
Asked = dict[str, Callable[[], Any]]


def main() -> None:
    """Build, measure in turns, print the table, drop; leave with 1 outside the limits."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n", 1)[0])
    parser.add_argument("--cases", type=int, default=1_000_000)
    parser.add_argument("--users", type=int, default=5_000)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--turns", type=int, default=20, help="askings of each side in a round, which is their median")
    parser.add_argument("--keep", action="store_true", help="keep the database for another run")
    options = parser.parse_args()
    started = time.monotonic()
    with scope.through_door("demo"):
        build(options.cases)
        people(options.users)
    print(f"{options.cases:,} cases, 200 agencies, {User.objects.count():,} people,"
          f" built in {time.monotonic() - started:.0f} s", flush=True)  # fmt: skip
    try:
        connect_floor()
        # Statements are planned anew each time on both sides: the application's connections prepare none.
        with psycopg.connect(
            os.environ["DATABASE_OWNER_URL"], dbname=DATABASE, autocommit=True, prepare_threshold=None
        ) as owner:
            broken = table(measure(options, owner)) + queries_of_nobody()
    finally:
        connections.close_all()
        if not options.keep:
            drop(DATABASE)
    if broken:
        sys.exit("outside the limits: " + "; ".join(broken))


def connect_floor() -> None:
    """Give the ORM a second connection to the same database as its owner, whom no policy binds."""
    owner = database_from_url(os.environ["DATABASE_OWNER_URL"])
    connections.settings[FLOOR] = {**connection.settings_dict, **owner, "NAME": DATABASE}


def measure(options: argparse.Namespace, owner: psycopg.Connection) -> dict[str, dict[str, float]]:
    """Return for each kind of person the medians in milliseconds of each side."""
    asked = {kind: askings(User.objects.get(email=email), owner) for kind, email in KINDS.items()}
    took: dict[tuple[str, str], list[float]] = {(kind, side): [] for kind in asked for side in asked[kind]}
    persons = {kind: User.objects.get(email=email) for kind, email in KINDS.items()}
    for number in range(-1, options.rounds):
        turns: dict[tuple[str, str], list[float]] = {key: [] for key in took}
        for turn in range(options.turns):  # one asking of each side after the other: what disturbs, disturbs all alike
            for kind, side in sorted(took, reverse=bool(turn % 2)):
                with sight_of(None if side.startswith("floor") else persons[kind]):
                    turns[kind, side].append(clocked(asked[kind][side]))
        for key, found in turns.items():
            if number >= 0:  # the first round warms up
                took[key].append(statistics.median(found))
    return {kind: {side: statistics.median(took[kind, side]) for side in asked[kind]} for kind in asked}


def clocked(ask: Callable[[], Any]) -> float:
    """Return how many milliseconds one asking takes."""
    begun = time.perf_counter()
    ask()
    return (time.perf_counter() - begun) * 1000


def askings(person: User, owner: psycopg.Connection) -> Asked:
    """Return what is asked for one person, ours and the floors."""
    everything = CaseFilter()
    with sight_of(person):
        deep = deep_key(person)
        sent, sent_deep = statements(person, ""), statements(person, deep)
        one = CaseAccess.page(person, after=deep, limit=1).cases[0].pk
    return {
        "SQL": lambda: run(sent), "floor SQL": lambda: ask_floor(owner, everything, ""),
        "SQL deep": lambda: run(sent_deep),
        "page": lambda: ours(person, ""), "page deep": lambda: ours(person, deep), "floor page": unrestricted,
        "one case": lambda: one_of(person, one), "floor one case": lambda: Case.objects.using(FLOOR).get(pk=one),
    }  # fmt: skip


def deep_key(person: User) -> str:
    """Walk to a deep page and return its key; of few cases the key of the last whole page."""
    after = ""
    for _page in range(DEEP_PAGES):
        following = CaseAccess.page(person, after=after, limit=PAGE)
        if not following.after or len(CaseAccess.page(person, after=following.after, limit=PAGE).cases) < PAGE:
            break
        after = following.after
    return after


def statements(person: User, key: str) -> list[tuple[str, Any]]:
    """Return the statements that find a page and its count, with their values."""
    sent: list[tuple[str, Any]] = []

    def keep(execute: Any, sql: str, values: Any, many: bool, context: Any) -> Any:
        sent.append((sql, values))
        return execute(sql, values, many, context)

    with connection.execute_wrapper(keep):
        ours(person, key)
    return [(sql, values) for sql, values in sent if "FROM cases_caseaccess" in sql]


def ours(person: User, key: str) -> None:
    """Ask for a page as the list does, with nothing remembered of the person's rights."""
    access.forget(person)
    CaseAccess.page(person, after=key, limit=PAGE)


def one_of(person: User, pk: Any) -> None:
    """Look one case up as every page of a case does; the rights are those the request has asked for already."""
    access.agency_ids(person, Capability.VIEW_CASES)
    Case.objects.visible_to(person).get(pk=pk)


def unrestricted() -> None:
    """Ask the ORM for the same page and count without any right."""
    rows = Case.objects.using(FLOOR).order_by("-opened_at", "-pk")
    list(rows.select_related("lead_agency", "origin")[: PAGE + 1])
    rows[: COUNT_CAP + 1].count()


def table(found: dict[str, dict[str, float]]) -> list[str]:
    """Print the ratios beside the milliseconds; return those outside their limits."""
    broken = []
    print(f"{'':<12} {'measured':<22} {'ms':>8} {'floor ms':>9} {'ratio':>7} {'limit':>6}")
    for kind, took in found.items():
        pairs = [
            ("first page, SQL", "SQL", "floor SQL", "SQL"), ("first page, whole", "page", "floor page", "page"),
            ("deep page, SQL", "SQL deep", "SQL", "deep"), ("deep page, whole", "page deep", "page", "deep"),
            ("one case", "one case", "floor one case", "one case"),
        ]  # fmt: skip
        broken += [line(kind, name, took[side], took[floor], limit) for name, side, floor, limit in pairs]
    for side in ("SQL", "page"):
        speeds = sorted(took[side] for took in found.values())
        broken.append(line("all", f"slowest/fastest, {side}", speeds[-1], speeds[0], "slowest"))
    return [text for text in broken if text]


def line(kind: str, name: str, ms: float, floor: float, limit: str) -> str:
    """Print one line of the table; return what is outside its limit, or nothing."""
    ratio = ms / floor
    print(f"{kind:<12} {name:<22} {ms:>8.2f} {floor:>9.2f} {ratio:>7.2f} {LIMITS[limit]:>6.1f}", flush=True)
    return f"{kind}, {name}: {ratio:.2f} > {LIMITS[limit]}" if ratio > LIMITS[limit] else ""


def queries_of_nobody() -> list[str]:
    """Ask for somebody in no agency: once it is known that they have no rights, nothing is asked at all."""
    person = User.objects.get(email=NOBODY)
    access.agency_ids(person, Capability.VIEW_CASES)
    with sight_of(person), CaptureQueriesContext(connection) as asked:
        page = CaseAccess.page(person, limit=PAGE)
        rows = list(Case.objects.visible_to(person)[:PAGE])
    count = len([query for query in asked.captured_queries if "cases_" in query["sql"]])
    print(f"{'no agency':<12} {'queries':<22} {count:>8} {'':>9} {'':>7} {0:>6}", flush=True)
    return [f"nobody: {count} queries"] if count or page.cases or rows else []


if __name__ == "__main__":
    main()
