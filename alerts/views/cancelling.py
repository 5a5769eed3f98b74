"""Ending an alert: a coded reason, and before the program's shortest duration an explanation in writing (U12)."""

from __future__ import annotations

import uuid

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from django.views import View

from agencies.refusals import NotPermitted
from agencies.views.acting import SignedIn, act_once, with_nonce
from alerts import permissions
from alerts.forms.alerts import CancelForm
from alerts.services import issuing

from .finding import find_alert


class CancelAlert(SignedIn, View):
    """Cancels an alert of the person's program."""

    http_method_names = ["post"]

    def post(self, request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
        """Cancel once; what is missing is asked for on a page of its own with everything that was chosen."""
        alert = find_alert(self.user, pk)
        if not permissions.can_end(self.user, alert):
            raise NotPermitted
        form = CancelForm(request.POST, prefix="cancel", alert=alert)
        if not form.is_valid():
            context = {
                "alert": alert, "form": form, "action": request.path, "submit_label": _("Cancel the alert"),
                "nav_section": "alerts", "is_exercise": alert.is_exercise,
            }  # fmt: skip
            return render(request, "alerts/act_form.html", with_nonce(context), status=422)

        def perform() -> str:
            issuing.cancel(alert=alert, by=self.user, **form.cleaned_data)
            return reverse("alerts:alert-detail", args=[pk])

        return act_once(request, perform, _("The alert was canceled."))
