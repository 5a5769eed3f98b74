"""Telling who waits for the home program's own decision, and who has to know it, by reference (U4)."""

from __future__ import annotations

from agencies.models import AlertProgram
from agencies.program_agencies import agencies_of
from alerts.choices import NoticeKind
from alerts.services import notices
from cases.access import working_on
from cases.models import Case, HomeDecision
from cases.services.home_decisions import home_programs


def case_activated(case: Case) -> None:
    """Tell the home programs of a case that another agency leads that their own decision is waited for."""
    for program in home_programs(case):
        _tell_waiting(case, program)


def decided(decision: HomeDecision) -> None:
    """Tell the program of what the lead agency wrote down for it; tell the others what the program decided itself."""
    case, program = decision.case, decision.program
    deciding = agencies_of(program).deciding
    if not decision.is_own:
        _tell_waiting(case, program)
    elif case.lead_agency_id not in agencies_of(program).running and (others := working_on(case) - deciding):
        notices.notify_agencies(NoticeKind.HOME_DECIDED, case=case, agency_ids=others)


def _tell_waiting(case: Case, program: AlertProgram) -> None:
    """Tell the agencies that decide for the program and work on the case, unless one of them leads it."""
    agencies = agencies_of(program)
    if case.lead_agency_id not in agencies.running and (told := agencies.deciding & working_on(case)):
        notices.notify_agencies(NoticeKind.HOME_WAITING, case=case, agency_ids=told)
