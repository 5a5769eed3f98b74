"""How far an unacknowledged request has climbed: the card on its page, and the fragment that keeps it current (U39)."""

from __future__ import annotations

import hashlib
import uuid
from typing import Any

from django.http import HttpRequest, HttpResponse, HttpResponseNotModified
from django.shortcuts import get_object_or_404, render
from django.utils.translation import get_language
from django.views import View

from agencies import audit
from agencies.choices import LadderStep
from agencies.models import User
from agencies.views.acting import SignedIn
from alerts import permissions
from alerts.call_sheets import call_sheet
from alerts.choices import RequestStatus
from alerts.models import ExtensionRequest, LadderRung


def ladder_context(item: ExtensionRequest, user: User) -> dict[str, Any]:
    """Return the rungs of a request and, for the asking side once the last one was taken, whom to call and what to say.

    A constant number of queries; one where the request has no ladder.
    """
    rows = LadderRung.objects.filter(request=item).select_related("hub")
    rungs = sorted(rows, key=lambda rung: LadderStep.values.index(rung.step))
    is_waiting = item.status == RequestStatus.SENT
    is_at_the_top = is_waiting and any(rung.step == LadderStep.TOP and rung.climbed_at for rung in rungs)
    return {
        "rungs": rungs,
        "is_waiting": is_waiting,
        "call": call_sheet(item) if is_at_the_top and permissions.can_ask(user, item) else None,
        "ladder_tag": tag_of(item, rungs),
    }


class Ladder(SignedIn, View):
    """The card alone, for a page that asks again every few seconds; 304 while nothing has changed."""

    def get(self, request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
        """Return the steps, or that they are what the reader has; either way the look is recorded."""
        rows = ExtensionRequest.objects.visible_to(self.user)  # type: ignore[attr-defined]
        item = get_object_or_404(rows.select_related("program__agency", "requesting_agency", "case"), pk=pk)
        audit.record_read(by=self.user, objects=[item], case_id=item.case_id)
        context = ladder_context(item, self.user)
        answer: HttpResponse
        if request.headers.get("If-None-Match") == context["ladder_tag"]:
            answer = HttpResponseNotModified()
        else:
            answer = render(request, "alerts/request/_ladder_steps.html", {"item": item, **context})
        answer["ETag"] = context["ladder_tag"]
        answer["Cache-Control"] = "private, no-store"
        return answer


def tag_of(item: ExtensionRequest, rungs: list[LadderRung]) -> str:
    """Return a tag that changes with every rung taken, with the state of the request and with the reader's language."""
    content = [(rung.step, rung.climbed_at, rung.told) for rung in rungs]
    digest = hashlib.sha256(f"{get_language()} {item.status} {content}".encode()).hexdigest()
    return f'"{digest[:32]}"'
