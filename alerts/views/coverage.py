"""What the page of an alert shows of the national alert above it, or of the states' alerts below."""

from __future__ import annotations

from typing import Any

from agencies.models import User
from alerts.models import Alert, CoveredAlert


def coverage_context(alert: Alert, user: User) -> dict[str, Any]:
    """Return the links of an alert in both directions, as far as this person may see what they lead to."""
    rows = CoveredAlert.objects.visible_to(user)  # type: ignore[attr-defined]
    below = rows.filter(national=alert).select_related(
        "alert__program", "request__program", "request__outside_activation"
    )
    return {
        "covered_alerts": list(below),
        "covering_alerts": list(rows.filter(alert=alert).select_related("national__program")),
    }
