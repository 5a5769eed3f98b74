"""The whole portal on this machine: `make demo` and `make demo-reset`.

    python -m config.demo [reset]

Starts private servers, prepares the database, then web, relay, worker, beat and a mail server that keeps every mail
as a file; says what it does, restarts what dies and leaves nothing running. Needs no Django itself.
"""

from __future__ import annotations

import argparse
import contextlib
import hashlib
import http.client
import os
import socket
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field

from .data_folder import CHECKOUT, DataFolder, FolderError, locked_folder
from .embedded import ensure_servers
from .private_servers import ServerFailed
from .processes import Child, Guard, StopRequested
from .server_binaries import BinariesError

READY_SECONDS = 60.0
RESTARTS = 5  # in a row; then something is wrong that another start does not mend
STEADY_SECONDS = 60.0  # a process that ran this long starts its count of restarts anew
LONGEST_BACK_OFF = 16.0


class DemoFailed(Exception):
    """The demo cannot go on; the message says why, with the end of the log."""


@dataclass
class Service:
    """One process of the portal and how often it had to be started."""

    name: str
    command: list[str]
    log: bool = True  # else its lines go to the terminal
    child: Child | None = None
    started_at: float = 0.0
    restarts: int = 0
    next_start: float | None = None


@dataclass
class Demo:
    """A running demo: its folder, its guard and the environment of its processes."""

    folder: DataFolder
    guard: Guard
    port: int
    environment: dict[str, str] = field(default_factory=dict)

    def run(self) -> None:
        """Prepare everything, start the services and keep them going until a stop is asked for."""
        with step("PostgreSQL and Valkey"):
            addresses = ensure_servers(self.folder, self.guard)
        servers = self.guard.children
        mail_port = free_port()
        self.environment = demo_environment(self.folder, self.port, mail_port) | addresses.environment()
        print(f"Data, logs and mails: {self.folder.root}", flush=True)
        self._prepare()
        services = services_of(self.folder, self.port, mail_port)
        with step("Web, relay, worker, beat and mail server"):
            for service in services:
                self._start(service)
            self._wait_for_web(services)
        print(f"\nReady: http://127.0.0.1:{self.port}\n", flush=True)
        self._manage("Demo logins", "create_demo_data", "--print-logins", show=True)
        print("\nCtrl-C stops everything; the data stay until `make demo-reset`.", flush=True)
        self._keep_going(services, servers)

    def _prepare(self) -> None:
        with step("Database tables"):
            self._manage("migrate", "migrate", "--noinput", owner=True)
        with step("Reference data"):
            self._manage("load_reference_data", "load_reference_data")
        with step("Demo cases"):
            self._manage("create_demo_data", "create_demo_data")
        mark, state = self.folder.root / "static.state", static_state()
        if not mark.exists() or mark.read_text() != state:
            with step("Static files"):
                self._manage("collectstatic", "collectstatic", "--noinput", "--clear")
            mark.write_text(state)

    def _manage(self, name: str, *command: str, owner: bool = False, show: bool = False) -> None:
        """Run one management command; refuses (DemoFailed) with the end of its output when it fails."""
        environment = self.environment | ({"AMBER_DATABASE_ROLE": "owner"} if owner else {})
        child = self.guard.spawn(
            name,
            [sys.executable, "manage.py", *command],
            environment=environment,
            log=None if show else self.folder.logs / "setup.log",
            folder=CHECKOUT,
        )
        if code := self.guard.wait(child):
            raise DemoFailed(f"{name} failed with code {code}:\n{child.last_lines(30)}")

    def _start(self, service: Service) -> None:
        service.child = self.guard.spawn(
            service.name,
            service.command,
            environment=self.environment,
            log=self.folder.logs / f"{service.name}.log" if service.log else None,
            folder=CHECKOUT,
        )
        service.started_at, service.next_start = time.monotonic(), None

    def _wait_for_web(self, services: Sequence[Service]) -> None:
        deadline = time.monotonic() + READY_SECONDS
        while not is_healthy(self.port):
            if time.monotonic() > deadline:
                web = next(service.child for service in services if service.name == "web")
                raise DemoFailed(f"The web process does not answer:\n{web.last_lines(30) if web else ''}")
            self._restart_dead(services)
            self.guard.sleep(0.2)

    def _keep_going(self, services: Sequence[Service], servers: Sequence[Child]) -> None:
        while True:
            self.guard.sleep(0.5)
            for server in servers:
                if (code := server.process.poll()) is not None:
                    raise DemoFailed(f"{server.name} ended with code {code}. Its log:\n{server.last_lines()}")
            self._restart_dead(services)

    def _restart_dead(self, services: Sequence[Service]) -> None:
        for service in services:
            if service.child and (code := service.child.process.poll()) is not None:
                self._note_death(service, service.child, code)
            elif service.next_start is not None and time.monotonic() >= service.next_start:
                self._start(service)

    def _note_death(self, service: Service, child: Child, code: int) -> None:
        """Say which process died and set the time of its next start; refuses (DemoFailed) one that keeps dying."""
        self.guard.forget(child)
        service.child = None
        if time.monotonic() - service.started_at > STEADY_SECONDS:
            service.restarts = 0
        service.restarts += 1
        if service.restarts > RESTARTS:
            raise DemoFailed(f"{service.name} ended {service.restarts} times in a row:\n{child.last_lines(30)}")
        pause = min(2.0 ** (service.restarts - 1), LONGEST_BACK_OFF)
        service.next_start = time.monotonic() + pause
        print(f"{service.name} ended with code {code}; starting it again in {pause:.0f} s.", flush=True)
        print(child.last_lines(5), flush=True)


def services_of(folder: DataFolder, port: int, mail_port: int) -> list[Service]:
    """Return the portal's processes in the order in which they start."""
    python = [sys.executable, "-m"]
    gunicorn = f"--worker-class gthread --workers 2 --threads 4 --graceful-timeout 5 --bind 127.0.0.1:{port}".split()
    beat = ["beat", "--schedule", str(folder.root / "beat-schedule"), "--pidfile", ""]
    return [
        Service("mail", [*python, "config.mail_sink", str(folder.mails), str(mail_port)], log=False),
        Service("web", [*python, "gunicorn", "config.wsgi", *gunicorn, "--no-control-socket"]),
        Service("relay", [sys.executable, "manage.py", "relay"]),
        Service("worker", [*python, "celery", "-A", "config", "worker", "--concurrency", "2", "--loglevel", "INFO"]),
        Service("beat", [*python, "celery", "-A", "config", *beat, "--loglevel", "INFO"]),
    ]


def demo_environment(folder: DataFolder, port: int, mail_port: int) -> dict[str, str]:
    """Return the variables of the demo's processes: ours, and over them what makes it the demo."""
    return {
        **os.environ,
        "DJANGO_SETTINGS_MODULE": "config.settings.dev",
        "AMBER_DEMO": "1",
        "SITE_URL": f"http://127.0.0.1:{port}",
        "EMAIL_HOST": "127.0.0.1",
        "EMAIL_PORT": str(mail_port),
        "STATIC_ROOT": str(folder.root / "static"),
        "PYTHONUNBUFFERED": "1",
    }


def static_state() -> str:
    """Return a digest that changes when the project's static files or the installed packages do."""
    digest = hashlib.sha256()
    for path in sorted([*CHECKOUT.glob("static/**/*"), *CHECKOUT.glob("*/static/**/*")]):
        found = path.stat()
        digest.update(f"{path.relative_to(CHECKOUT)} {found.st_size} {found.st_mtime_ns}\n".encode())
    digest.update((CHECKOUT / "requirements.lock").read_bytes())
    return digest.hexdigest()


def is_healthy(port: int) -> bool:
    """Return whether the web process answers at /healthz."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=5)
    try:
        connection.request("GET", "/healthz")
        return connection.getresponse().status == http.HTTPStatus.OK
    except OSError:
        return False
    finally:
        connection.close()


def free_port() -> int:
    """Return a port of the loopback address that nobody listens on just now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def wanted_port() -> int:
    """Return the web process's port, from `PORT`. Refuses (DemoFailed) one that is no number or is taken."""
    text = os.environ.get("PORT") or "8000"
    if not text.isdecimal() or not 0 < int(text) < 65536:
        raise DemoFailed(f"PORT must be a number from 1 to 65535, not {text!r}.")
    deadline = time.monotonic() + 3  # an earlier demo may just be stopping
    while reason := bind_error(int(text)):
        if time.monotonic() > deadline:
            raise DemoFailed(f"Port {text} is taken ({reason.strerror}). Choose another: make demo PORT=8001")
        time.sleep(0.1)
    return int(text)


def bind_error(port: int) -> OSError | None:
    """Return why we cannot listen on a port of the loopback address, None where we can."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError as reason:
            return reason
    return None


@contextmanager
def step(title: str) -> Iterator[None]:
    """Print what is being done, and afterwards how many seconds it took."""
    print(f"{title}… ", end="", flush=True)
    started = time.monotonic()
    try:
        yield
    except BaseException:
        print(flush=True)
        raise
    print(f"{time.monotonic() - started:.1f} s", flush=True)


def start() -> int:
    """Run the demo until it is stopped; return an exit code."""
    port = wanted_port()
    with locked_folder("demo") as folder, Guard(held=[folder.lock]) as guard:
        with contextlib.suppress(StopRequested):
            Demo(folder=folder, guard=guard, port=port).run()
        print("\nStopping…", flush=True)
    return 0


def reset() -> int:
    """Remove the demo's data, logs and mails. Refuses (FolderError) while the demo runs."""
    with locked_folder("demo", patience=0) as folder:
        existed = folder.root.exists()
        folder.discard()
        print(f"Removed {folder.root}" if existed else f"Nothing to remove: {folder.root} does not exist.")
    return 0


def main(arguments: list[str] | None = None) -> int:
    """Read the command line and return an exit code."""
    parser = argparse.ArgumentParser(prog="python -m config.demo", description=__doc__.split("\n", 1)[0])
    parser.add_argument("action", nargs="?", choices=("start", "reset"), default="start")
    options = parser.parse_args(arguments)
    try:
        return reset() if options.action == "reset" else start()
    except (DemoFailed, FolderError, BinariesError, ServerFailed) as refusal:
        print(f"\n{refusal}", file=sys.stderr)
        return 1


if __name__ == "__main__":
    sys.exit(main())
