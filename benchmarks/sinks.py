"""Sinks that are not the bottleneck: they take mails or webhooks as fast as bytes come, and keep nothing.

    python -m benchmarks.sinks mail|web PORT

Each is a process of its own. It says on standard output that it listens.
"""

from __future__ import annotations

import asyncio
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

TICKS = 100  # of a second, as Linux counts the time of a process (proc(5))
REPLIES = {b"EHLO": b"250-sink\r\n250 PIPELINING\r\n", b"DATA": b"354 go on\r\n", b"QUIT": b"221 bye\r\n"}


class MailSink(asyncio.Protocol):
    """One SMTP connection; answers by the first four letters of each line."""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Greet."""
        self._transport: asyncio.Transport = transport  # type: ignore[assignment]
        self._waiting, self._is_body = b"", False
        self._transport.write(b"220 sink\r\n")

    def data_received(self, data: bytes) -> None:
        """Answer every whole line and every whole mail."""
        self._waiting += data
        while True:
            mark = b"\r\n.\r\n" if self._is_body else b"\r\n"
            head, found, rest = self._waiting.partition(mark)
            if not found:
                return
            verb, self._waiting = b"" if self._is_body else head[:4].upper(), rest
            self._is_body = verb == b"DATA"
            self._transport.write(REPLIES.get(verb, b"250 OK\r\n"))
            if verb == b"QUIT":
                self._transport.close()


class WebSink(asyncio.Protocol):
    """One HTTP connection that is kept open."""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Wait."""
        self._transport: asyncio.Transport = transport  # type: ignore[assignment]
        self._waiting = b""

    def data_received(self, data: bytes) -> None:
        """Answer every whole request."""
        self._waiting += data
        while True:
            head, found, rest = self._waiting.partition(b"\r\n\r\n")
            length = int(head.lower().partition(b"content-length:")[2].split(b"\r\n")[0] or 0) if found else 0
            if not found or len(rest) < length:
                return
            self._waiting = rest[length:]
            self._transport.write(b"HTTP/1.1 204 No Content\r\n\r\n")


@dataclass
class Sink:
    """A running sink: where it listens, and how much processor time it has used."""

    port: int
    pid: int

    @property
    def busy_seconds(self) -> float:
        """Return the processor seconds since its start; 0 on systems without /proc."""
        path = Path(f"/proc/{self.pid}/stat")
        if not path.exists():
            return 0.0
        fields = path.read_text().rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / TICKS


@contextmanager
def running(kind: str) -> Iterator[Sink]:
    """Run one sink in a process of its own."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = int(probe.getsockname()[1])
    process = subprocess.Popen(  # noqa: S603  ourselves
        [sys.executable, "-m", "benchmarks.sinks", kind, str(port)], stdout=subprocess.PIPE
    )
    try:
        assert process.stdout is not None and process.stdout.readline(), "the sink did not start"  # noqa: S101
        yield Sink(port, process.pid)
    finally:
        process.kill()
        process.wait(10)


async def _serve(kind: str, port: int) -> None:
    protocol = MailSink if kind == "mail" else WebSink
    server = await asyncio.get_running_loop().create_server(protocol, "127.0.0.1", port, backlog=1024)
    print(f"listens {time.time()}", flush=True)
    await server.serve_forever()


if __name__ == "__main__":
    asyncio.run(_serve(sys.argv[1], int(sys.argv[2])))
