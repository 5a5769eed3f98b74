"""The page of one duty, and its discharge."""

from __future__ import annotations

import uuid
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _
from django.views import View

from agencies import audit
from agencies.refusals import NotPermitted
from agencies.views.acting import SignedIn, act_once, with_nonce
from alerts import permissions
from alerts.choices import AlertStatus, DutyKind, DutyStatus
from alerts.composing.compose import compose_ended
from alerts.desk_items import DUTY_ACTS
from alerts.forms.duties import DischargeForm
from alerts.gathering import program_facts
from alerts.models import Alert, Duty
from alerts.services.discharge import discharge, outcomes_of
from alerts.views.confirmations import confirmations_of


class DutyPage(SignedIn, View):
    """One duty: what is to be done, until when, and how it is discharged."""

    def get(self, request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
        """Show the duty to the people of its program; the read is recorded."""
        duty = _find(self.user, pk)
        audit.record_read(by=self.user, objects=[duty], case_id=duty.case_id)
        return _page(request, self.user, duty, _form(duty))


class Discharge(SignedIn, View):
    """Discharges a duty."""

    http_method_names = ["post"]

    def post(self, request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
        """Discharge once; a wrong field brings the page back with what was chosen."""
        duty = _find(self.user, pk)
        if not permissions.can_discharge(self.user, duty):
            raise NotPermitted
        form = _form(duty, request.POST)
        if form is not None and not form.is_valid():
            return _page(request, self.user, duty, form, status=422)

        def perform() -> str:
            said = form.cleaned_data if form else {"outcome": request.POST.get("duty-outcome", "")}
            discharge(duty=duty, by=self.user, **said)
            return reverse("alerts:duty", args=[duty.pk])

        return act_once(request, perform, _("The duty was completed."))


def _find(user: Any, pk: uuid.UUID) -> Duty:
    rows = Duty.objects.visible_to(user).select_related(  # type: ignore[attr-defined]
        "program__agency", "case__lead_agency", "alert__program", "alert__request", "request", "discharged_by"
    )
    return audit.noted(get_object_or_404(rows, pk=pk), by=user)


def _form(duty: Duty, data: Any = None) -> DischargeForm | None:
    """Return the form for what may be said of the duty; none where only its act discharges it."""
    outcomes = outcomes_of(duty)
    return DischargeForm(data, prefix="duty", outcomes=outcomes) if outcomes else None


def _page(request: HttpRequest, user: Any, duty: Duty, form: DischargeForm | None, status: int = 200) -> HttpResponse:
    is_open = duty.status == DutyStatus.OPEN
    may_discharge = is_open and permissions.can_discharge(user, duty)
    prepared = _prepared_cancel(duty.alert) if may_discharge and duty.kind == DutyKind.CANCEL_ALERT else None
    context = {
        "duty": duty,
        "case": duty.case,
        "form": form if may_discharge else None,
        "act": DUTY_ACTS.get(duty.kind) if may_discharge and form is None and prepared is None else None,
        "prepared_cancel": prepared,
        "confirmations": confirmations_of(duty.alert, user) if duty.alert else None,
        "nav_section": "desk",
        "is_exercise": duty.case.is_exercise,
    }
    return render(request, "alerts/duty.html", with_nonce(context), status=status)


def _prepared_cancel(alert: Alert | None) -> Any:
    """Return the words that the Cancel will carry, in the reader's language; none once the alert has ended."""
    if alert is None or alert.status != AlertStatus.ACTIVE:
        return None
    language: Any = (get_language() or "en")[:2]
    return compose_ended(language, program_facts(alert.program), alert.number, "cancelled")
