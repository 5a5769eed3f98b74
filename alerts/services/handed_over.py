"""What a handoff of a case means for requests and alerts: rows only, inside its transaction (ADR 64)."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from django.db.models import Q, QuerySet
from django.utils.translation import gettext_lazy as _

from agencies import access, audit
from agencies.choices import Capability
from agencies.models import Agency, AlertProgram, User
from agencies.program_agencies import agencies_of
from agencies.refusals import ActRefused
from alerts import delivery, tasks
from alerts.choices import ENDED_REQUESTS, AlertStatus, NoticeKind, RequestStatus
from alerts.models import Alert, Duty, ExtensionRequest, Notice, PublicAlert
from alerts.services import notices
from cases.access import working_on
from cases.models import Case, CaseHandover
from cases.workflow import note

OVER = (AlertStatus.CANCELLED, AlertStatus.EXPIRED, AlertStatus.DISCARDED)
TOLD_TO_SENDER = {
    "accept": NoticeKind.HANDOVER_ACCEPTED,
    "refuse": NoticeKind.HANDOVER_REFUSED,
    "expire": NoticeKind.HANDOVER_EXPIRED,
}
TOLD_TO_RECIPIENT = {
    "offer": NoticeKind.HANDOVER_OFFERED,
    "withdraw": NoticeKind.HANDOVER_WITHDRAWN,
    "expire": NoticeKind.HANDOVER_EXPIRED,
}


def follow(handover: CaseHandover, transition: str, *, by: User | None) -> None:
    """Check, pass on and tell what a step of a handoff asks for; whatever raises here undoes the step."""
    if transition in ("offer", "accept"):
        refuse_orphans(handover)
    if transition == "accept":
        _pass_requests_on(handover, by=by)
    if kind := TOLD_TO_SENDER.get(transition):
        _tell(kind, handover, _editors(handover.from_agency))
    if kind := TOLD_TO_RECIPIENT.get(transition):
        _tell(kind, handover, [handover.to_person] if handover.to_person else _editors(handover.to_agency))


def refuse_orphans(handover: CaseHandover) -> None:
    """Refuse while something waits that only programs of the old lead agency could do, and nobody else on the case.

    An alert in force or being prepared, an open duty, a request to answer: a program's officers act while one of its
    agencies is on the case (ADR 64), and what the old lead agency keeps seeing ends.
    """
    case, old = handover.case, handover.from_agency_id
    staying = (working_on(case) - {old}) | {handover.to_agency_id}
    for program in AlertProgram.objects.run_by([old]).filter(has_work(case)).distinct():
        if not agencies_of(program).running & staying:
            raise ActRefused(
                _("%(program)s still has an alert, a duty or a request of its own in this case, which only its officers can finish. Finish it first, or share the case with another agency of that program.")  # noqa: E501
                % {"program": program}
            )  # fmt: skip


def has_work(case: Case) -> Q:
    """Return the condition for programs that have an alert, an open duty or a request to answer in a case."""
    work = open_work(case)
    return (
        Q(pk__in=work.alerts.values("program"))
        | Q(pk__in=work.duties.values("program"))
        | Q(pk__in=work.requests.values("program"))
    )


@dataclass(frozen=True)
class OpenWork:
    """What waits for programs in a case: alerts that are not over, open duties, requests to answer."""

    alerts: QuerySet[Alert]
    duties: QuerySet[Duty]
    requests: QuerySet[ExtensionRequest]


def open_work(case: Case) -> OpenWork:
    """Return what waits for programs in a case."""
    public = PublicAlert.objects.filter(alert__case=case, withdrawn_at__isnull=True, open_case_since__isnull=False)
    alerts = case.alerts.filter(~Q(status__in=OVER) | Q(pk__in=public.values("alert")))
    asked = case.requests.filter(sent_at__isnull=False).exclude(status__in=ENDED_REQUESTS)
    return OpenWork(alerts, Duty.objects.open().filter(case=case), asked)  # type: ignore[attr-defined]


def _pass_requests_on(handover: CaseHandover, *, by: User | None) -> None:
    """Make the new lead agency the asking side of every request of the case: it answers, changes and withdraws.

    Who sent it stays on the request and on the timeline; a program that was asked keeps its sight, its decisions and
    its alerts, and is told whom to speak to.
    """
    moved = ExtensionRequest.objects.filter(case=handover.case, requesting_agency=handover.from_agency)
    passed = list(moved.select_related("program", "case").order_by("pk"))
    moved.update(requesting_agency=handover.to_agency)
    for request in passed:
        request.requesting_agency = handover.to_agency
        note(handover.case, "request.asker_changed", by=by, agency=handover.to_agency, subject=request)
        if request.status not in (*ENDED_REQUESTS, RequestStatus.DRAFT):
            notices.tell_the_program(NoticeKind.LEAD_CHANGED, request=request)
    if passed:
        audit.record(
            "request.asker_changed", by=by, objects=passed, case_id=handover.case_id,
            field_names=["requesting_agency"], detail={"from": handover.from_agency_id, "to": handover.to_agency_id},
        )  # fmt: skip


def _editors(agency: Agency) -> Iterable[User]:
    return access.people_with(agency, Capability.EDIT_CASES)


def _tell(kind: str, handover: CaseHandover, people: Iterable[User]) -> None:
    notice = Notice.objects.create(kind=kind, case=handover.case, handover=handover)
    delivery.queue_notice(notice, people)
    tasks.wake(tasks.notify)
