"""Open duties of the reader's programs, on the pages of a case and of a request."""

from __future__ import annotations

from typing import Any

from django import template
from django.db.models import Q
from django.template import Context

from alerts import permissions
from alerts.models import Duty, ExtensionRequest
from cases.models import Case

register = template.Library()
MOST_SHOWN = 20


@register.inclusion_tag("alerts/duty/_open.html", takes_context=True)
def open_duties(context: Context, subject: Case | ExtensionRequest) -> dict[str, Any]:
    """Return what this person may discharge about a case, or about a request and the alert that came of it."""
    user = context["user"]
    about = Q(case=subject) if isinstance(subject, Case) else Q(request=subject) | Q(alert__request=subject)
    rows = Duty.objects.visible_to(user).open().filter(about, permissions.dischargeable_by(user))  # type: ignore[attr-defined]
    return {"duties": list(rows.select_related("program", "alert", "request", "case").order_by("due_at")[:MOST_SHOWN])}
