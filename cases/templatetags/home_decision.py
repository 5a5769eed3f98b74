"""Shows the home program's decision on pages of the case and of its requests."""

from __future__ import annotations

from typing import Any

from django import template
from django.template import Context

from cases import permissions
from cases.forms.home_decision import HomeDecisionForm
from cases.models import Case, HomeDecision
from cases.services.home_decisions import programs_to_decide

MOST_SHOWN = 10
register = template.Library()


@register.inclusion_tag("cases/case/_home_decision.html", takes_context=True)
def home_decision(context: Context, case: Case, form: bool = False, link: bool = True) -> dict[str, Any]:
    """Return the newest decision that the reader may see and those before it; with `form`, how to record a new one."""
    user = context["user"]
    rows = HomeDecision.objects.visible_to(user).filter(case=case)  # type: ignore[attr-defined]
    known = list(rows.select_related("program", "decided_by")[:MOST_SHOWN])
    may_decide = form and case.is_open and bool(programs_to_decide(user, case))
    return {
        "case": case,
        "decision": known[0] if known else None,
        "earlier": known[1:],
        "link": link,
        "is_the_programs_own": form and not may_decide and permissions.can_decide_at_home(user, case),
        "form": HomeDecisionForm(case=case, user=user, prefix="home") if may_decide else None,
        "nonce": context.get("nonce", ""),
        "csrf_token": context.get("csrf_token", ""),
    }
