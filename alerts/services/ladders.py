"""The ladder of an unacknowledged request: on-duty officers, the whole desk, supervisors, hub and asking side (U39).

Its timers are rows (ADR 74): they are written in the transaction that sends, and climbed by the relay, each in the
transaction that writes its notices. What was restarted in between finds them as they were.
"""

from __future__ import annotations

import logging
import uuid
from collections.abc import Callable, Iterable
from datetime import timedelta

from django.db import transaction
from django.utils import timezone

from agencies import access, audit
from agencies.choices import SEED_MINUTES, Capability, LadderStep
from agencies.models import Agency, AlertProgram, ProgramLadder, User
from agencies.on_duty import duty_of
from agencies.program_agencies import agencies_of
from agencies.routing import national_hub
from alerts import delivery, permissions, tasks
from alerts.choices import NoticeKind
from alerts.models import ExtensionRequest, LadderRung, Notice, ShiftNote
from alerts.services import notices, shifts
from cases.access import agencies_on
from cases.workflow import note

logger = logging.getLogger(__name__)
MOST_AT_ONCE = 100


def begin(request: ExtensionRequest) -> None:
    """Tell who is on duty that a request has arrived, and write the rungs that follow; in the sender's transaction.

    Where nobody is on duty the whole desk is told at once, and the last rung is taken in parallel: the hub hears the
    number, and the asking side gets numbers and a script for the telephone. A program that has nobody in the portal
    has no ladder: the asking side was told to telephone before it sent.
    """
    if not permissions.has_people(request.program):
        notices.tell_the_program(NoticeKind.REQUEST_RECEIVED, request=request)
        return
    now, minutes = timezone.now(), minutes_of(request.program)
    on_duty = _on_duty(request)
    early = {LadderStep.ON_DUTY} if on_duty else {LadderStep.ON_DUTY, LadderStep.DESK, LadderStep.TOP}
    rungs = [
        LadderRung(
            case=request.case, request=request, step=step, is_early=step in early and step != LadderStep.ON_DUTY,
            due_at=now if step in early else now + timedelta(minutes=minutes[step]),
        )
        for step in LadderStep
    ]  # fmt: skip
    LadderRung.objects.bulk_create(rungs)
    for rung in rungs:
        if rung.step == LadderStep.ON_DUTY:
            _close(rung, _tell(NoticeKind.REQUEST_RECEIVED, request, on_duty))
        elif rung.is_early:
            _climb(rung)


def minutes_of(program: AlertProgram) -> dict[str, int]:
    """Return after how many minutes each step of a program's ladder is taken: its own rows, else the seed (U39)."""
    own = ProgramLadder.objects.filter(program=program).values_list("step", "minutes")
    return {**SEED_MINUTES, **dict(own)}


def climb_due() -> int:
    """Take every rung that is due; return how many. Each is a transaction of its own: one fault stops no other.

    A rung is taken once: its row is locked and looked at again, and a request that was acknowledged meanwhile climbs
    no further. What became due while nothing ran is taken in its order when the relay runs again.
    """
    climbed = 0
    for pk in list(LadderRung.objects.due().values_list("pk", flat=True)[:MOST_AT_ONCE]):  # type: ignore[attr-defined]
        try:
            climbed += _climb_one(pk)
        except Exception:
            logger.exception("rung %s of a ladder was not taken", pk)
    return climbed


@transaction.atomic
def _climb_one(pk: uuid.UUID) -> int:
    rung = (
        LadderRung.objects.due()  # type: ignore[attr-defined]
        .select_related("request__program__agency", "request__requesting_agency", "case__lead_agency")
        .select_for_update(of=("self", "request"), skip_locked=True, no_key=True)
        .filter(pk=pk)
        .first()
    )
    if rung is None:
        return 0
    _climb(rung)
    return 1


def _climb(rung: LadderRung) -> None:
    _TAKEN[rung.step](rung)


def _close(rung: LadderRung, told: int) -> None:
    """Write that a rung was taken, with timeline and audit; whom it told stands in the notices of this transaction."""
    rung.climbed_at, rung.told = timezone.now(), told
    rung.save(update_fields=["climbed_at", "told", "hub"])
    request = rung.request
    detail: dict[str, object] = {"step": rung.step, "told": told}
    if rung.step != LadderStep.ON_DUTY:
        note(request.case, f"request.ladder_{rung.step}", by=None, agency=request.requesting_agency, subject=request,
             detail=detail)  # fmt: skip
    audit.record("request.ladder", by=None, objects=[request], case_id=request.case_id, detail=detail)


def _take_desk(rung: LadderRung) -> None:
    request = rung.request
    kind = NoticeKind.REQUEST_RECEIVED if rung.is_early else NoticeKind.UNACKNOWLEDGED
    _close(rung, _tell(kind, request, _people(request, Capability.ANSWER_REQUESTS)))


def _take_supervisors(rung: LadderRung) -> None:
    request = rung.request
    agencies = list(Agency.objects.filter(pk__in=agencies_of(request.program).running))
    # Who has taken over the shift is told beside them: the ladder goes on with whoever has the desk now (U41).
    people = {user.pk: user for user in (*_each_once(agencies, Capability.SUPERVISE_PROGRAM), *_taken_over(request))}
    _close(rung, _tell(NoticeKind.UNACKNOWLEDGED, request, people.values()))


def _take_top(rung: LadderRung) -> None:
    """Let the hub of the country hear the number, and give the asking side numbers and a script (U39)."""
    request = rung.request
    hub = national_hub(request.program.country)
    told = 0
    if hub is not None and hub.pk != request.program_id and not _asks_itself(hub, request):
        people = _each_once(
            list(Agency.objects.filter(pk__in=agencies_of(hub).running)), Capability.ANSWER_REQUESTS
        )  # fmt: skip
        found = _tell(NoticeKind.UNHEARD_TO_HUB, request, people, hub=hub)
        rung.hub, told = (hub if found else None), found
    asking = access.people_with(request.requesting_agency, Capability.SEND_REQUESTS)
    told += _tell(NoticeKind.CALL_PROGRAM, request, asking)
    if not told:
        logger.error("request %s climbed to the top of its ladder and nobody could be told", request.pk)
    _close(rung, told)


_TAKEN: dict[str, Callable[[LadderRung], None]] = {
    LadderStep.DESK: _take_desk,
    LadderStep.SUPERVISOR: _take_supervisors,
    LadderStep.TOP: _take_top,
}


def _asks_itself(hub: AlertProgram, request: ExtensionRequest) -> bool:
    return request.requesting_agency_id in agencies_of(hub).running


def _on_duty(request: ExtensionRequest) -> list[User]:
    """Return who is on duty at the desks that were asked: of one without a roster everybody who may answer (U39)."""
    agencies = _desks(request)
    charge = shifts.in_charge(duty_of(agency.pk for agency in agencies))
    people: dict[object, User] = {}
    for agency in agencies:
        rows = charge.get(agency.pk)  # none is kept for a desk without a roster
        people.update(
            (user.pk, user)
            for user in (access.people_with(agency, Capability.ANSWER_REQUESTS) if rows is None else rows)
        )
    return list(people.values())


def _taken_over(request: ExtensionRequest) -> list[User]:
    """Return who has accepted the last handoff of each desk that was asked, while they may still answer there."""
    agencies = _desks(request)
    notes = ShiftNote.objects.begun().filter(agency__in=agencies, agency__keeps_roster=True)  # type: ignore[attr-defined]
    newest = notes.order_by("agency_id", "-ends_at").distinct("agency_id")
    accepted = {note.accepted_by_id for note in newest}
    return [user for user in _each_once(agencies, Capability.ANSWER_REQUESTS) if user.pk in accepted]


def _people(request: ExtensionRequest, capability: str) -> list[User]:
    return _each_once(_desks(request), capability)


def _desks(request: ExtensionRequest) -> list[Agency]:
    """Return the agencies that run the program and are on the case: those which may read the request."""
    running = agencies_of(request.program).running
    return list(Agency.objects.filter(pk__in=running & agencies_on(request.case) or running))


def _each_once(agencies: Iterable[Agency], capability: str) -> list[User]:
    return list({user.pk: user for agency in agencies for user in access.people_with(agency, capability)}.values())


def _tell(kind: str, request: ExtensionRequest, people: Iterable[User], hub: AlertProgram | None = None) -> int:
    """Queue one notice to these people in the caller's transaction, mail after commit; return how many are told."""
    notice = Notice.objects.create(kind=kind, case=request.case, request=request, hub=hub)
    told = delivery.queue_notice(notice, people)
    tasks.wake(tasks.notify)
    return told
