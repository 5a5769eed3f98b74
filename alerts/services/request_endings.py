"""Requests end with what they led to: with the term of an alert, with the case (U19)."""

from __future__ import annotations

from django.db import transaction
from django.utils import timezone

from alerts import workflow
from alerts.choices import DutyStatus, RequestStatus
from alerts.models import Duty, ExtensionRequest
from alerts.services import duties
from alerts.services.ended_sights import end_sight
from alerts.services.lower_levels import stand_down
from cases.models import Case

STILL_RUNNING = (*workflow.RUNNING, RequestStatus.CANCELLATION_ASKED)
NOT_RUNNING_YET = (RequestStatus.DRAFT, *workflow.BEFORE_DECISION, *workflow.ACCEPTED)


def alert_expired(request: ExtensionRequest | None) -> None:
    """End the request of an alert whose term is over, in the transaction of the expiry."""
    if request is not None and request.status in STILL_RUNNING:
        workflow.apply(request, "expire", by=None)
        supersede_duties(request)
        end_sight(request, by=None)


@transaction.atomic
def expire_outside_due() -> int:
    """End the requests whose activation outside the portal is over. Return how many."""
    due = ExtensionRequest.objects.select_for_update(skip_locked=True, of=("self",)).filter(
        status__in=STILL_RUNNING, outside_activation__expires_at__lte=timezone.now()
    )
    count = 0
    for request in due:
        alert_expired(request)
        count += 1
    return count


def case_ended(case: Case, *, reason: str) -> None:
    """Let everything lapse that waits, in the transaction of the case's step; what runs is ended by its program.

    A notice below an alert runs: the program gets the duty to end it, with a clock. `reason` is a code.
    """
    for request in case.requests.select_related("program__agency", "requesting_agency").filter(
        status__in=NOT_RUNNING_YET
    ):
        if workflow.has_notice_in_force(request):
            duties.leave_end_of_notice(request, reason=reason)
            continue
        workflow.apply(request, "lapse", by=None)
        stand_down(request)
        supersede_duties(request)
        end_sight(request, by=None)


def supersede_duties(request: ExtensionRequest) -> None:
    """Close the open duties about a request that no longer needs them."""
    for duty in Duty.objects.filter(request=request, status=DutyStatus.OPEN):
        workflow.apply(duty, "supersede", by=None)
