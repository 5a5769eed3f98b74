"""What a person may do with a request, an alert or a duty: one question each."""

from __future__ import annotations

from django.db.models import Q

from agencies import access
from agencies.choices import Capability as C
from agencies.models import AlertProgram, User
from agencies.permissions import may
from alerts.choices import DutyKind, RequestStatus
from alerts.models import Alert, AlertUpdate, Duty, ExtensionRequest
from cases.access import agencies_on
from cases.choices import AccessLevel
from cases.models import Case
from cases.permissions import may_on


def can_send_requests(user: User, case: Case) -> bool:
    """Only the lead agency asks other programs."""
    return may_on(user, C.SEND_REQUESTS, case, AccessLevel.OWN)


def can_ask(user: User, request: ExtensionRequest) -> bool:
    """The asking side of a request."""
    return may(user, C.SEND_REQUESTS, request.requesting_agency_id)


def can_answer(user: User, request: ExtensionRequest) -> bool:
    """The asked side of a request: the receiving program decides, nobody else (design §3.1); a draft is the asker's."""
    return (
        request.status != RequestStatus.DRAFT
        and may(user, C.ANSWER_REQUESTS, request.program.agency_id)
        and _is_on(request.program, request.case)
    )


def can_start_alert(user: User, program: AlertProgram, case: Case) -> bool:
    """A program words alerts for cases that its agency is on."""
    return may(user, C.COMPOSE_ALERTS, program.agency_id) and _is_on(program, case)


def can_compose(user: User, alert: Alert) -> bool:
    """The program's own officers word, submit and activate its alert."""
    return can_start_alert(user, alert.program, alert.case)


def can_approve(user: User, alert: Alert) -> bool:
    """The program's own approvers; that they wrote nothing of it is a guard of the workflow."""
    return may(user, C.APPROVE_ALERTS, alert.program.agency_id) and _is_on(alert.program, alert.case)


def can_end(user: User, alert: Alert) -> bool:
    """Taking down is easy: any composer of the program may cancel its alert (design §3.7)."""
    return can_compose(user, alert)


def can_withdraw_public(user: User, alert: Alert) -> bool:
    """Any approver of the program withdraws what is public, at once (U18)."""
    return may(user, C.WITHDRAW_PUBLIC, alert.program.agency_id)


def can_word_update(user: User, update: AlertUpdate) -> bool:
    """The program's own officers word an Update of its alert and submit it."""
    return can_compose(user, update.alert)


def can_decide_update(user: User, update: AlertUpdate) -> bool:
    """Only the program's approvers issue or refuse an Update; that they wrote nothing of it is a guard (U20)."""
    return can_approve(user, update.alert)


def can_see_deliveries(user: User, alert: Alert) -> bool:
    """Whom a program tells is its own affair: its composers and approvers see it, nobody else."""
    return can_compose(user, alert) or can_approve(user, alert)


# What discharges a duty of a kind; the right to compose alerts where nothing else stands here.
DISCHARGED_WITH: dict[str, str] = {
    DutyKind.ACKNOWLEDGE_CHANGE: C.ANSWER_REQUESTS,
    DutyKind.DECIDE_CANCELLATION: C.ANSWER_REQUESTS,
    DutyKind.REVIEW_SINGLE_OFFICER: C.SUPERVISE_PROGRAM,
}


def can_discharge(user: User, duty: Duty) -> bool:
    """Only the program's own officers discharge its duties, with the right that the kind of duty asks for."""
    return may(user, DISCHARGED_WITH.get(duty.kind, C.COMPOSE_ALERTS), duty.program.agency_id)


def dischargeable_by(user: User) -> Q:
    """Return the condition for the duties that this person may discharge, for lists."""
    own = Q(program__agency_id__in=access.agency_ids(user, C.COMPOSE_ALERTS)) & ~Q(kind__in=DISCHARGED_WITH)
    for kind, capability in DISCHARGED_WITH.items():
        own |= Q(kind=kind, program__agency_id__in=access.agency_ids(user, capability))
    return own


def _is_on(program: AlertProgram, case: Case) -> bool:
    return program.agency_id in agencies_on(case)
