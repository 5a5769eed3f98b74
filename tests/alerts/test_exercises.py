"""An exercise is not real: set once, inherited, bannered, out of statistics, refused by real channels (design §3.8)."""

from __future__ import annotations

import re

import pytest
from django.db import IntegrityError, transaction
from django.urls import reverse

import alerts.urls
import cases.urls
from alerts.mails import MailComposer
from alerts.models import AlertMessage, Delivery, Recipient
from alerts.notice_texts import compose_notice_text
from alerts.services import issuing
from alerts.statistics import corridors
from alerts.texts import compose_text
from cases.models import Case

pytestmark = pytest.mark.django_db
FRAGMENTS = {"alert-deliveries", "alert-told-rows", "request-ladder"}  # parts of a page that bears the banner


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
    assert [row.recipient.name for row in Delivery.objects.filter(message__isnull=False)] == ["drill@media.example"]


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


def pages_of(exercise, alert, request):
    """Yield the address of every page of the portal that is about one row of an exercise."""
    rows = {str(row.pk) for row in (exercise, alert, request, *exercise.alerts.all())}
    for pattern in (*cases.urls.urlpatterns, *alerts.urls.urlpatterns):
        if set(pattern.pattern.converters) != {"pk"} or pattern.name in FRAGMENTS:
            continue
        yield from (f"/{pattern.pattern}".replace("<uuid:pk>", pk) for pk in rows)


def test_every_page_of_an_exercise_is_bannered(
    client, exercise_alert, exercise_request, exercise, california_officer, california_coordinator, baja_coordinator
):
    seen = set()
    for person in (california_officer, california_coordinator, baja_coordinator):
        client.force_login(person)
        for address in pages_of(exercise, exercise_alert, exercise_request):
            answer = client.get(address)
            if answer.status_code == 200 and answer["Content-Type"].startswith("text/html"):
                assert 'class="banner--exercise"' in answer.text, address
                seen.add(address)
    assert len(seen) > 20, sorted(seen)


def test_public_page_of_an_exercise_is_for_who_sees_its_alert_and_bannered(client, exercise_alert, california_officer):
    public = exercise_alert.public
    addresses = [
        reverse("public:alert-detail", args=["fr", public.public_id]),
        reverse("public:alert-poster", args=["es", public.public_id]),
        reverse("public:alert-cap", args=[public.public_id]),
    ]
    for address in addresses:
        assert client.get(address).status_code == 404, address
    client.force_login(california_officer)
    for address in addresses:
        answer = client.get(address)
        assert (answer.status_code, answer["Cache-Control"]) == (200, "private, no-store"), address
    assert "SIMULACRO" in client.get(addresses[0]).text


def test_public_page_of_an_exercise_is_not_for_officers_who_may_not_see_the_case(
    client, exercise_alert, quebec_coordinator
):
    client.force_login(quebec_coordinator)
    public = exercise_alert.public
    assert client.get(reverse("public:alert-detail", args=["fr", public.public_id])).status_code == 404


@pytest.mark.parametrize("is_signed_in", [False, True])
def test_list_and_feed_hold_no_exercise(client, exercise_alert, california_officer, is_signed_in):
    if is_signed_in:
        client.force_login(california_officer)
    for address in (reverse("public:alert-list", args=["es"]), reverse("public:feed", args=["es"])):
        assert exercise_alert.number not in client.get(address).text
        assert exercise_alert.public.public_id not in client.get(address).text


def test_number_of_an_exercise_is_answered_like_one_that_nobody_knows(client, exercise_alert):
    asked = {number: client.get(reverse("public:alert-number-form"), {"number": number}).text
             for number in (exercise_alert.number, "US-CA-AMBER-2026-99999")}  # fmt: skip
    pages = {re.sub('data-now="[^"]*"', "", text.replace(number, "N")) for number, text in asked.items()}
    assert len(pages) == 1
    assert client.get(reverse("public:alert-number", args=[exercise_alert.number])).status_code == 200


@pytest.mark.parametrize(("language", "word"), [("en", "EXERCISE"), ("es", "SIMULACRO"), ("fr", "EXERCICE")])
def test_mails_and_texts_of_an_exercise_begin_with_the_word_of_their_reader(exercise_alert, language, word):
    told = Delivery.objects.filter(message__isnull=False).first()
    noticed = Delivery.objects.filter(notice__case=exercise_alert.case).first()
    for row in (told, noticed):
        row.language = language
        mail = MailComposer().compose(row)
        assert mail.subject.startswith(word), mail.subject
        assert mail.body.startswith(word)
    assert compose_text(told).body.startswith(word)
    assert compose_notice_text(noticed).body.startswith(word)
