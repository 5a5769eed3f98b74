"""A shift of Baja California's desk around now, for the tests of rosters."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.utils import timezone

from agencies.duty_roster import plan_shifts
from agencies.models import Agency, RosterShift

BAJA = "mx-bcn-amber"
HOUR = timedelta(hours=1)


def planned(desk: Agency, person: Any, by: Any, since: timedelta = -HOUR, until: timedelta = 7 * HOUR) -> RosterShift:
    """Plan a shift of this person from so long before or after now."""
    now = timezone.now()
    [shift] = plan_shifts(agency=desk, person=person, starts_at=now + since, ends_at=now + until, by=by)
    return shift
