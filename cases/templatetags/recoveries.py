"""The banner that keeps everybody on the search until identity is confirmed."""

from __future__ import annotations

from typing import Any

from django import template

from cases.models import Case

register = template.Library()


@register.inclusion_tag("cases/_do_not_stand_down.html")
def do_not_stand_down(case: Case) -> dict[str, Any]:
    """Say so while a child of the case was found and not identified (U15)."""
    return {"case": case, "is_pending": case.is_open and case.recoveries.pending().exists()}
