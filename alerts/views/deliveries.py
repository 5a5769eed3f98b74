"""Who got an alert: the table on its page, the page of all deliveries, their fragments and the download."""

from __future__ import annotations

import hashlib
import uuid
from collections.abc import Iterable
from itertools import groupby
from typing import Any

from django.db.models import Count, Max, QuerySet, Sum
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseNotModified
from django.shortcuts import get_object_or_404, render
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views import View

from agencies import audit
from agencies.choices import Country
from agencies.models import User
from agencies.refusals import NotPermitted
from agencies.spreadsheets import csv_answer
from agencies.views.acting import SignedIn
from alerts import permissions
from alerts.choices import DeliveryState
from alerts.delivery_rows import deliveries_of, in_full, narrowed, page_of, placed
from alerts.forms.deliveries import DeliveryFilter
from alerts.models import Alert, Delivery
from alerts.services.sending_again import is_running

from .delivery_table import COLUMNS, cells_of
from .finding import find_alert

MOST_SHOWN = 200


def delivery_context(alert: Alert, user: User) -> dict[str, Any]:
    """Return the counts over everything, and the newest rows; two queries, however many recipients there are."""
    rows = deliveries_of(alert, user)
    counts = _counts(rows)
    return {
        **_counted(counts),
        "deliveries": list(rows.select_related("recipient", "message", "sent_again_by")
                           .defer("message__xml", "message__texts")
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
        tag = _tag(_counts(deliveries_of(alert, self.user)))
        answer: HttpResponse
        if request.headers.get("If-None-Match") == tag:
            answer = HttpResponseNotModified()
        else:
            answer = render(request, "alerts/alert/_delivery_table.html", delivery_context(alert, self.user))
        answer["ETag"] = tag
        answer["Cache-Control"] = "private, no-store"
        return answer


class DeliveryPage(SignedIn, View):
    """Every delivery of an alert, by country, agency and recipient, with its tries; narrowed by the form above."""

    def get(self, request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
        """Show one page; whom a program tells, only its own composers and approvers learn."""
        alert = _find(self.user, pk)
        form = _filter_or_404(request)
        rows = deliveries_of(alert, self.user)
        context = {
            **_page_context(request, alert, rows, form.cleaned_data), "form": form, "nav_section": "alerts",
            "is_exercise": alert.is_exercise,
        }  # fmt: skip
        return render(request, "alerts/delivery_page.html", context)


class DeliveryRows(SignedIn, View):
    """The rows of that page alone, for a page that asks again every few seconds; 304 while nothing has changed."""

    def get(self, request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
        """Return the rows, or that they are what the reader has; either way the look is recorded."""
        alert = _find(self.user, pk)
        form = _filter_or_404(request)
        rows = deliveries_of(alert, self.user)
        tag = _tag(_counts(rows))
        answer: HttpResponse
        if request.headers.get("If-None-Match") == tag:
            answer = HttpResponseNotModified()
        else:
            context = _page_context(request, alert, rows, form.cleaned_data)
            answer = render(request, "alerts/delivery/_rows.html", context)
        answer["ETag"] = tag
        answer["Cache-Control"] = "private, no-store"
        return answer


class DeliveryFile(SignedIn, View):
    """The same rows, all of them, for a spreadsheet."""

    def get(self, request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
        """Return CSV without addresses: who keeps them sees them. Every row is recorded as read."""
        alert = _find(self.user, pk)
        rows = in_full(narrowed(placed(deliveries_of(alert, self.user)), _filter_or_404(request).cleaned_data), alert)
        audit.record_read(by=self.user, objects=rows, case_id=alert.case_id, detail={"file": "csv"})
        return csv_answer([[str(title) for title in COLUMNS], *map(cells_of, rows)], f"deliveries-{alert.number}.csv")


def _find(user: User, pk: uuid.UUID) -> Alert:
    alert = find_alert(user, pk)
    if not permissions.can_see_deliveries(user, alert):
        raise NotPermitted
    return alert


def _filter_or_404(request: HttpRequest) -> DeliveryFilter:
    """Return what the address asks for; a choice that no form offers is an address that does not exist."""
    form = DeliveryFilter(request.GET)
    if not form.is_valid():
        raise Http404
    return form


def _page_context(
    request: HttpRequest, alert: Alert, rows: QuerySet[Delivery], wanted: dict[str, Any]
) -> dict[str, Any]:
    counts = _counts(rows)
    try:
        page = page_of(narrowed(placed(rows), wanted), alert, request.GET.get("after", ""))
    except ValueError as error:
        raise Http404 from error
    assert isinstance(request.user, User)  # noqa: S101  callers are behind the sign-in
    audit.record_read(by=request.user, objects=page.rows, case_id=alert.case_id)
    asked = request.GET.copy()
    asked.pop("after", None)
    return {
        **_counted(counts), "has_failed": DeliveryState.FAILED in counts, "alert": alert, "page": page,
        "can_send_again": is_running(alert) and permissions.can_send_again(request.user, alert),
        "groups": _groups(page.rows), "delivery_tag": _tag(counts), "query": asked.urlencode(),
        "whole_query": request.GET.urlencode(), "is_narrowed": any(wanted.values()),
    }  # fmt: skip


def _groups(rows: Iterable[Delivery]) -> list[dict[str, Any]]:
    """Return rows in their order, one group per agency or organization, with the words above it."""
    key = lambda row: (row.in_country, row.of_whom, row.whose)  # noqa: E731  annotated by `placed`
    return [
        {"country": Country(country).label, "of_whom": of_whom or _("No desk recorded"), "rows": list(found)}
        for (country, of_whom, _whose), found in groupby(rows, key)
    ]


def _counted(counts: dict[str, dict[str, Any]]) -> dict[str, Any]:
    return {
        "delivery_counts": [(state, DeliveryState(state).label, found["many"]) for state, found in counts.items()],
        "acknowledged_count": sum(found["acknowledged"] for found in counts.values()),
        "delivery_total": sum(found["many"] for found in counts.values()),
    }


def _counts(rows: QuerySet[Delivery]) -> dict[str, dict[str, Any]]:
    found = (
        rows.order_by()
        .values("state")
        .annotate(
            many=Count("pk"),
            acknowledged=Count("acknowledged_at"),
            in_charge=Count("charge_taken_at"),
            last_again=Max("sent_again_at"),
            attempts_made=Sum("attempts"),
        )
    )
    by_state: dict[str, dict[str, Any]] = {str(row["state"]): dict(row) for row in found}  # type: ignore[arg-type]
    return {state: by_state[state] for state in DeliveryState.values if state in by_state}


def _tag(counts: dict[str, dict[str, Any]]) -> str:
    """Return a tag that changes with every try, outcome and acknowledgment, and with the reader's language."""
    content = [(state, *(value for name, value in row.items() if name != "state")) for state, row in counts.items()]
    digest = hashlib.sha256(f"{get_language()} {content}".encode()).hexdigest()
    return f'"{digest[:32]}"'
