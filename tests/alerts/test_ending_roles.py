"""Administrators and supervisors hear in time that the last role for something ends by its date (U36, ADR 65)."""

from __future__ import annotations

from collections import Counter
from datetime import timedelta
from typing import Any

import pytest
from django.core.management import call_command
from django.utils import timezone

from agencies.models import Agency, AlertProgram, Membership, ProgramDesk
from alerts.models import Delivery, Notice, RoleEnding
from alerts.notice_readers import no_longer_told
from alerts.services.ending_roles import tell_ending_roles
from cases.services import seals
from tests.cases.test_seals import seal

pytestmark = pytest.mark.django_db
BAJA = "mx-bcn-amber"
SECRETS = ("Zoraida", "Quimby", "Blanca", "Casey", "Carol", "Alma")


def ends_in(user: Any, **span: int) -> Any:
    """Give a person's roles an end; return the moment."""
    moment = timezone.now() + timedelta(**span)
    Membership.objects.filter(user=user).update(valid_until=moment)
    return moment


def warnings() -> list[tuple[str, str, int]]:
    """Return which warnings were given, of what, how many hours before."""
    return sorted((item.role, item.subject, item.hours_before) for item in RoleEnding.objects.all())


def told() -> Counter[str]:
    """Return how many notices each address was sent."""
    return Counter(Delivery.objects.filter(notice__kind="role_ending").values_list("address", flat=True))


@pytest.fixture
def bcn() -> str:
    """The name of the program, as rows show it."""
    return str(AlertProgram.objects.get(code="mx-bcn"))


def test_nothing_is_said_of_roles_that_do_not_end_or_end_later(baja_coordinator: Any, baja_staff: Any) -> None:
    assert tell_ending_roles() == 0
    ends_in(baja_coordinator, days=7, minutes=5)
    assert tell_ending_roles() == 0
    assert not Notice.objects.exists()


def test_seven_days_and_one_day_before_each_once(baja_coordinator: Any, baja_staff: Any, bcn: str) -> None:
    moment = ends_in(baja_coordinator, days=6)
    assert (tell_ending_roles(), tell_ending_roles()) == (2, 0)
    assert warnings() == [("approver", bcn, 168), ("contact", bcn, 168)]
    assert set(RoleEnding.objects.values_list("ends_at", flat=True)) == {moment}
    assert told() == {baja_coordinator.email: 2, baja_staff.email: 2}
    RoleEnding.objects.update(ends_at=ends_in(baja_coordinator, hours=23))  # six days later
    assert (tell_ending_roles(), tell_ending_roles()) == (2, 0)
    assert warnings()[:2] == [("approver", bcn, 24), ("approver", bcn, 168)]
    assert told() == {baja_coordinator.email: 4, baja_staff.email: 4}


def test_end_that_is_near_at_once_is_told_once(baja_coordinator: Any, baja_staff: Any, bcn: str) -> None:
    ends_in(baja_coordinator, hours=3)
    assert (tell_ending_roles(), tell_ending_roles()) == (2, 0)
    assert warnings() == [("approver", bcn, 24), ("contact", bcn, 24)]


def test_another_end_is_told_anew(baja_coordinator: Any, baja_staff: Any) -> None:
    ends_in(baja_coordinator, days=3)
    assert tell_ending_roles() == 2
    ends_in(baja_coordinator, days=5)
    assert tell_ending_roles() == 2


def test_successor_without_an_end_date_makes_it_quiet(baja_coordinator: Any, baja_staff: Any, make_user: Any) -> None:
    ends_in(baja_coordinator, days=2)
    second = make_user("beto.approver@baja.example", BAJA, "coordinator", "es")
    assert tell_ending_roles() == 0
    later = ends_in(second, days=6)
    assert tell_ending_roles() == 2
    assert set(RoleEnding.objects.values_list("ends_at", flat=True)) == {later}, "the last of them counts"
    ends_in(second, days=20)
    assert tell_ending_roles() == 0, "told when the second one's end is near"


def test_duty_officer_leaves_only_an_approver_missing(
    baja_coordinator: Any, baja_staff: Any, make_user: Any, bcn: str
) -> None:
    make_user("dario.guardia@baja.example", BAJA, "duty_officer", "es")
    ends_in(baja_coordinator, days=2)
    assert tell_ending_roles() == 1
    assert warnings() == [("approver", bcn, 168)]


def test_one_desk_of_several_is_told_of_by_itself(baja_coordinator: Any, make_user: Any) -> None:
    program, sonora = AlertProgram.objects.get(code="mx-bcn"), Agency.objects.get(code="mx-son-amber")
    ProgramDesk.objects.filter(program=program).delete()
    ProgramDesk.objects.create(program=program, agency=program.agency, position=1)
    ProgramDesk.objects.create(program=program, agency=sonora, position=2)
    officer = make_user("sonia.guardia@sonora.example", sonora.code, "duty_officer", "es")
    chief = make_user("saul.jefe@sonora.example", sonora.code, "staff", "es", is_staff=True)
    AlertProgram.objects.filter(agency=sonora).update(is_active=False)
    ends_in(officer, days=2)
    assert tell_ending_roles() == 1
    assert warnings() == [("desk", str(sonora), 168)]
    assert told() == {chief.email: 1}


def test_sealed_case_without_a_reader_who_can_lift_it(
    active_case: Any, california_coordinator: Any, california_officer: Any, make_user: Any
) -> None:
    other = make_user("second.coord@california.example", "us-ca-chp", "coordinator")
    seal(active_case, california_coordinator, california_officer)
    ends_in(california_coordinator, days=3)
    assert tell_ending_roles() == 1
    assert warnings() == [("reader", active_case.reference, 168)]
    assert told() == {california_coordinator.email: 1, other.email: 1}, "supervisors hear of it, named or not"
    waiting = Delivery.objects.get(user=other)
    assert no_longer_told([waiting]) == set()
    Membership.objects.filter(user=other).update(role="duty_officer")
    assert no_longer_told([waiting]) == {waiting.pk}, "who supervises no longer is not told any more"
    Membership.objects.filter(user=other).update(role="coordinator")
    seals.name_reader(case=active_case, by=california_coordinator, reader=other)
    ends_in(california_coordinator, hours=3)
    assert tell_ending_roles() == 0, "another reader can lift it"


def test_without_administrators_those_hear_who_have_the_role(baja_coordinator: Any) -> None:
    Membership.objects.filter(user=baja_coordinator).update(role="duty_officer")
    ends_in(baja_coordinator, days=2)
    assert tell_ending_roles() == 1
    assert told() == {baja_coordinator.email: 1}


@pytest.mark.parametrize(
    ("language", "subject", "words"),
    [
        ("en", "A last role ends", "may approve alerts"), ("es", "Termina un último rol", "podrá aprobar alertas"),
        ("fr", "Fin d'un dernier rôle", "ne pourra approuver d'alerte"),
    ],
)  # fmt: skip
def test_relay_mails_it_by_reference_with_the_moment_and_its_zone(
    active_case: Any, baja_coordinator: Any, baja_staff: Any, california_coordinator: Any, mailoutbox: Any,
    monkeypatch: pytest.MonkeyPatch, language: str, subject: str, words: str,
) -> None:  # fmt: skip
    monkeypatch.setattr("alerts.management.commands.relay.close_old_connections", lambda: None)  # the test's own
    seal(active_case, california_coordinator)
    for person in (baja_coordinator, baja_staff, california_coordinator):
        person.language, person.time_zone = language, "America/Tijuana"
        person.save(update_fields=["language", "time_zone"])
    ends_in(baja_coordinator, days=2)
    ends_in(california_coordinator, days=2)
    call_command("relay", "--once")
    call_command("relay", "--once")
    mails = {(mail.to[0], mail.subject): mail for mail in mailoutbox if mail.subject.startswith(subject)}
    assert len(mails) == len(mailoutbox) == 6
    assert not [secret for secret in SECRETS for mail in mailoutbox if secret in mail.subject + mail.body]
    to_staff = [mail.body for mail in mailoutbox if mail.to == [baja_staff.email]]
    assert len(to_staff) == 2 and all("/admin/agencies/membership/" in body and "PST" in body for body in to_staff)
    assert sum(words in body for body in to_staff) == 1
    (of_the_seal,) = [mail for mail in mailoutbox if active_case.reference in mail.subject]
    assert of_the_seal.to == [california_coordinator.email]
    assert active_case.reference in of_the_seal.body and "/admin/" not in of_the_seal.body
