"""Duties of programs: leaving one with its clock, and what ends it when an alert ends."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from django.utils import timezone

from agencies.choices import Capability
from agencies.models import AlertProgram, User
from alerts import permissions, workflow
from alerts.choices import DutyKind, DutyOutcome, DutyStatus, NoticeKind
from alerts.models import Alert, Duty, ExtensionRequest
from alerts.services import notices
from cases.models import Case

CANCEL_WITHIN = timedelta(minutes=30)
CONFIRM_WITHIN = timedelta(hours=2)
# What outlives the alert it is about; every other duty is about an alert that runs.
AFTER_THE_END = (DutyKind.CONFIRM_CANCELLATION, DutyKind.REVIEW_SINGLE_OFFICER)


def leave(
    kind: str,
    *,
    program: AlertProgram,
    case: Case,
    within: timedelta,
    alert: Alert | None = None,
    request: ExtensionRequest | None = None,
    detail: dict[str, Any] | None = None,
) -> tuple[Duty, bool]:
    """Leave a program one duty with a running clock; return it and whether it is new. An open one stays as it is.

    The caller holds a transaction in which the alert or request is locked, so that no second one comes up.
    """
    same = Duty.objects.filter(kind=kind, case=case, program=program, alert=alert, status=DutyStatus.OPEN)
    if alert is None:
        same = same.filter(request=request)
    if found := same.first():
        return found, False
    duty = Duty.objects.create(
        kind=kind, case=case, program=program, alert=alert, request=request, detail=detail or {},
        due_at=timezone.now() + within,
    )  # fmt: skip
    return duty, True


def leave_cancellation(alert: Alert, *, reason: str) -> None:
    """Leave the duty to cancel an alert whose public side was withdrawn already, and tell the program's officers."""
    leave(
        DutyKind.CANCEL_ALERT, program=alert.program, case=alert.case, alert=alert, within=CANCEL_WITHIN,
        detail={"reason": reason},
    )  # fmt: skip
    notices.notify_program(
        NoticeKind.CANCEL_DUTY,
        case=alert.case,
        program=alert.program,
        capability=Capability.COMPOSE_ALERTS,
        alert=alert,
    )


def leave_cancellation_outside(request: ExtensionRequest, *, reason: str) -> None:
    """Leave the duty to cancel what a program activated outside the portal (U8), and tell its officers."""
    leave(
        DutyKind.CANCEL_ALERT, program=request.program, case=request.case, request=request, within=CANCEL_WITHIN,
        detail={"reason": reason},
    )  # fmt: skip
    _tell_of_the_end(NoticeKind.CANCEL_DUTY, request)


def _tell_of_the_end(kind: str, request: ExtensionRequest) -> None:
    if permissions.has_people(request.program):
        notices.tell_the_program(kind, request=request)
    else:  # nobody there reads a mail of ours: the asking side tells them, and records what they answer
        notices.notify(
            NoticeKind.TELL_BY_PHONE, case=request.case, agency=request.requesting_agency,
            capability=Capability.SEND_REQUESTS, request=request,
        )  # fmt: skip


def leave_end_of_notice(request: ExtensionRequest, *, reason: str) -> None:
    """Leave the duty to end a notice below an alert whose search is over, and tell who can end it (U1, U16)."""
    leave(
        DutyKind.END_NOTICE, program=request.program, case=request.case, request=request, within=CANCEL_WITHIN,
        detail={"reason": reason},
    )  # fmt: skip
    _tell_of_the_end(NoticeKind.NOTICE_TO_END, request)


def notice_ended(request: ExtensionRequest, *, by: User, was_in_force: bool) -> None:
    """Settle the duty to end a notice; one that was in force leaves the duty to confirm that it was taken down."""
    for duty in Duty.objects.filter(request=request, kind=DutyKind.END_NOTICE, status=DutyStatus.OPEN):
        if permissions.can_discharge(by, duty):
            workflow.apply(
                duty, "discharge", by=by, discharged_at=timezone.now(), discharged_by=by, outcome=DutyOutcome.DONE
            )  # fmt: skip
        else:  # the asking side wrote down the answer of a program without people
            workflow.apply(duty, "supersede", by=None)
    if was_in_force:
        leave_confirmation_outside(request)


def leave_confirmation(alert: Alert) -> None:
    """Leave the duty to confirm that everything the program controls was taken down (domain §2.3 step 14)."""
    leave(
        DutyKind.CONFIRM_CANCELLATION, program=alert.program, case=alert.case, alert=alert, within=CONFIRM_WITHIN
    )  # fmt: skip


def leave_confirmation_outside(request: ExtensionRequest) -> None:
    """Leave the same duty for what ran outside the portal (U8) and for notices below an alert (U1)."""
    leave(
        DutyKind.CONFIRM_CANCELLATION, program=request.program, case=request.case, request=request,
        within=CONFIRM_WITHIN,
    )  # fmt: skip


def end_with_alert(alert: Alert, *, by: User | None, at: datetime) -> bool:
    """End the open duties of an alert that has just ended; return whether it was to be canceled.

    The officer who cancels discharges the duty to cancel; whatever else was to be done for a running alert is no
    longer needed. When the portal ends the alert, nobody has discharged anything.
    """
    was_to_be_cancelled = False
    for duty in alert.duties.open().exclude(kind__in=AFTER_THE_END):  # type: ignore[attr-defined]
        is_cancellation = duty.kind == DutyKind.CANCEL_ALERT
        was_to_be_cancelled |= is_cancellation
        if by is not None and is_cancellation:
            workflow.apply(
                duty, "discharge", by=by, discharged_at=at, discharged_by=by, outcome=DutyOutcome.DONE
            )  # fmt: skip
        else:
            workflow.apply(duty, "supersede", by=None)
    return was_to_be_cancelled
