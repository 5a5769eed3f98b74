"""What the system page shows: how sending fares, in numbers over all agencies; no case and no recipient can be told."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import Count, Min, Q
from django.utils import timezone

from agencies import scope
from alerts.choices import UNSENT_STATES, Channel
from alerts.models import Delivery
from alerts.simulated import DOMAIN

OVERDUE = timedelta(minutes=2)


@dataclass(frozen=True)
class ChannelState:
    """One channel: how much waits, since when, how much of it too long, and when it last succeeded."""

    channel: Channel
    waiting: int
    overdue: int
    oldest_at: datetime | None
    sent_at: datetime | None


def channel_states() -> list[ChannelState]:
    """Return every channel. What waits for a later try is overdue only when its time has passed by two minutes."""
    due = timezone.now() - OVERDUE
    with scope.through_door("watching"):
        waiting = {
            row["channel"]: row
            for row in Delivery.objects.filter(state__in=UNSENT_STATES)
            .order_by()
            .values("channel")
            .annotate(
                waiting=Count("pk"),
                overdue=Count("pk", filter=Q(next_attempt_at__lt=due)),
                oldest_at=Min("created_at"),
            )
        }
        sent = {channel: _last_sent(channel) for channel in Channel}
    return [
        ChannelState(
            channel,
            waiting=row["waiting"] if row else 0,
            overdue=row["overdue"] if row else 0,
            oldest_at=row["oldest_at"] if row else None,
            sent_at=sent[channel],
        )
        for channel in Channel
        for row in [waiting.get(channel)]
    ]


def _last_sent(channel: Channel) -> datetime | None:
    rows = Delivery.objects.filter(channel=channel, sent_at__isnull=False)
    rows = rows.exclude(address__endswith=f"@{DOMAIN}")  # an exercise says nothing of the channel
    rows = rows.order_by("-sent_at")
    return rows.values_list("sent_at", flat=True).first()
