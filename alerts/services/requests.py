"""Requests: asking a program, acknowledging, deciding, withdrawing."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from agencies import audit
from agencies.choices import AlertReach, Capability
from agencies.models import Agency, AlertProgram, CriteriaVersion, User
from agencies.permissions import may
from agencies.program_agencies import agencies_of
from agencies.refusals import ActRefused, NotPermitted
from agencies.routing import desks_of
from alerts import permissions, workflow
from alerts.choices import (
    ACTIVATE,
    ASKS_FOR_ALERT,
    ENDED_REQUESTS,
    NATIONAL_DECISION,
    AlertStatus,
    NoteKind,
    NoticeKind,
    RequestLink,
    RequestStatus,
)
from alerts.models import ExtensionRequest
from alerts.services import drafts, ladders, lower_levels, notices
from alerts.services.asking_again import may_be_asked_again
from alerts.services.ended_sights import end_sight
from alerts.services.facts_read import keep_read
from alerts.services.outbound import arrival, check_kind, tell_hubs
from alerts.services.request_endings import supersede_duties
from alerts.services.sealed_cases import refuse_unread
from alerts.services.writing import keep_note, written_language
from alerts.territory import check_area
from cases.choices import AccessLevel, AccessPurpose, CaseStatus
from cases.models import Case
from cases.services.assessments import GivenAnswer, freeze
from cases.services.files import share_case
from cases.workflow import note as note_in_timeline


@transaction.atomic
def send_request(
    *, case: Case, program: AlertProgram, by: User, kind: str = ACTIVATE, note: str = "",
    follows: ExtensionRequest | None = None,
) -> ExtensionRequest:  # fmt: skip
    """Ask one program; its agency is put on the case to read it, and its officers are told.

    Refuses everybody but the lead agency and who decides for it on requests abroad, a case that is not active, and a
    second open request to the program.
    """
    request = save_draft(case=case, program=program, by=by, kind=kind, note=note, follows=follows)
    send_draft(request=request, by=by)
    return request


@transaction.atomic
def save_draft(
    *, case: Case, program: AlertProgram, by: User, kind: str = ACTIVATE, note: str = "",
    follows: ExtensionRequest | None = None,
) -> ExtensionRequest:  # fmt: skip
    """Prepare a request without sending it; the draft belongs to the agency, and any of its officers may send it (U31).

    From abroad it is made out to whoever receives for the program first, by its row of the inbound route (U5).

    Refuses as `send_request` does.
    """
    agency_id = permissions.asking_agency_id(by, case)
    if agency_id is None:
        raise NotPermitted
    agency = Agency.objects.get(pk=agency_id)
    case.refresh_from_db(from_queryset=Case.objects.select_for_update(of=("self",), no_key=True))
    receiver, asked_for = (program, follows.asked_for) if follows is not None else arrival(case, program)
    _refuse_unsendable(case, receiver, asked_for, agency)
    check_kind(kind, receiver, agency)
    if follows is not None and not (follows.case_id == case.pk and may_be_asked_again(follows, program)):
        raise ActRefused(_("Only a request that has ended can be asked again."))
    link = RequestLink.AGAIN if follows is not None else ""
    made = make_request(
        case=case, program=receiver, agency=agency, by=by, kind=kind, note=note,
        note_language=written_language(note), follows=follows, link=link,
        asked_for=asked_for,
    )  # fmt: skip
    audit.record("request.drafted", by=by, objects=[made], case_id=case.pk)
    return made


@transaction.atomic
def send_draft(*, request: ExtensionRequest, by: User) -> None:
    """Send a prepared request: the program's agency may read the case from now on, its officers are told."""
    case, program = request.case, request.program
    if not permissions.can_ask(by, request):
        raise NotPermitted
    case.refresh_from_db(from_queryset=Case.objects.select_for_update(of=("self",), no_key=True))
    if case.status != CaseStatus.ACTIVE:
        raise ActRefused(_("Requests can be sent only while the case is active."))
    check_kind(request.kind, program, request.requesting_agency)
    others = case.requests.filter(program=program, asked_for=request.asked_for).exclude(pk=request.pk)
    if others.exclude(status__in=(*ENDED_REQUESTS, RequestStatus.DRAFT)).exists():  # handed on to it meanwhile
        raise ActRefused(_("This program already has an open request for this case."))
    refuse_unread(case, program)
    workflow.apply(request, "send", by=by, sent_at=timezone.now(), sent_by=by, facts_version=case.facts_version)
    for desk in desks_of(program):  # all of them see it, one takes charge (U6)
        share_case(case=case, agency=desk, by=by, level=AccessLevel.LOOK, purpose=AccessPurpose.REQUEST)
    ladders.begin(request)
    tell_hubs(request)


def make_request(
    *, case: Case, program: AlertProgram, agency: Agency, by: User, kind: str, note: str, note_language: str,
    follows: ExtensionRequest | None, link: str, asked_for: AlertProgram | None = None,
) -> ExtensionRequest:  # fmt: skip
    """Make the row of a request with the next number of its series; the caller holds the case's lock."""
    ordinal = case.requests.filter(program=program).count()
    return ExtensionRequest.objects.create(
        number=f"{case.reference}/{program.number_prefix}" + (f"-{ordinal + 1}" if ordinal else ""),
        case=case,
        program=program,
        requesting_agency=agency,
        asked_for=asked_for,
        kind=kind,
        note=note,
        note_language=note_language,
        follows=follows,
        link=link,
        created_by=by,
        authors=[by.pk],
    )


def _refuse_unsendable(case: Case, program: AlertProgram, asked_for: AlertProgram | None, agency: Agency) -> None:
    if case.status != CaseStatus.ACTIVE:
        raise ActRefused(_("Requests can be sent only while the case is active."))
    if case.lead_agency_id in agencies_of(program).running:
        raise ActRefused(_("This is the lead agency's own program; start its alert instead."))
    if agency.pk in agencies_of(program).running:
        raise ActRefused(_("This is your own program; prepare its alert instead."))
    if case.requests.filter(program=program, asked_for=asked_for).exclude(status__in=ENDED_REQUESTS).exists():
        raise ActRefused(_("This program already has an open request for this case."))


@transaction.atomic
def acknowledge(
    *, request: ExtensionRequest, by: User, receiver_reference: str = "", position: str = "", note: str = ""
) -> None:
    """Record who received the request, in which position, with the receiver's own folio (acuse de recibo, U23).

    Whoever acknowledges takes charge, unless a colleague already has.
    """
    if not permissions.can_answer(by, request):
        raise NotPermitted
    now = timezone.now()
    stamps: dict[str, Any] = (
        {} if request.taken_at else {"taken_at": now, "taken_by": by, "taken_for": _desk_of(by, request)}
    )
    workflow.apply(
        request, "acknowledge", by=by, acknowledged_at=now, acknowledged_by=by, acknowledged_position=position,
        receiver_reference=receiver_reference, **stamps,
    )  # fmt: skip
    keep_read(request)
    keep_note(request=request, by=by, kind=NoteKind.ACKNOWLEDGEMENT, text=note)
    notices.tell_the_asker(request)


@transaction.atomic
def take_charge(*, request: ExtensionRequest, by: User) -> None:
    """Put one officer in charge by name and time, where several desks see the request (U6).

    A colleague may take over; both are in the timeline. Refuses everybody but the receiving program, and a request
    that has ended.
    """
    if not permissions.can_answer(by, request):
        raise NotPermitted
    request.refresh_from_db(from_queryset=ExtensionRequest.objects.select_for_update(of=("self",)))
    if request.status in ENDED_REQUESTS:
        raise ActRefused(_("This request has ended."))
    request.taken_at, request.taken_by, request.taken_for = timezone.now(), by, _desk_of(by, request)
    request.save(update_fields=["taken_at", "taken_by", "taken_for"])
    note_in_timeline(request.case, "request.taken", by=by, agency=request.taken_for, subject=request)
    audit.record("request.taken", by=by, objects=[request], case_id=request.case_id)


@transaction.atomic
def decide(
    *, request: ExtensionRequest, by: User, decision: str, note: str = "", reason: str = "", alternative: str = "",
    level: str = "", area: Sequence[str] = (), area_words: str = "", reach: str = "",
    answers: Mapping[str, GivenAnswer] | None = None,
) -> None:  # fmt: skip
    """Record the receiving program's decision; accepting prepares its alert, or puts the notice asked for in force.

    `decision` is the name of a step: accept, accept_changed_area (with an area in codes or words),
    accept_lower_level (with a level) or decline (with a coded reason). Whoever takes over the decision on level and
    requests abroad says with `reach` how far alerts go: on the level of the state no national alert is made. Refuses a
    decision that lacks what it needs.
    `answers` to the program's own criteria are kept and frozen with the decision.
    """
    if not permissions.can_answer(by, request):
        raise NotPermitted
    check_decision(request, decision, reason=reason, level=level, area=area, area_words=area_words)
    check_reach(request, decision, reach)
    is_area = decision == "accept_changed_area"
    criteria = CriteriaVersion.in_force_for(request.program)
    workflow.apply(
        request,
        decision,
        by=by,
        detail=_codes(reason=reason, level=level if decision == "accept_lower_level" else ""),
        decided_at=timezone.now(),
        decided_by=by,
        criteria=criteria,
        assessment=freeze(case=request.case, criteria=criteria, by=by, answers=answers) if criteria else None,
        reach=reach,
        decline_reason=reason,
        alternative=alternative,
        decision_note=note,
        decision_language=written_language(note),
        area=list(area) if is_area else [],
        area_words=area_words if is_area else "",
        area_language=written_language(area_words) if is_area else "",
    )
    _follow_decision(request, by, decision, level)
    notices.tell_the_asker(request)


def check_decision(
    request: ExtensionRequest, decision: str, *, reason: str, level: str, area: Sequence[str], area_words: str
) -> None:
    """Refuse a decline without a reason, a lower level without its name, a changed area without an area."""
    if decision == "decline" and not reason:
        raise ActRefused(_("A decline needs a reason."))
    if decision == "accept_lower_level" and level not in lower_levels.LEVELS_OF_AN_ALERT:
        raise ActRefused(_("Accepting at a lower level needs the level."))
    if decision == "accept_changed_area" and not area and not area_words.strip():
        raise ActRefused(_("Accepting with a changed area needs the area."))
    if area:
        check_area(request.program, area)


def check_reach(request: ExtensionRequest, decision: str, reach: str) -> None:
    """Refuse to take over the decision without its level, a level that is not the program's, and one elsewhere."""
    if request.kind != NATIONAL_DECISION or decision == "decline":
        if reach:
            raise ActRefused(_("Only the decision that was handed up has a level."))
    elif reach not in reaches_of(request.program):
        raise ActRefused(_("Say on which level alerts go out."))


def reaches_of(program: AlertProgram) -> list[str]:
    """Return the levels on which a program may decide: those of its criteria, and that it stays with the state."""
    criteria = CriteriaVersion.in_force_for(program)
    own = criteria.levels if criteria else []
    return [code for code in AlertReach.values if code == AlertReach.STATE or code in own]


def _follow_decision(request: ExtensionRequest, by: User, decision: str, level: str) -> None:
    if decision == "decline":
        end_sight(request, by=by)
        return
    if decision == "accept_lower_level":
        lower_levels.put_in_force(request=request, by=by, level=level)
    elif request.kind in ASKS_FOR_ALERT:
        if request.reach == AlertReach.STATE:
            return  # the state goes on alone; no national alert
        alert = drafts.take_on(request=request, by=by) or drafts.start_alert(
            program=request.program, case=request.case, by=by, request=request
        )
        if request.area and alert.status == AlertStatus.DRAFT:
            drafts.set_area(alert, request.area)
    elif request.kind in lower_levels.KINDS_BELOW_AN_ALERT:
        lower_levels.put_in_force(request=request, by=by, level=request.kind)


@transaction.atomic
def withdraw(*, request: ExtensionRequest, by: User, reason: str = "", note: str = "") -> None:
    """Take a request back before activation; a draft of the receiver's alert is discarded with it (U19).

    `reason` is a code of the list of reasons to withdraw a request; words to the program are kept as a note.
    """
    was_sent = request.sent_at is not None
    workflow.apply(request, "withdraw", by=by, detail=_codes(reason=reason), withdrawal_reason=reason)
    keep_note(request=request, by=by, kind=NoteKind.WITHDRAWAL, text=note)
    lower_levels.stand_down(request)
    supersede_duties(request)
    end_sight(request, by=by)
    if was_sent:
        notices.tell_the_program(NoticeKind.REQUEST_WITHDRAWN, request=request)


def _desk_of(by: User, request: ExtensionRequest) -> Agency | None:
    """Return the desk of the program for which this person acts."""
    return request.program.agency if may(by, Capability.ANSWER_REQUESTS, request.program.agency_id) else None


def _codes(**values: str) -> dict[str, str] | None:
    return {name: value for name, value in values.items() if value} or None
