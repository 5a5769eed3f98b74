"""One shift hands over to the next: the note is made in time, accepted once, ladders follow, silence is told (U41)."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from agencies.duty_roster import go_by_roster, plan_shifts, remove_shift
from agencies.models import Agency, Membership
from agencies.refusals import ActRefused, NotPermitted
from alerts import delivery, permissions
from alerts.desk_items import shifts_to_accept
from alerts.management.commands import relay
from alerts.models import Delivery, LadderRung, ShiftNote
from alerts.services import issuing, ladders, shifts
from alerts.shift_content import Scope, ids_of, sections_of
from cases.services.seals import seal_case
from tests.alerts.test_ladders import BAJA, send, told_of

pytestmark = pytest.mark.django_db
MINUTE = timedelta(minutes=1)


@pytest.fixture
def guards(make_user: Any, baja_coordinator: Any) -> tuple[Any, Any]:
    """Two duty officers of Baja California: the first leaves in 20 minutes, the second comes for eight hours."""
    made = tuple(
        make_user(f"{name}@baja.example", BAJA, "duty_officer", "es") for name in ("dario.guardia", "nina.relevo")
    )
    Membership.objects.filter(agency__code=BAJA).update(valid_from=timezone.now() - timedelta(days=1))
    agency, now = Agency.objects.get(code=BAJA), timezone.now()
    end = now + 20 * MINUTE
    for person, since, until in ((made[0], now - 60 * MINUTE, end), (made[1], end, end + 480 * MINUTE)):
        plan_shifts(agency=agency, person=person, starts_at=since, ends_at=until, by=baja_coordinator)
    go_by_roster(agency=agency, by=baja_coordinator)
    return made  # type: ignore[return-value]


@pytest.fixture
def note(guards: Any) -> ShiftNote:
    """The note of the shift that ends."""
    assert shifts.prepare_due() == 1
    return ShiftNote.objects.get()


def end(note: ShiftNote) -> ShiftNote:
    """Let the shift have ended five minutes ago: roster and note move back together."""
    for shift in note.agency.shifts.all():
        shift.starts_at, shift.ends_at = shift.starts_at - 25 * MINUTE, shift.ends_at - 25 * MINUTE
        shift.save()
    note.ends_at -= 25 * MINUTE
    note.save(update_fields=["ends_at"])
    return note


def test_note_is_made_once_before_the_end_and_who_comes_is_told(note: ShiftNote, guards: Any) -> None:
    assert (note.leaving, note.coming) == ([guards[0].pk], [guards[1].pk])
    assert told_of("shift_prepared") == {guards[1].email}
    assert shifts.prepare_due() == 0
    assert {shifts.prepare_due, shifts.tell_unaccepted} <= set(relay.PERIODIC)


def test_nothing_is_made_earlier_nor_without_a_roster(guards: Any) -> None:
    Agency.objects.filter(code=BAJA).update(keeps_roster=False)
    assert shifts.prepare_due() == 0
    Agency.objects.filter(code=BAJA).update(keeps_roster=True)
    for shift in Agency.objects.get(code=BAJA).shifts.order_by("-starts_at"):
        shift.ends_at += 30 * MINUTE
        shift.save()
    assert shifts.prepare_due() == 0


def test_whoever_goes_on_hands_over_to_nobody(guards: Any, baja_coordinator: Any) -> None:
    agency, last = Agency.objects.get(code=BAJA), Agency.objects.get(code=BAJA).shifts.order_by("-starts_at").first()
    plan_shifts(agency=agency, person=guards[0], starts_at=last.starts_at, ends_at=last.ends_at, by=baja_coordinator)
    assert shifts.prepare_due() == 0


def test_shift_off_the_roster_drops_its_note_and_brings_it_back(note: ShiftNote, baja_coordinator: Any) -> None:
    first = note.agency.shifts.order_by("starts_at").first()
    remove_shift(shift=first, by=baja_coordinator)
    shifts.prepare_due()
    note.refresh_from_db()
    assert (note.dropped_at is None, note.is_open) == (False, False)
    type(first).objects.filter(pk=first.pk).update(removed_at=None, removed_by=None)
    shifts.prepare_due()
    note.refresh_from_db()
    assert note.is_open


def test_who_comes_accepts_once_and_nobody_else_before_the_end(
    note: ShiftNote, guards: Any, baja_coordinator: Any, quebec_coordinator: Any
) -> None:
    for other in (guards[0], baja_coordinator, quebec_coordinator):
        with pytest.raises(NotPermitted):
            shifts.accept(note=note, by=other)
        assert list(shifts_to_accept(other)) == []
    assert [item.reference for item in shifts_to_accept(guards[1])] == [str(note.agency)]
    first = shifts.accept(note=note, by=guards[1])
    again = shifts.accept(note=note, by=guards[1])
    assert again.accepted_at == first.accepted_at
    assert list(shifts_to_accept(guards[1])) == []
    assert shifts.prepare_due() == 0


def test_silence_is_told_to_the_supervisors_once_and_they_may_take_over(
    note: ShiftNote, guards: Any, baja_coordinator: Any
) -> None:
    assert shifts.tell_unaccepted() == 0
    end(note)
    assert shifts.tell_unaccepted() == 1
    assert shifts.tell_unaccepted() == 0
    assert told_of("shift_unaccepted") == {baja_coordinator.email}
    assert [item.is_late for item in shifts_to_accept(baja_coordinator)] == [True]
    shifts.accept(note=note, by=baja_coordinator)
    with pytest.raises(ActRefused) as refused:
        shifts.accept(note=note, by=guards[1])
    assert "Somebody else" in str(refused.value.message)


def test_accepted_in_time_alarms_nobody(note: ShiftNote, guards: Any) -> None:
    shifts.accept(note=note, by=guards[1])
    end(note)
    assert shifts.tell_unaccepted() == 0
    assert told_of("shift_unaccepted") == set()


def test_where_nobody_comes_a_colleague_may_accept(guards: Any, baja_coordinator: Any) -> None:
    remove_shift(shift=Agency.objects.get(code=BAJA).shifts.order_by("-starts_at").first(), by=baja_coordinator)
    shifts.prepare_due()
    note = ShiftNote.objects.get()
    assert note.coming == []
    assert permissions.can_accept_shift(baja_coordinator, note)
    assert not permissions.can_accept_shift(guards[0], note)


def test_later_note_stands_for_an_earlier_one(note: ShiftNote, guards: Any) -> None:
    end(note)
    ShiftNote.objects.create(agency=note.agency, ends_at=note.ends_at + MINUTE, leaving=[], coming=[guards[1].pk])
    with pytest.raises(ActRefused) as refused:
        shifts.accept(note=note, by=guards[1])
    assert "there is a later one" in str(refused.value.message)


def test_acceptance_moves_waiting_ladders_and_those_of_new_requests(
    note: ShiftNote, guards: Any, active_case: Any, california_officer: Any, baja_coordinator: Any
) -> None:
    request = send(active_case, california_officer)
    assert told_of("request_received") == {guards[0].email}
    shifts.accept(note=note, by=guards[1])
    assert told_of("unacknowledged") == {guards[1].email}, "told at once of what still waits"
    before = set(Delivery.objects.values_list("pk", flat=True))
    LadderRung.objects.filter(request=request, step="supervisor").update(due_at=timezone.now())
    ladders.climb_due()
    told = Delivery.objects.exclude(pk__in=before).values_list("address", flat=True)
    assert set(told) == {baja_coordinator.email, guards[1].email}


def test_before_the_hour_the_new_officer_is_addressed_after_it_unaccepted_both(
    note: ShiftNote, guards: Any, active_case: Any, california_officer: Any
) -> None:
    end(note)
    send(active_case, california_officer)
    assert told_of("request_received") == {guards[0].email, guards[1].email}


def test_accepted_early_the_one_who_leaves_is_addressed_no_more(
    note: ShiftNote, guards: Any, active_case: Any, california_officer: Any
) -> None:
    shifts.accept(note=note, by=guards[1])
    send(active_case, california_officer)
    assert told_of("request_received") == {guards[1].email}


def test_note_keeps_ids_and_no_words(
    note: ShiftNote, guards: Any, active_case: Any, california_officer: Any
) -> None:  # fmt: skip
    request = send(active_case, california_officer)
    promise = shifts.promise(agency=note.agency, words="Llamar a las 03:00", by=guards[0], case=active_case)
    shifts.accept(note=note, by=guards[1])
    note.refresh_from_db()
    assert note.handed["requests"] == [str(request.pk)]
    assert note.handed["promises"] == [str(promise.pk)]
    assert {key for key, ids in note.handed.items() if ids} == {"requests", "promises"}


def test_sections_hold_what_is_open_at_this_desk(
    note: ShiftNote, guards: Any, active_alert: Any, baja_coordinator: Any
) -> None:
    def found(hours: int) -> dict[str, int]:
        sections = sections_of(Scope(guards[1], note.agency_id, timezone.now() + timedelta(hours=hours)))
        return {key: len(ids) for key, ids in ids_of(sections).items() if ids}

    assert found(1) == {}
    assert found(24 * 30) == {"expiring": 1}
    Delivery.objects.update(attempts=1)
    issuing.cancel(alert=active_alert, by=baja_coordinator, reason="found")
    assert found(1) == {"unconfirmed": 1, "confirmations": 1}


def test_sealed_case_and_its_promise_are_seen_by_named_readers_alone(
    note: ShiftNote,
    guards: Any,
    active_case: Any,
    california_officer: Any,
    california_coordinator: Any,
    baja_coordinator: Any,
) -> None:
    send(active_case, california_officer)
    shifts.promise(agency=note.agency, words="Llamar a las 03:00", by=guards[0], case=active_case)
    seal_case(
        case=active_case,
        by=california_coordinator,
        reason="integrity",
        readers=[california_coordinator, baja_coordinator],
    )
    for person in guards:
        sections = sections_of(Scope(type(person).objects.get(pk=person.pk), note.agency_id, timezone.now()))
        assert [section.key for section in sections if section.rows] == []
        assert list(shifts.promises_of(person, note.agency_id)) == []


def test_promise_is_refused_for_a_foreign_desk_and_a_foreign_case(
    note: ShiftNote, guards: Any, active_case: Any, quebec_coordinator: Any
) -> None:
    with pytest.raises(NotPermitted):
        shifts.promise(agency=note.agency, words="Call", by=quebec_coordinator)
    with pytest.raises(NotPermitted):
        shifts.promise(agency=note.agency, words="Call", by=guards[0], case=active_case)  # not shared with the desk
    with pytest.raises(ActRefused):
        shifts.promise(agency=note.agency, words="  ", by=guards[0])


def test_promise_is_settled_once(note: ShiftNote, guards: Any) -> None:
    made = shifts.promise(agency=note.agency, words="Call", by=guards[0])
    first = shifts.settle(promise=made, by=guards[1])
    assert shifts.settle(promise=made, by=guards[0]).settled_by == first.settled_by == guards[1]
    assert list(shifts.promises_of(guards[0], note.agency_id)) == []


def test_whoever_lost_the_role_hears_no_more(note: ShiftNote, guards: Any, mailoutbox: Any) -> None:
    Membership.objects.filter(user=guards[1]).update(valid_until=timezone.now())
    delivery.send_due()
    assert [mail.to for mail in mailoutbox] == []
    assert Delivery.objects.get(notice__kind="shift_prepared").state == "suppressed"


def test_mails_name_the_desk_and_the_hour_and_nobody(note: ShiftNote, guards: Any, mailoutbox: Any) -> None:
    end(note)
    shifts.tell_unaccepted()
    while delivery.send_due():
        pass
    assert len(mailoutbox) == 2
    for mail in mailoutbox:
        assert "Baja California" in mail.subject and note.url in mail.body
        assert guards[0].full_name not in mail.body and guards[1].full_name not in mail.body
