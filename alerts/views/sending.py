"""The pages that send requests."""

from __future__ import annotations

import uuid

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from django.views import View

from agencies.refusals import NotPermitted
from agencies.views.acting import SignedIn, act_once, with_nonce
from alerts import permissions
from alerts.forms.requests import SendRequestForm
from alerts.services import requests as service
from cases.models import Case


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
