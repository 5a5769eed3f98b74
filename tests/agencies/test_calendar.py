"""A person's shifts for a calendar program: an address that can be renewed and revoked, nothing of any case."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from agencies.calendar_tokens import token_for
from agencies.duty_roster import make_calendar_link, override_shift, plan_shifts, revoke_calendar_link
from agencies.models import Agency, AuditEvent, CalendarLink

pytestmark = pytest.mark.django_db


def address(link: CalendarLink) -> str:
    return reverse("agencies:calendar", args=[token_for(link.pk, link.serial)])


def unfolded(text: str) -> list[str]:
    assert all(len(line.encode()) <= 75 for line in text.split("\r\n"))
    return text.replace("\r\n ", "").split("\r\n")


@pytest.fixture
def shift(baja_coordinator: Any, baja_approver: Any) -> Any:
    """A shift of the approver in Baja California in June 2027."""
    [made] = plan_shifts(
        agency=Agency.objects.get(code="mx-bcn-amber"), person=baja_approver, by=baja_coordinator,
        starts_at=datetime(2027, 6, 1, 5, tzinfo=UTC), ends_at=datetime(2027, 6, 1, 13, tzinfo=UTC),
    )  # fmt: skip
    return made


def test_calendar_holds_the_persons_own_shifts_in_their_language(shift: Any, baja_approver: Any) -> None:
    link = make_calendar_link(person=baja_approver)
    answer = Client().get(address(link))
    assert (answer.status_code, answer["Content-Type"]) == (200, "text/calendar; charset=utf-8")
    assert answer["Cache-Control"] == "private, no-store"
    lines = unfolded(answer.content.decode())
    assert lines[0] == "BEGIN:VCALENDAR"
    assert lines[-2:] == ["END:VCALENDAR", ""]
    hours = [line for line in lines if line.startswith(("DTSTART", "DTEND"))]
    assert hours == ["DTSTART:20270601T050000Z", "DTEND:20270601T130000Z"]
    [summary] = [line for line in lines if line.startswith("SUMMARY:")]
    assert summary == f"SUMMARY:Turno: {shift.agency.name_es}".replace(",", "\\,")
    again = unfolded(Client().get(address(link)).content.decode())
    assert [line for line in again if line.startswith("UID:")] == [line for line in lines if line.startswith("UID:")]


def test_who_stands_in_has_the_hours_and_who_is_away_has_not(
    shift: Any, baja_approver: Any, baja_coordinator: Any
) -> None:
    override_shift(
        shift=shift, kind="swap", starts_at=shift.starts_at, ends_at=shift.starts_at + timedelta(hours=2),
        by=baja_coordinator, replacement=baja_coordinator,
    )  # fmt: skip
    for person, start in ((baja_approver, "DTSTART:20270601T070000Z"), (baja_coordinator, "DTSTART:20270601T050000Z")):
        lines = unfolded(Client().get(address(make_calendar_link(person=person))).content.decode())
        assert [line for line in lines if line.startswith("DTSTART")] == [start]


def test_renewed_and_revoked_addresses_find_nothing(shift: Any, baja_approver: Any) -> None:
    first = address(make_calendar_link(person=baja_approver))
    second = address(make_calendar_link(person=baja_approver))
    assert first != second
    assert [Client().get(item).status_code for item in (first, second)] == [404, 200]
    revoke_calendar_link(person=baja_approver)
    assert Client().get(second).status_code == 404
    third = address(make_calendar_link(person=baja_approver))
    assert third not in (first, second)
    assert [Client().get(item).status_code for item in (first, second, third)] == [404, 404, 200]
    actions = AuditEvent.objects.filter(action__startswith="calendar.").values_list("action", flat=True)
    assert sorted(actions) == ["calendar.made"] * 3 + ["calendar.revoked"]


def test_address_of_a_suspended_person_and_forged_ones_find_nothing(baja_approver: Any, baja_coordinator: Any) -> None:
    link, other = make_calendar_link(person=baja_approver), make_calendar_link(person=baja_coordinator)
    real = token_for(link.pk, link.serial)
    mixed = real[:21] + token_for(other.pk, other.serial)[21:]
    for forged in (mixed, real[:-2] + "AA", real + "A", "x", "é" * 43, "A" * 43, real.lower()):
        assert Client().get(reverse("agencies:calendar", args=[forged])).status_code == 404
    assert Client().post(address(link)).status_code == 405
    baja_approver.is_active = False
    baja_approver.save(update_fields=["is_active"])
    assert Client().get(address(link)).status_code == 404


def test_person_makes_renews_and_revokes_the_address_on_the_page(baja_coordinator: Any) -> None:
    client = Client()
    client.force_login(baja_coordinator)
    act = reverse("agencies:calendar-address")
    assert client.get(reverse("agencies:roster")).context["calendar_url"] == ""
    for _send in range(2):
        assert client.post(act, {"nonce": "a" * 22, "act": "make"}).status_code == 302
    link = CalendarLink.objects.get(person=baja_coordinator)
    assert (link.serial, address(link) in client.get(reverse("agencies:roster")).text) == (1, True)
    client.post(act, {"nonce": "b" * 22, "act": "make"})
    link.refresh_from_db()
    assert link.serial == 2
    client.post(act, {"nonce": "c" * 22, "act": "revoke"})
    assert Client().get(address(link)).status_code == 404
    assert address(link) not in client.get(reverse("agencies:roster")).text


def test_old_shifts_are_left_out(shift: Any, baja_approver: Any) -> None:
    then = timezone.now() - timedelta(days=40)
    type(shift).objects.filter(pk=shift.pk).update(starts_at=then, ends_at=then + timedelta(hours=8))
    text = Client().get(address(make_calendar_link(person=baja_approver))).content.decode()
    assert "BEGIN:VEVENT" not in text
