"""An overdue duty is told to the program's supervisors once, without a name."""

from __future__ import annotations

import threading
from datetime import timedelta
from typing import Any

import pytest
from django.core.management import call_command
from django.db import connection, connections, transaction
from django.utils import timezone

from alerts import delivery
from alerts.models import Delivery, Duty, Notice
from alerts.services.overdue import tell_overdue

SECRETS = ("Zoraida", "Quimby", "Waldemar", "7XYZ123")


@pytest.fixture
def overdue(active_alert: Any) -> Duty:
    """A duty to cancel that nobody discharged in time."""
    return Duty.objects.create(
        kind="cancel_alert", case=active_alert.case, program=active_alert.program, alert=active_alert,
        due_at=timezone.now() - timedelta(minutes=1),
    )  # fmt: skip


def told() -> list[str]:
    """Return who was told of what is overdue."""
    return sorted(Delivery.objects.filter(notice__kind="duty_overdue").values_list("address", flat=True))


@pytest.mark.django_db
def test_supervisors_are_told_once(overdue, baja_coordinator, baja_approver, make_user, mailoutbox, monkeypatch):
    monkeypatch.setattr("alerts.management.commands.relay.close_old_connections", lambda: None)  # the test's own
    make_user("dario.guardia@baja.example", "mx-bcn-amber", "duty_officer", "es")
    call_command("relay", "--once")
    call_command("relay", "--once")
    assert told() == sorted([baja_coordinator.email, baja_approver.email])
    overdue.refresh_from_db()
    assert overdue.told_overdue_at is not None
    mails = [mail for mail in mailoutbox if "vencida" in mail.subject]
    assert len(mails) == 2
    for mail in mails:
        assert overdue.case.reference in mail.body
        assert f"/desk/alerts/{overdue.alert_id}/" in mail.body
        assert not [secret for secret in SECRETS if secret in mail.subject + mail.body]


@pytest.mark.django_db
@pytest.mark.parametrize("change", ["later", "discharged", "superseded", "told"])
def test_nobody_is_told_of_what_is_not_overdue(change, overdue):
    changes = {
        "later": {"due_at": timezone.now() + timedelta(minutes=1)}, "discharged": {"status": "discharged"},
        "superseded": {"status": "superseded"}, "told": {"told_overdue_at": timezone.now()},
    }  # fmt: skip
    Duty.objects.filter(pk=overdue.pk).update(**changes[change])
    assert tell_overdue() == 0
    assert not Notice.objects.filter(kind="duty_overdue").exists()


@pytest.mark.django_db
def test_program_without_a_supervisor_has_its_officers_told(overdue, baja_coordinator, baja_approver):
    for person in (baja_coordinator, baja_approver):
        person.memberships.update(role="duty_officer")
    assert tell_overdue() == 1
    assert told() == sorted([baja_coordinator.email, baja_approver.email])


@pytest.mark.django_db
def test_program_with_nobody_in_the_portal_has_the_asking_side_told(
    overdue, baja_coordinator, baja_approver, california_officer, quebec_coordinator, mailoutbox
):
    for person in (baja_coordinator, baja_approver):
        person.memberships.update(role="legal_advisor")
    assert (tell_overdue(), tell_overdue()) == (1, 0)
    assert told() == []
    asked = Delivery.objects.filter(notice__kind="overdue_elsewhere")
    assert list(asked.values_list("address", flat=True)) == [california_officer.email]
    while delivery.send_due():
        pass
    (mail,) = [mail for mail in mailoutbox if mail.subject.startswith("Duty of a program without portal overdue")]
    assert f"/desk/requests/{overdue.alert.request_id}/" in mail.body
    assert not [secret for secret in SECRETS if secret in mail.subject + mail.body]


@pytest.mark.django_db
def test_what_nobody_can_be_told_of_is_logged_and_asked_again(
    overdue, baja_coordinator, baja_approver, california_officer, caplog
):
    for person in (baja_coordinator, baja_approver, california_officer):
        person.memberships.update(role="legal_advisor")
    assert tell_overdue() == 0
    assert "there is nobody to be told" in caplog.text
    overdue.refresh_from_db()
    assert overdue.told_overdue_at is None


@pytest.mark.django_db
def test_looking_for_the_overdue_uses_the_index(overdue):
    with connection.cursor() as cursor, transaction.atomic():
        cursor.execute("SET LOCAL enable_seqscan = off")
        plan = Duty.objects.untold().order_by("due_at").explain()
    assert "duty_untold" in plan


def test_two_relays_tell_of_one_duty_once(own_database: str, django_db_blocker: Any, request: Any) -> None:
    with django_db_blocker.unblock():
        duty = _overdue_duty()
        start, results = threading.Barrier(2), []

        def tell() -> None:
            try:
                start.wait(timeout=30)
                results.append(tell_overdue())
            finally:
                connections.close_all()

        threads = [threading.Thread(target=tell) for _number in range(2)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(timeout=60)
        assert sorted(results) == [0, 1]
        assert Notice.objects.filter(kind="duty_overdue", case=duty.case).count() == 1
        assert connection.settings_dict["NAME"] == own_database


def _overdue_duty() -> Duty:
    from agencies.models import Agency, AlertProgram, User
    from agencies.services import grant_membership
    from cases.services.files import open_case

    agency = Agency.objects.get(code="us-ca-chp")
    person = User.objects.create_user("carol.coord@california.example", "correct horse battery staple", full_name="C")
    grant_membership(user=person, agency=agency, role="coordinator", by=None)
    case = open_case(by=person, agency=agency)
    return Duty.objects.create(
        kind="cancel_alert", case=case, program=AlertProgram.objects.get(code="us-ca"),
        due_at=timezone.now() - timedelta(minutes=1),
    )  # fmt: skip
