"""Who viewed a case, for those who read the audit of an agency on it."""

from __future__ import annotations

import uuid

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render

from agencies import access, audit
from agencies.choices import AuditPurpose, Capability
from agencies.refusals import NotPermitted
from cases import permissions
from cases.accesses import accesses_of
from cases.views.acts import CaseAct


class CaseAccesses(CaseAct):
    """One page of looks, newest first."""

    http_method_names = ["get"]

    def get(self, request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
        """Show who looked; asking is a read of the case, too, with oversight as its purpose."""
        case = self.find(pk)
        if not permissions.can_read_accesses(self.user, case):
            raise NotPermitted
        try:
            page = accesses_of(case, reader=self.user, after=request.GET.get("after", ""))
        except ValueError as error:
            raise Http404 from error
        audit.record_read(by=self.user, objects=[case], case_id=case.pk, purpose=AuditPurpose.OVERSIGHT)
        is_lead = case.lead_agency_id in access.agency_ids(self.user, Capability.READ_AUDIT)
        context = {"case": case, "page": page, "is_lead": is_lead, "nav_section": "cases",
                   "is_exercise": case.is_exercise}  # fmt: skip
        return render(request, "cases/accesses.html", context)
