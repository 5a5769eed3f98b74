"""A request nobody acknowledges climbs its ladder: each step once, whatever is restarted in between (U37, U39)."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from agencies import audit, scope
from agencies.choices import AuditChannel, LadderStep
from agencies.duty_roster import go_by_roster, plan_shifts, remove_shift
from agencies.models import Agency, AlertProgram, Membership, ProgramLadder
from alerts import delivery
from alerts.management.commands import relay
from alerts.models import Delivery, Duty, ExtensionRequest, LadderRung, Notice
from alerts.services import ladders, overdue, requests

pytestmark = pytest.mark.django_db
BAJA = "mx-bcn-amber"


@pytest.fixture
def guard(make_user: Any) -> Any:
    """A duty officer in Baja California."""
    return make_user("dario.guardia@baja.example", BAJA, "duty_officer", "es")


@pytest.fixture
def hub_officer(make_user: Any) -> Any:
    """An officer of Mexico's national hub."""
    hub = AlertProgram.objects.get(country="MX", is_hub=True, is_active=True)
    return make_user("nora.enlace@fgr.example", hub.agency.code, "duty_officer", "es")


def send(case: Any, by: Any) -> ExtensionRequest:
    return requests.send_request(case=case, program=AlertProgram.objects.get(code="mx-bcn"), by=by)


def pass_minutes(minutes: float) -> None:
    """Let so much time pass for every rung."""
    for rung in LadderRung.objects.all():
        rung.due_at -= timedelta(minutes=minutes)
        rung.save(update_fields=["due_at"])


def told_of(kind: str) -> set[str]:
    return set(Delivery.objects.filter(notice__kind=kind).values_list("address", flat=True))


def climbed() -> list[str]:
    taken = set(LadderRung.objects.filter(climbed_at__isnull=False).values_list("step", flat=True))
    return [step for step in LadderStep.values if step in taken]


def on_roster(person: Any, by: Any) -> Any:
    agency, now = Agency.objects.get(code=BAJA), timezone.now()
    [shift] = plan_shifts(agency=agency, person=person, starts_at=now, ends_at=now + timedelta(hours=1), by=by)
    go_by_roster(agency=agency, by=by)
    return shift


def test_desk_without_roster_is_told_as_a_whole_and_the_ladder_waits(
    active_case: Any, california_officer: Any, baja_coordinator: Any, guard: Any
) -> None:
    request = send(active_case, california_officer)
    assert told_of("request_received") == {baja_coordinator.email, guard.email}
    after = {rung.step: round((rung.due_at - request.sent_at).total_seconds() / 60) for rung in request.rungs.all()}
    assert after == {"on_duty": 0, "desk": 5, "supervisor": 10, "top": 15}
    assert climbed() == ["on_duty"]
    assert ladders.climb_due() == 0


def test_steps_are_taken_in_order_each_with_its_people(
    active_case: Any, california_officer: Any, baja_coordinator: Any, guard: Any, hub_officer: Any
) -> None:
    on_roster(guard, baja_coordinator)
    request = send(active_case, california_officer)
    assert told_of("request_received") == {guard.email}, "who is on duty, nobody else"
    pass_minutes(5)
    assert ladders.climb_due() == 1
    assert told_of("unacknowledged") == {guard.email, baja_coordinator.email}
    pass_minutes(5)
    assert ladders.climb_due() == 1
    assert climbed() == ["on_duty", "desk", "supervisor"]
    assert Delivery.objects.filter(notice__kind="unacknowledged", address=baja_coordinator.email).count() == 2
    assert told_of("call_program") == set()
    pass_minutes(5)
    assert ladders.climb_due() == 1
    assert told_of("call_program") == {california_officer.email}
    assert told_of("unheard_to_hub") == {hub_officer.email}
    top = request.rungs.get(step="top")
    assert (top.told, top.hub.country, top.is_early) == (2, "MX", False)
    assert request.case.events.filter(kind__startswith="request.ladder_").count() == 3
    assert ladders.climb_due() == 0


def test_what_became_due_while_nothing_ran_is_taken_once_and_in_order(
    active_case: Any, california_officer: Any, baja_coordinator: Any
) -> None:
    send(active_case, california_officer)
    pass_minutes(60)
    assert ladders.climb_due() == 3
    assert climbed() == ["on_duty", "desk", "supervisor", "top"]
    taken = list(LadderRung.objects.order_by("due_at").values_list("climbed_at", flat=True))
    assert taken == sorted(taken)
    before = Notice.objects.count()
    assert ladders.climb_due() == 0
    assert Notice.objects.count() == before


def test_relay_takes_the_steps(active_case: Any, california_officer: Any, baja_coordinator: Any) -> None:
    send(active_case, california_officer)
    pass_minutes(60)
    assert ladders.climb_due in relay.PERIODIC
    with audit.coming_from(AuditChannel.TASK), scope.acting_for(()), scope.through_door("relay"):
        assert ladders.climb_due() == 3
    assert climbed() == ["on_duty", "desk", "supervisor", "top"]


@pytest.fixture
def broken_once(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Let the notices of one rung fail after they were written, once."""
    failed: list[str] = []
    close = ladders._close

    def fail_once(rung: Any, told: int) -> None:
        close(rung, told)
        if rung.step == "desk" and not failed:
            failed.append(rung.step)
            raise RuntimeError("killed here")

    monkeypatch.setattr(ladders, "_close", fail_once)
    return failed


def test_step_that_failed_leaves_nothing_behind_and_is_taken_next_time(
    active_case: Any, california_officer: Any, baja_coordinator: Any, broken_once: list[str]
) -> None:
    send(active_case, california_officer)
    pass_minutes(60)
    assert ladders.climb_due() == 2
    assert broken_once == ["desk"]
    assert climbed() == ["on_duty", "supervisor", "top"]
    assert Notice.objects.filter(kind="unacknowledged").count() == 1, "the supervisors' alone"
    assert ladders.climb_due() == 1
    assert Notice.objects.filter(kind="unacknowledged").count() == 2


def test_acknowledgement_stops_the_ladder(active_case: Any, california_officer: Any, baja_coordinator: Any) -> None:
    request = send(active_case, california_officer)
    pass_minutes(5)
    ladders.climb_due()
    requests.acknowledge(request=request, by=baja_coordinator)
    pass_minutes(60)
    assert ladders.climb_due() == 0
    assert climbed() == ["on_duty", "desk"]


def test_withdrawal_stops_the_ladder(active_case: Any, california_officer: Any, baja_coordinator: Any) -> None:
    request = send(active_case, california_officer)
    requests.withdraw(request=request, by=california_officer, reason="no_longer_needed")
    pass_minutes(60)
    assert ladders.climb_due() == 0


def test_nobody_on_duty_tells_the_desk_and_starts_at_the_hub_at_once(
    active_case: Any, california_officer: Any, baja_coordinator: Any, guard: Any, hub_officer: Any
) -> None:
    remove_shift(shift=on_roster(guard, baja_coordinator), by=baja_coordinator)
    request = send(active_case, california_officer)
    assert climbed() == ["on_duty", "desk", "top"]
    assert request.rungs.get(step="on_duty").told == 0
    assert told_of("request_received") == {guard.email, baja_coordinator.email}
    assert told_of("unheard_to_hub") == {hub_officer.email}
    assert told_of("call_program") == {california_officer.email}
    page = browser(california_officer).get(reverse("alerts:request-detail", args=[request.pk]))
    assert "Buenas" in page.context["call"].script.words or "Buen" in page.context["call"].script.words
    pass_minutes(60)
    assert ladders.climb_due() == 1
    assert climbed() == ["on_duty", "desk", "top", "supervisor"] or set(climbed()) == {
        "on_duty",
        "desk",
        "top",
        "supervisor",
    }


def test_program_without_people_has_no_ladder(active_case: Any, california_officer: Any) -> None:
    request = send(active_case, california_officer)
    assert not request.rungs.exists()


def test_minutes_are_the_programs_own_rows(active_case: Any, california_officer: Any, baja_coordinator: Any) -> None:
    program = AlertProgram.objects.get(code="mx-bcn")
    assert set(ProgramLadder.objects.filter(program=program).values_list("step", "minutes")) == {
        ("desk", 5), ("supervisor", 10), ("top", 15),
    }  # fmt: skip
    ProgramLadder.objects.filter(program=program, step="top").update(minutes=45)
    request = send(active_case, california_officer)
    assert round((request.rungs.get(step="top").due_at - request.sent_at).total_seconds() / 60) == 45
    ProgramLadder.objects.filter(program=program).delete()
    assert ladders.minutes_of(program) == {"desk": 5, "supervisor": 10, "top": 15}


def test_program_without_a_supervisor_says_that_nobody_was_told(
    active_case: Any, california_officer: Any, baja_coordinator: Any, guard: Any
) -> None:
    Membership.objects.filter(user=baja_coordinator).update(valid_until=timezone.now())
    send(active_case, california_officer)
    pass_minutes(10)
    assert ladders.climb_due() == 2
    assert LadderRung.objects.get(step="supervisor").told == 0


def test_mails_give_numbers_and_a_script_in_the_receivers_language_and_nothing_of_the_case(
    active_case: Any, california_officer: Any, baja_coordinator: Any, hub_officer: Any, mailoutbox: Any
) -> None:
    request = send(active_case, california_officer)
    pass_minutes(60)
    ladders.climb_due()
    while delivery.send_due():
        pass
    by_address = {mail.to[0]: mail for mail in mailoutbox}
    call = by_address[california_officer.email]
    assert request.program.agency.desk_phone.lstrip("+")[-4:] in call.body
    assert "Buen día. Llamo de parte de" in call.body, "Baja California's language, though the caller reads English"
    hub = by_address[hub_officer.email]
    assert request.number in hub.body
    assert "/desk/requests/" not in hub.body
    child = active_case.children.get()
    for mail in mailoutbox:
        assert child.given_names not in mail.body
        assert "7XYZ123" not in mail.body


def test_unanswered_term_reaches_supervisors_and_the_asking_side_once(
    active_alert: Any, california_officer: Any, baja_coordinator: Any, baja_approver: Any
) -> None:
    alert = active_alert
    due = {"program": alert.program, "case": alert.case, "alert": alert, "due_at": timezone.now()}
    Duty.objects.create(kind="decide_term", **due)
    Duty.objects.create(kind="confirm_cancellation", **due)
    assert overdue.tell_overdue() == 2
    assert told_of("duty_overdue") == {baja_coordinator.email, baja_approver.email}
    assert told_of("term_unanswered") == {california_officer.email}
    assert overdue.tell_overdue() == 0
    assert Notice.objects.filter(kind="term_unanswered").count() == 1


# Pages


def browser(person: Any) -> Client:
    client = Client()
    client.force_login(person)
    return client


def test_asking_side_sees_each_step_live(
    active_case: Any, california_officer: Any, baja_coordinator: Any, quebec_coordinator: Any
) -> None:
    request = send(active_case, california_officer)
    client, address = browser(california_officer), reverse("alerts:request-ladder", args=[request.pk])
    page = client.get(reverse("alerts:request-detail", args=[request.pk]))
    assert f'data-live="{address}"' in page.text
    first = client.get(address, headers={"If-None-Match": page.context["ladder_tag"]})
    assert first.status_code == 304
    pass_minutes(5)
    ladders.climb_due()
    second = client.get(address, headers={"If-None-Match": page.context["ladder_tag"]})
    assert (second.status_code, "private, no-store") == (200, second["Cache-Control"])
    assert second["ETag"] != page.context["ladder_tag"]
    assert second.text.count("person told") == 2
    pass_minutes(60)
    ladders.climb_due()
    assert "Call now" in client.get(address).text
    assert "Call now" not in browser(baja_coordinator).get(address).text
    requests.acknowledge(request=request, by=baja_coordinator)
    assert "Escalation has stopped" in client.get(address).text
    assert browser(quebec_coordinator).get(address).status_code == 404


def test_request_by_api_names_the_steps(active_case: Any, california_officer: Any, baja_coordinator: Any) -> None:
    request = send(active_case, california_officer)
    found = browser(california_officer).get(f"/api/v1/requests/{request.pk}/").json()["ladder"]
    assert sorted((row["step"], bool(row["taken_at"]), row["told"]) for row in found) == sorted([
        ("on_duty", True, 1), ("desk", False, 0), ("supervisor", False, 0), ("top", False, 0),
    ])  # fmt: skip


def test_fragment_costs_the_same_for_few_and_many_requests(
    active_case: Any, california_officer: Any, baja_coordinator: Any, quebec_coordinator: Any
) -> None:
    client, counts = browser(california_officer), []
    request = send(active_case, california_officer)
    address = reverse("alerts:request-ladder", args=[request.pk])
    for program in ("", "ca-qc"):
        if program:
            requests.send_request(
                case=active_case, program=AlertProgram.objects.get(code=program), by=california_officer
            )
        client.get(address)
        with CaptureQueriesContext(connection) as queries:
            client.get(address)
        counts.append(len(queries))
    assert counts[0] == counts[1]
