"""Recording the home program's own decision."""

from __future__ import annotations

import uuid

from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from agencies.refusals import NotPermitted
from agencies.views.acting import act_once
from cases import permissions
from cases.forms.home_decision import HomeDecisionForm
from cases.services.home_decisions import decide_at_home, programs_to_decide
from cases.views.acts import CaseAct


class DecideAtHome(CaseAct):
    """The program records what it decided, or the lead agency what it was told (U4)."""

    http_method_names = ["post"]

    def post(self, request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
        """Record once; every program that was asked sees it from now on."""
        case = self.find(pk)
        if not (programs_to_decide(self.user, case) or permissions.can_decide_at_home(self.user, case)):
            raise NotPermitted
        form = HomeDecisionForm(request.POST, case=case, user=self.user, prefix="home")
        if not form.is_valid():
            return self.refuse(case, form, _("Decision of the home program"))

        def perform() -> str:
            decide_at_home(case=case, by=self.user, **form.cleaned_data)
            return reverse("cases:case-detail", args=[case.pk])

        return act_once(request, perform, _("The decision was recorded."))
