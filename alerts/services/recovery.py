"""What follows for alerts when a child is located, recovered or missed again, and when a case ends."""

from __future__ import annotations

import logging

from django.db import transaction
from django.db.models import Q

from alerts import delivery, workflow
from alerts.choices import AlertStatus, DutyKind, NoticeKind, RequestStatus
from alerts.models import Alert, PublicAlert
from alerts.services import drafts, duties, notices, preparing, takedown
from alerts.services.issuing import cancel, withdraw_public
from cases.choices import ChildStatus
from cases.models import Case, Child

logger = logging.getLogger(__name__)
UNISSUED = (AlertStatus.DRAFT, AlertStatus.SUBMITTED, AlertStatus.APPROVED)
FOUND = "found"


def child_located(case: Case) -> None:
    """Tell everybody on the case not to stand down before identity is confirmed (U15)."""
    notices.notify_everybody_on(NoticeKind.CHILD_LOCATED, case=case)


def search_goes_on(case: Case) -> None:
    """Tell everybody on the case that the child who was found is another one, or was not found at all."""
    notices.notify_everybody_on(NoticeKind.SEARCH_GOES_ON, case=case)


def child_recovered(child: Child) -> None:
    """Withdraw everything public that may show the child, in the transaction of the recovery.

    While another child of the case is still missing, the child alone leaves each alert, and its program finds the
    Update for the other one prepared (U14). What was approved but not issued may show the child as well and goes
    back to be worded again.
    """
    case = child.case
    is_anyone_missing = case.children.exclude(status=ChildStatus.RECOVERED).exists()
    for alert in _locked(case):
        if alert.status == AlertStatus.ACTIVE and is_anyone_missing:
            _take_child_out(alert, child)
        elif alert.status == AlertStatus.ACTIVE:
            _take_down(alert)
        elif alert.status in (AlertStatus.SUBMITTED, AlertStatus.APPROVED):
            drafts.revise(alert=alert, by=None)
        elif _is_open_case(alert):
            _take_out_of_open_case(alert, child)


def case_recovered(case: Case) -> None:
    """End every alert of a case whose last child is recovered, and tell everybody on the case.

    A program with standing authority has its alert canceled in its own name; every other program gets a prepared
    Cancel as a duty with a running clock (U16).
    """
    alerts = _locked(case)
    for alert in alerts:
        if alert.status == AlertStatus.ACTIVE:
            _take_down(alert)
            if not (alert.program.cancel_on_recovery and _is_cancelled(alert)):
                duties.leave_cancellation(alert, reason=FOUND)
        elif _is_open_case(alert):
            withdraw_public(alert)
    _end_the_rest(case, alerts, reason=FOUND)
    notices.notify_everybody_on(NoticeKind.RECOVERY, case=case)


def _take_child_out(alert: Alert, child: Child) -> None:
    """Take one child out of an alert; where that cannot be done, the whole is taken down: no name stays public."""
    try:
        with transaction.atomic():
            takedown.withdraw_child(alert=alert, child=child)
            open_updates = alert.duties.open().filter(kind=DutyKind.ISSUE_UPDATE)  # type: ignore[attr-defined]
            if not open_updates.exists() and preparing.follow_facts(alert) is None:
                duties.leave_cancellation(alert, reason=FOUND)  # it told of this child only
    except Exception:
        logger.exception("alert %s: the child could not be taken out, the whole was taken down", alert.pk)
        _take_down(alert)
        duties.leave_cancellation(alert, reason=FOUND)


def _is_open_case(alert: Alert) -> bool:
    """Say whether an expired alert is still readable as an open case (U13)."""
    return PublicAlert.objects.filter(alert=alert, open_case_since__isnull=False, withdrawn_at__isnull=True).exists()


def _take_out_of_open_case(alert: Alert, child: Child) -> None:
    """Take one child out of the page of an open case; where that cannot be done, the whole page goes."""
    try:
        with transaction.atomic():
            takedown.withdraw_child(alert=alert, child=child)
    except Exception:
        logger.exception("alert %s: the child could not be taken out, the open case was taken down", alert.pk)
        withdraw_public(alert)


def _is_cancelled(alert: Alert) -> bool:
    """Cancel by standing authority. What keeps the Cancel from being made must not keep the child's name public."""
    try:
        with transaction.atomic():
            cancel(alert=alert, by=None, reason=FOUND)
    except Exception:
        logger.exception("alert %s: no Cancel by standing authority", alert.pk)
        alert.refresh_from_db()
        return False
    return True


def case_unfounded(case: Case, *, reason: str) -> None:
    """Take down the alerts of a case in which nobody was missing, for a coded reason (U17).

    Standing authority is an authority to cancel on recovery and is not stretched to this: each program decides,
    with a running clock, how it ends its alert (ADR 54).
    """
    alerts = _locked(case)
    for alert in alerts:
        if alert.status == AlertStatus.ACTIVE:
            _take_down(alert)
            duties.leave_cancellation(alert, reason=reason)
        elif _is_open_case(alert):
            withdraw_public(alert)
    _end_the_rest(case, alerts, reason=reason)


def _end_the_rest(case: Case, alerts: list[Alert], *, reason: str) -> None:
    """Discard drafts, ask for the end of what runs outside the portal (U8), and for what expired alerts left behind.

    An alert whose term was over has no Cancel, but posts and posters of it are still about (domain §7).
    """
    for alert in alerts:
        if alert.status in UNISSUED:
            workflow.apply(alert, "discard", by=None)
        elif alert.status == AlertStatus.EXPIRED:
            duties.leave_confirmation(alert)
    outside = (RequestStatus.ACTIVATED_OUTSIDE, RequestStatus.CANCELLATION_ASKED)
    rows = case.requests.select_related("program__agency", "requesting_agency").filter(status__in=outside)
    # A draft that was discarded when the program activated in its own system is no alert of the portal.
    for request in rows.filter(Q(alert__isnull=True) | Q(outside_activation__isnull=False)):
        duties.leave_cancellation_outside(request, reason=reason)


def _locked(case: Case) -> list[Alert]:
    """Return every alert of the case under its lock: one that is being activated at this moment is active here."""
    return list(
        case.alerts.select_related("program__agency", "request", "case")
        .select_for_update(of=("self",), no_key=True)
        .order_by("pk")
    )


def _take_down(alert: Alert) -> None:
    """Remove what is public, and stop the mails that would still carry it."""
    withdraw_public(alert)
    delivery.suppress_unsent(alert)
