"""Ending what is active at the request of the other side: asked, agreed or refused, confirmed (U19)."""

from __future__ import annotations

from datetime import timedelta

from django.db import transaction
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from agencies.models import User
from agencies.refusals import ActRefused, NotPermitted
from alerts import permissions, workflow
from alerts.choices import ACTIVATE, AlertStatus, DutyKind, DutyOutcome, DutyStatus, NoteKind, NoticeKind
from alerts.models import Alert, Duty, ExtensionRequest
from alerts.services import duties, issuing, notices
from alerts.services.lower_levels import stand_down
from alerts.services.writing import keep_note

DECIDE_WITHIN = timedelta(minutes=30)


@transaction.atomic
def ask_cancellation(*, request: ExtensionRequest, by: User, reason: str, note: str = "") -> None:
    """Ask the program to cancel its active alert; it decides, with a running clock.

    `reason` is a code of the reasons of an end. Refuses everybody but the asking side, and what is not in force: an
    alert here or outside the portal, or a notice below an alert.
    """
    workflow.apply(request, "ask_cancellation", by=by, detail={"reason": reason}, cancellation_reason=reason)
    keep_note(request=request, by=by, kind=NoteKind.CANCELLATION_ASKED, text=note)
    alert = Alert.objects.filter(request=request, status=AlertStatus.ACTIVE).first()
    Duty.objects.create(
        case=request.case,
        program=request.program,
        request=request,
        alert=alert,
        kind=DutyKind.DECIDE_CANCELLATION,
        detail={"reason": reason},
        due_at=timezone.now() + DECIDE_WITHIN,
    )
    notices.tell_the_program(NoticeKind.CANCELLATION_ASKED, request=request)


@transaction.atomic
def agree(
    *, request: ExtensionRequest, by: User, reason: str = "", explanation: str = "", is_reported: bool = False
) -> None:  # fmt: skip
    """Cancel as asked: the alert with its Cancel to everybody who got it, or the activation outside the portal.

    `is_reported`: the asking side writes down what a program without people answered; `services.outside` keeps who
    said it. Refuses everybody but the receiving program, a request that runs nothing, and an early end without the
    explanation that the program's rules want (U12).
    """
    _check_side(by, request, is_reported)
    alert = Alert.objects.filter(request=request, status=AlertStatus.ACTIVE).first()
    now = timezone.now()
    settle_duties(request, by, DutyOutcome.DONE)
    if alert is not None:
        issuing.cancel(
            alert=alert, by=by, reason=reason or reason_of_agreement(request), explanation=explanation
        )  # fmt: skip
    else:
        workflow.apply(request, "cancel", by=by, cancelled_at=now)
        stand_down(request)
        duties.leave_confirmation_outside(request)
    request.refresh_from_db()
    notices.tell_the_asker(request)


def reason_of_agreement(request: ExtensionRequest) -> str:
    """Return the code under which an alert ends that is canceled as asked."""
    return request.cancellation_reason or "criteria_not_met"


@transaction.atomic
def refuse(
    *, request: ExtensionRequest, by: User, reason: str, note: str = "", is_reported: bool = False
) -> None:  # fmt: skip
    """Keep the alert running, for a coded reason. Refuses everybody but the program, and a refusal without reason."""
    _check_side(by, request, is_reported)
    if not reason:
        raise ActRefused(_("Refusing to cancel needs a reason."))
    if workflow.has_notice_in_force(request):
        step = "keep_lower_level" if request.kind == ACTIVATE else "keep_notice"
    else:
        step = "refuse_cancellation_outside" if workflow.runs_outside(request) else "refuse_cancellation"
    workflow.apply(request, step, by=by, detail={"reason": reason})
    keep_note(request=request, by=by, kind=NoteKind.CANCELLATION_REFUSED, text=note, reason=reason)
    settle_duties(request, by, DutyOutcome.REFUSED)
    notices.tell_the_asker(request)


@transaction.atomic
def confirm(*, request: ExtensionRequest, by: User, is_reported: bool = False) -> None:
    """Confirm that everything was taken down after a cancellation."""
    _check_side(by, request, is_reported)
    workflow.apply(request, "confirm_cancellation", by=by, confirmed_at=timezone.now())
    about = Q(request=request) | Q(alert__request=request)
    for duty in Duty.objects.filter(about, kind=DutyKind.CONFIRM_CANCELLATION, status=DutyStatus.OPEN):
        _discharge(duty, by, DutyOutcome.DONE)
    notices.tell_the_asker(request)


def _check_side(by: User, request: ExtensionRequest, is_reported: bool) -> None:
    """Refuse with `NotPermitted` whoever does not speak for the program, or writes down an answer without its words."""
    speaks = permissions.can_record_answer if is_reported else permissions.can_answer
    if not speaks(by, request):
        raise NotPermitted


def settle_duties(request: ExtensionRequest, by: User, outcome: str) -> None:
    """Close the duty to decide, and after a cancellation the duty to cancel."""
    kinds = [DutyKind.DECIDE_CANCELLATION]
    if outcome == DutyOutcome.DONE:
        kinds.append(DutyKind.CANCEL_ALERT)
    for duty in Duty.objects.filter(request=request, kind__in=kinds, status=DutyStatus.OPEN):
        _discharge(duty, by, outcome)


def _discharge(duty: Duty, by: User, outcome: str) -> None:
    if permissions.can_discharge(by, duty):
        workflow.apply(duty, "discharge", by=by, discharged_at=timezone.now(), discharged_by=by, outcome=outcome)
    else:  # the asking side wrote down the answer of a program without people
        workflow.apply(duty, "supersede", by=None)
