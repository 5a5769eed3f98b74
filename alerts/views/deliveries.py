"""Who got an alert: the table on its page, and the fragment that keeps it current."""

from __future__ import annotations

import hashlib
import uuid
from typing import Any

from django.db.models import Count, QuerySet, Sum
from django.http import HttpRequest, HttpResponse, HttpResponseNotModified
from django.shortcuts import get_object_or_404, render
from django.utils.translation import get_language
from django.views import View

from agencies import audit
from agencies.models import User
from agencies.refusals import NotPermitted
from agencies.views.acting import SignedIn
from alerts import permissions
from alerts.choices import DeliveryState
from alerts.models import Alert, Delivery

MOST_SHOWN = 200


def delivery_context(alert: Alert, user: User) -> dict[str, Any]:
    """Return the counts over everything, and the newest rows; two queries, however many recipients there are."""
    rows = _of(alert, user)
    counts = _counts(rows)
    return {
        "delivery_counts": [(state, DeliveryState(state).label, found["many"]) for state, found in counts.items()],
        "acknowledged_count": sum(found["acknowledged"] for found in counts.values()),
        "delivery_total": sum(found["many"] for found in counts.values()),
        "deliveries": list(rows.select_related("recipient", "message").defer("message__xml", "message__texts")
                           .order_by("-created_at", "recipient__name")[:MOST_SHOWN]),
        "delivery_tag": _tag(counts),
    }  # fmt: skip


class DeliveryTable(SignedIn, View):
    """The table alone, for a page that asks again every few seconds; 304 while nothing has changed."""

    def get(self, request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
        """Return the table, or that it is what the reader has; either way the look is recorded."""
        alert = get_object_or_404(Alert.objects.visible_to(self.user).select_related("program", "case"), pk=pk)  # type: ignore[attr-defined]
        if not permissions.can_see_deliveries(self.user, alert):
            raise NotPermitted
        audit.record_read(by=self.user, objects=[alert], case_id=alert.case_id)
        tag = _tag(_counts(_of(alert, self.user)))
        answer: HttpResponse
        if request.headers.get("If-None-Match") == tag:
            answer = HttpResponseNotModified()
        else:
            answer = render(request, "alerts/alert/_delivery_table.html", delivery_context(alert, self.user))
        answer["ETag"] = tag
        answer["Cache-Control"] = "private, no-store"
        return answer


def _of(alert: Alert, user: User) -> QuerySet[Delivery]:
    rows: QuerySet[Delivery] = Delivery.objects.visible_to(user).filter(message__alert=alert)  # type: ignore[attr-defined]
    return rows


def _counts(rows: QuerySet[Delivery]) -> dict[str, dict[str, int]]:
    found = (
        rows.order_by()
        .values("state")
        .annotate(many=Count("pk"), acknowledged=Count("acknowledged_at"), attempts_made=Sum("attempts"))
    )
    by_state: dict[str, dict[str, int]] = {str(row["state"]): dict(row) for row in found}  # type: ignore[arg-type]
    return {state: by_state[state] for state in DeliveryState.values if state in by_state}


def _tag(counts: dict[str, dict[str, int]]) -> str:
    """Return a tag that changes with every try, outcome and acknowledgement, and with the reader's language."""
    content = [(state, row["many"], row["acknowledged"], row["attempts_made"]) for state, row in counts.items()]
    digest = hashlib.sha256(f"{get_language()} {content}".encode()).hexdigest()
    return f'"{digest[:32]}"'
