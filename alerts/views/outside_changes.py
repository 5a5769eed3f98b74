"""Pages that correct and renew what is recorded of an alert in a program's own system (U8, U12)."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from typing import Any

from django import forms
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from django.views import View

from agencies import audit
from agencies.refusals import NotPermitted
from agencies.views.acting import SignedIn, act_once, with_nonce
from alerts import permissions
from alerts.forms.outside import correction_form, renewal_form
from alerts.models import ExtensionRequest, OutsideActivation
from alerts.services import outside_changes as service
from cases.forms.conflicts import read_base, sent_values
from cases.views.merging import PageState, Who, put_together

from .request_page import find_request
from .requests import fresh


class OutsideChangePage(SignedIn, View):
    """Base of the two pages: what a colleague recorded meanwhile goes together with what was typed, field by field."""

    title: Any
    lead: Any
    act: Any
    success: Any
    form: Callable[..., Any]
    perform: Callable[..., OutsideActivation]

    def get(self, request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
        """Show what is recorded; the read is recorded."""
        item, activation = self._find(pk)
        audit.record_read(by=self.user, objects=[item, activation], case_id=item.case_id)
        form = self.form(item, self.user)
        return self._show(item, activation, form, PageState(sent_values([form]), activation.version))

    def post(self, request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
        """Record once; what is wrong, or was changed by a colleague to something else, brings the page back."""
        item, activation = self._find(pk)
        typed: Any = request.POST
        seen = typed.get("version", "")
        now = self.form(item, self.user)
        state = PageState(sent_values([now]), activation.version)
        if (base := read_base(request.POST)) is not None:
            typed, conflicts = put_together(request.POST, [now], base, _who(activation))
            state = replace(state, conflicts=tuple(conflicts))
            seen = str(activation.version)
        form = self.form(item, self.user, typed)
        if state.conflicts or not form.is_valid():
            return self._show(item, activation, form, state, status=422)

        def perform() -> str:
            self.perform(
                request=fresh(item, self.user), by=self.user, seen_version=int(seen) if seen.isdigit() else 0,
                **form.values(),
            )  # fmt: skip
            return reverse("alerts:request-detail", args=[pk])

        return act_once(request, perform, self.success)

    def why_not(self, activation: OutsideActivation) -> Any:
        """Return why the act cannot be done now by the program's own rules, nothing where it can."""
        return ""

    def _find(self, pk: uuid.UUID) -> tuple[ExtensionRequest, OutsideActivation]:
        item = find_request(self.user, pk)
        if not permissions.can_answer_or_record(self.user, item):
            raise NotPermitted
        activation: OutsideActivation | None = getattr(item, "outside_activation", None)
        if activation is None:
            raise Http404
        return item, activation

    def _show(
        self, item: ExtensionRequest, activation: OutsideActivation, form: forms.Form, state: PageState,
        status: int = 200,
    ) -> HttpResponse:  # fmt: skip
        context = {
            "item": item, "outside": activation, "form": form, "state": state, "title": self.title, "lead": self.lead,
            "act": self.act, "nav_section": "requests", "is_exercise": item.case.is_exercise,
            "is_running": item.status in service.RUNS,
            "why_not": self.why_not(activation),
        }  # fmt: skip
        return render(self.request, "alerts/outside_change.html", with_nonce(context), status=status)


class CorrectOutside(OutsideChangePage):
    """Corrects number, area, channels, start, text or link."""

    title = _("Correct what is recorded")
    lead = _("The earlier version stays visible with its author and time. The requester and the programs on the case "
             "are told, by reference.")  # fmt: skip
    act = _("Record the correction")
    success = _("The correction was recorded. The earlier version stays visible.")
    form = staticmethod(correction_form)
    perform = staticmethod(service.correct)


class RenewOutside(OutsideChangePage):
    """Renews the term."""

    title = _("Record a renewal")
    lead = _("Record the new end of the alert in the program's own system. The limits of its rules count here, too.")
    act = _("Record the renewal")
    success = _("The renewal was recorded.")
    form = staticmethod(renewal_form)
    perform = staticmethod(service.renew)

    def why_not(self, activation: OutsideActivation) -> Any:
        """Return what the program's rules forbid of a renewal now."""
        refusal = service.why_not_renewable(activation)
        return refusal.message if refusal else ""


def _who(activation: OutsideActivation) -> Who:
    def of(_field: forms.BoundField) -> tuple[str, datetime | None]:
        return activation.recorded_by.full_name, activation.recorded_at

    return of
