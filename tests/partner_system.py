"""A partner's system for tests: takes webhooks on this machine and answers as scripted."""

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import Callable, Hashable, Iterator, Sequence
from contextlib import contextmanager, suppress
from functools import partial
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Self

from alerts.channels.outcome import Outcome
from alerts.channels.webhook import Post, Poster


class PartnerSystem(ThreadingHTTPServer):
    """A partner's system: keeps what it is sent and answers as scripted; the last answer repeats."""

    daemon_threads = True

    def __init__(self, answers: list[tuple[int, dict[str, str]]], seconds: float = 0) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.answers, self.seconds = answers, seconds
        self.taken: list[tuple[dict[str, str], bytes]] = []
        self.asked: list[str] = []  # addresses of plain requests
        self.at_once = self.most_at_once = 0
        self.lock = threading.Lock()

    @property
    def url(self) -> str:
        """Return the address of its intake."""
        return f"http://127.0.0.1:{self.server_port}/intake"


class _Handler(BaseHTTPRequestHandler):
    server: PartnerSystem

    def do_POST(self) -> None:
        partner = self.server
        body = self.rfile.read(int(self.headers["Content-Length"]))
        with partner.lock:
            partner.at_once += 1
            partner.most_at_once = max(partner.most_at_once, partner.at_once)
            partner.taken.append(({name.lower(): value for name, value in self.headers.items()}, body))
            status, headers = partner.answers.pop(0) if len(partner.answers) > 1 else partner.answers[0]
        time.sleep(partner.seconds)
        with partner.lock:
            partner.at_once -= 1
        self.send_response(status)
        for name, value in {**headers, "Content-Length": "0"}.items():
            self.send_header(name, value)
        self.end_headers()

    def do_GET(self) -> None:
        self.server.asked.append(self.path)
        status, headers = self.server.answers[0]
        self.send_response(status)
        for name, value in {**headers, "Content-Length": "0"}.items():
            self.send_header(name, value)
        self.end_headers()

    def log_message(self, *args: Any) -> None:
        """Say nothing on the console."""


@contextmanager
def partner_system(*answers: Any, seconds: float = 0) -> Iterator[PartnerSystem]:
    """Run a partner's system; an answer is a status or a pair of status and headers."""
    pairs = [item if isinstance(item, tuple) else (item, {}) for item in answers or (204,)]
    with PartnerSystem(pairs, seconds) as system:
        thread = threading.Thread(target=system.serve_forever, daemon=True)
        thread.start()
        yield system
        system.shutdown()


def outcomes_of(posts: Sequence[Post], may_begin: Callable[[Hashable], bool] = lambda _place: True) -> list[Outcome]:
    """Send these posts; return their outcomes in order."""
    found: dict[Hashable, Outcome] = {}
    with Poster(may_begin) as poster:
        poster.begin(enumerate(posts))
        while poster.pending:
            found.update(poster.outcomes())
    return [found[place] for place in range(len(posts))]


class ManyPartners:
    """Many partners' systems in one thread, a port each.

    The first `hanging` take a request and do not answer until every other partner has had one, or not at all
    (`for_good`) as long as the block lasts.
    """

    def __init__(self, count: int, *, hanging: int = 0, for_good: bool = False) -> None:
        self.arrived: set[int] = set()
        self.arrived_at: dict[int, float] = {}  # the monotonic moment of the first request
        self.count, self.hanging, self.for_good = count, hanging, for_good
        self.ports: list[int] = []
        self._loop = asyncio.new_event_loop()
        self._answers = asyncio.Event()  # from when on those that hang answer
        self._thread = threading.Thread(target=self._loop.run_forever, daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        asyncio.run_coroutine_threadsafe(self._open(), self._loop).result(10)
        return self

    def __exit__(self, *_error: object) -> None:
        asyncio.run_coroutine_threadsafe(self._close(), self._loop).result(10)
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()

    async def _open(self) -> None:
        for partner in range(self.count):
            server = await asyncio.start_server(partial(self._serve, partner), "127.0.0.1", 0)
            self.ports.append(server.sockets[0].getsockname()[1])

    async def _close(self) -> None:
        self._answers.set()
        others = asyncio.all_tasks() - {asyncio.current_task()}
        if others:
            await asyncio.wait(others, timeout=5)

    async def _serve(self, partner: int, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with suppress(asyncio.IncompleteReadError, ConnectionError):
            while True:
                head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").lower()
                await reader.readexactly(int(head.partition("content-length:")[2].split()[0]))
                self.arrived.add(partner)
                self.arrived_at.setdefault(partner, time.monotonic())
                if not self.for_good and len(self.arrived - set(range(self.hanging))) == self.count - self.hanging:
                    self._answers.set()
                if partner < self.hanging:
                    await self._answers.wait()
                writer.write(b"HTTP/1.1 204 No Content\r\n\r\n")
        writer.close()
