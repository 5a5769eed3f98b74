"""The outside watch: an address that the relay asks for every minute; who keeps it calls somebody when we stop.

It goes through the same guard as webhooks: HTTPS to public hosts, or hosts that operations listed.
"""

from __future__ import annotations

import asyncio
import logging
import threading
import time

import aiohttp
from django.conf import settings
from yarl import URL

from alerts.hosts import HostRefused, PublicResolver, check_address

logger = logging.getLogger(__name__)
EVERY_SECONDS = 60
ANSWER_SECONDS = 10


class DeadMan:
    """Asks for the address, at most once a minute, from a thread: a watch that hangs must not hold up a mail."""

    def __init__(self) -> None:
        self._next_at = 0.0
        self._thread: threading.Thread | None = None

    def report(self) -> bool:
        """Start one request where an address is set and it is time; return whether one was started."""
        is_busy = self._thread is not None and self._thread.is_alive()
        if not settings.ALERTS_DEAD_MAN_URL or is_busy or time.monotonic() < self._next_at:
            return False
        self._next_at = time.monotonic() + EVERY_SECONDS
        self._thread = threading.Thread(target=call, args=(settings.ALERTS_DEAD_MAN_URL,), name="dead man", daemon=True)
        self._thread.start()
        return True

    def wait(self) -> None:
        """Let the last request end, for as long as it may take."""
        if self._thread is not None:
            self._thread.join(ANSWER_SECONDS)


def call(address: str) -> bool:
    """Ask for the address once; return whether it answered 2xx. What fails is logged without the address's path."""
    try:
        status = asyncio.run(_get(URL(address)))
    except (HostRefused, ValueError, aiohttp.ClientError, TimeoutError, OSError) as fault:
        logger.warning("the outside watch was not reached: %s", type(fault).__name__)
        return False
    if not 200 <= status < 300:
        logger.warning("the outside watch answers %s", status)
    return 200 <= status < 300


async def _get(url: URL) -> int:
    check_address(url.host or "", is_secure=url.scheme == "https")
    limit = aiohttp.ClientTimeout(total=ANSWER_SECONDS)
    connector = aiohttp.TCPConnector(resolver=PublicResolver(), use_dns_cache=False)
    async with (
        aiohttp.ClientSession(connector=connector, timeout=limit, trust_env=False) as session,
        session.get(url, allow_redirects=False) as answer,
    ):
        return answer.status
