"""Webhooks: signed JSON to partner systems, many at once, few per host, never to a private network unless listed."""

from __future__ import annotations

import asyncio
import queue
import threading
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

import aiohttp
from django.conf import settings
from yarl import URL

from alerts.hosts import HostRefused, PublicResolver, check_address

from .outcome import ACCEPTED, Outcome, never, try_again

CONNECTIONS = 50
CONNECTIONS_PER_HOST = 2
TRY_AGAIN_FROM = 500
TRY_AGAIN = {401, 403, 404, 408, 409, 421, 423, 425, 429}  # what a partner can put right without a new message
LONGEST_WAIT_SECONDS = 300
LOOK_UP_SECONDS = 0.25  # how long the caller waits for an outcome before it may do something else


@dataclass(frozen=True)
class Post:
    """One signed request: where, which bytes, which headers."""

    url: str
    body: bytes
    headers: tuple[tuple[str, str], ...]


def post_all(
    posts: Sequence[Post], may_begin: Callable[[int], bool] = lambda _place: True
) -> Iterator[tuple[int | None, Outcome | None]]:
    """Send these posts and yield each one's place and outcome as it comes; (None, None) while nothing has come.

    A post whose outcome is None was not begun: its host was busy with others for too long, or `may_begin`, asked with
    its place at the last moment, refused it. Every post ends within `ALERTS_WEBHOOK_SECONDS`, whatever its server
    does. The requests run in a thread of their own, so that the caller may use the database between two outcomes.
    """
    done: queue.SimpleQueue[tuple[int, Outcome | None]] = queue.SimpleQueue()
    thread = threading.Thread(target=asyncio.run, args=(_send(posts, may_begin, done),), name="webhooks", daemon=True)
    thread.start()
    missing = set(range(len(posts)))
    while missing:
        try:
            place, outcome = done.get(timeout=LOOK_UP_SECONDS)
        except queue.Empty:
            if not thread.is_alive() and done.empty():  # a fault of ours: what is unknown is tried again
                unknown = try_again("not sent", is_uncertain=True)
                yield from ((place, unknown) for place in sorted(missing))
                return
            yield None, None
            continue
        missing.discard(place)
        yield place, outcome
    thread.join()


async def _send(
    posts: Sequence[Post], may_begin: Callable[[int], bool], done: queue.SimpleQueue[tuple[int, Outcome | None]]
) -> None:
    connector = aiohttp.TCPConnector(
        resolver=PublicResolver(), limit=CONNECTIONS, limit_per_host=CONNECTIONS_PER_HOST, use_dns_cache=False
    )
    turns: dict[str, asyncio.Semaphore] = defaultdict(lambda: asyncio.Semaphore(CONNECTIONS_PER_HOST))
    async with aiohttp.ClientSession(
        connector=connector, cookie_jar=aiohttp.DummyCookieJar(), trust_env=False
    ) as session:

        async def send(place: int, post: Post) -> None:
            loop, longest = asyncio.get_running_loop(), settings.ALERTS_WEBHOOK_SECONDS
            asked_at = loop.time()
            turn = turns[host_of(post.url)]
            try:
                await asyncio.wait_for(turn.acquire(), longest / 2)
            except TimeoutError:
                done.put((place, None))
                return
            try:
                outcome = None
                if may_begin(place):
                    outcome = await _outcome(session, post, seconds=longest - (loop.time() - asked_at))
                done.put((place, outcome))
            finally:
                turn.release()

        await asyncio.gather(*(send(place, post) for place, post in enumerate(posts)))


def host_of(url: str) -> str:
    """Return host and port of an address, which share connections; empty where it is no address."""
    try:
        found = URL(url)
        return f"{found.host or ''}:{found.port or ''}".lower()
    except ValueError:
        return ""


async def _outcome(session: aiohttp.ClientSession, post: Post, *, seconds: float) -> Outcome:
    limit = aiohttp.ClientTimeout(total=seconds)
    try:
        url = URL(post.url)
        check_address(url.host or "", is_secure=url.scheme == "https")
        headers = dict(post.headers)
        async with session.post(url, data=post.body, headers=headers, allow_redirects=False, timeout=limit) as answer:
            return judge(answer.status, answer.headers.get("Retry-After", ""))
    except HostRefused as refusal:
        return never(f"address refused: {refusal}")
    except (aiohttp.InvalidURL, ValueError) as fault:
        return never(type(fault).__name__)
    except aiohttp.ClientConnectorError as fault:
        if isinstance(fault.os_error, HostRefused):
            return never(f"address refused: {fault.os_error}")
        return try_again(type(fault).__name__)
    except (aiohttp.ClientError, TimeoutError, OSError) as fault:
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
