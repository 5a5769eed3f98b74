"""Runs seeds on servers of their own and prints what came of each.

    python -m tests.reliability.chaos.run [--seeds 1] [--first 0] [--recipients 2000] [--relay on|off]

With `--relay off` neither the relay nor beat's sweep runs: what is left is Celery alone. Some seeds must then lose
messages, or the test would not know a loss when it sees one.
"""

from __future__ import annotations

import argparse
import json
import os
import signal
import sys
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import pytest

from config.data_folder import DataFolder, FolderError, locked_folder
from config.embedded import ensure_servers
from config.private_servers import ServerFailed, start_postgres
from config.processes import Guard, StopRequested
from config.server_binaries import BinariesError, server_binaries

if TYPE_CHECKING:
    from tests.reliability.chaos.play import Result

STOP_SECONDS = 10
HEAD = ("seed", "faults", "kills", "deliveries", "duplicates", "lost", "late s", "done after s", "verdict")


@dataclass
class PrivatePostgres:
    """The database server of these runs, which may be stopped in the middle of anything."""

    folder: DataFolder
    guard: Guard

    def stop_at_once(self) -> None:
        """Stop it as `-m immediate` does: no checkpoint, no farewell to its clients."""
        (server,) = (child for child in self.guard.children if child.name == "PostgreSQL")
        server.process.send_signal(signal.SIGQUIT)
        server.process.wait(STOP_SECONDS)
        self.guard.forget(server)

    def start(self) -> None:
        """Start it again on the same data and wait until it answers."""
        passwords = json.loads(self.folder.secrets.read_text())
        start_postgres(self.folder, self.guard, server_binaries(self.folder.server_user), passwords)


@dataclass
class Chaos:
    """What the runs share: a plugin of pytest, which hands itself to them."""

    guard: Guard
    postgres: PrivatePostgres
    seeds: range
    recipients: int
    has_relay: bool
    results: list[Result] = field(default_factory=list)

    @pytest.fixture(name="chaos")
    def itself(self) -> Chaos:
        """Give the runs' shared things."""
        return self

    def pytest_generate_tests(self, metafunc: Any) -> None:
        """One run per seed."""
        if "seed" in metafunc.fixturenames:
            metafunc.parametrize("seed", self.seeds)


def table(results: list[Result]) -> str:
    """Return the results as a table in Markdown."""
    lines = [f"| {' | '.join(HEAD)} |", "|" + "---|" * len(HEAD)]
    for item in results:
        verdict = item.verdict
        done = "not in time" if item.seconds is None else f"{item.seconds:.1f}"
        cells = (item.seed, item.faults, item.kills, item.deliveries, verdict.duplicates, verdict.lost,
                 f"{verdict.late_seconds:.1f}", done, verdict.words())  # fmt: skip
        lines.append(f"| {' | '.join(map(str, cells))} |")
    return "\n".join(lines)


def run(options: argparse.Namespace) -> int:
    """Run the seeds; return 0 where every promise was kept, or, without the relay, where something was lost."""
    has_relay = options.relay == "on"
    with locked_folder("chaos") as folder, Guard(held=[folder.lock]) as guard:
        os.environ.update(ensure_servers(folder, guard).environment())
        seeds = range(options.first, options.first + options.seeds)
        chaos = Chaos(guard, PrivatePostgres(folder, guard), seeds, options.recipients, has_relay)
        code = pytest.main(["-q", "-s", "-n", "0", "tests/reliability/chaos/seeds.py"], plugins=[chaos])
        guard.check()
    print(f"\nrelay {options.relay}, {options.recipients} recipients, 3 channels\n\n{table(chaos.results)}")  # noqa: T201
    if len(chaos.results) < options.seeds:
        return 1
    if has_relay:
        return int(code)
    lost = sum(item.verdict.lost for item in chaos.results)
    print(f"\nwithout the relay {lost} messages were lost")  # noqa: T201
    return 0 if lost else 1


def main() -> int:
    """Read the command line and return an exit code."""
    parser = argparse.ArgumentParser(prog="python -m tests.reliability.chaos.run")
    parser.add_argument("--seeds", type=int, default=1)
    parser.add_argument("--first", type=int, default=0)
    parser.add_argument("--recipients", type=int, default=2000)
    parser.add_argument("--relay", choices=("on", "off"), default="on")
    try:
        return run(parser.parse_args())
    except StopRequested:
        return 130
    except (FolderError, BinariesError, ServerFailed) as refusal:
        print(refusal, file=sys.stderr)  # noqa: T201
        return 1


if __name__ == "__main__":
    sys.exit(main())
