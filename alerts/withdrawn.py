"""When something of an alert was taken back, or its term ended: what was written before is not sent after."""

from __future__ import annotations

import uuid
from collections.abc import Iterable
from datetime import datetime

from django.db.models import Case, When
from django.utils import timezone

from alerts.models import PublicAlert


def withdrawals(alert_ids: Iterable[uuid.UUID]) -> dict[uuid.UUID, datetime]:
    """Return the last such moment of each of these alerts; those with none are left out.

    The end of a term counts by the clock, also before the relay has taken the step.
    """
    ended = Case(When(expires_at__lte=timezone.now(), then="expires_at"))
    publics = PublicAlert.objects.filter(alert_id__in=list(alert_ids))
    rows = publics.values_list("alert_id", "withdrawn_at", "redacted_at", ended)
    moments = {alert_id: [at for at in row if at] for alert_id, *row in rows}
    return {alert_id: max(found) for alert_id, found in moments.items() if found}
