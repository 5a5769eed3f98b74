"""How fast an exercise went: from rows that exist anyway, in a constant number of queries (issue "No alert lost")."""

from __future__ import annotations

import uuid
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from django.db import models
from django.db.models import Count, Max, Min, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from agencies.choices import LadderStep
from agencies.models import User
from alerts.choices import ENDED_REQUESTS, AlertStatus, DeliveryState, MessageType, RequestStatus
from alerts.clocks import decision_time
from alerts.models import Alert, Delivery, ExtensionRequest
from cases.models import Case

# Within so long every recipient has the alert, or a named person knows that it is late (issue "No alert lost").
DELIVERED_WITHIN = timedelta(minutes=2)
OVER = (AlertStatus.DISCARDED, AlertStatus.CANCELLED, AlertStatus.EXPIRED)


class Verdict(models.TextChoices):
    """What a time limit says of one step."""

    MET = "met", _("Met")
    MISSED = "missed", _("Not met")
    RUNNING = "running", _("Still running")
    NONE = "none", _("No limit")


@dataclass(frozen=True)
class Step:
    """One span of an exercise: from a moment until another one, which may be missing yet; and its limit, if any."""

    key: str
    label: Any
    since: datetime
    until: datetime | None
    limit: timedelta | None = None
    counted: timedelta | None = None  # where less than the whole span counts
    is_over: bool = False  # what is missing will not come any more
    seen_at: datetime = field(default_factory=timezone.now)

    @property
    def took(self) -> timedelta | None:
        """Return how long it took; None while it has not ended. What was done before it was asked for took no time."""
        if self.until is None:
            return None
        return self.counted if self.counted is not None else max(self.until - self.since, timedelta())

    @property
    def verdict(self) -> Verdict:
        """Return whether the limit was kept. One that has passed is missed, whatever comes later."""
        if self.limit is None:
            return Verdict.NONE
        so_far = self.took if self.took is not None else self.counted or self.seen_at - self.since
        if so_far > self.limit:
            return Verdict.MISSED
        if self.until is not None:
            return Verdict.MET
        return Verdict.MISSED if self.is_over else Verdict.RUNNING


@dataclass(frozen=True)
class Part:
    """One request or one alert of an exercise, with its steps; of an alert also how many messages, and what of them."""

    row: ExtensionRequest | Alert
    steps: list[Step]
    messages: int = 0
    accepted: int = 0
    acknowledged: int = 0


@dataclass(frozen=True)
class Scores:
    """Everything that one reader may see of an exercise."""

    requests: list[Part]
    alerts: list[Part]

    @property
    def parts(self) -> list[Part]:
        """Return requests and alerts in the order in which they happened."""
        return [*self.requests, *self.alerts]

    @property
    def rows(self) -> list[Any]:
        """Return the rows that were read for it."""
        return [part.row for part in self.parts]

    @property
    def steps(self) -> list[Step]:
        """Return every step of every part."""
        return [step for part in self.parts for step in part.steps]

    @property
    def limited(self) -> int:
        """Return how many steps with a limit have ended, or have missed it."""
        return sum(step.verdict in (Verdict.MET, Verdict.MISSED) for step in self.steps)

    @property
    def met(self) -> int:
        """Return how many of them kept their limit."""
        return sum(step.verdict == Verdict.MET for step in self.steps)


def scores_of(case: Case, user: User) -> Scores:
    """Return the times of an exercise as far as this person may see its requests and alerts; of a real case nothing.

    A constant number of queries, however many programs were asked and however many messages were sent.
    """
    if not case.is_exercise:
        return Scores([], [])
    asked = ExtensionRequest.objects.visible_to(user).filter(case=case, sent_at__isnull=False)  # type: ignore[attr-defined]
    asked = asked.select_related("program", "requesting_agency", "case").prefetch_related("rounds", "rungs")
    alerts = Alert.objects.visible_to(user).filter(case=case, submitted_at__isnull=False)  # type: ignore[attr-defined]
    alerts = alerts.select_related("program", "criteria", "case").order_by("submitted_at", "pk")
    sent = _messages(case, user)
    return Scores(
        [Part(item, _of_request(item)) for item in asked.order_by("sent_at", "pk")],
        [_of_alert(item, sent.get(item.pk, {})) for item in alerts],
    )


def _of_request(item: ExtensionRequest) -> list[Step]:
    assert item.sent_at is not None  # noqa: S101  only these were asked for
    is_over, now = item.status in ENDED_REQUESTS, timezone.now()
    is_declined = item.status == RequestStatus.DECLINED
    decided = _("Request decided")
    if item.decided_at:
        decided = _("Request declined") if is_declined else _("Request accepted")
    counted = decision_time(item, list(item.rounds.all()), now)  # without the time of open questions (U11)
    steps = [
        Step("acknowledged", _("Request acknowledged"), item.sent_at, item.acknowledged_at, _before_ladder(item),
             is_over=is_over),
        Step("decided", decided, item.sent_at, item.decided_at, counted=counted, is_over=is_over),
    ]  # fmt: skip
    if not is_declined:
        steps.append(Step("request_activated", _("Alert activated"), item.sent_at, item.activated_at, is_over=is_over))
    return steps


def _before_ladder(item: ExtensionRequest) -> timedelta | None:
    """Return how long the program had to acknowledge before its ladder went on, as it stood when it was asked (U39).

    A rung that was not waited for, because nobody was on duty, is no limit; the next one is.
    """
    waited = [rung.due_at for rung in item.rungs.all() if rung.step != LadderStep.ON_DUTY and not rung.is_early]
    return min(waited) - item.sent_at if waited and item.sent_at else None


def _of_alert(alert: Alert, sent: dict[str, Any]) -> Part:
    assert alert.submitted_at is not None  # noqa: S101  only these were asked for
    asked, is_over = alert.submitted_at, alert.status in OVER
    steps = [Step("activated", _("Alert activated"), asked, alert.activated_at, is_over=is_over)]
    if alert.approved_at or not alert.activated_at:  # what one officer activated alone was approved by nobody
        label = _("Alert approved")
        steps.insert(0, Step("approved", label, asked, alert.approved_at, _wait_for_approver(alert), is_over=is_over))
    if alert.activated_at and sent:
        steps += _of_messages(alert.activated_at, sent)
    return Part(alert, steps, *(sent.get(name, 0) for name in ("messages", "accepted", "acknowledged")))


def _wait_for_approver(alert: Alert) -> timedelta | None:
    """Return for how long the program's rules wait for a second officer (U9); None where they name no time."""
    minutes = alert.criteria.single_officer_after_minutes if alert.criteria else None
    return timedelta(minutes=minutes) if minutes else None


def _of_messages(since: datetime, sent: dict[str, Any]) -> list[Step]:
    """Return the first, the middle and the last message that its channel took, and that was acknowledged."""
    is_all_sent = sent["accepted"] + sent["lost"] >= sent["messages"]
    is_all_heard = sent["acknowledged"] >= sent["messages"]
    return [
        Step("delivered_first", _("First message accepted"), since, sent["sent_first"]),
        Step("delivered_median", _("Half of the messages accepted"), since, sent["sent_median"]),
        Step("delivered_last", _("Last message accepted"), since,
             sent["sent_last"] if is_all_sent else None, DELIVERED_WITHIN, is_over=is_all_sent),
        Step("heard_first", _("First receipt confirmed"), since, sent["heard_first"]),
        Step("heard_median", _("Half of those receipts confirmed"), since,
             sent["heard_median"]),
        Step("heard_last", _("Last receipt confirmed"), since,
             sent["heard_last"] if is_all_heard else None),
    ]  # fmt: skip


class Median(models.Aggregate):
    """The middle value that stands in a row, without those that are missing."""

    function = "PERCENTILE_DISC"
    template = "%(function)s(0.5) WITHIN GROUP (ORDER BY %(expressions)s)"


def _messages(case: Case, user: User) -> dict[uuid.UUID, dict[str, Any]]:
    """Return for each alert what became of its first message: counts and moments, no recipient."""
    first = Q(message__alert__case=case, message__msg_type=MessageType.ALERT)
    rows: Any = (
        Delivery.objects.visible_to(user)  # type: ignore[attr-defined]
        .filter(first)
        .order_by()
        .values("message__alert")
        .annotate(
            messages=Count("pk"), accepted=Count("sent_at"), acknowledged=Count("acknowledged_at"),
            lost=Count("pk", filter=Q(sent_at=None, state__in=(DeliveryState.FAILED, DeliveryState.SUPPRESSED))),
            sent_first=Min("sent_at"), sent_median=Median("sent_at"), sent_last=Max("sent_at"),
            heard_first=Min("acknowledged_at"), heard_median=Median("acknowledged_at"),
            heard_last=Max("acknowledged_at"),
        )
    )  # fmt: skip
    return {row["message__alert"]: row for row in rows}
