"""Named actors and the objects they work on; nothing here decides what a test expects."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from contextvars import ContextVar
from datetime import UTC, datetime
from typing import Any

import pytest
from django.db import connection

from agencies import scope
from tests import database
from tests.authorities import authorize_everything
from tests.chromium import chromium  # noqa: F401  # the one fixture for the tests of the portal and of every screen


@pytest.hookimpl(tryfirst=True)  # before xdist reads the groups
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Keep tests that start processes in one worker: they share a broker and want a core for themselves."""
    for item in items:
        if "portal" in item.fixturenames or item.get_closest_marker("reliability"):  # type: ignore[attr-defined]
            item.add_marker(pytest.mark.xdist_group("processes"))


# Tests set up and check rows of every agency, in threads too; what a request of theirs sees is the portal's own doing.
scope._scope = ContextVar("row_scope_of_tests", default=scope.Scope(everything=True))  # noqa: B039  frozen


@pytest.fixture(scope="session")
def django_db_setup(django_db_blocker: Any) -> Iterator[None]:
    """Run every test as the application's role on a clone of the migrated template."""
    name = f"amber_test_{os.getpid()}"
    with django_db_blocker.unblock():
        database.clone(name)
        connection.close()
        connection.settings_dict["NAME"] = name
    yield
    with django_db_blocker.unblock():
        connection.close()
        database.drop(name)


@pytest.fixture
def own_database(django_db_setup: None, django_db_blocker: Any) -> Iterator[str]:
    """A database of its own for a test that commits: cloned before, dropped after."""
    name = f"amber_own_{os.getpid()}"
    with django_db_blocker.unblock():
        database.clone(name)
        connection.close()
        before = connection.settings_dict["NAME"]
        connection.settings_dict["NAME"] = name
        yield name
        _judge_messages_of_the_database()
        connection.close()
        connection.settings_dict["NAME"] = before
        database.drop(name)


def _judge_messages_of_the_database() -> None:
    """Put what other processes have issued in a test's own database before the same judges."""
    from alerts.models import AlertMessage
    from tests.cap_oracles import objections

    for message in AlertMessage.objects.all():
        assert objections(bytes(message.xml)) == [], message.identifier


@pytest.fixture(autouse=True)
def _judge_every_cap_message(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Put every CAP message that a test builds before our rules, the standard's schema and capvalidator."""
    from alerts.services import issuing
    from tests.cap_oracles import objections

    built: list[bytes] = []
    write = issuing.to_xml

    def keeping(message: Any) -> bytes:
        built.append(write(message))
        return built[-1]

    monkeypatch.setattr(issuing, "to_xml", keeping)
    yield
    for xml in built:
        assert objections(xml) == []


@pytest.fixture(autouse=True)
def _forget_codes() -> Iterator[None]:
    """Start every test with unread code lists and no language left over."""
    from django.utils import translation

    from cases.models.code import forget_codes

    forget_codes()
    with translation.override("en"):
        yield


@pytest.fixture
def make_user(db: None) -> Callable[..., Any]:
    """Make a person with one role in one agency."""
    from agencies.models import Agency, User
    from agencies.services import grant_membership

    def make(email: str, agency: str, role: str, language: str = "en", **fields: Any) -> Any:
        user = User.objects.create_user(
            email, "correct horse battery staple", full_name=email.partition("@")[0].replace(".", " ").title(),
            language=language, reads_languages=[language], **fields,
        )  # fmt: skip
        grant_membership(user=user, agency=Agency.objects.get(code=agency), role=role, by=None)
        return user

    return make


CALIFORNIA = "us-ca-chp"
BAJA = "mx-bcn-amber"
QUEBEC = "ca-qc-sq"


@pytest.fixture
def california_officer(make_user: Any) -> Any:
    """A duty officer in California; English."""
    return make_user("casey.officer@california.example", CALIFORNIA, "duty_officer", time_zone="America/Los_Angeles")


@pytest.fixture
def california_coordinator(make_user: Any) -> Any:
    """A coordinator in California; English."""
    return make_user("carol.coord@california.example", CALIFORNIA, "coordinator", time_zone="America/Los_Angeles")


@pytest.fixture
def california_legal(make_user: Any) -> Any:
    """A legal advisor in California; English."""
    return make_user("lena.legal@california.example", CALIFORNIA, "legal_advisor")


@pytest.fixture
def california_staff(make_user: Any) -> Any:
    """Staff in California; English."""
    return make_user("sam.staff@california.example", CALIFORNIA, "staff", is_staff=True)


@pytest.fixture
def baja_coordinator(make_user: Any) -> Any:
    """A coordinator in Baja California; Spanish."""
    return make_user("blanca.coord@baja.example", BAJA, "coordinator", "es", time_zone="America/Tijuana")


@pytest.fixture
def baja_approver(make_user: Any) -> Any:
    """A second coordinator in Baja California; Spanish."""
    return make_user("beto.approver@baja.example", BAJA, "coordinator", "es", time_zone="America/Tijuana")


@pytest.fixture
def baja_staff(make_user: Any) -> Any:
    """Staff in Baja California; Spanish."""
    return make_user("brenda.staff@baja.example", BAJA, "staff", "es", is_staff=True)


@pytest.fixture
def quebec_coordinator(make_user: Any) -> Any:
    """A coordinator in Québec; French; on no case of the others."""
    return make_user("quentin.coord@quebec.example", QUEBEC, "coordinator", "fr", time_zone="America/Toronto")


@pytest.fixture
def superuser(db: None) -> Any:
    """An administrator without any membership."""
    from agencies.models import User

    return User.objects.create_superuser("root@bridge.example", "correct horse battery staple", full_name="Root")


@pytest.fixture
def intake_case(california_officer: Any) -> Any:
    """A case of California in intake, with coded facts."""
    from agencies.models import Agency, Subdivision
    from cases.models import Child, CrossingIndication, Person, Vehicle
    from cases.services.facts import record_facts
    from cases.services.files import open_case

    case = open_case(by=california_officer, agency=Agency.objects.get(code=CALIFORNIA))
    event = case.abduction
    event.happened_at = datetime(2026, 11, 20, 3, 15, tzinfo=UTC)
    event.time_zone = "America/Los_Angeles"
    event.place = "San Diego"
    event.subdivision = Subdivision.objects.get(code="US-CA")
    child = Child(
        given_names="Zoraida", first_surname="Quimby", sex="F", age_years=7, height_cm=120, weight_kg=23,
        hair="BRO", eyes="BRO", clothing=[{"item": "shorts", "colors": ["red"]}],
    )  # fmt: skip
    suspect = Person(given_names="Waldemar", first_surname="Quimby", sex="M", age_years=41, hair="BLK", eyes="BRO")
    vehicle = Vehicle(
        make="Ford", model="F-150", year=2019, color="BLU", style="PK", plate="7XYZ123",
        plate_issuer=Subdivision.objects.get(code="US-CA"),
    )  # fmt: skip
    crossing = CrossingIndication(toward="MX")
    record_facts(
        case=case,
        by=california_officer,
        items=[
            (event, ["happened_at", "time_zone", "place", "subdivision"]),
            (child, ["given_names"]),
            (suspect, ["given_names"]),
            (vehicle, ["plate"]),
            (crossing, ["toward"]),
        ],
    )
    authorize_everything(case, california_officer)
    return case


@pytest.fixture
def active_case(intake_case: Any, california_officer: Any) -> Any:
    """The same case, active."""
    from cases import workflow

    workflow.apply(intake_case, "activate", by=california_officer)
    return intake_case


@pytest.fixture
def sent_request(active_case: Any, california_officer: Any, baja_coordinator: Any) -> Any:
    """A request of California to Baja California."""
    from agencies.models import AlertProgram
    from alerts.services.requests import send_request

    return send_request(case=active_case, program=AlertProgram.objects.get(code="mx-bcn"), by=california_officer)


@pytest.fixture
def accepted_request(sent_request: Any, baja_coordinator: Any) -> Any:
    """The request, acknowledged and accepted by Baja California."""
    from alerts.services import requests

    requests.acknowledge(request=sent_request, by=baja_coordinator)
    requests.decide(request=sent_request, by=baja_coordinator, decision="accept")
    sent_request.refresh_from_db()
    return sent_request


@pytest.fixture
def draft_alert(accepted_request: Any) -> Any:
    """Baja California's own draft."""
    return accepted_request.alert


@pytest.fixture
def recipient(db: None) -> Any:
    """A radio station that gets Baja California's alerts in Spanish."""
    from agencies.models import AlertProgram
    from alerts.models import Recipient

    return Recipient.objects.create(
        program=AlertProgram.objects.get(code="mx-bcn"), name="Radio Frontera", kind="media",
        email="redaccion@radio-frontera.example", language="es",
    )  # fmt: skip


@pytest.fixture
def approved_alert(draft_alert: Any, baja_coordinator: Any, baja_approver: Any) -> Any:
    """The draft, submitted and approved by a second officer."""
    from alerts.gathering import content_hash
    from alerts.services import drafts

    drafts.submit(alert=draft_alert, by=baja_coordinator)
    drafts.approve(alert=draft_alert, by=baja_approver, seen_hash=content_hash(draft_alert))
    return draft_alert


@pytest.fixture
def active_alert(approved_alert: Any, recipient: Any, baja_coordinator: Any) -> Any:
    """The alert in force, with one recipient."""
    from alerts.services.issuing import activate

    activate(alert=approved_alert, by=baja_coordinator)
    return approved_alert


@pytest.fixture
def exercise(california_officer: Any) -> Any:
    """The active case of an exercise."""
    from agencies.models import Agency
    from cases import workflow
    from cases.models import Child, CrossingIndication
    from cases.services.facts import record_facts
    from cases.services.files import open_case

    case = open_case(by=california_officer, agency=Agency.objects.get(code="us-ca-chp"), is_exercise=True)
    items: list[Any] = [(Child(given_names="Exa"), ["given_names"]), (CrossingIndication(toward="MX"), ["toward"])]
    record_facts(case=case, by=california_officer, items=items)
    workflow.apply(case, "activate", by=california_officer)
    return case


@pytest.fixture
def exercise_alert(exercise: Any, california_officer: Any, california_coordinator: Any) -> Any:
    """Its alert, activated, with a recipient of real alerts and one that stands by for exercises."""
    from agencies.models import AlertProgram
    from alerts.gathering import content_hash
    from alerts.models import Recipient
    from alerts.services import drafts, issuing

    program = AlertProgram.objects.get(code="us-ca")
    for address, is_exercise_only in (("real@media.example", False), ("drill@media.example", True)):
        Recipient.objects.create(
            program=program, name=address, kind="media", email=address, language="en",
            is_exercise_only=is_exercise_only,
        )  # fmt: skip
    alert = drafts.start_alert(program=program, case=exercise, by=california_officer)
    drafts.submit(alert=alert, by=california_officer)
    drafts.approve(alert=alert, by=california_coordinator, seen_hash=content_hash(alert))
    issuing.activate(alert=alert, by=california_officer)
    return alert


@pytest.fixture
def exercise_request(exercise: Any, california_officer: Any, baja_coordinator: Any) -> Any:
    """A request of the exercise to a program with people."""
    from agencies.models import AlertProgram
    from alerts.services.requests import send_request

    return send_request(case=exercise, program=AlertProgram.objects.get(code="mx-bcn"), by=california_officer)
