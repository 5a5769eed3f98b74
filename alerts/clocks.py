"""The clocks of a request: how long each step took, without the time in which the other side had the turn (U11)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from alerts.choices import ENDED_REQUESTS, RequestStatus
from alerts.models import ExtensionRequest, InformationRound, LowerNotice


class Turn(models.TextChoices):
    """Who has to act next."""

    REQUESTER = "requester", pgettext_lazy("turn", "The requesting agency")
    RECEIVER = "receiver", pgettext_lazy("turn", "The receiving program")
    NOBODY = "nobody", pgettext_lazy("turn", "Nobody")


@dataclass(frozen=True)
class Clock:
    """One span: from a moment until another, or still running; `paused` is time that does not count."""

    label: Any
    since: datetime
    until: datetime | None
    elapsed: timedelta
    paused: timedelta = timedelta()
    is_paused: bool = False

    @property
    def is_running(self) -> bool:
        """Say whether it counts at this moment."""
        return self.until is None and not self.is_paused

    @property
    def minutes(self) -> int:
        """Return the whole minutes that count."""
        return int(self.elapsed.total_seconds()) // 60

    @property
    def paused_minutes(self) -> int:
        """Return the whole minutes that do not count."""
        return int(self.paused.total_seconds()) // 60


def turn_of(request: ExtensionRequest) -> Turn:
    """Return whose turn it is: an open question waits for the asking side, everything else for the program."""
    if request.status in (RequestStatus.DRAFT, RequestStatus.INFORMATION_ASKED):
        return Turn.REQUESTER
    if request.status in ENDED_REQUESTS or request.status in (RequestStatus.ACTIVATED, RequestStatus.ACTIVATED_OUTSIDE):
        return Turn.NOBODY
    return Turn.NOBODY if _runs_notice(request) else Turn.RECEIVER


def _runs_notice(request: ExtensionRequest) -> bool:
    """Say whether what was accepted is in force already, below an alert: no activation is waited for."""
    notice: LowerNotice | None = getattr(request, "lower_notice", None)
    return notice is not None and notice.is_in_force


def paused_time(rounds: Sequence[InformationRound], *, until: datetime) -> timedelta:
    """Return how long questions were open, up to a moment. Rounds never overlap: one is open at a time."""
    total = timedelta()
    for item in rounds:
        end = min(item.answered_at or until, until)
        total += max(end - item.asked_at, timedelta())
    return total


def decision_time(request: ExtensionRequest, rounds: Sequence[InformationRound], now: datetime) -> timedelta:
    """Return how long the program has had for its decision: since sending, without the time of open questions."""
    if request.sent_at is None:
        return timedelta()
    until = request.decided_at or now
    return max(until - request.sent_at - paused_time(rounds, until=until), timedelta())


def clocks_of(
    request: ExtensionRequest, rounds: Sequence[InformationRound], now: datetime | None = None
) -> list[Clock]:
    """Return the clocks of a request that has been sent: to acknowledgement, decision and activation."""
    if request.sent_at is None:
        return []
    now = now or timezone.now()
    ended = request.status in ENDED_REQUESTS
    clocks = []
    if request.acknowledged_at or not ended:
        clocks.append(_plain(_("From request to acknowledgment"), request.sent_at, request.acknowledged_at, now))
    if request.decided_at or not ended:
        until = request.decided_at or now
        clocks.append(
            Clock(
                _("From request to decision"),
                request.sent_at,
                request.decided_at,
                decision_time(request, rounds, now),
                paused_time(rounds, until=until),
                request.decided_at is None and request.status == RequestStatus.INFORMATION_ASKED,
            )
        )
    is_awaited = bool(request.decided_at) and not ended and request.case.is_open and not _runs_notice(request)
    if request.activated_at or is_awaited:
        clocks.append(_plain(_("From request to activation"), request.sent_at, request.activated_at, now))
    return clocks


def _plain(label: Any, since: datetime, until: datetime | None, now: datetime) -> Clock:
    # What ran already when it was asked for took no time.
    return Clock(label, since, until, max((until or now) - since, timedelta()))
