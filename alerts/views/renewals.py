"""Renewing an alert, changing its area, and letting it expire."""

from __future__ import annotations

import uuid
from typing import Any

from django import forms
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from django.views import View

from agencies import audit
from agencies.models import User
from agencies.refusals import NotPermitted
from agencies.views.acting import SignedIn, act_once, with_nonce
from alerts import permissions
from alerts.forms.alerts import AreaForm
from alerts.forms.updates import RenewForm
from alerts.models import Alert, Duty
from alerts.services import area_changes, renewals


class Renew(SignedIn, View):
    """Asks for a renewal; a second officer issues the Update."""

    http_method_names = ["post"]

    def post(self, request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
        """Ask once, then go to the Update; what is missing or outside the program's limits comes back."""
        alert = _own_alert(self.user, pk)
        form = RenewForm(request.POST, prefix="renew", alert=alert)
        if not form.is_valid():
            return _once_more(request, alert, form, _("Ask for the renewal"))

        def perform() -> str:
            return renewals.ask_renewal(alert=alert, by=self.user, **form.cleaned_data).url

        return act_once(request, perform, _("The renewal was requested. A second officer must issue it."))


class ChangeArea(SignedIn, View):
    """Asks for another area of an active alert; a second officer issues the Update."""

    http_method_names = ["post"]

    def post(self, request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
        """Ask once, then go to the Update; an area without a place, or beyond the territory, comes back."""
        alert = _own_alert(self.user, pk)
        form = AreaForm(request.POST, prefix="area", alert=alert)
        if not form.is_valid():
            return _once_more(request, alert, form, _("Ask for the new area"))

        def perform() -> str:
            return area_changes.ask_area(alert=alert, by=self.user, areas=form.chosen_area or []).url

        return act_once(request, perform, _("The new area was requested. A second officer must issue it."))


class LetExpire(SignedIn, View):
    """Answers the duty to decide on the term: the alert is not renewed."""

    http_method_names = ["post"]

    def post(self, request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
        """Record the answer once, then go to the alert."""
        duty = get_object_or_404(Duty.objects.visible_to(self.user), pk=pk)  # type: ignore[attr-defined]

        def perform() -> str:
            renewals.let_expire(duty=duty, by=self.user)
            return reverse("alerts:alert-detail", args=[duty.alert_id]) if duty.alert_id else duty.url

        return act_once(request, perform, _("The alert continues to the end of its term."))


def _own_alert(user: User, pk: uuid.UUID) -> Alert:
    rows = Alert.objects.visible_to(user).select_related("program", "case", "criteria")  # type: ignore[attr-defined]
    alert: Alert = audit.noted(get_object_or_404(rows, pk=pk), by=user)
    if not permissions.can_compose(user, alert):
        raise NotPermitted
    return alert


def _once_more(request: HttpRequest, alert: Alert, form: forms.Form, submit_label: Any) -> HttpResponse:
    context = {"alert": alert, "form": form, "action": request.path, "nav_section": "alerts",
               "submit_label": submit_label, "is_exercise": alert.is_exercise}  # fmt: skip
    return render(request, "alerts/act_form.html", with_nonce(context), status=422)
