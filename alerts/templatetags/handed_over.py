"""What goes along when a case is handed over, for whoever may accept it: numbers and programs, nobody's name."""

from __future__ import annotations

from typing import Any

from django import template

from alerts.choices import ENDED_REQUESTS, AlertStatus, RequestStatus
from cases.models import Case

register = template.Library()


@register.inclusion_tag("cases/case/_work_of_case.html")
def work_of_case(case: Case) -> dict[str, Any]:
    """Return the requests that the new lead agency answers for, and the alerts that programs have in force."""
    requests = case.requests.exclude(status__in=ENDED_REQUESTS).exclude(status=RequestStatus.DRAFT)
    alerts = case.alerts.filter(status=AlertStatus.ACTIVE)
    return {
        "requests": list(requests.select_related("program").order_by("sent_at")),
        "alerts": list(alerts.select_related("program").order_by("pk")),
    }
