"""Tells the pages of facts whether programs follow them, so that the kind of a change is asked (U20)."""

from __future__ import annotations

from django import template

from alerts.services.changes import is_followed
from cases.models import Case

register = template.Library()


@register.simple_tag
def programs_follow(case: Case) -> bool:
    """Say whether an alert is active or a request was received."""
    return is_followed(case)
