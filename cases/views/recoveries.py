"""Acting on a found child: the report, the two words on identity, and "this is not the child"."""

from __future__ import annotations

import uuid

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from agencies.refusals import NotPermitted
from agencies.views.acting import act_once
from cases import permissions
from cases.forms.recoveries import IdentityForm, LocatedForm, RejectIdentityForm
from cases.models import Recovery
from cases.services import recoveries
from cases.views.acts import CaseAct


class ReportLocated(CaseAct):
    """A child was located."""

    http_method_names = ["post"]

    def post(self, request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
        """Record the report; alerts stay as they are."""
        case = self.find(pk)
        if not permissions.can_report_located(self.user, case):
            raise NotPermitted
        form = LocatedForm(request.POST, case=case, prefix="located")
        if not form.is_valid():
            return self.refuse(case, form, _("Report that a child was located"))

        def perform() -> str:
            recoveries.report_located(by=self.user, **form.cleaned_data)
            return reverse("cases:case-detail", args=[case.pk])

        return act_once(request, perform, _("The report was recorded. Identity is not confirmed yet."))


class ConfirmIdentity(CaseAct):
    """One officer confirms that this is the child."""

    http_method_names = ["post"]

    def post(self, request: HttpRequest, pk: uuid.UUID, recovery: uuid.UUID) -> HttpResponse:
        """Record the word; with the second one everything public is withdrawn."""
        case = self.find(pk)
        found = get_object_or_404(Recovery, pk=recovery, case=case)
        if not permissions.can_confirm_identity(self.user, found):
            raise NotPermitted
        form = IdentityForm(request.POST, prefix="identity")
        if not form.is_valid():
            return self.refuse(case, form, _("Confirm identity"))

        def perform() -> str:
            recoveries.confirm_identity(recovery=found, by=self.user, method=form.cleaned_data["method"])
            return reverse("cases:case-detail", args=[case.pk])

        return act_once(request, perform, _("Your confirmation was recorded."))


class RejectIdentity(CaseAct):
    """The child who was found is another one."""

    http_method_names = ["post"]

    def post(self, request: HttpRequest, pk: uuid.UUID, recovery: uuid.UUID) -> HttpResponse:
        """Take the report back: the search goes on."""
        case = self.find(pk)
        found = get_object_or_404(Recovery.objects.select_related("child"), pk=recovery, case=case)
        if not permissions.can_reject_identity(self.user, found.child):
            raise NotPermitted
        form = RejectIdentityForm(request.POST, prefix="reject")
        if not form.is_valid():
            return self.refuse(case, form, _("This is not the child"))

        def perform() -> str:
            recoveries.reject_identity(recovery=found, by=self.user, reason=form.cleaned_data["reason"])
            return reverse("cases:case-detail", args=[case.pk])

        return act_once(request, perform, _("The report was withdrawn. The search continues."))
