"""The act by which a lead agency hands the decision on level and requests abroad up (U5)."""

from __future__ import annotations

import uuid

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from django.views import View

from agencies.models import AlertProgram
from agencies.views.acting import SignedIn, act_once, with_nonce
from alerts.forms.handing import EscalateForm
from alerts.services.escalating import escalate
from alerts.views.finding import case_to_ask


class Escalate(SignedIn, View):
    """One press and its confirmation; a note may go along, nothing else is typed."""

    http_method_names = ["post"]

    def post(self, request: HttpRequest, pk: uuid.UUID, program: str) -> HttpResponse:
        """Send the request to decide once; a note that is too long comes back as typed."""
        case = case_to_ask(self.user, pk)
        found = get_object_or_404(AlertProgram, code=program, is_active=True)
        form = EscalateForm(request.POST, prefix="escalate")
        if not form.is_valid():
            context = {"case": case, "program": found, "form": form, "nav_section": "requests",
                       "is_exercise": case.is_exercise}  # fmt: skip
            return render(request, "alerts/escalate.html", with_nonce(context), status=422)

        def perform() -> str:
            made = escalate(case=case, program=found, by=self.user, note=form.cleaned_data["note"])
            return reverse("alerts:request-detail", args=[made.pk])

        return act_once(request, perform, _("The decision was handed up."))
