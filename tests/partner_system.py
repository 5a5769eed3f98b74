"""A partner's system for tests: takes webhooks on this machine and answers as scripted."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any


class PartnerSystem(ThreadingHTTPServer):
    """A partner's system: keeps what it is sent and answers as scripted; the last answer repeats."""

    daemon_threads = True

    def __init__(self, answers: list[tuple[int, dict[str, str]]], seconds: float = 0) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.answers, self.seconds = answers, seconds
        self.taken: list[tuple[dict[str, str], bytes]] = []
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
