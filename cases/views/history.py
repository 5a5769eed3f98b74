"""How the facts of a case became what they are, for those who read the audit of an agency that works on it."""

from __future__ import annotations

import uuid

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render

from agencies import audit
from agencies.refusals import NotPermitted
from cases import permissions
from cases.accesses import HISTORY_READ
from cases.history import history_of
from cases.views.acts import CaseAct


class CaseHistory(CaseAct):
    """One page of versions, newest first."""

    http_method_names = ["get"]

    def get(self, request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
        """Show who changed which field when, from what to what; a read of the case and of every version shown."""
        case = self.find(pk)
        if not permissions.can_read_history(self.user, case):
            raise NotPermitted
        try:
            page = history_of(case, reader=self.user, after=request.GET.get("after", ""))
        except ValueError as error:
            raise Http404 from error
        audit.record_read(by=self.user, objects=[case, *page.shown()], case_id=case.pk, action=HISTORY_READ)
        context = {"case": case, "page": page, "nav_section": "cases", "is_exercise": case.is_exercise}
        return render(request, "cases/history.html", context)
