"""Who of the recipients of a Cancel has confirmed it."""

from __future__ import annotations

from dataclasses import dataclass

from alerts.choices import MessageType
from alerts.models import Alert, Delivery

MOST_NAMED = 50


@dataclass(frozen=True)
class Confirmations:
    """How many got the Cancel, how many confirmed, and who is missing (at most 50 named)."""

    told: int
    confirmed: int
    missing: list[Delivery]


def confirmations_of(alert: Alert) -> Confirmations | None:
    """Return who confirmed the Cancel of an alert, or None when none was sent."""
    rows = Delivery.objects.filter(message__alert=alert, message__msg_type=MessageType.CANCEL)
    told = rows.count()
    if not told:
        return None
    open_rows = rows.filter(acknowledged_at__isnull=True)
    missing = list(open_rows.select_related("recipient").order_by("recipient__name")[:MOST_NAMED])
    return Confirmations(told, told - open_rows.count(), missing)
