"""All requests of one case: where each stands, what became of the last act, and taking back what still waits."""

from __future__ import annotations

import uuid
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import ngettext
from django.views import View

from agencies import audit
from agencies.idempotency import first_result
from agencies.models import AlertProgram, User
from agencies.on_duty import programs_on_duty
from agencies.views.acting import SignedIn, act_once, with_nonce
from alerts import permissions
from alerts.forms.requests import WithdrawAllForm
from alerts.models import ExtensionRequest
from alerts.services.asking import Outcome, can_be_withdrawn, open_requests, withdraw_all
from alerts.views.finding import case_to_ask, find_case
from alerts.views.sending import result_of_act
from cases.models import Case

ACTS = ("request-send", "requests-withdraw")  # the acts whose outcome per program this page shows


class CaseRequests(SignedIn, View):
    """The requests of a case that the reader may see."""

    def get(self, request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
        """Show them, with what became of the act that led here."""
        case = find_case(self.user, pk)
        context = page_context(case, self.user)
        audit.record_read(by=self.user, objects=[case, *context["requests"]], case_id=case.pk)
        outcomes = outcomes_of(request.GET, self.user, case)
        return render(request, "alerts/case_requests.html", with_nonce({**context, **outcomes}))


class WithdrawAll(SignedIn, View):
    """Takes back, in one act, every request of a case that can be taken back (U21)."""

    http_method_names = ["post"]

    def post(self, request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
        """Act once; then say per program what was taken back and what could not be."""
        case = case_to_ask(self.user, pk)
        form = WithdrawAllForm(request.POST, prefix="withdraw")
        if not form.is_valid():
            context = page_context(case, self.user) | {"withdraw_form": form}
            return render(request, "alerts/case_requests.html", with_nonce(context), status=422)
        outcomes: list[Outcome] = []

        def perform() -> dict[str, Any]:
            outcomes.extend(withdraw_all(case=case, by=self.user, **form.cleaned_data))
            return result_of_act("requests-withdraw", case, outcomes, request)

        def success() -> str:
            done = sum(item.is_done for item in outcomes)
            return ngettext(
                "%(count)s request was withdrawn.", "%(count)s requests were withdrawn.", done
            ) % {"count": done}  # fmt: skip

        return act_once(request, perform, success)


def page_context(case: Case, user: User) -> dict[str, Any]:
    """Return the requests of a case, and the form that takes back what can be."""
    rows = ExtensionRequest.objects.visible_to(user).filter(case=case)  # type: ignore[attr-defined]
    rows = rows.select_related("program", "requesting_agency", "case").prefetch_related("outside_answers")
    may_ask = permissions.can_send_requests(user, case)
    withdrawable = [item for item in open_requests(case, user) if can_be_withdrawn(item)] if may_ask else []
    return {
        "case": case, "requests": list(rows), "can_send": may_ask and case.is_open, "withdrawable": withdrawable,
        "withdraw_form": WithdrawAllForm(prefix="withdraw") if withdrawable else None, "nav_section": "requests",
        "is_exercise": case.is_exercise,
    }  # fmt: skip


def outcomes_of(query: Any, user: User, case: Case) -> dict[str, Any]:
    """Return what became of each program's part of the reader's own act that the address names; nothing of others'."""
    name, key = query.get("of", ""), query.get("act", "")
    if name not in ACTS:
        return {}
    action = reverse(f"alerts:{name}", args=[case.pk])
    result = first_result(user=user, action=action, key=key) or {}
    kept = result.get("outcomes", [])
    programs = AlertProgram.objects.select_related("agency").in_bulk([row["program"] for row in kept])
    requests = ExtensionRequest.objects.visible_to(user).in_bulk(  # type: ignore[attr-defined]
        [uuid.UUID(row["request"]) for row in kept if row["request"]]
    )
    sent = [programs[row["program"]] for row in kept if row["request"] and row["program"] in programs]
    duty = programs_on_duty(sent) if name == "request-send" and not result.get("are_drafts") else {}
    return {
        "off_duty": {key for key, is_on_duty in duty.items() if not is_on_duty},
        "act": "drafts" if result.get("are_drafts") else name,
        "outcomes": [
            Outcome(
                programs[row["program"]],
                requests.get(uuid.UUID(row["request"])) if row["request"] else None,
                row["refusal"],
            )
            for row in kept
            if row["program"] in programs
        ],
    }
