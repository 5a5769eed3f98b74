"""A provider of text messages for tests: Twilio's interface on this machine, answers as scripted, signs as it does."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs

from alerts.channels import sms
from alerts.channels.outcome import Outcome
from alerts.channels.simulator import Simulator
from alerts.channels.twilio import signature_of

SITE = "https://portal.example"


class SmsProvider(ThreadingHTTPServer):
    """Keeps what it is asked for and answers as scripted; the last answer repeats."""

    daemon_threads = True

    def __init__(self, answers: list[tuple[int, dict[str, Any]]], seconds: float) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.answers, self.seconds = answers, seconds
        self.taken: list[dict[str, str]] = []
        self.asked: list[tuple[str, str]] = []
        self.lock = threading.Lock()

    def account(self, name: str = "first", **fields: str) -> dict[str, str]:
        """Return the account as the settings hold it."""
        url = f"http://127.0.0.1:{self.server_port}"
        return {
            "name": name,
            "api": url,
            "account": "AC1",
            "token": f"token of {name}",
            "sender": "+15005550006",
        } | fields


class _Handler(BaseHTTPRequestHandler):
    server: SmsProvider

    def do_POST(self) -> None:
        provider = self.server
        form = parse_qs(self.rfile.read(int(self.headers["Content-Length"])).decode())
        with provider.lock:
            number = len(provider.taken) + 1
            provider.asked.append((self.path, self.headers.get("Authorization", "")))
            provider.taken.append({name: values[0] for name, values in form.items()})
            status, said = provider.answers.pop(0) if len(provider.answers) > 1 else provider.answers[0]
        time.sleep(provider.seconds)
        body = json.dumps({"sid": f"SM{number}", "status": "queued"} if status == 201 and not said else said).encode()
        self.send_response(status)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *args: Any) -> None:
        """Say nothing on the console."""


@contextmanager
def sms_provider(*answers: Any, seconds: float = 0) -> Iterator[SmsProvider]:
    """Run a provider; an answer is a status or a pair of status and JSON."""
    pairs = [item if isinstance(item, tuple) else (item, {}) for item in answers or (201,)]
    with SmsProvider(pairs, seconds) as provider:
        thread = threading.Thread(target=provider.serve_forever, daemon=True)
        thread.start()
        yield provider
        provider.shutdown()


def send(texts: list[sms.Text], providers: list[sms.Provider]) -> list[Outcome]:
    """Send these by these providers; return their outcomes in order."""
    with sms.Line(providers, Simulator()) as line:
        return line.send_all(texts)


def call_back(client: Any, address: str, token: str, fields: dict[str, str], *, signature: str | None = None) -> Any:
    """Call an address back as an account with this token does."""
    signed = signature_of(token, SITE + address, {name: [value] for name, value in fields.items()})
    return client.post(address, fields, headers={"x-twilio-signature": signed if signature is None else signature})
