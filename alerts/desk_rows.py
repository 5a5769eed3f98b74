"""What a row of the desk is, and the requests and alerts that rows are about."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Model, Q
from django.urls import reverse
from django.utils import timezone

from agencies import access
from agencies.models import AlertProgram, User
from alerts.choices import ActivationException, AlertStatus
from alerts.models import Alert, ExtensionRequest

MOST_OF_ONE_KIND = 20


@dataclass(frozen=True)
class DeskItem:
    """One row of the desk: what it is about, since when it waits or until when it must be done, and the next act."""

    row: Model  # what it is about, for the event of the read
    kind: str
    title: Any
    reference: str
    about: str
    url: str
    act: Any
    since: datetime | None = None
    due_at: datetime | None = None
    is_exercise: bool = False

    @property
    def is_late(self) -> bool:
        """Say whether its time has run out."""
        return self.due_at is not None and self.due_at <= timezone.now()

    @property
    def order(self) -> tuple[datetime, str]:
        """Return what the desk sorts by: the time it is due, else the time since which it waits."""
        return (self.due_at or self.since or timezone.now(), self.reference)


Provider = Callable[[User], Iterable[DeskItem]]


def requests_of(user: User, statuses: Iterable[str]) -> Any:
    """Return the requests in these states that this person sees, with what a row names."""
    return (
        ExtensionRequest.objects.visible_to(user)  # type: ignore[attr-defined]
        .filter(status__in=list(statuses))
        .select_related("program", "requesting_agency", "case")
    )


def alerts_of(user: User, capability: str, status: str) -> Any:
    """Return the alerts in this state of the programs for which this person holds the right."""
    mine, programs = access.agency_ids(user, capability), AlertProgram.objects
    own = Q(program__in=programs.drafted_by(mine) if status == AlertStatus.DRAFT else programs.run_by(mine))
    taken_over = Q(exception=ActivationException.FALLBACK, program__in=programs.drafted_by(mine))
    named = Q(fallback__agency__isnull=True) | Q(fallback__agency__in=mine)
    return (
        Alert.objects.visible_to(user)  # type: ignore[attr-defined]
        .filter(own | taken_over & named, status=status)
        .select_related("program", "case")
    )


def item_of_alert(
    kind: str, alert: Alert, act: Any, since: datetime | None, *, due_at: datetime | None = None, title: Any = None
) -> DeskItem:
    """Return the row of one alert."""
    return DeskItem(
        alert,
        kind, title or alert.get_status_display(), alert.number, f"{alert.program} – {alert.case.reference}",
        reverse("alerts:alert-detail", args=[alert.pk]), act, since=since, due_at=due_at,
        is_exercise=alert.is_exercise,
    )  # fmt: skip
