"""Shows on the page of an alert whether a legal opinion is required and what was released of it."""

from __future__ import annotations

from typing import Any

from django import template
from django.template import Context

from alerts.alert_guards import lacks_legal_opinion
from alerts.models import Alert

register = template.Library()


@register.inclusion_tag("alerts/alert/_legal_review.html", takes_context=True)
def legal_on_alert(context: Context, alert: Alert) -> dict[str, Any]:
    """Return what the approver must know of the law before the alert goes out."""
    return {
        "case": alert.case,
        "alert": alert,
        "is_missing": alert.status in ("draft", "submitted", "approved") and lacks_legal_opinion(alert),
        "user": context["user"],
        "nonce": context.get("nonce", ""),
    }
