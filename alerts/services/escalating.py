"""The lead agency hands the decision on level and requests abroad up, when the child has left its territory (U5)."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from agencies.models import AlertProgram, ProgramRoute, User
from agencies.refusals import ActRefused
from agencies.routing import deciding_rows
from alerts import permissions
from alerts.choices import ENDED_REQUESTS, NATIONAL_DECISION
from alerts.models import ExtensionRequest
from alerts.services.outbound import programs_of
from alerts.services.requests import send_request
from cases.choices import CaseStatus
from cases.models import Case


def ways_up(case: Case, user: User) -> list[ProgramRoute]:
    """Return the rows along which this person may hand the decision up now; none where it was asked already."""
    if case.status != CaseStatus.ACTIVE or permissions.asking_agency_id(user, case) != case.lead_agency_id:
        return []
    rows = deciding_rows(programs_of(case.lead_agency))
    asked = case.requests.filter(program__in=[row.to_program_id for row in rows]).exclude(status__in=ENDED_REQUESTS)
    waiting = set(asked.values_list("program", flat=True))
    return [row for row in rows if row.to_program_id not in waiting]


def escalate(*, case: Case, program: AlertProgram, by: User, note: str = "") -> ExtensionRequest:
    """Ask who decides by the own program's row to decide on level and requests abroad; return the request.

    One act: facts, people, vehicles and signs of crossing are the case's own, which that program reads from now on.
    The case stays with its lead agency. Refuses what `send_request` refuses, and a program to which no row leads.
    """
    if not any(row.to_program_id == program.pk for row in deciding_rows(programs_of(case.lead_agency))):
        raise ActRefused(_("By the rows of your program, this program does not decide on level and requests abroad."))
    return send_request(case=case, program=program, by=by, kind=NATIONAL_DECISION, note=note)
