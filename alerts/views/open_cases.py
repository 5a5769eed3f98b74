"""The act that keeps an expired alert readable as the page of an open case (U13)."""

from __future__ import annotations

import uuid
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from django.views import View

from agencies.models import User
from agencies.refusals import NotPermitted
from agencies.views.acting import SignedIn, act_once, with_nonce
from alerts import permissions
from alerts.choices import AlertStatus
from alerts.forms.open_cases import OpenCaseForm
from alerts.models import Alert
from alerts.services import open_cases

from .finding import find_alert


class PutUpOpenCase(SignedIn, View):
    """An approver decides anew that the public may read of the case, after the broadcast."""

    http_method_names = ["post"]

    def post(self, request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
        """Put it up once; without a reason the form comes back."""
        alert = find_alert(self.user, pk)
        if not permissions.can_approve(self.user, alert):
            raise NotPermitted
        form = OpenCaseForm(request.POST, prefix="open-case")
        if not form.is_valid():
            context = {"alert": alert, "form": form, "action": request.path, "nav_section": "alerts",
                       "submit_label": _("Put up the open case"), "is_exercise": alert.is_exercise}  # fmt: skip
            return render(request, "alerts/act_form.html", with_nonce(context), status=422)

        def perform() -> str:
            open_cases.put_up(alert=alert, by=self.user, reason=form.cleaned_data["reason"])
            return reverse("alerts:alert-detail", args=[pk])

        return act_once(request, perform, _("The page of the open case is public."))


def open_case_context(alert: Alert, user: User) -> dict[str, Any]:
    """Return the form for approvers of an expired alert whose program allows the page, else why there is none."""
    if alert.status != AlertStatus.EXPIRED or not permissions.can_approve(user, alert):
        return {}
    if not open_cases.is_allowed(alert) or not alert.case.is_open:
        return {}
    refused = open_cases.refusal(alert, user)
    public = getattr(alert, "public", None)
    return {
        "open_case_form": None if refused else OpenCaseForm(prefix="open-case"),
        "open_case_refusal": refused.message if refused and not (public and public.is_open_case) else "",
    }
