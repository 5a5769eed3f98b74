"""Runs the real processes on a database of their own: web, worker, relay, and a mail sink that keeps what arrives."""

from __future__ import annotations

import email
import email.policy
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from email.message import EmailMessage
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

import redis

from config.server_binaries import server_binaries

ROOT = Path(__file__).resolve().parent.parent


def free_port() -> int:
    """Return a loopback port that nobody uses now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def wait_until(condition: Callable[[], object], *, seconds: float, what: str) -> None:
    """Wait for a condition, or fail saying what did not happen."""
    deadline = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > deadline:
            raise AssertionError(f"not within {seconds} s: {what}")
        time.sleep(0.1)


@dataclass
class Portal:
    """The processes of one test, with their addresses."""

    database: str
    folder: Path
    port: int = field(default_factory=free_port)
    mail_port: int = field(default_factory=free_port)
    environment: dict[str, str] = field(default_factory=dict)
    running: dict[str, subprocess.Popen[bytes]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        url = urlsplit(os.environ["DATABASE_URL"])
        self.environment = {
            **os.environ,
            "DATABASE_URL": urlunsplit(url._replace(path=f"/{self.database}")),
            "DJANGO_SETTINGS_MODULE": "config.settings.test",
            "TEST_EMAIL_BACKEND": "django.core.mail.backends.smtp.EmailBackend",
            "TEST_MAIL_LINES": "4",
            "EMAIL_HOST": "127.0.0.1",
            "EMAIL_PORT": str(self.mail_port),
            "SITE_URL": self.url,
            "PYTHONPATH": str(ROOT),
            "PYTHONWARNINGS": "default",
            **self.environment,
        }

    @property
    def url(self) -> str:
        """Return the portal's address."""
        return f"http://127.0.0.1:{self.port}"

    def start(self, name: str, *command: str, **extra: str) -> subprocess.Popen[bytes]:
        """Start one process in a group of its own; its output goes to a file of its name."""
        with (self.folder / f"{name}.log").open("ab") as log:
            process = subprocess.Popen(
                [sys.executable, "-m", *command], cwd=ROOT, env={**self.environment, **extra},
                stdout=log, stderr=subprocess.STDOUT, start_new_session=True,
            )  # fmt: skip
        self.running[name] = process
        return process

    def start_sink(self) -> None:
        """Start the mail sink."""
        self.start("sink", "config.mail_sink", str(self.folder / "mail"), str(self.mail_port))
        wait_until(lambda: _listens(self.mail_port), seconds=10, what="the mail sink listens")

    def start_web(self) -> None:
        """Start the web process and wait until it answers."""
        self.launch_web()
        wait_until(self._answers, seconds=30, what="the web process answers")

    def launch_web(self) -> None:
        """Start the web process without waiting for it."""
        self.start(
            "web", "gunicorn", "config.wsgi", "--bind", f"127.0.0.1:{self.port}", "--workers", "1", "--threads", "4",
            "--worker-class", "gthread",
        )  # fmt: skip

    def start_worker(self, name: str = "worker", **extra: str) -> None:
        """Start a Celery worker on every queue, and wait until it is ready; or under another name a second one."""
        before = self.log(name).count(b"ready.")
        self.launch_worker(name, **extra)
        wait_until(lambda: self.log(name).count(b"ready.") > before, seconds=30, what="the worker is ready")

    def launch_worker(self, name: str = "worker", **extra: str) -> None:
        """Start a Celery worker without waiting for it: it may find no broker."""
        self.start(
            name, "celery", "-A", "config", "worker", "--concurrency", "2", "--queues", "alerts,webhooks,default",
            "--hostname", f"{name}@portal", "--loglevel", "INFO", **extra,
        )  # fmt: skip

    def start_relay(self, name: str = "relay") -> None:
        """Start the relay, or under another name a second one."""
        self.start(name, "django", "relay")

    def log(self, name: str) -> bytes:
        """Return what a process has said."""
        path = self.folder / f"{name}.log"
        return path.read_bytes() if path.exists() else b""

    def kill(self, name: str) -> None:
        """Kill a process and its children with signal 9."""
        process = self.running.pop(name)
        os.killpg(process.pid, signal.SIGKILL)
        process.wait(10)

    def stop(self) -> None:
        """Stop everything."""
        for name in list(self.running):
            self.kill(name)

    def mails(self, address: str = "") -> list[EmailMessage]:
        """Return what the sink has taken, in its order, all or for one address."""
        folder = self.folder / "mail" / "new"
        found = []
        for path in sorted(folder.glob("*.eml")) if folder.is_dir() else []:
            mail = email.message_from_bytes(path.read_bytes(), policy=email.policy.default)
            if not address or address in str(mail["To"]):
                found.append(mail)
        return found

    def _answers(self) -> bool:
        try:
            with urllib.request.urlopen(f"{self.url}/healthz", timeout=2) as answer:  # noqa: S310  our own address
                return answer.status == 200
        except OSError:
            return False


@dataclass
class PrivateValkey:
    """A Valkey (Redis protocol) of one test, which may die: it keeps nothing on disk."""

    folder: Path
    port: int = field(default_factory=free_port)
    process: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        """Return its address, for `REDIS_URL`."""
        return f"redis://:of-this-test@127.0.0.1:{self.port}/0"

    def start(self) -> None:
        """Start it, empty, and wait until it answers."""
        program = server_binaries(None).valkey_server
        settings = f'port {self.port}\nbind 127.0.0.1\nrequirepass of-this-test\nsave ""\ndir "{self.folder}"\n'
        with (self.folder / "valkey.log").open("ab") as log:
            self.process = subprocess.Popen([program, "-"], stdin=subprocess.PIPE, stdout=log, stderr=log)
        assert self.process.stdin is not None
        self.process.stdin.write(settings.encode())
        self.process.stdin.close()
        wait_until(lambda: _listens(self.port), seconds=10, what="Valkey listens")

    def freeze(self) -> None:
        """Let it hang: it takes connections and answers nothing."""
        self._send(signal.SIGSTOP)

    def kill(self) -> None:
        """Kill it with signal 9; what it held is gone."""
        self._send(signal.SIGKILL)
        if self.process is not None:
            self.process.wait(10)
        self.process = None

    def flush(self) -> None:
        """Take away everything that it holds."""
        with redis.Redis.from_url(self.url) as client:
            client.flushall()

    def _send(self, number: int) -> None:
        if self.process is not None:
            self.process.send_signal(number)


def _listens(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


@contextmanager
def portal_on(database: str, folder: Path, **environment: str) -> Iterator[Portal]:
    """Give a portal on this database, and stop whatever it started."""
    portal = Portal(database, folder, environment=environment)
    try:
        yield portal
    finally:
        portal.stop()
