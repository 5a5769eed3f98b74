"""A fake provider with a ledger of its own: takes mails, webhooks and text messages, and misbehaves on demand.

    python -m tests.reliability.chaos.provider FOLDER MAIL_PORT HTTP_PORT…

`mood.json` in the folder says how it behaves, per channel, for how long (`Mood`); `ledger.jsonl` has one line for
everything that it has taken, written before it answers. Each HTTP port stands for one partner's host, and speaks
Twilio's interface beside. It takes as long as a provider on the Internet, so that what is broken breaks something on
its way.
"""

from __future__ import annotations

import asyncio
import json
import random
import re
import sys
import time
from collections import Counter
from contextlib import suppress
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TextIO
from urllib.parse import parse_qsl

import aiohttp

from alerts.channels.twilio import signature_of

MOST_BAD_ANSWERS = 2  # to one address by one channel, so that back-off stays in seconds
MOOD_POLL_SECONDS = 0.05
DRIP_SECONDS = 0.7
HANG_SECONDS = 60
MAIL_ID = re.compile(rb"^Message-ID: <([0-9a-f-]{36})@", re.MULTILINE | re.IGNORECASE)
REFUSALS = {"421": b"421 4.3.2 shutting down\r\n", "550": b"550 5.1.1 no such mailbox\r\n"}
ANSWERS = {
    "429": b"HTTP/1.1 429 Too Many Requests\r\nRetry-After: 2\r\nContent-Length: 0\r\n\r\n",
    "500": b"HTTP/1.1 500 Internal Server Error\r\nContent-Length: 0\r\n\r\n",
}
TAKEN = b"HTTP/1.1 204 No Content\r\n\r\n"
PACE_SECONDS = (0.03, 0.15)  # from the last byte to the answer
ACCOUNTS = "/2010-04-01/Accounts/"
RECEIPT_SHARE = 0.1  # of the text messages whose answer was heard; of the others each has one
RECEIPT_SECONDS = (0.5, 4.0)
RECEIPT_TRIES = 4
TOKEN = "signs the receipts of the chaos runs"


@dataclass(frozen=True)
class Mood:
    """How a channel misbehaves: which way, towards what share of those who ask, until when (seconds since 1970)."""

    way: str = ""
    share: float = 0.0
    until: float = 0.0


@dataclass(frozen=True)
class Taken:
    """One thing that was taken. `begun` and `at` are seconds since 1970; `is_answered` is false where we hung up."""

    channel: str
    delivery: str
    address: str
    begun: float
    at: float
    is_answered: bool = True


class Provider:
    """Both servers and their ledger."""

    def __init__(self, folder: Path, seed: int = 0) -> None:
        self.folder = folder
        self.moods: dict[str, Mood] = {}
        self.ledger: TextIO = (folder / "ledger.jsonl").open("a", buffering=1)
        self.bad: Counter[tuple[str, str]] = Counter()
        self.dead: set[str] = set()  # addresses refused for good stay refused
        self.random = random.Random(seed)
        self.receipts: set[asyncio.Task[None]] = set()

    async def read_moods(self) -> None:
        """Follow `mood.json`."""
        path, seen = self.folder / "mood.json", 0
        while True:
            with suppress(OSError):
                if (changed := path.stat().st_mtime_ns) != seen:
                    seen = changed
                    self.moods = {name: Mood(**said) for name, said in json.loads(path.read_text()).items()}
            await asyncio.sleep(MOOD_POLL_SECONDS)

    def way(self, channel: str, address: str) -> str:
        """Return how to treat this one now; empty is well."""
        if address in self.dead:
            return "550"
        mood = self.moods.get(channel, Mood())
        if time.time() > mood.until or self.random.random() > mood.share:
            return ""
        if self.bad[channel, address] >= MOST_BAD_ANSWERS:
            return ""
        self.bad[channel, address] += 1
        if mood.way == "550":
            self.dead.add(address)
        return mood.way

    async def think(self) -> None:
        """Take as long as a provider takes."""
        await asyncio.sleep(self.random.uniform(*PACE_SECONDS))

    def take(self, **fields: object) -> None:
        """Write one line; it is on its way to the disk before anybody is answered."""
        self.ledger.write(json.dumps(asdict(Taken(at=time.time(), **fields))) + "\n")  # type: ignore[arg-type]

    async def mail(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Serve one SMTP connection."""
        writer.write(b"220 chaos\r\n")
        with suppress(ConnectionError, asyncio.IncompleteReadError):
            await self._talk(reader, writer)
        writer.close()

    async def _talk(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        address, way, begun = "", "", time.time()
        while line := await reader.readline():
            verb = line[:4].upper()
            if verb == b"QUIT":
                writer.write(b"221 bye\r\n")
                return
            if verb == b"MAIL":
                begun = time.time()
            if verb == b"RCPT":
                address = line.partition(b"<")[2].partition(b">")[0].decode()
                way = self.way("email", address)
                if way in ("421", "hang"):
                    await self._leave(writer, way)
                    return
                if way == "drip":
                    await self._drip(writer)
                if way in REFUSALS:
                    writer.write(REFUSALS[way])
                    continue
            if verb == b"DATA":
                writer.write(b"354 go on\r\n")
                found = MAIL_ID.search(await reader.readuntil(b"\r\n.\r\n"))
                await self.think()
                fields = {"delivery": found[1].decode() if found else "", "address": address, "begun": begun}
                self.take(channel="email", is_answered=way != "cut", **fields)
                if way == "cut":
                    writer.transport.abort()
                    return
            writer.write(b"250 OK\r\n")

    async def _leave(self, writer: asyncio.StreamWriter, way: str) -> None:
        """Say that we close, or say nothing for longer than anybody waits."""
        if way == "hang":
            await asyncio.sleep(HANG_SECONDS)
        else:
            writer.write(REFUSALS[way])

    async def _drip(self, writer: asyncio.StreamWriter) -> None:
        """Answer a word at a time, as long as the mood lasts: each word comes before the sender's patience ends."""
        while time.time() < self.moods.get("email", Mood()).until:
            writer.write(b"250-still here\r\n")
            await writer.drain()
            await asyncio.sleep(DRIP_SECONDS)

    async def post(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Serve one HTTP connection."""
        with suppress(ConnectionError, asyncio.IncompleteReadError):
            while await self._request(reader, writer):
                pass
        writer.close()

    async def _request(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> bool:
        head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1")
        begun = time.time()
        lines = head.split("\r\n")
        headers = {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in lines[1:])}
        body = await reader.readexactly(int(headers["content-length"]))
        address, channel, delivery = lines[0].split(" ")[1], "webhook", headers.get("webhook-id", "")
        form = dict(parse_qsl(body.decode())) if address.startswith(ACCOUNTS) else {}
        if form:
            address, channel, delivery = form["To"], "sms", form["StatusCallback"].rpartition("=")[2]
        await self.think()
        way = self.way(channel, address)
        if way in ANSWERS:
            writer.write(ANSWERS[way])
            return True
        if way == "hang":
            await asyncio.sleep(HANG_SECONDS)
            return False
        if way == "reset":
            writer.transport.abort()
            return False
        is_answered = way != "cut"
        self.take(channel=channel, delivery=delivery, address=address, begun=begun, is_answered=is_answered)
        number = f"SM{len(self.receipts)}-{begun}"
        if form and (not is_answered or self.random.random() < RECEIPT_SHARE):
            self.receipts.add(asyncio.create_task(self._call_back(form, number)))
        if is_answered:
            writer.write(_created(number) if form else TAKEN)
        else:
            writer.transport.abort()
        return is_answered

    async def _call_back(self, form: dict[str, str], number: str) -> None:
        """Tell that a text message has arrived, a few times where nobody answers."""
        fields = {"MessageSid": number, "MessageStatus": "delivered", "To": form["To"]}
        url, said = form["StatusCallback"], {name: [value] for name, value in fields.items()}
        headers = {"X-Twilio-Signature": signature_of(TOKEN, url, said)}
        for _try in range(RECEIPT_TRIES):
            await asyncio.sleep(self.random.uniform(*RECEIPT_SECONDS))
            with suppress(aiohttp.ClientError, TimeoutError):
                async with (
                    aiohttp.ClientSession() as session,
                    session.post(url, data=fields, headers=headers) as answer,
                ):
                    if answer.status == 204:
                        return


def _created(number: str) -> bytes:
    said = json.dumps({"sid": number, "status": "queued"}).encode()
    return b"HTTP/1.1 201 Created\r\nContent-Length: %d\r\n\r\n%b" % (len(said), said)


async def serve(folder: Path, mail_port: int, http_ports: list[int]) -> None:
    """Serve until killed."""
    provider = Provider(folder)
    await asyncio.start_server(provider.mail, "127.0.0.1", mail_port, limit=2**24)
    for port in http_ports:
        await asyncio.start_server(provider.post, "127.0.0.1", port)
    sys.stdout.write("listens\n")
    sys.stdout.flush()
    await provider.read_moods()


def read_ledger(folder: Path) -> list[Taken]:
    """Return what was taken, in its order; a line that is being written at this moment is left out."""
    path = folder / "ledger.jsonl"
    lines = path.read_text().split("\n")[:-1] if path.exists() else []
    return [Taken(**json.loads(line)) for line in lines]


def set_moods(folder: Path, **moods: Mood) -> None:
    """Tell a running provider how to behave from now on."""
    staging = folder / "mood.new"
    staging.write_text(json.dumps({name: asdict(mood) for name, mood in moods.items()}))
    staging.replace(folder / "mood.json")


if __name__ == "__main__":
    asyncio.run(serve(Path(sys.argv[1]), int(sys.argv[2]), [int(port) for port in sys.argv[3:]]))
