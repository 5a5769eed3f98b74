"""Webhooks: signed JSON to partner systems, many at once, few per host, never to a private network unless listed."""

from __future__ import annotations

import asyncio
import logging
import queue
import threading
from collections.abc import Callable, Hashable, Iterable
from contextlib import suppress
from dataclasses import dataclass
from types import TracebackType
from typing import Self

import aiohttp
from django.conf import settings
from yarl import URL

from alerts.hosts import HostRefused, PublicResolver, check_address

from .breaker import Breaker
from .outcome import ACCEPTED, Outcome, never, not_begun, try_again
from .refusing import REFUSED, ExerciseRefused, refuse_exercise

logger = logging.getLogger(__name__)
breaker = Breaker()
CONNECTIONS = 100  # hosts that hang hold two each until the breaker knows them
CONNECTIONS_PER_HOST = 2
TRY_AGAIN_FROM = 500
TRY_AGAIN = {401, 403, 404, 408, 409, 421, 423, 425, 429}  # what a partner can put right without a new message
LONGEST_WAIT_SECONDS = 300
STUCK_SECONDS = 1.0  # a host of which no turn has moved for so long keeps nobody waiting
LATER_SECONDS = 3
UNKNOWN = try_again("not sent", is_uncertain=True)  # a fault of ours: what is unknown is tried again
LOOK_UP_SECONDS = 0.25  # how long the caller waits for an outcome before it may do something else


@dataclass(frozen=True)
class Post:
    """One signed request: where, which bytes, which headers."""

    url: str
    body: bytes
    headers: tuple[tuple[str, str], ...]
    is_exercise: bool = False


class _Turns:
    """The turns of one host: two at once, and when one of them was last taken or given back."""

    def __init__(self, now: float) -> None:
        self.free = asyncio.Semaphore(CONNECTIONS_PER_HOST)
        self.moved_at = now


class Poster:
    """Posts on their way, many at once, few per host; they run in a thread of their own.

    The caller may use the database between two outcomes. `may_begin` is asked with a post's key at the last moment.
    Every post ends within `ALERTS_WEBHOOK_SECONDS`, whatever its server does; one whose host hangs with others, or
    rests, ends without a try (`not_begun`).
    """

    at_once = 200  # on their way or waiting for their host

    def __init__(self, may_begin: Callable[[Hashable], bool] = lambda _key: True) -> None:
        self._may_begin = may_begin
        self._keys: set[Hashable] = set()
        self._done: queue.SimpleQueue[tuple[Hashable, Outcome]] = queue.SimpleQueue()
        self._is_ready = threading.Event()
        self._turns: dict[str, _Turns] = {}
        self._tasks: set[asyncio.Task[None]] = set()
        self._thread = threading.Thread(target=self._run, name="webhooks", daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        self._is_ready.wait()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        with suppress(RuntimeError):  # the loop has ended by itself
            self._loop.call_soon_threadsafe(self._is_over.set)
        self._thread.join()

    @property
    def pending(self) -> int:
        """Return how many posts have no outcome yet."""
        return len(self._keys)

    def begin(self, posts: Iterable[tuple[Hashable, Post]]) -> None:
        """Send posts, each with the key that its outcome comes with."""
        posts = list(posts)
        self._keys.update(key for key, _post in posts)
        if posts:
            with suppress(RuntimeError):
                self._loop.call_soon_threadsafe(self._start, posts)

    def outcomes(self) -> list[tuple[Hashable, Outcome]]:
        """Return the outcomes that have come, each with its key; none when none came for a quarter of a second."""
        found = self._come()
        if not found and not self._thread.is_alive():
            found = [(key, UNKNOWN) for key in self._keys]
        self._keys.difference_update(key for key, _outcome in found)
        return found

    def _come(self) -> list[tuple[Hashable, Outcome]]:
        try:
            found = [self._done.get(timeout=LOOK_UP_SECONDS)]
        except queue.Empty:
            return []
        with suppress(queue.Empty):
            while True:
                found.append(self._done.get_nowait())
        return found

    def _run(self) -> None:
        try:
            asyncio.run(self._serve())
        finally:
            self._is_ready.set()

    async def _serve(self) -> None:
        self._loop, self._is_over = asyncio.get_running_loop(), asyncio.Event()
        connector = aiohttp.TCPConnector(
            resolver=PublicResolver(), limit=CONNECTIONS, limit_per_host=CONNECTIONS_PER_HOST, use_dns_cache=False
        )
        async with aiohttp.ClientSession(
            connector=connector, cookie_jar=aiohttp.DummyCookieJar(), trust_env=False
        ) as self._session:
            self._is_ready.set()
            await self._is_over.wait()
            for task in list(self._tasks):
                task.cancel()

    def _start(self, posts: list[tuple[Hashable, Post]]) -> None:
        for key, post in posts:
            task = self._loop.create_task(self._post(key, post))
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)

    async def _post(self, key: Hashable, post: Post) -> None:
        try:
            outcome = await self._in_turn(key, post)
        except ExerciseRefused:
            logger.exception("a post of an exercise was kept from a real host")
            outcome = REFUSED
        except Exception:
            logger.exception("a post failed by a fault of ours")
            outcome = UNKNOWN
        self._done.put((key, outcome))

    async def _in_turn(self, key: Hashable, post: Post) -> Outcome:
        host, longest, asked_at = host_of(post.url), settings.ALERTS_WEBHOOK_SECONDS, self._loop.time()
        if seconds := breaker.rest(host):
            return not_begun("host rests", wait_seconds=seconds)
        turns = self._turns.setdefault(host, _Turns(asked_at))
        while not await self._is_turn(turns):
            now = self._loop.time()
            if now - turns.moved_at > STUCK_SECONDS or now - asked_at > longest / 2:
                return not_begun("host busy", wait_seconds=LATER_SECONDS)
        turns.moved_at = self._loop.time()
        try:
            if not self._may_begin(key):
                return not_begun("withdrawn")
            return await _outcome(self._session, post, host, seconds=longest - (self._loop.time() - asked_at))
        finally:
            turns.moved_at = self._loop.time()
            turns.free.release()

    @staticmethod
    async def _is_turn(turns: _Turns) -> bool:
        if not turns.free.locked():  # a time limit costs more than the turn
            return await turns.free.acquire()
        try:
            async with asyncio.timeout(STUCK_SECONDS / 2):
                await turns.free.acquire()
        except TimeoutError:
            return False
        return True


def host_of(url: str) -> str:
    """Return host and port of an address, which share connections; empty where it is no address."""
    try:
        found = URL(url)
        return f"{found.host or ''}:{found.port or ''}".lower()
    except ValueError:
        return ""


async def _outcome(session: aiohttp.ClientSession, post: Post, host: str, *, seconds: float) -> Outcome:
    refuse_exercise(is_exercise=post.is_exercise, address=post.url)
    limit, headers = aiohttp.ClientTimeout(total=seconds), dict(post.headers)
    try:
        url = URL(post.url)
        check_address(url.host or "", is_secure=url.scheme == "https")
        async with session.post(url, data=post.body, headers=headers, allow_redirects=False, timeout=limit) as answer:
            breaker.answered(host)
            return judge(answer.status, answer.headers.get("Retry-After", ""))
    except HostRefused as refusal:
        return never(f"address refused: {refusal}")
    except (aiohttp.InvalidURL, ValueError) as fault:
        return never(type(fault).__name__)
    except aiohttp.ClientConnectorError as fault:
        if isinstance(fault.os_error, HostRefused):
            return never(f"address refused: {fault.os_error}")
        breaker.failed(host)
        return try_again(type(fault).__name__)
    except (aiohttp.ClientError, TimeoutError, OSError) as fault:
        breaker.failed(host)
        return try_again(type(fault).__name__, is_uncertain=True)


def judge(status: int, retry_after: str = "") -> Outcome:
    """Return what an answer means: 2xx is accepted, what may pass is tried again, the rest is final.

    A redirect is final: a signed message goes to the address that was registered and to no other.
    """
    if 200 <= status < 300:
        return ACCEPTED
    if status >= TRY_AGAIN_FROM or status in TRY_AGAIN:
        wait = min(int(retry_after), LONGEST_WAIT_SECONDS) if retry_after.isdecimal() else 0
        return try_again(f"HTTP {status}", wait_seconds=wait)
    return never(f"HTTP {status}")
