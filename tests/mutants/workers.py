"""Processes that try mutants: each with a database of its own, a fork for every trial, so that nothing is left over."""

from __future__ import annotations

import multiprocessing
import os
import pickle
import signal
import time
import traceback
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

import pytest
from _pytest.runner import runtestprotocol
from django.db import connection

from tests.mutants.changes import Place, noting
from tests.mutants.places import Mutant, is_inherited

MOST_SECONDS = 900  # of one trial
REFUSING = (
    "refus",
    "not",
    "only",
    "nobody",
    "never",
    "no_",
    "404",
    "outside",
    "foreign",
    "other",
    "elsewhere",
    "nothing",
)


@dataclass(frozen=True)
class Trial:
    """A mutant and the tests to try on it, in their order."""

    mutant: Mutant
    tests: list[str]
    is_whole: bool = False  # these are all the tests that could kill it


@dataclass(frozen=True)
class Verdict:
    """Which test killed a mutant, or none; how many were tried and how it failed."""

    name: str
    killed_by: str = ""
    tried: int = 0
    seconds: float = 0.0
    why: str = ""
    is_idle: bool = False

    def __str__(self) -> str:
        if self.is_idle:
            return f"idle     {self.name}: the portal never asks it"
        if self.killed_by:
            return f"killed   {self.name} ({self.seconds:.1f} s) by {self.killed_by}: {self.why}"
        return f"survived {self.name} ({self.tried} tests, {self.seconds:.0f} s) {self.why}"


@dataclass
class Asked:
    """Which tests ask which check, and how long each takes."""

    by: dict[str, dict[str, float]] = field(default_factory=dict)

    def of(self, place: str) -> list[str]:
        """Return the tests that ask it: those first whose name expects a refusal, then the quicker."""
        known = self.by.get(place, {})
        return sorted(known, key=lambda test: (not any(word in test for word in REFUSING), known[test]))


class _Nothing:
    """Stands for a test of elsewhere, so that only what belongs to the session stays set up."""

    def __init__(self, session: pytest.Session) -> None:
        self.session = session

    def listchain(self) -> list[Any]:
        return [self.session]


_PARENT = [os.getpid()]  # of this process; a worker or fork that outlives it ends itself


def _run(item: pytest.Item, session: pytest.Session) -> tuple[str, str]:
    """Run one test; return how it failed and the file where, or two empty strings."""
    if os.getppid() != _PARENT[-1]:
        os._exit(1)
    reports = runtestprotocol(item, log=False, nextitem=_Nothing(session))  # type: ignore[arg-type]
    for report in reports:
        if report.failed:
            crash = getattr(report.longrepr, "reprcrash", None)
            where = str(getattr(crash, "path", ""))
            message = str(getattr(crash, "message", report.longrepr)).strip().partition("\n")[0]
            return message[:160] or "failed", where
    return "", ""


def _forked(work: Callable[[], Any], seconds: int = MOST_SECONDS) -> Any:
    """Do something in a fork and return what it returns; None if it died or took too long."""
    connection.close()
    reading, writing = os.pipe()
    _PARENT.append(os.getpid())
    child = os.fork()
    if child == 0:
        try:
            os.close(reading)
            signal.signal(signal.SIGALRM, signal.SIG_DFL)
            signal.alarm(seconds)
            answer = pickle.dumps(work())
        except BaseException:  # whatever it is, the parent is told and this process ends here
            answer = pickle.dumps(RuntimeError(traceback.format_exc()))
        with os.fdopen(writing, "wb") as pipe:
            pipe.write(answer)
        os._exit(0)
    _PARENT.pop()
    os.close(writing)
    with os.fdopen(reading, "rb") as pipe:
        told = pipe.read()
    os.waitpid(child, 0)
    answer = pickle.loads(told) if told else None  # noqa: S301  our own child
    if isinstance(answer, RuntimeError):
        raise answer
    return answer


class _Worker:
    """What one process knows: the tests, its database, and which tests pass without a mutant."""

    def __init__(self, tests: dict[str, pytest.Item], session: pytest.Session) -> None:
        from pytest_django.plugin import blocking_manager_key

        self.tests, self.session = tests, session
        self.unblock = session.config.stash[blocking_manager_key].unblock
        self.sound: dict[str, bool] = {}
        first = next(item for item in session.items if "django_db_setup" in getattr(item, "fixturenames", ()))
        _run(first, session)  # clones the database, which stays as long as the session
        with self.unblock():
            connection.close()
        self.database = str(connection.settings_dict["NAME"])

    def is_sound(self, test: str) -> bool:
        """Say whether the test passes as the code is."""
        if test not in self.sound:
            self.sound[test] = _forked(lambda: _run(self.tests[test], self.session)) == ("", "")
        return self.sound[test]

    def judge(self, trial: Trial) -> Verdict:
        """Try the tests of a trial one after the other, until one fails that passes without the mutant."""
        began, left, tried = time.monotonic(), list(trial.tests), 0
        idle = trial.is_whole and not left and is_inherited(trial.mutant.place)
        while left:
            told = self._first_failure(trial.mutant, left)
            if told is None:
                return Verdict(trial.mutant.name, tried=tried, seconds=time.monotonic() - began, why="took too long")
            test, why = told
            tried += left.index(test) + 1 if test else len(left)
            left = left[left.index(test) + 1 :] if test else []
            if test and self.is_sound(test):
                return Verdict(trial.mutant.name, test, tried, time.monotonic() - began, why)
        return Verdict(trial.mutant.name, tried=tried, seconds=time.monotonic() - began, is_idle=idle)

    def _first_failure(self, mutant: Mutant, tests: list[str]) -> tuple[str, str] | None:
        def work() -> tuple[str, str]:
            for test in tests:
                why, where = _run(self.tests[test], self.session)
                if why and "tests/mutants/" not in where:
                    return test, why
            return "", ""

        def changed() -> tuple[str, str]:
            with self.unblock():
                change = mutant.change(self.database)
                change.__enter__()  # for good: this process ends with the trial
            return work()

        if not mutant.is_in_database:
            return _forked(changed)  # type: ignore[no-any-return]
        with mutant.change(self.database):  # here, so that it is taken back whatever becomes of the fork
            return _forked(work)  # type: ignore[no-any-return]

    def watch(self, names: list[str], places: list[Place]) -> dict[str, dict[str, float]]:
        """Run tests once as the code is; return which asked which place and how long they took."""

        def work() -> dict[str, dict[str, float]]:
            by: dict[str, dict[str, float]] = {}
            now: set[str] = set()
            with noting(places, now.add):
                for name in names:
                    now.clear()
                    began = time.monotonic()
                    if _run(self.tests[name], self.session) == ("", ""):
                        for place in now:
                            by.setdefault(place, {})[name] = time.monotonic() - began
            return by

        return _forked(work, 4 * MOST_SECONDS) or {}

    def end(self) -> None:
        """Drop the database."""
        with self.unblock():
            connection.close()
        self.session._setupstate.teardown_exact(None)


def _share(
    parts: list[Any], do: Callable[[_Worker, Any], Any], tests: dict[str, pytest.Item], session: pytest.Session
) -> Iterator[Any]:
    """Give the parts out to processes, one after the other; yield what each becomes. An error of one ends the run."""
    context = multiprocessing.get_context("fork")
    waiting, done = context.SimpleQueue(), context.SimpleQueue()
    count = min(session.config.option.mutant_processes, len(parts))
    for number in [*range(len(parts)), *[-1] * count]:
        waiting.put(number)

    def work() -> None:
        silence = os.open(os.devnull, os.O_WRONLY)
        os.dup2(silence, 1)
        os.dup2(silence, 2)
        try:
            worker = _Worker(tests, session)
            while (number := waiting.get()) >= 0:
                done.put((do(worker, parts[number]), ""))
            worker.end()
        except BaseException:  # told to the parent, which raises it
            done.put((None, traceback.format_exc()))

    processes = [context.Process(target=work, daemon=False) for _ in range(count)]
    for process in processes:
        process.start()
    for _part in parts:
        answer, fault = done.get()
        if fault:
            raise RuntimeError(fault)
        yield answer
    for process in processes:
        process.join()


def spread(trials: list[Trial], tests: dict[str, pytest.Item], session: pytest.Session) -> Iterator[Verdict]:
    """Yield the verdict of each trial, as they come."""
    yield from _share(trials, _Worker.judge, tests, session)


def ask_all(places: list[Place], tests: dict[str, pytest.Item], session: pytest.Session) -> Asked:
    """Run every test once and return which asked which place."""
    modules: dict[str, list[str]] = {}
    for name in tests:
        modules.setdefault(name.partition("::")[0], []).append(name)
    asked = Asked()
    for found in _share(list(modules.values()), lambda worker, names: worker.watch(names, places), tests, session):
        for place, by in found.items():
            asked.by.setdefault(place, {}).update(by)
    return asked
