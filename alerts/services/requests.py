"""Requests: asking a program, acknowledging, deciding, withdrawing."""

from __future__ import annotations

from collections.abc import Mapping

from django.db import transaction
from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from agencies.choices import Capability
from agencies.models import AlertProgram, CriteriaVersion, User
from agencies.program_agencies import agencies_of
from agencies.refusals import ActRefused, NotPermitted
from agencies.routing import desks_of
from alerts import permissions, workflow
from alerts.choices import NoticeKind, RequestStatus
from alerts.models import ExtensionRequest
from alerts.services import drafts, notices
from cases.choices import AccessLevel, AccessPurpose, CaseStatus
from cases.models import Case
from cases.services.assessments import GivenAnswer, freeze
from cases.services.files import share_case

DEAD = (RequestStatus.DECLINED, RequestStatus.WITHDRAWN, RequestStatus.CANCELLED, RequestStatus.CONFIRMED)
ACCEPTING = {"accept", "accept_changed_area"}


@transaction.atomic
def send_request(
    *, case: Case, program: AlertProgram, by: User, kind: str = "activate", note: str = ""
) -> ExtensionRequest:
    """Ask one program; its agency is put on the case to read it, and its officers are told.

    Refuses everybody but the lead agency, a case that is not active, and a second open request to the program.
    """
    if not permissions.can_send_requests(by, case):
        raise NotPermitted
    case.refresh_from_db(from_queryset=Case.objects.select_for_update(of=("self",)))
    if case.status != CaseStatus.ACTIVE:
        raise ActRefused(_("Requests can be sent only while the case is active."))
    if case.lead_agency_id in agencies_of(program).running:
        raise ActRefused(_("This is the lead agency's own program; start its alert instead."))
    earlier = case.requests.filter(program=program)
    if earlier.exclude(status__in=DEAD).exists():
        raise ActRefused(_("This program already has an open request for this case."))
    ordinal = earlier.count()
    request = ExtensionRequest.objects.create(
        number=f"{case.reference}/{program.number_prefix}" + (f"-{ordinal + 1}" if ordinal else ""),
        case=case,
        program=program,
        requesting_agency=case.lead_agency,
        kind=kind,
        note=note,
        note_language=_language() if note else "",
        created_by=by,
    )
    for desk in desks_of(program):  # all of them see it, one takes charge (U6)
        share_case(case=case, agency=desk, by=by, level=AccessLevel.LOOK, purpose=AccessPurpose.REQUEST)
    workflow.apply(request, "send", by=by, sent_at=timezone.now(), sent_by=by)
    notices.notify_program(
        NoticeKind.REQUEST_RECEIVED,
        case=case,
        program=program,
        capability=Capability.ANSWER_REQUESTS,
        request=request,
    )
    return request


@transaction.atomic
def acknowledge(*, request: ExtensionRequest, by: User, receiver_reference: str = "") -> None:
    """Record who received the request, with the receiver's own folio (acuse de recibo)."""
    workflow.apply(
        request, "acknowledge", by=by, acknowledged_at=timezone.now(), acknowledged_by=by,
        receiver_reference=receiver_reference,
    )  # fmt: skip
    _tell_the_asker(request)


@transaction.atomic
def decide(
    *,
    request: ExtensionRequest,
    by: User,
    decision: str,
    note: str = "",
    reason: str = "",
    alternative: str = "",
    answers: Mapping[str, GivenAnswer] | None = None,
) -> None:
    """Record the receiving program's decision; accepting prepares its alert from the coded facts.

    `answers` to the program's own criteria are kept and frozen with the decision.

    `decision` is the name of a step: accept, accept_changed_area, accept_lower_level or decline. Refuses a
    decline without a coded reason.
    """
    if decision == "decline" and not reason:
        raise ActRefused(_("A decline needs a reason."))
    if not permissions.can_answer(by, request):
        raise NotPermitted
    criteria = CriteriaVersion.in_force_for(request.program)
    workflow.apply(
        request,
        decision,
        by=by,
        detail={"reason": reason} if reason else None,
        decided_at=timezone.now(),
        decided_by=by,
        criteria=criteria,
        assessment=freeze(case=request.case, criteria=criteria, by=by, answers=answers) if criteria else None,
        decline_reason=reason,
        alternative=alternative,
        decision_note=note,
        decision_language=_language() if note else "",
    )
    if decision in ACCEPTING:
        drafts.start_alert(program=request.program, case=request.case, by=by, request=request)
    _tell_the_asker(request)


@transaction.atomic
def withdraw(*, request: ExtensionRequest, by: User) -> None:
    """Take a request back before activation; a draft of the receiver's alert is discarded with it (U19)."""
    workflow.apply(request, "withdraw", by=by)
    alert = getattr(request, "alert", None)
    if alert is not None and alert.status in ("draft", "submitted", "approved"):
        workflow.apply(alert, "discard", by=None)


def _tell_the_asker(request: ExtensionRequest) -> None:
    notices.notify(
        NoticeKind.REQUEST_ANSWERED,
        case=request.case,
        agency=request.requesting_agency,
        capability=Capability.SEND_REQUESTS,
        request=request,
    )


def _language() -> str:
    return (get_language() or "en")[:2]
