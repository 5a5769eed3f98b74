"""Who is told of a sighting: the lead agency and every program that was asked (U2)."""

from __future__ import annotations

from agencies.models import AlertProgram
from agencies.program_agencies import agencies_of
from alerts.choices import NoticeKind, RequestStatus
from alerts.models import ExtensionRequest
from alerts.services import notices
from cases.access import agencies_on
from cases.models import Sighting

NOT_ASKED = (RequestStatus.DRAFT, RequestStatus.WITHDRAWN)


def tell_searchers(sighting: Sighting) -> None:
    """Queue the notice, with the reference of the case and no name; rows in the caller's transaction.

    A program that declined is told as long as its agency is on the case: what was seen may change its mind.
    """
    case = sighting.case
    asked = ExtensionRequest.objects.filter(case=case).exclude(status__in=NOT_ASKED)
    programs = AlertProgram.objects.filter(pk__in=asked.values("program"))
    agencies = {case.lead_agency_id}.union(*(agencies_of(program).running for program in programs))
    notices.notify_agencies(NoticeKind.SIGHTING, case=case, agency_ids=agencies & agencies_on(case))
