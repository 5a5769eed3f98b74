"""Webhooks: signed JSON to partner systems, many at once, few per host, never to a private network unless listed."""

from __future__ import annotations

import asyncio
import queue
import threading
from collections.abc import Iterator, Sequence
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


def post_all(posts: Sequence[Post]) -> Iterator[tuple[int, Outcome] | None]:
    """Send these posts and yield each one's place and outcome as it comes; None while nothing has come.

    Every post ends within `ALERTS_WEBHOOK_SECONDS`, whatever its server does. The requests run in a thread of their
    own, so that the caller may use the database between two outcomes.
    """
    done: queue.SimpleQueue[tuple[int, Outcome]] = queue.SimpleQueue()
    thread = threading.Thread(target=asyncio.run, args=(_send(posts, done),), name="webhooks", daemon=True)
    thread.start()
    missing = set(range(len(posts)))
    while missing:
        try:
            place, outcome = done.get(timeout=LOOK_UP_SECONDS)
        except queue.Empty:
            if not thread.is_alive() and done.empty():  # a fault of ours: what is unknown is tried again
                yield from ((place, try_again("not sent")) for place in sorted(missing))
                return
            yield None
            continue
        missing.discard(place)
        yield place, outcome
    thread.join()


async def _send(posts: Sequence[Post], done: queue.SimpleQueue[tuple[int, Outcome]]) -> None:
    connector = aiohttp.TCPConnector(
        resolver=PublicResolver(), limit=CONNECTIONS, limit_per_host=CONNECTIONS_PER_HOST, use_dns_cache=False
    )
    timeout = aiohttp.ClientTimeout(total=settings.ALERTS_WEBHOOK_SECONDS)
    async with aiohttp.ClientSession(
        connector=connector, timeout=timeout, cookie_jar=aiohttp.DummyCookieJar(), trust_env=False
    ) as session:

        async def send(place: int, post: Post) -> None:
            done.put((place, await _outcome(session, post)))

        await asyncio.gather(*(send(place, post) for place, post in enumerate(posts)))


async def _outcome(session: aiohttp.ClientSession, post: Post) -> Outcome:
    try:
        url = URL(post.url)
        check_address(url.host or "", is_secure=url.scheme == "https")
        async with session.post(url, data=post.body, headers=dict(post.headers), allow_redirects=False) as answer:
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
        return try_again(type(fault).__name__)


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
