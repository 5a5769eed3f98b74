"""The last wall before a real address: a real channel refuses whatever belongs to an exercise (ADR 81)."""

from __future__ import annotations

from alerts.simulated import is_simulated

from .outcome import never

REFUSED = never("exercise: refused by a real channel")


class ExerciseRefused(Exception):
    """A real channel was given a message of an exercise; nothing was sent."""


def refuse_exercise(*, is_exercise: bool, address: str) -> None:
    """Raise ExerciseRefused for a message of an exercise, and for one that goes to an address of the simulator."""
    if is_exercise or is_simulated(address):
        raise ExerciseRefused
