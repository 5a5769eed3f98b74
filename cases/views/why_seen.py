"""Why a person sees a case, for those who manage people or read the audit of an agency on it."""

from __future__ import annotations

import uuid

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from agencies import audit
from agencies.refusals import NotPermitted
from cases import permissions
from cases.forms.sharing import WhyForm
from cases.views.acts import CaseAct
from cases.why_seen import explain, people_to_ask_about


class WhySeen(CaseAct):
    """One person, and every link from them to the case."""

    http_method_names = ["get"]

    def get(self, request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
        """Show the question, and the answer once a person was chosen; asking is recorded."""
        case = self.find(pk)
        if not permissions.can_explain_sight(self.user, case):
            raise NotPermitted
        form = WhyForm(request.GET or None, people=people_to_ask_about(self.user, case))
        explanation = None
        if form.is_valid():
            explanation = explain(form.cleaned_data["person"], case, reader=self.user)
            audit.record("case.sight_explained", by=self.user, objects=[explanation.person], case_id=case.pk)
        context = {
            "case": case, "form": form, "explanation": explanation, "nav_section": "cases",
            "is_exercise": case.is_exercise,
        }  # fmt: skip
        return render(request, "cases/why_seen.html", context, status=422 if form.errors else 200)
