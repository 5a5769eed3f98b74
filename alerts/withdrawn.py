"""When something of an alert was taken back, or its term ended: what was written before is not sent after."""

from __future__ import annotations

import uuid
from collections.abc import Iterable
from datetime import datetime

from django.db import connection
from django.utils import timezone

# Senders ask after every few messages, so that it is one plain question. GREATEST leaves out what is NULL.
LAST = """
    SELECT alert_id, GREATEST(withdrawn_at, redacted_at, CASE WHEN expires_at <= %s THEN expires_at END)
    FROM alerts_publicalert WHERE alert_id = ANY(%s)
"""


def withdrawals(alert_ids: Iterable[uuid.UUID]) -> dict[uuid.UUID, datetime]:
    """Return the last such moment of each of these alerts; those with none are left out.

    The end of a term counts by the clock, also before the relay has taken the step.
    """
    with connection.cursor() as cursor:
        cursor.execute(LAST, [timezone.now(), list(alert_ids)])
        return {alert_id: at for alert_id, at in cursor.fetchall() if at is not None}
