"""Pages of requests: sending, acknowledging, deciding, withdrawing."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from django.views import View
from django.views.generic import TemplateView

from agencies import audit
from agencies.refusals import NotPermitted
from agencies.views.acting import SignedIn, act_once, page_or_404, with_nonce
from alerts import permissions, workflow
from alerts.forms.requests import AcknowledgeForm, DecisionForm, SendRequestForm
from alerts.models import ExtensionRequest
from alerts.services import requests as service
from alerts.views.criteria import decision_checklist
from alerts.views.updates import change_of_request
from cases.models import Case
from cases.services.showing import facts_to_show


class RequestList(SignedIn, TemplateView):
    """Requests sent by and to the person's agencies."""

    template_name = "alerts/request_list.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Return one page, newest first."""
        rows = ExtensionRequest.objects.visible_to(self.user).select_related(  # type: ignore[attr-defined]
            "program", "requesting_agency", "case"
        )
        page = page_or_404(rows, self.request)
        audit.record_read(by=self.user, objects=page.rows)
        return super().get_context_data(page=page, nav_section="requests", **kwargs)


class RequestDetail(SignedIn, TemplateView):
    """One request with its clocks, and what can be done now."""

    template_name = "alerts/request_detail.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Return the request with the facts the receiver decides on; the read is recorded."""
        item = _find(self.user, kwargs.pop("pk"))
        audit.record_read(by=self.user, objects=[item], case_id=item.case_id)
        return super().get_context_data(**request_context(item, self.user), **kwargs)


def request_context(
    item: ExtensionRequest, user: Any, decision_form: DecisionForm | None = None, checklist: Any = None
) -> dict[str, Any]:
    """Return what the page of one request shows to one person."""
    names = {step.name for step in workflow.REQUEST.available(item, user)}
    case = item.case
    return with_nonce(
        {
            "item": item,
            "case": case,
            **facts_to_show(case),
            "alert": getattr(item, "alert", None),
            "acknowledge_form": AcknowledgeForm(prefix="acknowledge") if "acknowledge" in names else None,
            "decision_form": (decision_form or DecisionForm(prefix="decision")) if "accept" in names else None,
            "checklist": (checklist or decision_checklist(item, user)) if "accept" in names else None,
            "can_withdraw": "withdraw" in names,
            "is_receiver": permissions.can_answer(user, item),
            "nav_section": "requests",
            "is_exercise": case.is_exercise,
            **change_of_request(item, user),
        }
    )


class SendRequest(SignedIn, View):
    """Asks one program for an alert."""

    def get(self, request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
        """Show the form to the lead agency."""
        case = self._find(pk)
        return self._page(case, SendRequestForm(case=case))

    def post(self, request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
        """Send once, then show the request."""
        case = self._find(pk)
        form = SendRequestForm(request.POST, case=case)
        if not form.is_valid():
            return self._page(case, form, status=422)

        def perform() -> str:
            item = service.send_request(case=case, by=self.user, **form.cleaned_data)
            return reverse("alerts:request-detail", args=[item.pk])

        return act_once(request, perform, _("The request was sent."))

    def _find(self, pk: uuid.UUID) -> Case:
        case = get_object_or_404(Case.objects.visible_to(self.user).select_related("lead_agency"), pk=pk)  # type: ignore[attr-defined]
        if not permissions.can_send_requests(self.user, case):
            raise NotPermitted
        return case

    def _page(self, case: Case, form: SendRequestForm, status: int = 200) -> HttpResponse:
        context = {"case": case, "form": form, "nav_section": "requests", "is_exercise": case.is_exercise}
        return render(self.request, "alerts/request_send.html", with_nonce(context), status=status)


class RequestAct(SignedIn, View):
    """Base of acts on one request."""

    http_method_names = ["post"]

    def act(self, pk: uuid.UUID, perform: Callable[[], object], success: Any) -> HttpResponse:
        """Perform once and show the request again."""

        def and_go_back() -> str:
            perform()
            return reverse("alerts:request-detail", args=[pk])

        return act_once(self.request, and_go_back, success)


class Acknowledge(RequestAct):
    """Acknowledges receipt (acuse de recibo)."""

    def post(self, request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
        """Record officer, time and own folio."""
        item = _find(self.user, pk)
        if not permissions.can_answer(self.user, item):
            raise NotPermitted
        form = AcknowledgeForm(request.POST, prefix="acknowledge")
        if not form.is_valid():
            context = {**request_context(item, self.user), "acknowledge_form": form}
            return render(request, "alerts/request_detail.html", context, status=422)
        folio = form.cleaned_data["receiver_reference"]
        return self.act(
            pk,
            lambda: service.acknowledge(request=item, by=self.user, receiver_reference=folio),
            _("Receipt was acknowledged."),
        )


class Decide(RequestAct):
    """Records the receiving program's decision."""

    def post(self, request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
        """Decide once; a wrong field brings the page back with what was typed."""
        item = _find(self.user, pk)
        if not permissions.can_answer(self.user, item):
            raise NotPermitted
        form = DecisionForm(request.POST, prefix="decision")
        checklist = decision_checklist(item, self.user, request.POST)
        if not all([form.is_valid(), checklist is None or checklist.is_valid()]):
            context = request_context(item, self.user, form, checklist)
            return render(request, "alerts/request_detail.html", context, status=422)
        return self.act(
            pk,
            lambda: service.decide(
                request=item, by=self.user, answers=checklist.answers() if checklist else None, **form.cleaned_data
            ),
            _("The decision was recorded."),
        )


class Withdraw(RequestAct):
    """Takes a request back before activation."""

    def post(self, request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
        """Withdraw once."""
        item = _find(self.user, pk)
        return self.act(pk, lambda: service.withdraw(request=item, by=self.user), _("The request was withdrawn."))


def _find(user: Any, pk: uuid.UUID) -> ExtensionRequest:
    rows = ExtensionRequest.objects.visible_to(user).select_related(  # type: ignore[attr-defined]
        "program__agency", "requesting_agency", "case__lead_agency", "case__abduction__subdivision", "sent_by",
        "acknowledged_by", "decided_by", "alert",
    )  # fmt: skip
    return get_object_or_404(rows, pk=pk)
