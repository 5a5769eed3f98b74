"""What follows for alerts when a child is recovered: nothing stays public, every program ends its alert."""

from __future__ import annotations

from datetime import timedelta

from django.utils import timezone

from agencies.choices import Capability
from alerts import workflow
from alerts.choices import AlertStatus, DutyKind, DutyStatus, NoticeKind
from alerts.models import Alert, Duty
from alerts.services import notices
from alerts.services.issuing import cancel, withdraw_public
from cases.choices import ChildStatus
from cases.models import Case

CANCEL_WITHIN = timedelta(minutes=30)
UNISSUED = (AlertStatus.DRAFT, AlertStatus.SUBMITTED, AlertStatus.APPROVED)


def child_recovered(case: Case) -> None:
    """Withdraw everything public that may show the child, in the transaction of the recovery.

    While another child of the case is still missing, each alert is taken down too, since its words and picture
    may show the recovered one; its program gets the duty to cancel it and may issue anew.
    """
    is_anyone_missing = case.children.exclude(status=ChildStatus.RECOVERED).exists()
    for alert in case.alerts.select_related("program__agency").filter(status=AlertStatus.ACTIVE):
        withdraw_public(alert)
        if is_anyone_missing:
            _leave_duty(alert)


def case_recovered(case: Case) -> None:
    """End every alert of a case whose last child is recovered, and tell everybody on the case."""
    end_alerts(case, reason="found_safe")
    notices.notify_everybody_on(NoticeKind.RECOVERY, case=case)


def end_alerts(case: Case, *, reason: str) -> None:
    """Take down and end the alerts of a case that has ended, for a coded reason (U16, U17).

    A program with standing authority has its alert cancelled in its own name; every other program gets a duty
    with a running clock. Drafts are discarded.
    """
    for alert in case.alerts.select_related("program__agency", "request").filter(status=AlertStatus.ACTIVE):
        if alert.program.cancel_on_recovery:
            cancel(alert=alert, by=None, reason=reason)
        else:
            withdraw_public(alert)
            _leave_duty(alert)
    for alert in case.alerts.filter(status__in=UNISSUED):
        workflow.apply(alert, "discard", by=None)


def child_located(case: Case) -> None:
    """Tell everybody on the case not to stand down before identity is confirmed (U15)."""
    notices.notify_everybody_on(NoticeKind.CHILD_LOCATED, case=case)


def _leave_duty(alert: Alert) -> None:
    if not alert.duties.filter(kind=DutyKind.CANCEL_ALERT, status=DutyStatus.OPEN).exists():
        Duty.objects.create(
            case=alert.case,
            alert=alert,
            kind=DutyKind.CANCEL_ALERT,
            program=alert.program,
            due_at=timezone.now() + CANCEL_WITHIN,
        )
    notices.notify(
        NoticeKind.CANCEL_DUTY,
        case=alert.case,
        agency=alert.program.agency,
        capability=Capability.COMPOSE_ALERTS,
        alert=alert,
    )
