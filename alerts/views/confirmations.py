"""Who of the recipients of a Cancel has confirmed it."""

from __future__ import annotations

from dataclasses import dataclass

from django.db.models import Count, Q, QuerySet

from agencies.models import User
from alerts.choices import MessageType
from alerts.models import Alert, Delivery

MOST_NAMED = 50


@dataclass(frozen=True)
class Confirmations:
    """How many got the Cancel, how many confirmed, and who is missing (at most 50 named)."""

    told: int
    confirmed: int
    missing: list[Delivery]


def confirmations_of(alert: Alert, user: User) -> Confirmations | None:
    """Return who confirmed the Cancel of an alert that this person may see, or None when none was sent.

    Recipients count, not messages: who got it by mail and by webhook has confirmed with one of the two.
    """
    rows: QuerySet[Delivery] = Delivery.objects.visible_to(user).filter(  # type: ignore[attr-defined]
        message__alert=alert, message__msg_type=MessageType.CANCEL
    )
    counts = rows.aggregate(
        told=Count("recipient", distinct=True),
        confirmed=Count("recipient", distinct=True, filter=Q(acknowledged_at__isnull=False)),
    )
    if not counts["told"]:
        return None
    confirmed = rows.filter(acknowledged_at__isnull=False).values("recipient")
    open_rows = rows.exclude(recipient__in=confirmed).select_related("recipient")
    missing = list(open_rows.order_by("recipient__name", "channel")[:MOST_NAMED])
    return Confirmations(counts["told"], counts["confirmed"], missing)
