"""Take every check away in turn and let the tests find it: `make mutants`, or `ARGS="--mutants can_edit_case"`.

Django is set up and the tests are collected once. Each of two processes clones a database and forks for every mutant;
the fork changes the check in memory and runs tests until one fails. First come the tests that killed the mutant last
time (killers.csv, a hint only). What those do not kill is tried on every test that asks the check, found by watching
one run of all tests. A test counts only if it passes without the mutant and fails elsewhere than in the exchanged
check itself. Ends with an error when a mutant survives.
"""

from __future__ import annotations

import csv
import json
import os
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.mutants.changes import Place
from tests.mutants.places import Mutant, code_places, find_mutants, nothing
from tests.mutants.workers import Asked, Trial, Verdict, ask_all, spread

HINTS = Path(__file__).with_name("killers.csv")
ASKED = Path("build/mutants/asked.json")
# Their failure says that a number or a picture changed, not that somebody saw or did what they may not.
SAY_NOTHING = (
    "tests/browser/", "tests/reliability/", "tests/mutants/", "tests/project/test_query_counts.py", "_speed.py",
    "tests/project/test_page_weight.py", "tests/project/test_mutants.py", "tests/project/test_embedded.py",
    "tests/alerts/test_demo_data.py", "tests/project/test_every_screen.py", "tests/project/test_pseudo_language.py",
)  # fmt: skip
OF_THE_DATABASE = ("tests/project/test_second_lock.py", "tests/project/test_policies.py", "tests/project/test_revoc")
MOST_HINTS = 3


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add what to try and with how many processes."""
    group = parser.getgroup("mutants")
    group.addoption("--mutants", default="", help="only those whose name holds one of these words, apart by commas")
    group.addoption("--mutant-processes", type=int, default=2)
    group.addoption("--mutants-list", action="store_true", help="name the mutants and run nothing")
    group.addoption(
        "--no-search", action="store_true", help="only the tests named in killers.csv or on the command line"
    )
    group.addoption("--asked-before", action="store_true", help="which test asks what is known from the last search")
    group.addoption("--write-killers", action="store_true", help="write down which test killed which mutant")


@pytest.hookimpl(tryfirst=True)
def pytest_runtestloop(session: pytest.Session) -> bool:
    """Run mutants instead of tests."""
    say = session.config.get_terminal_writer().line
    option = session.config.option
    unblock = session.config.stash[_blocker()].unblock
    with unblock():
        found = find_mutants()
    words = [word for word in option.mutants.split(",") if word]
    chosen = [mutant for mutant in found if not words or any(word in mutant.name for word in words)]
    if words and any(word in nothing().name for word in words):
        chosen.append(nothing())
    if option.mutants_list:
        for mutant in chosen:
            say(mutant.name)
        return True
    began = time.monotonic()
    tests = {item.nodeid: item for item in session.items if not any(part in item.nodeid for part in SAY_NOTHING)}
    verdicts: dict[str, Verdict] = {}
    try:
        verdicts.update(_by_hints(chosen, tests, session, say))
        if not option.no_search:
            left = [mutant for mutant in chosen if not verdicts[mutant.name].killed_by]
            for name, verdict in _by_search(left, tests, session, say):
                verdicts[name] = verdict
    finally:
        if option.write_killers:
            _write_down(verdicts, {mutant.name for mutant in found})
    _sum_up(verdicts, time.monotonic() - began, say)
    session.testsfailed = sum(not verdict.killed_by and not verdict.is_idle for verdict in verdicts.values())
    return True


def pytest_sessionfinish(session: pytest.Session, exitstatus: int) -> None:
    """Tell the shell whether a mutant survived."""
    session.exitstatus = pytest.ExitCode.TESTS_FAILED if session.testsfailed else pytest.ExitCode.OK


def _blocker() -> Any:
    from pytest_django.plugin import blocking_manager_key

    return blocking_manager_key


def _by_hints(
    mutants: list[Mutant], tests: dict[str, pytest.Item], session: pytest.Session, say: Any
) -> Iterator[tuple[str, Verdict]]:
    """Try each mutant on the tests that killed it before; a run of few named tests tries those."""
    hints = read_hints()
    few = list(tests) if session.config.option.no_search and len(tests) < 40 else []
    trials = [
        Trial(mutant, [test for hint in hints.get(mutant.name, ()) for test in _named(hint, tests)] + few)
        for mutant in mutants
    ]
    for verdict in spread(trials, tests, session):
        if verdict.killed_by or session.config.option.no_search:
            say(str(verdict))
        yield verdict.name, verdict


def _named(hint: str, tests: dict[str, pytest.Item]) -> list[str]:
    """Return the tests that a hint names: one, or every case of a test named without its parameters."""
    return [hint] if hint in tests else [test for test in tests if test.startswith(f"{hint}[")]


def _by_search(
    mutants: list[Mutant], tests: dict[str, pytest.Item], session: pytest.Session, say: Any
) -> Iterator[tuple[str, Verdict]]:
    """Try each mutant on every test that asks what it changes, those first that expect a refusal, then the quick."""
    if not mutants:
        return
    say(f"{len(mutants)} to be searched for")
    asked = _asked(code_places(mutants), tests, session)
    trials = []
    for mutant in mutants:
        if mutant.place is None:
            candidates = [test for test in tests if test.startswith(OF_THE_DATABASE)]
        else:
            candidates = asked.of(mutant.place.name)
        trials.append(Trial(mutant, candidates, is_whole=True))
    for verdict in spread(trials, tests, session):
        say(str(verdict))
        yield verdict.name, verdict


def _asked(places: list[Place], tests: dict[str, pytest.Item], session: pytest.Session) -> Asked:
    """Return which test asks what; kept under build/ for `--asked-before`, which spares the run of all tests."""
    if session.config.option.asked_before and ASKED.exists():
        return Asked(json.loads(ASKED.read_text()))
    asked = ask_all(places, tests, session) if places else Asked()
    ASKED.parent.mkdir(parents=True, exist_ok=True)
    ASKED.write_text(json.dumps(asked.by))
    return asked


def read_hints() -> dict[str, list[str]]:
    """Return the tests that killed each mutant last."""
    hints: dict[str, list[str]] = {}
    if HINTS.exists():
        with HINTS.open(newline="") as file:
            for row in csv.DictReader(file):
                hints.setdefault(row["mutant"], []).append(row["test"])
    return hints


def _write_down(verdicts: dict[str, Verdict], names: set[str]) -> None:
    hints = {name: tests for name, tests in read_hints().items() if name in names}
    for name, verdict in verdicts.items():
        if verdict.killed_by:
            hints[name] = list(dict.fromkeys([verdict.killed_by, *hints.get(name, ())]))[:MOST_HINTS]
    staging = HINTS.with_suffix(f".{os.getpid()}")
    with staging.open("w", newline="") as file:
        rows = csv.writer(file, lineterminator="\n")
        rows.writerow(("mutant", "test"))
        rows.writerows((name, test) for name in sorted(hints) for test in hints[name] if name != nothing().name)
    staging.replace(HINTS)


def _sum_up(verdicts: dict[str, Verdict], seconds: float, say: Any) -> None:
    killed = sum(bool(verdict.killed_by) for verdict in verdicts.values())
    idle = [verdict for verdict in verdicts.values() if verdict.is_idle]
    counted = len(verdicts) - len(idle)
    for verdict in verdicts.values():
        if not verdict.killed_by and not verdict.is_idle:
            say(f"SURVIVED {verdict.name}")
    say(f"killed {killed} of {counted} in {seconds / 60:.1f} minutes; {len(idle)} are inherited and never asked")
