"""Shows the home program's decision on pages of the case and of its requests."""

from __future__ import annotations

from typing import Any

from django import template
from django.template import Context

from cases import permissions
from cases.forms.home_decision import HomeDecisionForm
from cases.models import Case, HomeDecision

register = template.Library()


@register.inclusion_tag("cases/case/_home_decision.html", takes_context=True)
def home_decision(context: Context, case: Case, form: bool = False, link: bool = True) -> dict[str, Any]:
    """Return the newest decision that the reader may see; with `form`, what the lead agency needs to record one."""
    user = context["user"]
    rows = HomeDecision.objects.visible_to(user).filter(case=case)  # type: ignore[attr-defined]
    may_decide = form and case.is_open and permissions.can_decide_at_home(user, case)
    return {
        "case": case,
        "decision": rows.select_related("program", "decided_by").first(),
        "link": link,
        "form": HomeDecisionForm(case=case, prefix="home") if may_decide else None,
        "nonce": context.get("nonce", ""),
        "csrf_token": context.get("csrf_token", ""),
    }
