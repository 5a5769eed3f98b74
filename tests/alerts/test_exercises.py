"""An exercise is not real: set once, inherited, bannered, out of statistics, refused by real channels (design §3.8)."""

from __future__ import annotations

import pytest
from django.db import IntegrityError, transaction
from django.urls import reverse

from agencies.models import Agency, AlertProgram
from alerts.gathering import content_hash
from alerts.models import AlertMessage, Delivery, Recipient
from alerts.services import drafts, issuing
from alerts.statistics import corridors
from cases import workflow
from cases.models import Case, Child, CrossingIndication
from cases.services.facts import record_facts
from cases.services.files import open_case

pytestmark = pytest.mark.django_db


@pytest.fixture
def exercise(california_officer):
    case = open_case(by=california_officer, agency=Agency.objects.get(code="us-ca-chp"), is_exercise=True)
    items = [(Child(given_names="Exa"), ["given_names"]), (CrossingIndication(toward="MX"), ["toward"])]
    record_facts(case=case, by=california_officer, items=items)
    workflow.apply(case, "activate", by=california_officer)
    return case


@pytest.fixture
def exercise_alert(exercise, california_officer, california_coordinator):
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


@pytest.mark.parametrize("change", [True, False])
def test_exercise_is_set_once(exercise, active_case, change):
    case = active_case if change else exercise
    with pytest.raises(IntegrityError), transaction.atomic():
        Case.objects.filter(pk=case.pk).update(is_exercise=change)


def test_alert_inherits_the_exercise_and_says_so(exercise_alert):
    assert exercise_alert.is_exercise
    xml = bytes(AlertMessage.objects.get().xml).decode()
    assert "<status>Exercise</status>" in xml
    assert "EXERCISE / SIMULACRO / EXERCICE" in xml


def test_exercise_reaches_only_those_who_stand_by_for_exercises(exercise_alert):
    assert [row.address for row in Delivery.objects.filter(message__isnull=False)] == ["drill@media.example"]


def test_real_alert_reaches_nobody_who_stands_by_for_exercises(approved_alert, recipient, baja_coordinator):
    Recipient.objects.create(
        program=approved_alert.program, name="Drill", kind="media", email="drill@baja.example", language="es",
        is_exercise_only=True,
    )  # fmt: skip
    issuing.activate(alert=approved_alert, by=baja_coordinator)
    assert [row.address for row in Delivery.objects.filter(message__isnull=False)] == [recipient.email]


def test_exercise_stays_out_of_the_corridors(exercise, california_officer):
    assert {(row.origin, row.destination): (row.total, row.yours) for row in corridors(california_officer)}[
        ("US", "MX")
    ] == ("0", 0)


def test_every_page_of_an_exercise_is_bannered(client, exercise_alert, exercise, california_officer):
    client.force_login(california_officer)
    public = exercise_alert.public
    for address in (
        reverse("cases:case-detail", args=[exercise.pk]),
        reverse("cases:case-facts", args=[exercise.pk]),
        reverse("alerts:alert-detail", args=[exercise_alert.pk]),
        reverse("public:alert-detail", args=["fr", public.public_id]),
        reverse("public:alert-list", args=["es"]),
    ):
        assert "SIMULACRO" in client.get(address).text, address
