"""Celery's beat with signs of life from its own loop: a loop that hangs gives none."""

from __future__ import annotations

from typing import Any

from celery.beat import PersistentScheduler

from alerts.choices import ProcessKind
from alerts.heartbeats import BEAT_SECONDS, Pulse


class Scheduler(PersistentScheduler):
    """The usual scheduler; notes every few seconds that it still turns."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._pulse = Pulse(ProcessKind.BEAT)

    def tick(self, *args: Any, **kwargs: Any) -> float:
        """Run what is due; return the seconds until the next turn."""
        self._pulse.beat()
        return min(float(super().tick(*args, **kwargs)), BEAT_SECONDS)
