"""Ending a case with its result, opening it again, and saying that the family knows."""

from __future__ import annotations

import uuid

from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from agencies.refusals import NotPermitted
from agencies.views.acting import act_once
from cases import permissions
from cases.forms.closures import CloseForm, ReopenForm
from cases.services import closures
from cases.views.acts import CaseAct


class CloseCase(CaseAct):
    """Ends a case."""

    http_method_names = ["post"]

    def post(self, request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
        """Record the result and close; a missing answer brings the form back."""
        case = self.find(pk)
        if not permissions.can_lead_case(self.user, case):
            raise NotPermitted
        form = CloseForm(request.POST, case=case, prefix="close")
        if not form.is_valid():
            return self.refuse(case, form, _("Close the case"))

        def perform() -> str:
            closures.close_case(case=case, by=self.user, **form.cleaned_data)
            return reverse("cases:case-detail", args=[case.pk])

        return act_once(request, perform, _("The case was closed."))


class ReopenCase(CaseAct):
    """Searches again."""

    http_method_names = ["post"]

    def post(self, request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
        """Reopen the case, with those who are missing again."""
        case = self.find(pk)
        if not permissions.can_lead_case(self.user, case):
            raise NotPermitted
        form = ReopenForm(request.POST, case=case, prefix="reopen")
        if not form.is_valid():
            return self.refuse(case, form, _("Reopen the search"))

        def perform() -> str:
            closures.reopen(case=case, by=self.user, **form.cleaned_data)
            return reverse("cases:case-detail", args=[case.pk])

        return act_once(request, perform, _("The search was taken up again. Every agency on the case is told."))


class InformFamily(CaseAct):
    """The family was informed of a death."""

    http_method_names = ["post"]

    def post(self, request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
        """Record it: from now on the other agencies on the case see the death."""
        case = self.find(pk)
        if not permissions.can_say_family_informed(self.user, case):
            raise NotPermitted

        def perform() -> str:
            closures.inform_family(case=case, by=self.user)
            return reverse("cases:case-detail", args=[case.pk])

        return act_once(request, perform, _("It was recorded that the family was informed."))
