"""What goes wrong: every fault of a run, each with what it does to the stage and how many senders it may cut off."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from random import Random
from typing import TYPE_CHECKING

from tests.reliability.chaos.provider import Mood, set_moods

if TYPE_CHECKING:
    from tests.reliability.chaos.stage import Stage

MOOD_SECONDS = (3.0, 6.0)
DEAD_SECONDS = (0.3, 3.0)  # until somebody starts again what died


@dataclass(frozen=True)
class Fault:
    """One fault. `kills` counts it among what may leave a delivery's outcome unwritten."""

    name: str
    act: Callable[[Stage, Random], None]
    kills: bool = True
    needs_postgres: bool = False


def _dies(name: str) -> Callable[[Stage, Random], None]:
    """Kill a process with its children, and start it again after a while."""

    def act(stage: Stage, random: Random) -> None:
        if name not in stage.portal.running:  # the relay, in runs without it
            return
        stage.portal.kill(name)
        stage.rest(random.uniform(*DEAD_SECONDS))
        stage.start(name)

    return act


def _worker_parent(stage: Stage, random: Random) -> None:
    """Kill the parent alone: its children are orphans and end when they notice."""
    name = random.choice(stage.workers)
    stage.kill_alone(name)
    stage.rest(random.uniform(*DEAD_SECONDS))
    stage.start(name)


def _worker_child(stage: Stage, random: Random) -> None:
    stage.kill_child(random.choice(stage.workers), random)


def _valkey_killed(stage: Stage, random: Random) -> None:
    """Kill the broker and start it again, empty."""
    stage.valkey.kill()
    stage.rest(random.uniform(*DEAD_SECONDS))
    stage.valkey.start()


def _valkey_flushed(stage: Stage, _random: Random) -> None:
    stage.valkey.flush()


def _postgres_stopped(stage: Stage, random: Random) -> None:
    """Stop the database as `-m immediate` does, without a word to its clients, and start it again."""
    assert stage.postgres is not None
    stage.postgres.stop_at_once()
    stage.rest(random.uniform(*DEAD_SECONDS))
    stage.postgres.start()
    stage.reconnect()


def _mood(channel: str, way: str, share: float) -> Callable[[Stage, Random], None]:
    """Let the provider misbehave for some seconds."""

    def act(stage: Stage, random: Random) -> None:
        seconds = random.uniform(*MOOD_SECONDS)
        set_moods(stage.folder, **{channel: Mood(way, share, time.time() + seconds)})
        stage.rest(seconds)

    return act


FAULTS = (
    Fault("worker parent killed", _worker_parent),
    Fault("worker child killed", _worker_child),
    Fault("beat killed", _dies("beat"), kills=False),
    Fault("relay killed", _dies("relay")),
    Fault("web killed", _dies("web"), kills=False),
    Fault("Valkey killed, restarted empty", _valkey_killed, kills=False),
    Fault("Valkey flushed", _valkey_flushed, kills=False),
    Fault("PostgreSQL stopped at once", _postgres_stopped, needs_postgres=True),
    Fault("SMTP 421", _mood("email", "421", 0.5), kills=False),
    Fault("SMTP 550", _mood("email", "550", 0.05), kills=False),
    Fault("SMTP hangs", _mood("email", "hang", 0.2), kills=False),
    Fault("SMTP drips", _mood("email", "drip", 0.2), kills=False),
    Fault("SMTP hangs up after taking", _mood("email", "cut", 0.3), kills=False),
    Fault("HTTP 429", _mood("webhook", "429", 0.5), kills=False),
    Fault("HTTP 500", _mood("webhook", "500", 0.5), kills=False),
    Fault("HTTP resets", _mood("webhook", "reset", 0.3), kills=False),
    Fault("HTTP hangs", _mood("webhook", "hang", 0.2), kills=False),
    Fault("HTTP hangs up after taking", _mood("webhook", "cut", 0.3), kills=False),
    Fault("SMS 429", _mood("sms", "429", 0.5), kills=False),
    Fault("SMS 500", _mood("sms", "500", 0.5), kills=False),
    Fault("SMS resets", _mood("sms", "reset", 0.3), kills=False),
    Fault("SMS hangs", _mood("sms", "hang", 0.1), kills=False),
    Fault("SMS hangs up after taking", _mood("sms", "cut", 0.3), kills=False),
)
SHORT = (
    "worker child killed", "Valkey killed, restarted empty", "SMTP 421", "HTTP hangs up after taking",
    "SMS hangs up after taking",
)  # fmt: skip


def in_order(random: Random, *, has_postgres: bool, names: tuple[str, ...] = ()) -> list[Fault]:
    """Return every fault that this stage allows, or the named ones, in the order of this seed."""
    chosen = [
        fault for fault in FAULTS
        if (has_postgres or not fault.needs_postgres) and (not names or fault.name in names)
    ]  # fmt: skip
    random.shuffle(chosen)
    return chosen
