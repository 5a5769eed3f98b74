"""The demo's data: made once, clearly invented, kept in force, and refused wherever real people are."""

from __future__ import annotations

import io
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any
from unittest import mock

import pytest
from django.core.management import CommandError, call_command
from django.db import connection, transaction
from django.urls import reverse
from django.utils import timezone, translation
from PIL import Image

from agencies import scope
from agencies.choices import Country, Role
from agencies.models import AlertProgram, AuditEvent, Membership, User
from alerts import delivery
from alerts.choices import Channel
from alerts.demo import people
from alerts.demo.active_alerts import MUST_LAST, longest_term
from alerts.demo.desks import open_desk
from alerts.demo.opening import Facts, open_with
from alerts.models import Alert, AlertMessage, Delivery, ExtensionRequest, PublicAlert, Recipient
from alerts.services import issuing
from alerts.statistics import corridors
from cases.models import Case, CaseAccess, CaseEvent, Child, LegalReview, Person, Photo, Vehicle
from cases.models.code import forget_codes
from tests import database

ROOT = Path(__file__).resolve().parents[2]
INVENTED = re.compile("demo|démo|ejemplo|exempl|example|muestra|sample|fict", re.IGNORECASE)
COUNTED = (
    User, Membership, Recipient, Case, CaseAccess, CaseEvent, Child, Person, Vehicle, Photo, ExtensionRequest, Alert,
    AlertMessage, PublicAlert, Delivery, LegalReview, AuditEvent,
)  # fmt: skip


def create() -> str:
    out = io.StringIO()
    call_command("create_demo_data", stdout=out)
    return out.getvalue()


def person(login: str) -> User:
    return User.objects.get(email=f"{login}.example")


def cell(user: User, origin: str, destination: str):
    return next(row for row in corridors(user) if (row.origin, row.destination) == (origin, destination))


def lasting_alerts(country: str) -> list[Alert]:
    lasting = Alert.objects.filter(program__country=country, status="active", is_exercise=False)
    return list(lasting.filter(expires_at__gte=timezone.now() + timedelta(hours=24)))


@pytest.fixture(scope="module")
def demo_database(django_db_setup: None, django_db_blocker: Any) -> Iterator[str]:
    """A database of this module's own in which the demo data were made once."""
    name = f"amber_demo_{os.getpid()}"
    with django_db_blocker.unblock():
        connection.close()
        before = connection.settings_dict["NAME"]
        database.clone(name)
        connection.settings_dict["NAME"] = name
        forget_codes()
        # Committed for once, but nobody shall be woken: no test here looks at the broker.
        with mock.patch("alerts.tasks.wake"):
            create()
        connection.close()
        connection.settings_dict["NAME"] = before
    yield name
    with django_db_blocker.unblock():
        database.drop(name)


@pytest.fixture
def demo(demo_database: str, django_db_blocker: Any) -> Iterator[None]:
    """The demo data, in a transaction that is rolled back."""
    with django_db_blocker.unblock():
        connection.close()
        before = connection.settings_dict["NAME"]
        connection.settings_dict["NAME"] = demo_database
        with transaction.atomic():
            yield
            transaction.set_rollback(True)
        connection.close()
        connection.settings_dict["NAME"] = before


def test_second_run_changes_nothing(demo):
    before = {model.__name__: model.objects.count() for model in COUNTED}
    said = create()
    assert {model.__name__: model.objects.count() for model in COUNTED} == before
    assert before["Case"] > 258
    assert "none" in said


def test_second_run_keeps_what_users_changed(demo):
    officer = person("officer@california")
    officer.full_name, officer.language = "Casey Renamed-Demo", "es"
    officer.save()
    Membership.objects.filter(user=person("staff@texas")).update(valid_until=timezone.now())
    Recipient.objects.filter(name="Demo Radio Texas").delete()
    child = Child.objects.filter(case__agency_reference="DEMO-US-MX-001").get()
    Child.objects.filter(pk=child.pk).update(height_cm=99)
    create()
    officer.refresh_from_db()
    child.refresh_from_db()
    assert (officer.full_name, officer.language, child.height_cm) == ("Casey Renamed-Demo", "es", 99)
    assert not Membership.objects.current().filter(user=person("staff@texas")).exists()
    assert not Recipient.objects.filter(name="Demo Radio Texas").exists()


def test_corridors_are_75_and_183_of_2012_to_2016(demo):
    administrator = User.objects.get(email=people.ADMINISTRATOR)
    assert cell(administrator, "US", "MX").total == "75"
    assert cell(administrator, "MX", "US").total == "183"
    for origin, destination, leads in (("US", "MX", 2), ("MX", "US", 3)):
        cases = Case.objects.open().filter(origin_country=origin, destination_country=destination, is_exercise=False)
        assert {case.opened_at.year for case in cases} == {2012, 2013, 2014, 2015, 2016}
        assert {case.abduction.happened_at.year for case in cases} == {2012, 2013, 2014, 2015, 2016}
        assert cases.values("lead_agency").distinct().count() == leads
        assert all(access.opened_at == access.case.opened_at for access in CaseAccess.objects.filter(case__in=cases))
    assert "<5" in {cell(administrator, "CA", "US").total, cell(administrator, "CA", "MX").total}


def test_every_role_stands_in_every_country_and_two_can_approve(demo):
    held = Membership.objects.current()
    for country in Country.values:
        assert set(held.filter(agency__country=country).values_list("role", flat=True)) == set(Role.values)
    for program in AlertProgram.objects.filter(agency__code__in=[team.agency for team in people.TEAMS]):
        coordinators = held.filter(agency=program.agency, role=Role.COORDINATOR)
        assert coordinators.values("user").distinct().count() >= 2
    languages = dict(Membership.objects.values_list("agency__code", "user__language"))
    assert languages["mx-fgr-amber"] == "es"
    assert languages["ca-qc-sq"] == "fr"
    assert languages["ca-on-opp"] == languages["us-tx-dps"] == "en"
    assert set(User.objects.filter(is_staff=True, is_superuser=False).values_list("memberships__role", flat=True)) == {
        Role.STAFF
    }


def test_each_country_has_an_alert_for_a_day_in_three_languages(demo):
    for country in Country.values:
        (alert,) = lasting_alerts(country)
        assert alert.expires_at >= timezone.now() + MUST_LAST - timedelta(minutes=1)
        assert alert.approved_by_id not in {alert.submitted_by_id, alert.created_by_id, *alert.authors}
        assert alert.public.is_live
        assert set(alert.public.texts.values_list("language", flat=True)) == {"en", "es", "fr"}
        assert alert.public.photos.count() == 1
        told = Delivery.objects.filter(message__alert=alert)
        assert set(told.values_list("language", flat=True)) == {"en", "es", "fr"}
        assert not told.filter(recipient__is_exercise_only=True).exists()


def test_demo_mails_go_out_in_the_recipients_language(demo, mailoutbox):
    while delivery.send_due():
        pass
    while delivery.send_due(channel=Channel.SMS):  # border posts have a number that the simulator takes
        pass
    assert Delivery.objects.filter(channel=Channel.SMS, provider="simulator").exists()
    assert not Delivery.objects.exclude(state="sent").exists()
    assert all(address.endswith(".example") for mail in mailoutbox for address in mail.to)
    (spanish,) = [mail for mail in mailoutbox if mail.to == ["redaccion@demo-tv.us-ca.example"]]
    assert "short" in spanish.body.lower()
    assert "roj" in spanish.body.lower()


def test_alert_that_runs_out_is_replaced_by_a_fresh_one(demo):
    (old,) = lasting_alerts("MX")
    Alert.objects.filter(pk=old.pk).update(expires_at=timezone.now() + MUST_LAST - timedelta(minutes=1))
    create()
    old.refresh_from_db()
    (fresh,) = lasting_alerts("MX")
    assert old.status == "cancelled"
    assert not PublicAlert.objects.get(alert=old).is_live
    assert fresh.case_id == old.case_id
    assert fresh.expires_at >= timezone.now() + MUST_LAST


def test_alert_that_ran_out_while_the_demo_was_off_expires_without_a_cancel(demo):
    (old,) = lasting_alerts("US")
    Alert.objects.filter(pk=old.pk).update(expires_at=timezone.now() - timedelta(days=3))
    create()
    old.refresh_from_db()
    assert old.status == "expired"
    assert not old.messages.filter(msg_type="Cancel").exists()
    assert len(lasting_alerts("US")) == 1


def test_ended_case_is_followed_by_the_next_story(demo):
    from cases import workflow

    (alert,) = lasting_alerts("CA")
    officer = person("coordinator@quebec")
    issuing.cancel(alert=alert, by=officer, reason="hoax")
    workflow.apply(alert.case, "close_as_hoax", by=officer)
    create()
    (fresh,) = lasting_alerts("CA")
    assert fresh.case_id != alert.case_id
    assert fresh.case.children.get().name != alert.case.children.get().name


def test_demo_starts_although_users_left_nobody_to_approve(demo):
    (old,) = lasting_alerts("CA")
    issuing.cancel(alert=old, by=person("coordinator@quebec"), reason="hoax")
    Membership.objects.filter(agency__code="ca-qc-sq", role=Role.COORDINATOR).update(valid_until=timezone.now())
    create()
    assert lasting_alerts("CA") == []
    assert len(lasting_alerts("US")) == len(lasting_alerts("MX")) == 1
    errors = io.StringIO()
    call_command("create_demo_data", print_logins=True, stdout=io.StringIO(), stderr=errors)
    assert "Canada" in errors.getvalue()


@pytest.mark.django_db
def test_longest_term_stays_within_the_criteria():
    terms = {program.code: longest_term(program) for program in AlertProgram.objects.all()}
    assert terms["us-tx"] == 24
    assert terms["mx-bcn"] == terms["us-ca"] == terms["ca-qc"] == 72


def test_old_case_reads_like_one_that_the_services_opened(demo):
    """Facts, access, timeline and audit of a case taken over are those of the same case opened step by step."""
    old = Case.objects.get(agency_reference="DEMO-MX-US-002")
    desk = open_desk(old.lead_agency)
    child = old.children.get()
    facts = Facts(
        event={"place": "Ojinaga", "time_zone": "America/Ojinaga"},
        child={"given_names": child.given_names},
        crossing={"toward": "US"},
    )
    stepwise = open_with(facts, desk=desk, key="", opened_at=old.opened_at, happened_at=old.opened_at)
    for field in ("origin_country", "origin_id", "destination_country", "status", "opened_by_id", "facts_version"):
        assert getattr(old, field) == getattr(stepwise, field), field
    for rows in ("events", "accesses"):
        names = {
            "events": ("kind", "actor_id", "agency_id", "only_for_id", "subject_type"),
            "accesses": ("agency_id", "level", "purpose", "opened_at", "granted_by_id", "until"),
        }[rows]
        assert list(getattr(old, rows).values_list(*names)) == list(getattr(stepwise, rows).values_list(*names))
    assert [event.subject_id for event in old.events.all()] == [str(old.pk)] * 3
    assert AuditEvent.objects.filter(action="case.taken_over", case_id=old.pk).count() == 1
    assert old.reference.startswith("MX-CHH-2012-")
    assert int(stepwise.reference[-5:]) > int(old.reference[-5:])


def test_superuser_and_canadians_see_no_case_between_the_others(demo):
    assert not Case.objects.visible_to(User.objects.get(email=people.ADMINISTRATOR)).exists()
    for login in ("coordinator@quebec", "legal@ontario", "staff@ontario"):
        seen = Case.objects.visible_to(person(login))
        assert seen.exists()
        assert not seen.filter(origin_country="US", destination_country="MX").exists()
        assert not seen.filter(origin_country="MX", destination_country="US").exists()
    assert cell(person("coordinator@quebec"), "US", "MX").yours == 0
    assert cell(person("coordinator@california"), "US", "MX").yours == 38


def test_desk_of_baja_california_has_two_requests_waiting_and_an_opinion(demo):
    blanca = person("coordinator@baja-california")
    waiting = ExtensionRequest.objects.visible_to(blanca).filter(status="sent", program__code="mx-bcn")
    assert {request.requesting_agency.code for request in waiting} == {"us-ca-chp", "ca-qc-sq"}
    assert LegalReview.objects.visible_to(person("legal@baja-california")).get().language == "es"


def test_stories_of_every_kind_are_there(demo):
    def status(key: str) -> str:
        return Case.objects.get(agency_reference=key).status

    assert status("DEMO-DRAFT") == "intake"
    assert status("DEMO-LOCATED") == "located"
    assert status("DEMO-RECOVERED") == "closed"
    assert status("DEMO-UNFOUNDED") == "unfounded"
    exercise = Case.objects.get(is_exercise=True)
    assert exercise.requests.get().status == "acknowledged"


@pytest.mark.parametrize(
    "login", ["coordinator@california", "legal@baja-california", "officer@chihuahua", "staff@ontario"]
)
def test_pages_of_demo_cases_open(demo, client, login):
    user = person(login)
    client.force_login(user, backend="agencies.backends.AgencyBackend")
    newest = list(Case.objects.visible_to(user)[:6])
    assert newest
    for case in newest:
        page = client.get(reverse("cases:case-detail", args=[case.pk]))
        assert (page.status_code, case.reference in page.content.decode()) == (200, True), case.agency_reference


def test_no_suspect_bears_the_name_of_a_login(demo):
    logins = set(User.objects.values_list("full_name", flat=True))
    assert not logins & {item.name for model in (Child, Person) for item in model.objects.all()}


def test_everything_says_that_it_is_invented(demo):
    for model in (Child, Person):
        assert all(INVENTED.search(item.name) for item in model.objects.all())
    assert all(INVENTED.search(user.full_name) for user in User.objects.all())
    assert all(user.email.endswith(".example") for user in User.objects.all())
    assert all(recipient.email.endswith(".example") for recipient in Recipient.objects.all())
    assert all(vehicle.plate.startswith("DEMO") for vehicle in Vehicle.objects.all())
    assert not Case.objects.filter(abduction__circumstances="").exists()


def test_portraits_are_drawings_with_a_recorded_authority(demo):
    photos = Photo.objects.all()
    assert len(photos) >= 5
    for photo in photos:
        assert photo.may_be_published
        colors = Image.open(io.BytesIO(bytes(photo.jpeg))).quantize(8).getcolors()
        assert sum(sorted(count for count, _color in colors)[-5:]) > 0.9 * photo.width * photo.height


def test_logins_table_is_aligned_and_opens_the_door(demo, client):
    out, errors = io.StringIO(), io.StringIO()
    with scope.acting_for(()):  # as the command begins where nobody has said what it may see
        call_command("create_demo_data", print_logins=True, stdout=out, stderr=errors)
    assert errors.getvalue() == ""
    lines = out.getvalue().splitlines()
    rows = [line for line in lines if "@" in line]
    assert len(rows) == User.objects.count()
    assert len({line.index(line.split()[-1]) for line in rows}) == 1
    assert out.getvalue().count(people.PASSWORD) == 1
    assert len(people.PASSWORD) >= 15
    entered = client.post(
        reverse("agencies:login"), {"username": "coordinator@quebec.example", "password": people.PASSWORD}
    )
    assert entered.status_code == 302
    assert client.session["_auth_user_id"] == str(person("coordinator@quebec").pk)


def test_logins_table_leaves_out_who_may_no_longer_sign_in(demo):
    User.objects.filter(email="legal@texas.example").update(is_active=False)
    assert "legal@texas.example" not in people.logins_table()
    assert "coordinator2@texas.example" in people.logins_table()


@pytest.mark.django_db
def test_logins_before_the_data_are_refused():
    with pytest.raises(CommandError, match="create_demo_data"):
        call_command("create_demo_data", print_logins=True)


@pytest.mark.django_db
@pytest.mark.parametrize("print_logins", [False, True])
def test_demo_data_are_refused_outside_demo_and_tests(settings, monkeypatch, print_logins):
    monkeypatch.setenv("DJANGO_SETTINGS_MODULE", "config.settings.dev")
    settings.IS_DEMO = False
    with pytest.raises(CommandError, match="not the demo"):
        call_command("create_demo_data", print_logins=print_logins)
    assert not User.objects.exists()
    settings.IS_DEMO = True
    call_command("create_demo_data", verbosity=0)
    assert User.objects.exists()


@pytest.mark.django_db
def test_demo_data_are_refused_in_a_database_of_real_people(make_user):
    make_user("someone@police.gov", "us-ca-chp", "coordinator")
    with pytest.raises(CommandError, match="real e-mail addresses"):
        create()
    assert Case.objects.count() == 0
    assert User.objects.count() == 1


def test_demo_data_are_refused_by_the_production_settings():
    environment = {key: value for key, value in os.environ.items() if key != "AMBER_DEMO"}
    refused = subprocess.run(
        [sys.executable, "manage.py", "create_demo_data", "--settings", "config.settings.prod"],
        cwd=ROOT, env={**environment, "AMBER_SECRET_KEY": "x" * 60}, capture_output=True, text=True, timeout=60,
        check=False,
    )  # fmt: skip
    assert refused.returncode == 1
    assert "not the demo" in refused.stderr


@pytest.mark.django_db
def test_demo_data_do_not_depend_on_the_readers_language():
    with translation.override("fr"):
        create()
    assert LegalReview.objects.filter(language="es").count() == 1
    assert Case.objects.get(agency_reference="DEMO-DRAFT").abduction.circumstances_language == "en"
