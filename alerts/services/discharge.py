"""Discharging a duty: what may be said of it depends on its kind; most are discharged only by the act they ask for."""

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
from alerts.services import cancellations, confirmations, duties
from alerts.services.facts_read import keep_read
from alerts.services.lower_levels import stand_down

# What an officer may say of a duty by itself. Every other kind is discharged by its act: to issue, to decide, to end.
SAID_BY_ITSELF: dict[str, tuple[str, ...]] = {
    DutyKind.ACKNOWLEDGE_CHANGE: (DutyOutcome.DONE,),
    DutyKind.CONFIRM_CANCELLATION: (DutyOutcome.DONE,),
    DutyKind.REVIEW_SINGLE_OFFICER: (DutyOutcome.DONE,),
}


def outcomes_of(duty: Duty) -> tuple[str, ...]:
    """Return what may be recorded of a duty without the act it asks for; nothing, where only the act will do.

    Once the search has ended nobody refuses away what must come down (U16). A Cancel of which another program's end
    reminds is the program's own decision as long as the child is missing (U5, design §3.1). What runs outside the
    portal was canceled there, and its officer says so (U8).
    """
    if duty.kind != DutyKind.CANCEL_ALERT:
        return SAID_BY_ITSELF.get(duty.kind, ())
    if duty.alert_id is None:
        return (DutyOutcome.DONE,)
    return (DutyOutcome.REFUSED,) if "national" in duty.detail and duty.case.is_open else ()


@transaction.atomic
def discharge(*, duty: Duty, by: User, outcome: str, reason: str = "") -> None:
    """Discharge one duty of the person's own program.

    `outcome` is done or refused; `reason` is a code and belongs to a refusal. Refuses what may not be said of this
    duty: what only the act itself discharges, a refusal of what the end of a search demands, and that everything is
    down while a recipient of the Cancel has not confirmed it.
    """
    duty.refresh_from_db(from_queryset=Duty.objects.select_for_update(of=("self",)))
    if not permissions.can_discharge(by, duty):
        raise NotPermitted
    possible = outcomes_of(duty)
    if not possible:
        raise ActRefused(_("Taking the action completes this duty: issue, decide or cancel on its own page."))
    if outcome not in possible:
        raise ActRefused(_("This outcome does not fit this duty."))
    if duty.kind == DutyKind.CONFIRM_CANCELLATION and duty.alert:
        confirmations.refuse_while_unconfirmed(duty.alert)
    if outcome == DutyOutcome.REFUSED and not reason:
        raise ActRefused(_("A refusal needs a reason."))
    workflow.apply(
        duty, "discharge", by=by, discharged_at=timezone.now(), discharged_by=by, outcome=outcome,
        reason=reason if outcome == DutyOutcome.REFUSED else "",
        detail={"kind": duty.kind, "outcome": outcome, **({"reason": reason} if reason else {})},
    )  # fmt: skip
    if outcome == DutyOutcome.DONE and (effect := EFFECTS.get(duty.kind)):
        effect(duty, by)


def _cancelled_outside(duty: Duty, by: User) -> None:
    """What ran outside the portal was canceled there; that everything is down is still to be confirmed (U8)."""
    request = duty.request
    if request is None:
        return
    if request.status in (RequestStatus.ACTIVATED_OUTSIDE, RequestStatus.CANCELLATION_ASKED):
        workflow.apply(request, "cancel", by=by, cancelled_at=timezone.now())
        stand_down(request)
        cancellations.settle_duties(request, by, DutyOutcome.DONE)
    duties.leave_confirmation_outside(request)


def _confirmed(duty: Duty, by: User) -> None:
    """The program has taken everything down: its request has reached its end."""
    request = duty.request or (duty.alert.request if duty.alert else None)
    if request is not None and request.status == RequestStatus.CANCELLED:
        workflow.apply(request, "confirm_cancellation", by=by, confirmed_at=timezone.now())


def _read(duty: Duty, by: User) -> None:
    """The program has read the changed facts: what changes next is shown against them (U20)."""
    if duty.request is not None:
        keep_read(duty.request)


EFFECTS: dict[str, Callable[[Duty, User], None]] = {
    DutyKind.ACKNOWLEDGE_CHANGE: _read,
    DutyKind.CANCEL_ALERT: _cancelled_outside,
    DutyKind.CONFIRM_CANCELLATION: _confirmed,
}
