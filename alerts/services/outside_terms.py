"""The end of the term of an alert in a program's own system: its program is asked in time (U8, U12)."""

from __future__ import annotations

from django.db import transaction

from agencies.choices import Capability
from alerts import permissions
from alerts.choices import DutyKind, NoticeKind
from alerts.models import Duty, ExtensionRequest
from alerts.services import notices, pending
from alerts.services.outside_changes import RUNS, rules_for_outside
from alerts.services.renewals import detail_of, is_asked_already, questions_reached, time_left


@transaction.atomic
def leave_outside_term_duties() -> int:
    """Leave every program whose alert outside the portal nears its end the duty to decide; once for each end.

    The relay's periodic service. For a program without people the asking side is told, which reaches it by telephone
    and records the renewal; after a renewal the question is asked anew before the new end.
    """
    count = 0
    rows = ExtensionRequest.objects.select_for_update(of=("self",), skip_locked=True).filter(
        status__in=RUNS, outside_activation__expires_at__isnull=False
    )
    related = ("program__agency", "case", "requesting_agency", "outside_activation__criteria")
    for request in rows.select_related(*related):
        activation = request.outside_activation
        until = activation.expires_at
        assert until is not None  # noqa: S101  the query says so
        rules = rules_for_outside(activation)
        for cause, due_at in questions_reached(rules, activated_at=activation.starts_at, expires_at=until):
            asked = Duty.objects.filter(request=request, alert__isnull=True, kind=DutyKind.DECIDE_TERM)
            if is_asked_already(asked, cause, until):
                continue
            detail = detail_of(cause, until)
            pending.leave_duty(DutyKind.DECIDE_TERM, within=time_left(due_at), request=request, detail=detail)
            _tell(request)
            count += 1
    return count


def _tell(request: ExtensionRequest) -> None:
    if permissions.has_people(request.program):
        notices.notify_program(
            NoticeKind.TERM_ENDING, case=request.case, program=request.program,
            capability=Capability.COMPOSE_ALERTS, request=request,
        )  # fmt: skip
    else:
        notices.notify(
            NoticeKind.TERM_ENDING, case=request.case, agency=request.requesting_agency,
            capability=Capability.SEND_REQUESTS, request=request,
        )  # fmt: skip
