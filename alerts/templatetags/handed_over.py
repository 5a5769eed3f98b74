"""What programs have open in a case: for whoever may take it over, or seals it. Programs and numbers, no names."""

from __future__ import annotations

from typing import Any

from django import template

from alerts.choices import ENDED_REQUESTS, AlertStatus, RequestStatus
from alerts.services.sealed_cases import programs_with_work
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


@register.inclusion_tag("cases/case/_programs_of_case.html")
def programs_of_case(case: Case) -> dict[str, Any]:
    """Return the programs of which somebody must be named before the case is sealed."""
    return {"programs": programs_with_work(case)}
