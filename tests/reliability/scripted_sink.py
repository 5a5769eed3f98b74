"""A mail server for tests: keeps what it takes, answers as scripted, and takes its time.

    python -m tests.reliability.scripted_sink FOLDER PORT [--seconds 0.2] [--answer ADDRESS=450,450]

Mails become files as in `config.mail_sink`. Each is written in the middle of the delay: who kills the sender before
the middle has sent nothing, who kills it after the middle has sent a mail whose receipt nobody wrote down.
"""

from __future__ import annotations

import argparse
import asyncio
import sys
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session

from config.mail_sink import MailFolder
from tests.portal import free_port

REFUSALS = {
    "421": "421 4.3.2 shutting down",
    "450": "450 4.2.0 mailbox busy",
    "550": "550 5.1.1 no such mailbox",
    "552": "552 5.2.3 text refused",
    "451": "451 4.3.0 not now",
}
DATA_REFUSALS = ("451", "552")
BREAK = "break"  # not an answer: the server hangs up after it has read the whole mail


class ScriptedSink(MailFolder):
    """Takes mails; `answers` names, per address, what it says before it takes one: codes in turn, each once."""

    def __init__(
        self, folder: Path, *, seconds: float = 0, answers: Mapping[str, Iterable[str]] | None = None,
        pipelining: bool = False,
    ) -> None:  # fmt: skip
        super().__init__(folder)
        self.pipelining = pipelining  # whether it says that it takes commands in a row (RFC 2920)
        self.seconds = seconds
        self.answers = {address: list(codes) for address, codes in (answers or {}).items()}
        self.asked: Counter[str] = Counter()
        self.lines: set[object] = set()  # connections that carried mail

    async def handle_EHLO(
        self, _server: SMTP, session: Session, _envelope: Envelope, hostname: str, responses: list[str]
    ) -> list[str]:
        """Say what it can."""
        session.host_name = hostname
        return [responses[0], *(["250-PIPELINING"] if self.pipelining else []), *responses[1:]]

    async def handle_MAIL(
        self, _server: SMTP, session: Session, envelope: Envelope, address: str, _options: list[str]
    ) -> str:
        """Note which connection carries the mail."""
        self.lines.add(session.peer)
        envelope.mail_from = address
        return "250 OK"

    async def handle_RCPT(
        self, _server: SMTP, _session: Session, envelope: Envelope, address: str, _options: list[str]
    ) -> str:
        """Answer for this address as scripted."""
        self.asked[address] += 1
        codes = self.answers.get(address, [])
        if codes and codes[0] not in (*DATA_REFUSALS, BREAK):
            return REFUSALS[codes.pop(0)]
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:
        """Take the mail slowly, or refuse it, or hang up."""
        codes = self.answers.get(envelope.rcpt_tos[0], [])
        if codes and (code := codes.pop(0)):
            if code == BREAK:
                server.transport.abort()
                return "250 nobody hears this"
            return REFUSALS[code]
        await asyncio.sleep(self.seconds / 2)
        answer = await super().handle_DATA(server, session, envelope)
        await asyncio.sleep(self.seconds / 2)
        return answer


@contextmanager
def running_sink(folder: Path, **script: Any) -> Iterator[tuple[ScriptedSink, int]]:
    """Run a sink in a thread of ours; give it and its port."""
    sink = ScriptedSink(folder, **script)
    controller = Controller(sink, hostname="127.0.0.1", port=free_port())
    controller.start()
    try:
        yield sink, controller.port
    finally:
        controller.stop()


async def serve(sink: ScriptedSink, port: int) -> None:
    """Take mails until killed."""
    loop = asyncio.get_running_loop()
    server = await loop.create_server(lambda: SMTP(sink, hostname="localhost", loop=loop), "127.0.0.1", port)
    async with server:
        sys.stdout.write("listens\n")
        sys.stdout.flush()
        await server.serve_forever()


def main() -> int:
    """Read the command line and serve."""
    parser = argparse.ArgumentParser(prog="python -m tests.reliability.scripted_sink")
    parser.add_argument("folder", type=Path)
    parser.add_argument("port", type=int)
    parser.add_argument("--seconds", type=float, default=0.0)
    parser.add_argument("--answer", action="append", default=[], metavar="ADDRESS=CODE,…")
    options = parser.parse_args()
    answers = {address: codes.split(",") for address, _, codes in (item.partition("=") for item in options.answer)}
    asyncio.run(serve(ScriptedSink(options.folder, seconds=options.seconds, answers=answers), options.port))
    return 0


if __name__ == "__main__":
    sys.exit(main())
