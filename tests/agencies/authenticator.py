"""A phone with an authenticator app and a clock that a test moves; nothing here decides what a test expects."""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import Any

from agencies import one_time_codes, second_factor

PASSWORD = "correct horse battery staple"


class Clock:
    """Stands still until it is moved."""

    def __init__(self) -> None:
        self.now = float(int(time.time()) // 30 * 30 + 10)

    def __call__(self) -> float:
        return self.now

    def move(self, seconds: float) -> None:
        """Let time pass."""
        self.now += seconds


@dataclass
class Phone:
    """What an authenticator app knows."""

    seed: bytes
    clock: Clock
    recovery_codes: list[str]

    def code(self, steps: int = 0) -> str:
        """Return what the app shows now, or so many steps of 30 seconds from now."""
        return one_time_codes.code_at(self.seed, self.clock() + steps * one_time_codes.STEP_SECONDS)

    def wrong(self) -> str:
        """Return a code that the app shows at no time near."""
        near = {self.code(steps) for steps in range(-3, 4)}
        return next(code for code in ("000000", "111111", "222222", "333333", "444444", "555555", "666666", "777777")
                    if code not in near)  # fmt: skip


def enrolled(user: Any, clock: Clock) -> Phone:
    """Give this person an authenticator app; its code is used up, a minute later the next ones work."""
    phone = Phone(one_time_codes.new_seed(), clock, [])
    phone.recovery_codes = second_factor.enrol(user=user, seed=phone.seed, code=phone.code())
    clock.move(60)
    return phone
