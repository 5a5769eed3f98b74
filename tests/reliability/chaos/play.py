"""One run: an alert, its Update and its end, sent to everybody while everything breaks."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass
from random import Random
from typing import Any

from django.db import DatabaseError, connection
from django.utils import timezone

from alerts.models import Alert, Delivery, PublicAlert, Recipient
from alerts.services import updates
from cases.models import Vehicle
from cases.services.facts import record_facts
from tests.reliability.chaos.checks import DONE_SECONDS, FINAL, Row, Verdict, judge
from tests.reliability.chaos.faults import Fault
from tests.reliability.chaos.provider import read_ledger
from tests.reliability.chaos.stage import Stage

LANGUAGES = ("es", "en", "fr")
PAUSE_SECONDS = (0.3, 2.0)
EXPIRES_EVERY = 4  # of so many seeds one ends by its term, the others by a Cancel


@dataclass(frozen=True)
class Scene:
    """The alert and who acts on it."""

    alert: Any
    case: Any
    owner: Any  # of the lead agency
    coordinator: Any
    approver: Any


@dataclass(frozen=True)
class Result:
    """One line of the table."""

    seed: int
    faults: int
    kills: int
    deliveries: int
    seconds: float | None  # from the last fault until everything was final; None: not within the time
    verdict: Verdict

    @property
    def is_kept(self) -> bool:
        """Say whether every promise was kept."""
        return not self.verdict.broken


def invite(program: Any, count: int, ports: Sequence[int]) -> None:
    """Make so many recipients, each by three channels: mail, text messages, and a webhook at one of the hosts."""
    Recipient.objects.bulk_create(
        Recipient(
            program=program, name=f"desk {number}", kind="media", email=f"desk{number}@newsroom.example",
            webhook_url=f"http://127.0.0.1:{ports[number % len(ports)]}/{number}", language=LANGUAGES[number % 3],
            sms_number=f"+1619555{number:04}", sms_verified_number=f"+1619555{number:04}",
        )
        for number in range(count)
    )  # fmt: skip


def play(*, stage: Stage, scene: Scene, seed: int, faults: Sequence[Fault]) -> Result:
    """Run the seed to its end and judge it. The stage is open; the recipients stand."""
    random = Random(seed)
    stage.act("activate", scene.alert.pk, scene.coordinator.pk, dies=True)
    kills, ended_at = 1, None
    for place, fault in enumerate(faults):
        if place == len(faults) // 3:
            _issue_update(stage, scene)
        if place == 2 * len(faults) // 3:
            ended_at = _end(stage, scene, seed)
        stage.rest(random.uniform(*PAUSE_SECONDS))
        print(f"seed {seed}: {fault.name}", flush=True)  # noqa: T201  a long run should tell where it is
        fault.act(stage, random)
        kills += fault.kills
    seconds = _wait_until_final(stage)
    verdict = judge(read_rows(), read_ledger(stage.folder), kills=kills, ended_at=ended_at)
    return Result(seed, len(faults) + 1, kills, Delivery.objects.count(), seconds, verdict)


def read_rows() -> list[Row]:
    """Return every delivery of this database."""
    names = ("pk", "recipient_id", "channel", "message__msg_type", "state", "may_have_arrived")
    return [
        Row(str(pk), str(recipient), channel, kind or "", state, flag)
        for pk, recipient, channel, kind, state, flag in Delivery.objects.values_list(*names)
    ]


def _issue_update(stage: Stage, scene: Scene) -> None:
    """Let the lead agency correct a plate, and two people of the program issue what follows from it."""
    vehicle = Vehicle.objects.get(case=scene.case)
    vehicle.plate = "8ABC456"
    record_facts(case=scene.case, by=scene.owner, items=[(vehicle, ["plate"])])
    update = scene.alert.updates.open().get()
    updates.submit(update=update, by=scene.coordinator)
    stage.act("issue", update.pk, scene.approver.pk)


def _end(stage: Stage, scene: Scene, seed: int) -> float:
    """End the alert by a Cancel or by its term; return when that was certain."""
    if seed % EXPIRES_EVERY == EXPIRES_EVERY - 1:
        now = timezone.now()
        Alert.objects.filter(pk=scene.alert.pk).update(expires_at=now)
        PublicAlert.objects.filter(alert=scene.alert.pk).update(expires_at=now)
        return time.time()
    return stage.act("cancel", scene.alert.pk, scene.coordinator.pk)


def _wait_until_final(stage: Stage) -> float | None:
    """Wait until no delivery waits; return how many seconds that took, or None when the time is over."""
    since = time.monotonic()
    while time.monotonic() - since < DONE_SECONDS:
        try:
            if not Delivery.objects.exclude(state__in=FINAL).exists():
                return time.monotonic() - since
        except DatabaseError:
            connection.close()
        stage.rest(0.25)
    return None
