"""Who knows and how long it took: of one alert, and of an agency over its recent alerts."""

from __future__ import annotations

import uuid
from datetime import timedelta
from itertools import groupby
from typing import Any

from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views import View

from agencies import access, audit
from agencies.choices import Capability, Country
from agencies.models import AlertProgram
from agencies.refusals import NotPermitted
from agencies.views.acting import SignedIn
from alerts import permissions
from alerts.boards import Board, board_of
from alerts.choices import MessageType
from alerts.delivery_rows import deliveries_of
from alerts.forms.boards import BoardFilter
from alerts.models import Alert, Delivery

from .finding import find_alert

MOST_ALERTS = 100


class AlertBoard(SignedIn, View):
    """One alert: by country and agency, who was told, who has it, who knows, and after how many minutes."""

    def get(self, request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
        """Show the alert's own messages, or with `of=end` those of its end; for its program's own people."""
        alert = find_alert(self.user, pk)
        if not permissions.can_see_deliveries(self.user, alert):
            raise NotPermitted
        of = request.GET.get("of", "")
        if of not in ("", "end"):
            raise Http404
        context = {
            **board_context(board_of(deliveries_of(alert, self.user), of_the_end=of == "end")), "alert": alert,
            "of_the_end": of == "end", "has_end": alert.messages.filter(msg_type=MessageType.CANCEL).exists(),
            "seen_at": timezone.now(), "nav_section": "alerts", "is_exercise": alert.is_exercise,
        }  # fmt: skip
        return render(request, "alerts/alert_board.html", context)


class AgencyBoard(SignedIn, View):
    """The recent alerts of the programs that a supervisor's agencies run, together and one by one."""

    def get(self, request: HttpRequest) -> HttpResponse:
        """Show them; who supervises no program sees an empty page."""
        supervised = access.agency_ids(self.user, Capability.SUPERVISE_PROGRAM)
        form = BoardFilter(request.GET)
        if not form.is_valid():
            raise Http404
        alerts = self._alerts(supervised, int(form.cleaned_data["days"] or 30), form.cleaned_data["kind"])
        audit.record_read(by=self.user, objects=alerts)
        rows: QuerySet[Delivery] = Delivery.objects.visible_to(self.user).filter(message__alert__in=alerts)  # type: ignore[attr-defined]
        board = board_of(rows)
        context = {
            **board_context(board), "form": form, "seen_at": timezone.now(), "nav_section": "desk",
            "alerts": [(alert, board.by_alert.get(alert.pk)) for alert in alerts], "is_cut": len(alerts) == MOST_ALERTS,
        }  # fmt: skip
        return render(request, "alerts/agency_board.html", context)

    def _alerts(self, supervised: frozenset[int], days: int, kind: str) -> list[Alert]:
        rows = Alert.objects.visible_to(self.user).filter(  # type: ignore[attr-defined]
            program__in=AlertProgram.objects.run_by(supervised), is_exercise=kind == "exercises",
            activated_at__gt=timezone.now() - timedelta(days=days),
        )  # fmt: skip
        return list(rows.select_related("program", "case").order_by("-activated_at", "-pk")[:MOST_ALERTS])


def board_context(board: Board) -> dict[str, Any]:
    """Return a board for its table: countries, each with its sum and its agencies."""
    countries = [
        {
            "label": Country(country).label, "sum": board.by_country[country],
            "rows": [((row.whose and row.of_whom) or _("No desk recorded"), row) for row in rows],
        }
        for country, found in groupby(board.agencies, key=lambda row: row.country)
        for rows in [list(found)]
    ]  # fmt: skip
    return {"everything": board.everything, "countries": countries}
