"""Shows requests and alerts on the page of a case, which must not import them (design §4, up by template tag)."""

from __future__ import annotations

from typing import Any

from django import template
from django.db.models import Prefetch
from django.template import Context

from agencies import audit
from agencies.models import AlertProgram
from alerts import permissions
from alerts.choices import DutyKind
from alerts.forms.handing import EscalateForm
from alerts.models import Alert, Duty, ExtensionRequest
from alerts.services.escalating import ways_up
from cases.choices import CaseStatus
from cases.models import Case

register = template.Library()


@register.inclusion_tag("alerts/_on_case.html", takes_context=True)
def alerts_on_case(context: Context, case: Case) -> dict[str, Any]:
    """Return the requests and alerts of a case that the reader may see, and what they may start."""
    user = context["user"]
    is_active = case.status == CaseStatus.ACTIVE
    own = [
        program
        for program in AlertProgram.objects.drafted_by([case.lead_agency_id])
        .filter(is_active=True)
        .select_related("agency")
        if is_active and permissions.can_start_alert(user, program, case)
    ]
    cancels = Duty.objects.visible_to(user).open().filter(kind=DutyKind.CANCEL_ALERT)  # type: ignore[attr-defined]
    alerts = list(
        Alert.objects.visible_to(user)  # type: ignore[attr-defined]
        .filter(case=case)
        .select_related("program")
        .prefetch_related(Prefetch("duties", cancels, to_attr="cancels_awaited"))
    )
    running = {alert.program_id for alert in alerts if alert.status not in ("discarded", "cancelled", "expired")}
    requests = list(
        ExtensionRequest.objects.visible_to(user)  # type: ignore[attr-defined]
        .filter(case=case)
        .select_related("program", "requesting_agency")
        .prefetch_related("outside_answers")
    )
    audit.record_read(by=user, objects=[*requests, *alerts])
    return {
        "case": case,
        "requests": requests,
        "alerts": alerts,
        "can_send": is_active and permissions.can_send_requests(user, case),
        "ways_up": ways_up(case, user),
        "escalate_form": EscalateForm(prefix="escalate"),
        "own_programs": [program for program in own if program.pk not in running],
        "nonce": context.get("nonce", ""),
        "csrf_token": context.get("csrf_token", ""),
    }
