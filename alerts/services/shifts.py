"""Handing over between shifts: notes made before a shift ends, accepted by who comes, or told to supervisors (U41)."""

from __future__ import annotations

import logging
import uuid
from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from agencies import access, audit
from agencies.choices import Capability
from agencies.models import Agency, AlertProgram, User
from agencies.on_duty import Change, OnDuty, changes_of_shift
from agencies.refusals import ActRefused, NotPermitted
from alerts import delivery, permissions, tasks
from alerts.choices import NoticeKind, RequestStatus
from alerts.models import ExtensionRequest, Notice, ShiftNote, ShiftPromise
from alerts.services.writing import written_language
from alerts.shift_content import Scope, ids_of, promises_of, sections_of
from cases.models import Case

logger = logging.getLogger(__name__)
PREPARED_BEFORE = timedelta(minutes=30)
LOOKED_BACK = timedelta(hours=1)  # what ended while no relay ran is prepared late rather than never
USUAL_SHIFT = timedelta(hours=12)  # where the roster does not say how long the next one lasts
MOST_AT_ONCE = 100


@transaction.atomic
def prepare_due() -> int:
    """Make the notes of the shifts that end within half an hour, and tell who comes; return how many were made.

    A note whose end has left the roster is dropped, one that came back counts again. Rows are unique by desk and end,
    so that two relays never make the same one.
    """
    now = timezone.now()
    changes = {(item.agency_id, item.at): item for item in changes_of_shift(now - LOOKED_BACK, now + PREPARED_BEFORE)}
    known = {
        (note.agency_id, note.ends_at): note
        for note in ShiftNote.objects.select_for_update(skip_locked=True).filter(
            ends_at__gt=now - LOOKED_BACK, ends_at__lte=now + PREPARED_BEFORE, accepted_at__isnull=True
        )
    }
    accepted = ShiftNote.objects.filter(ends_at__gt=now - LOOKED_BACK, accepted_at__isnull=False)
    done = set(accepted.values_list("agency_id", "ends_at"))
    for key, note in known.items():
        if note.ends_at > now:
            _follow_roster(note, changes.get(key), now)
    made = sum(_prepare(change) for key, change in changes.items() if key not in known and key not in done)
    if made:
        tasks.wake(tasks.notify)
    return made


def _follow_roster(note: ShiftNote, change: Change | None, now: datetime) -> None:
    if change is None:
        if note.dropped_at is None:
            note.dropped_at = now
            note.save(update_fields=["dropped_at"])
        return
    leaving, coming = list(change.leaving), list(change.coming)
    if note.dropped_at is None and (note.leaving, note.coming) == (leaving, coming):
        return
    fresh = set(coming) - set(note.coming)
    note.leaving, note.coming, note.dropped_at = leaving, coming, None
    note.save(update_fields=["leaving", "coming", "dropped_at"])
    _tell_who_comes(note, fresh)


def _prepare(change: Change) -> bool:
    note, is_new = ShiftNote.objects.get_or_create(
        agency_id=change.agency_id,
        ends_at=change.at,
        defaults={"leaving": list(change.leaving), "coming": list(change.coming)},
    )
    if is_new:
        _tell_who_comes(note, change.coming)
    return is_new


def _tell_who_comes(note: ShiftNote, people: Iterable[uuid.UUID]) -> None:
    found = list(User.objects.filter(pk__in=list(people), is_active=True).order_by("pk"))
    if found:
        delivery.queue_notice(Notice.objects.create(kind=NoticeKind.SHIFT_PREPARED, shift=note), found)
        tasks.wake(tasks.notify)


@transaction.atomic
def tell_unaccepted() -> int:
    """Tell the supervisors of each desk whose shift has ended and whose note nobody accepted, once; return how many.

    A desk without a supervisor has everybody who may answer its requests told. A desk that no longer goes by its
    roster has nothing to hand over.
    """
    rows = list(
        ShiftNote.objects.open()  # type: ignore[attr-defined]
        .filter(ends_at__lte=timezone.now(), alarmed_at__isnull=True)
        .select_related("agency")
        .select_for_update(of=("self",), skip_locked=True)
        .order_by("ends_at")[:MOST_AT_ONCE]
    )
    told = sum(_alarm(note) for note in rows)
    if told:
        tasks.wake(tasks.notify)
    return told


def _alarm(note: ShiftNote) -> bool:
    people = list(access.people_with(note.agency, Capability.SUPERVISE_PROGRAM)) or list(
        access.people_with(note.agency, Capability.ANSWER_REQUESTS)
    )
    note.alarmed_at = timezone.now()
    note.save(update_fields=["alarmed_at"])
    audit.record("shift_note.unaccepted", by=None, objects=[note], detail={"told": len(people)})
    if not people:
        logger.error("shift note %s: nobody has accepted and there is nobody to be told", note.pk)
        return False
    delivery.queue_notice(Notice.objects.create(kind=NoticeKind.SHIFT_UNACCEPTED, shift=note), people)
    return True


@transaction.atomic
def accept(*, note: ShiftNote, by: User) -> ShiftNote:
    """Take over from a shift: the ids of what this person has before them are kept, ladders address them from now on.

    Of every request to the desk that still waits to be acknowledged they are told now. Refuses everybody but who comes
    by the roster, who stands in where nobody does, and supervisors once the shift has ended; a note that somebody else
    accepted, whose end has left the roster, or that a later one stands for. Sent twice by the same person it is done
    once.
    """
    note = ShiftNote.objects.select_for_update(of=("self",), no_key=True).select_related("agency").get(pk=note.pk)
    if note.accepted_by_id == by.pk:
        return note
    if not permissions.can_accept_shift(by, note):
        raise NotPermitted
    if note.accepted_at is not None:
        raise ActRefused(_("Somebody else has accepted this handoff."))
    if not ShiftNote.objects.waiting().filter(pk=note.pk).exists():  # type: ignore[attr-defined]
        raise ActRefused(_("This handoff is no longer awaited: the roster was changed, or there is a later one."))
    note.handed = handed_now(note, by)
    note.accepted_at, note.accepted_by = timezone.now(), by
    note.save(update_fields=["handed", "accepted_at", "accepted_by"])
    moved = _move_ladders(note, by)
    audit.record("shift_note.accepted", by=by, objects=[note], detail={"requests": moved})
    return note


def handed_now(note: ShiftNote, by: User) -> dict[str, list[str]]:
    """Return the ids of what this reader would be handed at this moment, by section."""
    scope = Scope(by, note.agency_id, next_end(note))
    promises = [str(item.pk) for item in promises_of(by, note.agency_id)]
    return {**ids_of(sections_of(scope)), "promises": promises}


def next_end(note: ShiftNote) -> datetime:
    """Return until when the shift lasts that begins: twelve hours where the roster names no end within a day."""
    later = [item.at for item in changes_of_shift(note.ends_at, note.ends_at + 2 * USUAL_SHIFT)
             if item.agency_id == note.agency_id]  # fmt: skip
    return min(later, default=note.ends_at + USUAL_SHIFT)


def _move_ladders(note: ShiftNote, by: User) -> int:
    """Tell who takes over of every request to the desk whose ladder still climbs; return of how many."""
    waiting = ExtensionRequest.objects.visible_to(by).filter(  # type: ignore[attr-defined]
        program__in=AlertProgram.objects.run_by([note.agency_id]),
        status=RequestStatus.SENT,
        pk__in=ExtensionRequest.objects.filter(rungs__climbed_at__isnull=True, rungs__isnull=False).values("pk"),
    )
    moved = 0
    for request in waiting.select_related("case").order_by("sent_at"):
        notice = Notice.objects.create(kind=NoticeKind.UNACKNOWLEDGED, case=request.case, request=request)
        moved += bool(delivery.queue_notice(notice, [by]))
    if moved:
        tasks.wake(tasks.notify)
    return moved


def in_charge(duty: Mapping[int, OnDuty]) -> dict[int, list[User]]:
    """Return whom a ladder addresses at desks that go by a roster: who is on duty, as far as shifts were handed over.

    Whoever has accepted is addressed from that moment on, before the hour in place of those who leave. While nobody
    has, those who leave are addressed beside those who come (U41).
    """
    found = {agency_id: {person.pk for person in item.people} for agency_id, item in duty.items() if item.has_roster}
    now = timezone.now()
    notes = ShiftNote.objects.begun().filter(agency__in=found)  # type: ignore[attr-defined]
    for note in notes.order_by("agency_id", "-ends_at").distinct("agency_id") if found else ():
        people = found[note.agency_id]
        if note.accepted_by_id is None:
            people |= set(note.leaving)
        else:
            people |= {note.accepted_by_id}
            people -= set(note.leaving) - {note.accepted_by_id} if note.ends_at > now else set()
    return {agency_id: _able(agency_id, ids) for agency_id, ids in found.items()}


def _able(agency_id: int, ids: set[uuid.UUID]) -> list[User]:
    if not ids:
        return []
    return list(access.people_with(Agency(pk=agency_id), Capability.ANSWER_REQUESTS).filter(pk__in=ids).order_by("pk"))


@transaction.atomic
def promise(
    *, agency: Agency, words: str, by: User, case: Case | None = None, due_at: datetime | None = None
) -> ShiftPromise:
    """Write down what was promised by telephone; it stands in every handoff of the desk until it is settled.

    Refuses everybody but who may answer requests for the agency, a case that this person does not see, and no words.
    """
    if not permissions.can_read_shifts(by, agency.pk):
        raise NotPermitted
    if case is not None and not Case.objects.visible_to(by).filter(pk=case.pk).exists():  # type: ignore[attr-defined]
        raise NotPermitted
    if not words.strip():
        raise ActRefused(_("Enter the commitment."))
    made = ShiftPromise.objects.create(
        agency=agency, case=case, words=words.strip(), words_language=written_language(words), due_at=due_at,
        written_by=by,
    )  # fmt: skip
    audit.record("shift_promise.written", by=by, objects=[made])
    return made


@transaction.atomic
def settle(*, promise: ShiftPromise, by: User) -> ShiftPromise:
    """Note that a promise was kept or has no object any more; done twice it is settled once."""
    row = ShiftPromise.objects.select_for_update(of=("self",), no_key=True).get(pk=promise.pk)
    if not permissions.can_read_shifts(by, row.agency_id):
        raise NotPermitted
    if row.settled_at is None:
        row.settled_at, row.settled_by = timezone.now(), by
        row.save(update_fields=["settled_at", "settled_by"])
        audit.record("shift_promise.settled", by=by, objects=[row])
    return row
