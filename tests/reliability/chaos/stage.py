"""The stage of one run: every process of the portal, its broker, its database and the provider."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from random import Random
from typing import Protocol

from django.db import connection

from tests.portal import ROOT, Portal, PrivateValkey, free_port, wait_until
from tests.reliability.chaos.act import EXIT_CODE
from tests.reliability.chaos.provider import TOKEN

HOSTS = 10
WORKERS = ("worker", "worker2")
ACT_SECONDS = 60


class Postgres(Protocol):
    """A database server of the run's own."""

    def stop_at_once(self) -> None:
        """Stop it as `-m immediate` does."""

    def start(self) -> None:
        """Start it again and wait until it answers."""


@dataclass
class Stage:
    """Everything that runs, and how to break and mend it."""

    portal: Portal
    valkey: PrivateValkey
    postgres: Postgres | None = None
    has_relay: bool = True
    has_web: bool = True
    workers: tuple[str, ...] = WORKERS
    pause: Callable[[float], None] = time.sleep
    ports: list[int] = field(default_factory=lambda: [free_port() for _host in range(HOSTS)])
    orphans: list[int] = field(default_factory=list)
    restarts: int = 0  # of processes that ended by themselves

    @property
    def folder(self) -> Path:
        """Return the folder of logs, moods and ledger."""
        return self.portal.folder

    def open(self) -> None:
        """Start everything; the workers, the relay and beat find their feet by themselves."""
        self.portal.environment["AMBER_WEBHOOK_PRIVATE_HOSTS"] = "127.0.0.1"
        for port, prefix in zip(self.ports, ("AMBER_SMS", "AMBER_SMS_2"), strict=False):
            account = {"ACCOUNT": prefix, "API": f"http://127.0.0.1:{port}", "TOKEN": TOKEN, "SENDER": "+15005550006"}
            self.portal.environment |= {f"{prefix}_{name}": value for name, value in account.items()}
        self.portal.start(
            "provider", "tests.reliability.chaos.provider", str(self.folder), str(self.portal.mail_port),
            *map(str, self.ports),
        )  # fmt: skip
        wait_until(lambda: b"listens" in self.portal.log("provider"), seconds=20, what="the provider listens")
        others = [("web", self.has_web), ("relay", self.has_relay)]
        for name in (*self.workers, "beat", *(name for name, is_wanted in others if is_wanted)):
            self.start(name)
        wait_until(
            lambda: all(b"ready." in self.portal.log(name) for name in self.workers),
            seconds=60,
            what="workers are ready",
        )

    def start(self, name: str) -> None:
        """Start one process, without waiting for it."""
        if name in self.workers:
            self.portal.launch_worker(name)
        elif name == "beat":
            app = "config" if self.has_relay else "tests.reliability.chaos.plain_celery"
            schedule = str(self.folder / "beat-schedule")
            self.portal.start("beat", "celery", "-A", app, "beat", "--schedule", schedule, "--pidfile", "")
        elif name == "web":
            self.portal.launch_web()
        else:
            self.portal.start_relay()

    def rest(self, seconds: float) -> None:
        """Wait, and start again what ended by itself meanwhile, as the operating system would."""
        until = time.monotonic() + seconds
        while True:
            for name in [name for name, process in self.portal.running.items() if process.poll() is not None]:
                assert name != "provider", "the provider must outlive everything"
                self.restarts += 1
                self.start(name)
            if (left := until - time.monotonic()) <= 0:
                return
            self.pause(min(0.5, left))

    def kill_alone(self, name: str) -> None:
        """Kill the first process of a group and no other; what is left of the group goes with the stage."""
        process = self.portal.running.pop(name)
        self.orphans.append(process.pid)
        process.kill()
        process.wait(10)

    def kill_child(self, name: str, random: Random) -> None:
        """Kill one of the processes that a worker has forked."""
        if children := children_of(self.portal.running[name].pid):
            os.kill(random.choice(children), signal.SIGKILL)

    def reconnect(self) -> None:
        """Give up our own connection to a database that was stopped."""
        connection.close()

    def act(self, name: str, pk: object, by: object, *, dies: bool = False) -> float:
        """Take an act in a process of its own; return when it was certain (seconds since 1970)."""
        command = [sys.executable, "-m", "tests.reliability.chaos.act", name, str(pk), str(by)]
        done = subprocess.run(
            [*command, "--die"] if dies else command, cwd=ROOT, env=self.portal.environment, check=False,
            capture_output=True, text=True, timeout=ACT_SECONDS,
        )  # fmt: skip
        assert done.returncode == (EXIT_CODE if dies else 0), done.stderr
        return time.time()

    def close(self) -> None:
        """End what the portal does not know of any more."""
        for group in self.orphans:
            try:
                os.killpg(group, signal.SIGKILL)
            except ProcessLookupError:
                continue


def children_of(parent: int) -> list[int]:
    """Return the live children of a process, from /proc."""
    found = []
    for path in Path("/proc").glob("[0-9]*/stat"):
        try:
            head, _, rest = path.read_text(errors="replace").rpartition(")")
        except OSError:  # it has just ended
            continue
        state, its_parent, *_ = rest.split()
        if int(its_parent) == parent and state not in "ZX":
            found.append(int(head.split(" ", 1)[0]))
    return sorted(found)
