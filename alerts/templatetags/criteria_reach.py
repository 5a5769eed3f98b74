"""Counts what a new version of a program's criteria touches: numbers only, no case is named."""

from __future__ import annotations

from typing import Any

from django import template
from django.db.models import Q
from django.utils.translation import gettext as _

from agencies.models import CriteriaVersion, ProgramRoute
from agencies.program_agencies import agencies_of
from alerts.choices import ENDED_REQUESTS, AlertStatus, RequestStatus
from alerts.models import Alert, ExtensionRequest
from cases.models import Assessment, Case, LegalReview

register = template.Library()

UNDECIDED = (
    RequestStatus.SENT, RequestStatus.ACKNOWLEDGED, RequestStatus.INFORMATION_ASKED, RequestStatus.ANSWERED,
)  # fmt: skip
NOT_YET_OUT = (AlertStatus.DRAFT, AlertStatus.SUBMITTED, AlertStatus.APPROVED)


@register.inclusion_tag("alerts/criteria/_reach.html")
def criteria_reach(version: CriteriaVersion, present: CriteriaVersion | None = None) -> dict[str, Any]:
    """Return counts with what each means: staff answer for the program, and are told of cases no more than that."""
    program = version.program
    requests = ExtensionRequest.objects.filter(program=program).exclude(status__in=ENDED_REQUESTS)
    alerts = Alert.objects.filter(program=program)
    concerned = Case.objects.open().filter(
        Q(lead_agency__in=agencies_of(program).running) | Q(pk__in=requests.values("case"))
    )
    counts = [
        (_("open cases in which the program is at home or was asked"), concerned.count()),
        (_("requests that wait for its decision: decided under the version of that day"),
         requests.filter(status__in=UNDECIDED).count()),
        (_("alerts not yet activated: they will follow the version of their activation"),
         alerts.filter(status__in=NOT_YET_OUT).count()),
        (_("active alerts: they keep the version of their activation"),
         alerts.filter(status=AlertStatus.ACTIVE).count()),
        (_("other programs that send requests along a route to this one"),
         ProgramRoute.objects.filter(to_program=program).exclude(program=program).values("program").distinct().count()),
    ]  # fmt: skip
    if present is not None:
        counts += [
            (_("assessments begun under the version in force: they keep it"),
             Assessment.objects.filter(criteria=present, frozen_at=None).count()),
            (_("legal opinions on open cases that will be marked: the criteria have changed since"),
             LegalReview.objects.filter(criteria=present, case__in=Case.objects.open()).count()),
        ]  # fmt: skip
    return {"counts": counts, "program": program}
