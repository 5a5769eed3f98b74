"""A circuit breaker per host: who does not answer is left alone for a while, so that the others do not wait.

It lives in the memory of each sender, not in rows: what it knows is worth seconds, a sender learns it anew from two
faults, and a row per host would be written by every sender at every answer.
"""

from __future__ import annotations

import math
import time
from collections.abc import Callable
from dataclasses import dataclass

FAULTS = 2  # in a row; as many as a host has connections
REST_SECONDS = 20


@dataclass
class _Host:
    faults: int = 0
    rests_until: float = 0.0


class Breaker:
    """What one sender knows of hosts that do not answer."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._hosts: dict[str, _Host] = {}

    def rest(self, host: str) -> int:
        """Return for how many seconds more this host is left alone; 0 where it may be asked."""
        found = self._hosts.get(host)
        return max(0, math.ceil(found.rests_until - self._clock())) if found else 0

    def failed(self, host: str) -> None:
        """Note that it did not answer; after so many times in a row it rests. One more fault after it, and again."""
        found = self._hosts.setdefault(host, _Host())
        found.faults += 1
        if found.faults >= FAULTS:
            found.rests_until = self._clock() + REST_SECONDS

    def answered(self, host: str) -> None:
        """Note that it answered, whatever it said."""
        self._hosts.pop(host, None)

    def forget(self) -> None:
        """Ask every host again."""
        self._hosts.clear()
