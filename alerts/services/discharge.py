"""Discharging a duty: done, or refused with a coded reason; some are done only by the act they ask for."""

from __future__ import annotations

from collections.abc import Callable

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from agencies.models import User
from agencies.refusals import ActRefused, NotPermitted
from alerts import permissions, workflow
from alerts.choices import DutyKind, DutyOutcome, RequestStatus
from alerts.models import Duty
from alerts.services import duties

# The act itself is what discharges these; saying "done" without it would be untrue.
DONE_BY_THE_ACT = (
    DutyKind.ISSUE_UPDATE, DutyKind.DECIDE_CANCELLATION, DutyKind.DECIDE_TERM, DutyKind.REVIEW_TEXT,
)  # fmt: skip


@transaction.atomic
def discharge(*, duty: Duty, by: User, outcome: str, reason: str = "") -> None:
    """Discharge one duty of the person's own program.

    `outcome` is done or refused; `reason` is a code and belongs to a refusal. Refuses "done" where only the act
    itself discharges: cancelling a running alert, issuing an update, deciding.
    """
    duty.refresh_from_db(from_queryset=Duty.objects.select_for_update(of=("self",)))
    if not permissions.can_discharge(by, duty):
        raise NotPermitted
    if outcome == DutyOutcome.REFUSED and not reason:
        raise ActRefused(_("A refusal needs a reason."))
    if outcome == DutyOutcome.DONE and (duty.kind in DONE_BY_THE_ACT or _is_running_alert(duty)):
        raise ActRefused(_("This duty is discharged by the act itself: issue, decide or cancel on its own page."))
    workflow.apply(
        duty, "discharge", by=by, discharged_at=timezone.now(), discharged_by=by, outcome=outcome,
        reason=reason if outcome == DutyOutcome.REFUSED else "",
        detail={"kind": duty.kind, "outcome": outcome, **({"reason": reason} if reason else {})},
    )  # fmt: skip
    if outcome == DutyOutcome.DONE and (effect := EFFECTS.get(duty.kind)):
        effect(duty, by)


def _is_running_alert(duty: Duty) -> bool:
    return duty.kind == DutyKind.CANCEL_ALERT and duty.alert is not None


def _cancelled_outside(duty: Duty, by: User) -> None:
    """What ran outside the portal was cancelled there; that everything is down is still to be confirmed (U8)."""
    request = duty.request
    if request is None:
        return
    if request.status in (RequestStatus.ACTIVATED_OUTSIDE, RequestStatus.CANCELLATION_ASKED):
        workflow.apply(request, "cancel", by=by, cancelled_at=timezone.now())
    duties.leave_confirmation_outside(request)


def _confirmed(duty: Duty, by: User) -> None:
    """The program has taken everything down: its request has reached its end."""
    request = duty.request or (duty.alert.request if duty.alert else None)
    if request is not None and request.status == RequestStatus.CANCELLED:
        workflow.apply(request, "confirm_cancellation", by=by, confirmed_at=timezone.now())


EFFECTS: dict[str, Callable[[Duty, User], None]] = {
    DutyKind.CANCEL_ALERT: _cancelled_outside,
    DutyKind.CONFIRM_CANCELLATION: _confirmed,
}
