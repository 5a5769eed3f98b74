"""The times of an exercise: computed from its rows, against the limits of its programs, for who may see them."""

from __future__ import annotations

import csv
import io
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from agencies.models import AlertProgram, CriteriaVersion
from alerts.choices import MessageType
from alerts.exercise_scores import Step, Verdict, scores_of
from alerts.models import Alert, AlertMessage, Delivery, ExtensionRequest, LadderRung, Recipient
from alerts.services import requests
from alerts.templatetags.requests import span_to_the_second

pytestmark = pytest.mark.django_db
MINUTE = timedelta(minutes=1)


def steps_of(part: Any) -> dict[str, Step]:
    return {step.key: step for step in part.steps}


def seconds(part: Any) -> dict[str, float | None]:
    return {key: step.took.total_seconds() if step.took is not None else None for key, step in steps_of(part).items()}


def at_times(row: Any, **minutes: float) -> Any:
    """Write when each step was, in minutes from one moment an hour ago."""
    base = timezone.now() - timedelta(hours=1)
    type(row)._base_manager.filter(pk=row.pk).update(**{name: base + MINUTE * at for name, at in minutes.items()})
    row.refresh_from_db()
    return base


# Requests


def test_request_is_timed_from_its_sending_to_each_step(exercise_request, california_officer, baja_coordinator):
    requests.acknowledge(request=exercise_request, by=baja_coordinator)
    requests.decide(request=exercise_request, by=baja_coordinator, decision="accept")
    base = at_times(exercise_request, sent_at=0, acknowledged_at=4, decided_at=20, activated_at=30)
    LadderRung.objects.filter(request=exercise_request, step="desk").update(due_at=base + 5 * MINUTE, is_early=False)
    [part] = scores_of(exercise_request.case, california_officer).requests
    assert seconds(part) == {"acknowledged": 240, "decided": 1200, "request_activated": 1800}
    found = steps_of(part)
    assert (found["acknowledged"].limit, found["acknowledged"].verdict) == (5 * MINUTE, Verdict.MET)
    assert found["decided"].verdict == Verdict.NONE
    assert "accepted" in str(found["decided"].label)


def test_acknowledged_after_the_ladder_went_on_is_not_in_time(exercise_request, california_officer, baja_coordinator):
    requests.acknowledge(request=exercise_request, by=baja_coordinator)
    base = at_times(exercise_request, sent_at=0, acknowledged_at=6)
    LadderRung.objects.filter(request=exercise_request, step="desk").update(due_at=base + 5 * MINUTE, is_early=False)
    [part] = scores_of(exercise_request.case, california_officer).requests
    assert steps_of(part)["acknowledged"].verdict == Verdict.MISSED


def test_rung_that_was_not_waited_for_is_no_limit(exercise_request, california_officer):
    base = at_times(exercise_request, sent_at=0)
    rungs = LadderRung.objects.filter(request=exercise_request)
    rungs.filter(step__in=("desk", "top")).update(due_at=base, is_early=True)
    rungs.filter(step="supervisor").update(due_at=base + 10 * MINUTE, is_early=False)
    [part] = scores_of(exercise_request.case, california_officer).requests
    assert steps_of(part)["acknowledged"].limit == 10 * MINUTE


def test_declined_request_has_no_activation(exercise_request, california_officer):
    ExtensionRequest.objects.filter(pk=exercise_request.pk).update(
        status="declined", decided_at=timezone.now(), decided_by=california_officer
    )
    [part] = scores_of(exercise_request.case, california_officer).requests
    assert "request_activated" not in steps_of(part)
    assert "declined" in str(steps_of(part)["decided"].label)


# Alerts and their messages


@pytest.fixture
def sent_alert(exercise_alert: Any) -> Any:
    """The alert, with five messages: sent after 10, 20, 30, 40 and 150 seconds; two of them acknowledged."""
    program = exercise_alert.program
    message = AlertMessage.objects.get(alert=exercise_alert, msg_type=MessageType.ALERT)
    base = at_times(exercise_alert, submitted_at=0, approved_at=7, activated_at=9) + 9 * MINUTE
    own = {"state": "sent", "sent_at": base + timedelta(seconds=10), "acknowledged_at": base + timedelta(seconds=70)}
    Delivery.objects.filter(message=message).update(**own)
    for place, after in enumerate((20, 30, 40, 150), start=1):
        recipient = Recipient.objects.create(
            program=program, name=f"Desk {place}", kind="media", language="en", email=f"d{place}@desk.example",
            is_exercise_only=True,
        )  # fmt: skip
        Delivery.objects.create(
            message=message, recipient=recipient, address="email-00@exercise.invalid", language="en", state="sent",
            sent_at=base + timedelta(seconds=after),
            acknowledged_at=base + timedelta(seconds=after + 60) if place < 2 else None,
        )  # fmt: skip
    return exercise_alert


def test_alert_is_timed_from_asking_to_the_last_recipient(sent_alert, california_officer):
    [part] = scores_of(sent_alert.case, california_officer).alerts
    assert (part.messages, part.accepted, part.acknowledged) == (5, 5, 2)
    assert seconds(part) == {
        "approved": 420, "activated": 540, "delivered_first": 10, "delivered_median": 30, "delivered_last": 150,
        "heard_first": 70, "heard_median": 70, "heard_last": None,
    }  # fmt: skip
    assert steps_of(part)["delivered_last"].verdict == Verdict.MISSED  # two minutes
    Delivery.objects.filter(recipient__name="Desk 4").update(sent_at=sent_alert.activated_at + MINUTE)
    [part] = scores_of(sent_alert.case, california_officer).alerts
    assert steps_of(part)["delivered_last"].verdict == Verdict.MET


def test_last_message_is_open_while_one_waits_and_lost_ones_are_not_waited_for(sent_alert, california_officer):
    last = Delivery.objects.filter(recipient__name="Desk 4")
    last.update(sent_at=None, state="queued")
    [part] = scores_of(sent_alert.case, california_officer).alerts
    assert steps_of(part)["delivered_last"].took is None
    assert steps_of(part)["delivered_last"].verdict == Verdict.MISSED  # an hour ago
    last.update(state="failed")
    [part] = scores_of(sent_alert.case, california_officer).alerts
    assert seconds(part)["delivered_last"] == 40


@pytest.mark.parametrize(("minutes", "verdict"), [(7, Verdict.MET), (6, Verdict.MISSED), (None, Verdict.NONE)])
def test_approval_is_judged_by_the_minutes_after_which_one_may_activate_alone(
    sent_alert, california_officer, minutes, verdict
):
    rules = CriteriaVersion.objects.filter(program=sent_alert.program).first()
    CriteriaVersion.objects.filter(pk=rules.pk).update(single_officer_after_minutes=minutes)
    Alert.objects.filter(pk=sent_alert.pk).update(criteria=rules)
    [part] = scores_of(sent_alert.case, california_officer).alerts
    assert steps_of(part)["approved"].verdict == verdict


def test_alert_that_one_officer_activated_has_no_approval(sent_alert, california_officer):
    Alert.objects.filter(pk=sent_alert.pk).update(approved_at=None, approved_by=None)
    [part] = scores_of(sent_alert.case, california_officer).alerts
    assert "approved" not in steps_of(part)


@pytest.mark.parametrize(
    ("until", "is_over", "verdict"),
    [(30, False, "met"), (90, False, "missed"), (None, False, "running"), (None, True, "missed")],
)
def test_verdict(until, is_over, verdict):
    now = timezone.now()
    since = now - timedelta(seconds=45)
    ended = since + timedelta(seconds=until) if until else None
    assert Step("x", "x", since, ended, MINUTE, is_over=is_over, seen_at=now).verdict == verdict
    assert Step("x", "x", since, None, MINUTE, seen_at=now + MINUTE).verdict == Verdict.MISSED


@pytest.mark.parametrize(
    ("span", "words"), [(0, "0 s"), (59, "59 s"), (60, "1 min"), (245, "4 min 5 s"), (3725, "1 h 02 min")]
)
def test_span_to_the_second(span, words):
    assert span_to_the_second(timedelta(seconds=span)) == words


# Who sees what


def test_real_case_has_no_times(active_alert, california_officer, client):
    case = active_alert.case
    assert scores_of(case, california_officer).parts == []
    client.force_login(california_officer)
    assert "This case is no exercise" in client.get(reverse("alerts:exercise-scores", args=[case.pk])).text
    assert client.get(reverse("api:case-exercise-scores", args=[case.pk])).json()["parts"] == []
    assert "Times of the exercise" not in client.get(reverse("cases:case-detail", args=[case.pk])).text


def test_exercise_without_requests_says_so(exercise, california_officer, client):
    client.force_login(california_officer)
    assert "Nothing to time yet" in client.get(reverse("alerts:exercise-scores", args=[exercise.pk])).text


def test_program_that_was_asked_sees_its_own_request_and_what_is_published(
    sent_alert, exercise_request, baja_coordinator, california_officer, client
):
    case = sent_alert.case
    other = AlertProgram.objects.get(code="mx-chh")
    requests.send_request(case=case, program=other, by=california_officer)
    mine, theirs = scores_of(case, baja_coordinator), scores_of(case, california_officer)
    assert [part.row for part in mine.requests] == [exercise_request]
    assert [part.row for part in mine.alerts] == [sent_alert]
    assert len(theirs.requests) == 2
    client.force_login(baja_coordinator)
    page = client.get(reverse("alerts:exercise-scores", args=[case.pk])).text
    assert exercise_request.number in page and "Chihuahua" not in page
    assert "Desk 1" not in page and "exercise.invalid" not in page  # whom a program tells is its own affair


def test_outsider_finds_nothing(sent_alert, quebec_coordinator, client):
    client.force_login(quebec_coordinator)
    for name in ("alerts:exercise-scores", "alerts:exercise-scores-table", "api:case-exercise-scores"):
        assert client.get(reverse(name, args=[sent_alert.case_id])).status_code == 404


def test_page_table_and_api_say_the_same(sent_alert, exercise_request, california_officer, client):
    client.force_login(california_officer)
    case = sent_alert.case
    link = reverse("alerts:exercise-scores", args=[case.pk])
    assert link in client.get(reverse("cases:case-detail", args=[case.pk])).text
    page = client.get(link).text
    for words in ("2 min 30 s", "Not met", "Messages: 5, accepted: 5, receipt confirmed: 2", "Time limits met: 0 of 1"):
        assert words in page
    table = client.get(reverse("alerts:exercise-scores-table", args=[case.pk]))
    rows = list(csv.reader(io.StringIO(table.content.decode("utf-8-sig"))))
    told = client.get(reverse("api:case-exercise-scores", args=[case.pk])).json()
    steps = [step for part in told["parts"] for step in part["steps"]]
    assert len(rows) == 1 + len(steps)
    assert {row[0] for row in rows[1:]} == {"EXERCISE / SIMULACRO / EXERCICE"}
    assert [row[6] for row in rows[1:]] == ["" if step["seconds"] is None else str(step["seconds"]) for step in steps]
    assert told["limits"] >= 1 and told["limits_met"] == 0


def test_times_cost_the_same_however_much_was_sent(
    sent_alert, exercise_request, california_officer, django_assert_num_queries
):
    case = sent_alert.case
    scores_of(case, california_officer)
    with CaptureQueriesContext(connection) as before:
        scores_of(case, california_officer)
    for code in ("mx-chh", "ca-on", "us-wa"):
        requests.send_request(case=case, program=AlertProgram.objects.get(code=code), by=california_officer)
    with django_assert_num_queries(len(before)):
        assert len(scores_of(case, california_officer).requests) == 4
