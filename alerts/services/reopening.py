"""A recovery was wrong, or a case ended by mistake: everybody is told, and every program finds its new alert prepared.

What was canceled stays cancelled (design §6: expiry and Cancel are final). The search is alerted as a new CAP Alert
of the same incident, which each program approves and issues as it did the first one (U15).
"""

from __future__ import annotations

from django.db.models import Q

from agencies.choices import Capability
from agencies.models import AlertProgram, User
from agencies.routing import desks_of
from alerts import workflow
from alerts.choices import AlertStatus, DutyKind, NoticeKind
from alerts.models import Alert, Duty
from alerts.services import drafts, notices, takedown
from alerts.services.sealed_cases import is_unread
from cases.access import working_on
from cases.choices import AccessLevel, AccessPurpose
from cases.models import Case, Child
from cases.services.files import share_case
from cases.workflow import note

ENDED = (AlertStatus.CANCELLED, AlertStatus.EXPIRED)
NOT_PREPARED = "alert.not_prepared"
UNISSUED = (AlertStatus.DRAFT, AlertStatus.SUBMITTED, AlertStatus.APPROVED)


def case_reopened(case: Case, *, by: User) -> None:
    """Prepare a new alert for every program that had one, and tell every agency that had part in the case.

    A program of which nobody is named in a sealed case would not find its alert: it is left out, and the lead agency is
    told, names somebody and asks it (ADR 65).
    """
    for program in _programs_that_alerted(case):
        if is_unread(case, program):
            _leave_out(case, program, by=by)
            continue
        for desk in desks_of(program):
            if desk.pk not in working_on(case):
                share_case(case=case, agency=desk, by=by, level=AccessLevel.LOOK, purpose=AccessPurpose.REQUEST)
        drafts.prepare_alert(program=program, case=case, by=by)
    for duty in Duty.objects.open().filter(case=case, kind=DutyKind.END_NOTICE):
        workflow.apply(duty, "supersede", by=None)  # a notice that was not ended yet goes on with the search
    notices.notify_everybody_on(NoticeKind.SEARCH_REOPENED, case=case)


def _leave_out(case: Case, program: AlertProgram, *, by: User) -> None:
    names = {name: getattr(program, f"name_{name}") for name in ("en", "es", "fr")}
    note(case, NOT_PREPARED, by=by, agency=case.lead_agency, detail={"program": program.code, "names": names})
    notices.notify(NoticeKind.PROGRAM_UNREAD, case=case, agency=case.lead_agency, capability=Capability.SEND_REQUESTS)


def child_missing_again(child: Child, *, by: User) -> None:
    """Tell of the child in what is prepared and not issued; while the case went on, tell everybody."""
    case = Case.objects.get(pk=child.case_id)
    if not case.is_open:
        return  # the case is reopened next, and everything follows then
    for alert in Alert.objects.filter(case=case, status__in=UNISSUED):
        drafts.write_from_facts(alert=alert, by=by)
    for alert in Alert.objects.filter(case=case, status=AlertStatus.ACTIVE).select_related("program__agency", "case"):
        takedown.prepare_return(alert=alert, child=child)
    notices.notify_everybody_on(NoticeKind.SEARCH_REOPENED, case=case)


def _programs_that_alerted(case: Case) -> list[AlertProgram]:
    """Return the programs whose alert has ended, or only waits for its Cancel, and that have no other one under way."""
    owed = Duty.objects.open().filter(kind=DutyKind.CANCEL_ALERT, alert__case=case).values("alert")
    under_way = case.alerts.filter(status__in=(*UNISSUED, AlertStatus.ACTIVE)).exclude(pk__in=owed).values("program")
    over = case.alerts.filter(Q(status__in=ENDED) | Q(pk__in=owed))
    ended = over.exclude(program__in=under_way).values("program")
    return list(AlertProgram.objects.select_related("agency").filter(pk__in=ended, is_active=True).order_by("pk"))
