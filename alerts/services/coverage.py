"""A national alert covers those of the states: linked on activation, and the end of the one reaches all (U5)."""

from __future__ import annotations

from django.db.models import Q, QuerySet

from agencies import audit
from agencies.choices import Capability, RouteKind
from agencies.models import AlertProgram, User
from alerts.choices import AlertStatus, DutyKind, NoticeKind, RequestStatus
from alerts.models import Alert, CoveredAlert, ExtensionRequest
from alerts.services import duties, notices
from cases.models import Case

OUTSIDE = (RequestStatus.ACTIVATED_OUTSIDE, RequestStatus.CANCELLATION_ASKED)


def activated(alert: Alert, *, by: User) -> None:
    """Link an alert that has just become active: with those it covers, and with the national one that covers it.

    Which program decides for which stands in the routes of the programs.
    """
    _link_below(alert, by)
    for national in _national(alert.case, alert.program):
        _link(national, by, alert=alert)


def activated_outside(request: ExtensionRequest, *, by: User) -> None:
    """Link what a state has activated outside the portal with the national alert that covers it."""
    for national in _national(request.case, request.program):
        _link(national, by, request=request)


def cancelled(alert: Alert, *, reason: str) -> None:
    """Leave every covered program its prepared Cancel at once, with a running clock, and tell its officers.

    Each ends its alert in its own name. A recovery has seen to all alerts of the case by itself: there standing
    authority acts, and what has none has its duty already.
    """
    if not Case.objects.only("status").get(pk=alert.case_id).is_open:
        return
    _link_below(alert, by=None)  # of two alerts activated at the same moment neither may have found the other
    detail = {"reason": reason, "national": alert.number}
    rows = CoveredAlert.objects.filter(national=alert).select_related(
        "alert__program__agency", "alert__case", "request__program__agency", "request__case",
        "request__requesting_agency",
    )  # fmt: skip
    for row in rows:
        if row.alert is not None and row.alert.status == AlertStatus.ACTIVE:
            _duty, is_new = duties.leave(
                DutyKind.CANCEL_ALERT, program=row.alert.program, case=row.alert.case, alert=row.alert,
                within=duties.CANCEL_WITHIN, detail=detail,
            )  # fmt: skip
            if is_new:
                notices.notify_program(
                    NoticeKind.NATIONAL_ENDED, case=row.alert.case, program=row.alert.program,
                    capability=Capability.COMPOSE_ALERTS, alert=row.alert,
                )  # fmt: skip
        elif row.request is not None and row.request.status in OUTSIDE:
            duties.leave_cancellation_outside(row.request, reason=reason)


def _decided_by(program: AlertProgram) -> list[int]:
    """Return the programs that hand the decision up to this one once a child has left their territory."""
    route = Q(routes__kind=RouteKind.DECIDES, routes__to_program=program)
    return list(AlertProgram.objects.filter(route).exclude(pk=program.pk).values_list("pk", flat=True))


def _link_below(alert: Alert, by: User | None) -> None:
    below = _decided_by(alert.program)
    running = Alert.objects.filter(case=alert.case, status=AlertStatus.ACTIVE)
    for covered in running.filter(program__in=below).exclude(pk=alert.pk):
        _link(alert, by, alert=covered)
    for request in _outside(alert.case).filter(program__in=below):
        _link(alert, by, request=request)


def _national(case: Case, program: AlertProgram) -> list[Alert]:
    above = AlertProgram.objects.filter(pk__in=program.routes.filter(kind=RouteKind.DECIDES).values("to_program"))
    rows = Alert.objects.filter(case=case, status=AlertStatus.ACTIVE, program__in=above.exclude(pk=program.pk))
    return list(rows)


def _outside(case: Case) -> QuerySet[ExtensionRequest]:
    return ExtensionRequest.objects.filter(case=case, status__in=OUTSIDE, outside_activation__isnull=False)


def _link(
    national: Alert, by: User | None, *, alert: Alert | None = None, request: ExtensionRequest | None = None
) -> None:
    made, is_new = CoveredAlert.objects.get_or_create(national=national, alert=alert, request=request)
    if is_new:
        audit.record("alert.covered", by=by, objects=[made], case_id=national.case_id)
