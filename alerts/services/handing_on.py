"""Handing a request to another program: up to who decides, or along the route, without typing anything again (U5)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from agencies import audit
from agencies.choices import Capability
from agencies.models import AlertProgram, CriteriaVersion, User
from agencies.refusals import ActRefused, NotPermitted
from agencies.routing import Handing, desks_of, handed_on_to
from alerts import permissions, workflow
from alerts.choices import ENDED_REQUESTS, NoteKind, NoticeKind, RequestLink
from alerts.models import ExtensionRequest
from alerts.services import ladders, notices
from alerts.services.ended_sights import end_sight
from alerts.services.request_endings import supersede_duties
from alerts.services.requests import make_request
from alerts.services.sealed_cases import refuse_unread
from alerts.services.writing import keep_note
from cases.choices import AccessLevel, AccessPurpose
from cases.models import Assessment, Case
from cases.services.assessments import agency_for, freeze
from cases.services.files import share_case


def targets_of(request: ExtensionRequest) -> list[Handing]:
    """Return to whom the program may hand this request: never back to the program of the agency that asks."""
    own = set(AlertProgram.objects.run_by([request.requesting_agency_id]).values_list("pk", flat=True))
    return [item for item in handed_on_to(request.program) if item.program.pk not in own]


@transaction.atomic
def hand_on(*, request: ExtensionRequest, by: User, program: AlertProgram, note: str = "") -> ExtensionRequest:
    """Hand a request to another program in one act; return the request that stands there.

    It asks for the same, in the same words, for the same agency; facts, questions, answers, notes and the answers to
    criteria go with it. Where that program has an open request for the case already, the two become one. The program
    that hands it on reads the case no longer than the asking agency's period, unless it still works on it (U35).
    Refuses everybody but the program that was asked, a program to which no route leads, what is decided, and in a
    sealed case a program of which nobody is named who would find the request.
    """
    if not permissions.can_answer(by, request):
        raise NotPermitted
    case = request.case
    case.refresh_from_db(from_queryset=Case.objects.select_for_update(of=("self",), no_key=True))
    if not case.is_open:
        raise ActRefused(_("The case has ended; this request can no longer be handed on."))
    if program.pk not in {item.program.pk for item in targets_of(request)}:
        raise ActRefused(_("No route leads from your program to this one."))
    refuse_unread(case, program)
    handed, is_new = _request_there(request, by, program)
    workflow.apply(
        request, "escalate", by=by, detail={"program": program.code}, handed_to=handed,
        assessment=_freeze_answers(request, by),
    )  # fmt: skip
    keep_note(request=request, by=by, kind=NoteKind.ESCALATION, text=note)
    supersede_duties(request)
    if is_new:
        _send(handed, by)
    end_sight(request, by=by)  # after the sending: a desk that serves both programs goes on
    audit.record("request.handed_on", by=by, objects=[request, handed], case_id=case.pk)
    _tell(request, handed, is_new=is_new)
    return handed


def _request_there(request: ExtensionRequest, by: User, program: AlertProgram) -> tuple[ExtensionRequest, bool]:
    """Return the open request to that program, or a new one that carries what was asked, and whether it is new."""
    rows = request.case.requests.filter(program=program).exclude(status__in=(*ENDED_REQUESTS, "draft"))
    if there := rows.select_related("program__agency", "requesting_agency").first():
        return there, False
    made = make_request(
        case=request.case, program=program, agency=request.requesting_agency, by=by, kind=request.kind,
        note=request.note, note_language=request.note_language, follows=request, link=RequestLink.ESCALATION,
    )  # fmt: skip
    return made, True


def _freeze_answers(request: ExtensionRequest, by: User) -> Assessment | None:
    """Keep what the program has answered to its own criteria so far; nothing is made where nothing was answered."""
    version = CriteriaVersion.in_force_for(request.program)
    if version is None:
        return None
    agency = agency_for(by, request.case, request.program)
    begun = Assessment.objects.filter(case=request.case, criteria=version, agency=agency, frozen_at=None)
    if not begun.filter(answers__isnull=False).exists():
        return None
    return freeze(case=request.case, criteria=version, by=by)


def _send(request: ExtensionRequest, by: User) -> None:
    """Let the portal send what was handed on; the officer who handed it on stands as the sender."""
    workflow.apply(
        request, "send", by=None, sent_at=timezone.now(), sent_by=by, facts_version=request.case.facts_version
    )
    for desk in desks_of(request.program):
        share_case(case=request.case, agency=desk, by=by, level=AccessLevel.LOOK, purpose=AccessPurpose.REQUEST)
    ladders.begin(request)


def _tell(request: ExtensionRequest, handed: ExtensionRequest, *, is_new: bool) -> None:
    """Tell the asking side and both programs, by reference only."""
    notices.notify(
        NoticeKind.REQUEST_HANDED_ON, case=request.case, agency=request.requesting_agency,
        capability=Capability.SEND_REQUESTS, request=handed,
    )  # fmt: skip
    notices.tell_the_program(NoticeKind.REQUEST_HANDED_ON, request=request)
    if not is_new:  # a new one told who is on duty when it was sent
        notices.tell_the_program(NoticeKind.REQUEST_RECEIVED, request=handed)


@dataclass(frozen=True)
class Before:
    """What went on at the program that handed a request on: its rounds, notes and answers to its own criteria."""

    request: ExtensionRequest
    rounds: list[Any]
    notes: list[Any]
    answers: list[Any]


def handed_before(request: ExtensionRequest) -> list[Before]:
    """Return what came with a request that was handed on, the latest program first.

    The programs before are not the reader's own, and their requests have no page for them; what they handed on is
    given with the request, because the decision rests on it.
    """
    found: list[Before] = []
    seen, level = {request.pk}, [request.pk]
    while level:
        rows = (
            ExtensionRequest.objects.filter(handed_to__in=level)
            .exclude(pk__in=seen)
            .select_related("program", "acknowledged_by", "assessment__criteria__program")
            .prefetch_related("rounds__asked_by", "rounds__answered_by", "notes__written_by", "assessment__answers")
            .order_by("-created_at")
        )
        level = [row.pk for row in rows]
        seen |= set(level)
        found += [
            Before(
                row, list(row.rounds.all()), list(row.notes.all()),
                list(row.assessment.answers.all()) if row.assessment else [],
            )
            for row in rows
        ]  # fmt: skip
    return found


def open_question(request: ExtensionRequest) -> dict[str, Any]:
    """Return the question that was open when the request was handed on, to be asked again without typing."""
    for before in handed_before(request) if request.rounds.count() == 0 else []:
        for item in before.rounds:
            if item.answered_at is None:
                return {"questions": item.questions, "text": item.text}
    return {}
