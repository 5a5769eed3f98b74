"""An end before the program's shortest duration is explained in writing, unless it cannot wait (U12)."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.urls import reverse
from django.utils import timezone

from agencies.refusals import ActRefused
from alerts.models import Alert, AlertMessage, PublicAlert
from alerts.services import cancellations, issuing
from alerts.services.duties import leave_cancellation
from alerts.terms import ExplanationNeeded
from cases.models import CaseEvent
from tests.alerts.test_renewals import rule

pytestmark = pytest.mark.django_db
WORDS = "La persona sospechosa se entregó; el niño está con su abuela."


@pytest.fixture
def early_alert(active_alert: Any) -> Alert:
    """The active alert of a program whose alerts last at least five hours, one hour after its activation."""
    rule(active_alert, min_duration_hours=5)
    Alert.objects.filter(pk=active_alert.pk).update(activated_at=timezone.now() - timedelta(hours=1))
    return Alert.objects.get(pk=active_alert.pk)


def test_early_end_without_words_ends_nothing(early_alert, baja_coordinator):
    with pytest.raises(ExplanationNeeded):
        issuing.cancel(alert=early_alert, by=baja_coordinator, reason="suspect_caught", explanation="  ")
    early_alert.refresh_from_db()
    assert early_alert.status == "active"
    assert PublicAlert.objects.get().is_live
    assert AlertMessage.objects.count() == 1


def test_words_are_kept_with_their_language_and_leave_a_mark_in_the_timeline(early_alert, baja_coordinator):
    issuing.cancel(alert=early_alert, by=baja_coordinator, reason="suspect_caught", explanation=WORDS)
    early_alert.refresh_from_db()
    assert (early_alert.end_explanation, early_alert.end_explanation_language) == (WORDS, "en")
    event = CaseEvent.objects.get(kind="alert.cancel")
    assert event.detail == {"reason": "suspect_caught", "is_early": True}


@pytest.mark.parametrize("reason", ["found_safe", "found_deceased", "hoax", "unfounded", "alert_endangers_child"])
def test_what_cannot_wait_needs_no_words_and_keeps_none(reason, early_alert, baja_coordinator):
    issuing.cancel(alert=early_alert, by=baja_coordinator, reason=reason, explanation=WORDS)
    early_alert.refresh_from_db()
    assert (early_alert.status, early_alert.end_explanation) == ("cancelled", "")


def test_after_the_minimum_no_words_are_asked_for(early_alert, client, baja_coordinator):
    Alert.objects.update(activated_at=timezone.now() - timedelta(hours=6))
    client.force_login(baja_coordinator)
    page = client.get(reverse("alerts:alert-detail", args=[early_alert.pk])).content.decode()
    assert "cancel-reason" in page and "cancel-explanation" not in page
    issuing.cancel(alert=Alert.objects.get(), by=baja_coordinator, reason="suspect_caught")
    assert "is_early" not in CaseEvent.objects.get(kind="alert.cancel").detail


def test_end_without_a_reason_is_refused_by_the_service(active_alert, baja_coordinator):
    with pytest.raises(ActRefused) as refusal:
        issuing.cancel(alert=active_alert, by=baja_coordinator, reason="")
    assert str(refusal.value.message) == "Choose why the alert is canceled."


def test_prepared_cancel_of_a_recovery_waits_for_nothing(early_alert, client, baja_coordinator):
    leave_cancellation(early_alert, reason="found")
    client.force_login(baja_coordinator)
    answer = client.post(
        reverse("alerts:alert-cancel", args=[early_alert.pk]), {"nonce": "p", "cancel-reason": "found"}
    )
    assert answer.status_code == 302
    early_alert.refresh_from_db()
    assert early_alert.status == "cancelled"


@pytest.mark.parametrize(
    ("language", "words"),
    [("en", "last at least 5 hours"), ("es", "duran al menos 5 horas"), ("fr", "durent au moins 5 heures")],
)
def test_page_asks_for_the_words_in_the_readers_language(language, words, early_alert, client, baja_coordinator):
    type(baja_coordinator).objects.filter(pk=baja_coordinator.pk).update(language=language)
    client.force_login(baja_coordinator)
    page = client.get(reverse("alerts:alert-detail", args=[early_alert.pk])).content.decode()
    assert 'name="cancel-explanation"' in page
    address = reverse("alerts:alert-cancel", args=[early_alert.pk])
    returned = client.post(address, {"nonce": "n1", "cancel-reason": "suspect_caught", "cancel-explanation": ""})
    assert returned.status_code == 422
    form = returned.context["form"]
    assert words in form.errors["explanation"][0]
    assert words in returned.content.decode()
    assert 'value="suspect_caught" selected' in returned.content.decode()
    again = {"nonce": "n2", "cancel-reason": "suspect_caught", "cancel-explanation": WORDS}
    assert client.post(address, again).status_code == 302
    shown = client.get(reverse("alerts:alert-detail", args=[early_alert.pk])).content.decode()
    assert "su abuela" in shown


def test_timeline_of_the_case_says_that_it_ended_early(early_alert, client, baja_coordinator, california_officer):
    issuing.cancel(alert=early_alert, by=baja_coordinator, reason="suspect_caught", explanation=WORDS)
    client.force_login(california_officer)
    page = client.get(reverse("cases:case-detail", args=[early_alert.case_id])).content.decode()
    assert "Suspect caught – before the shortest duration of the program" in page


def test_api_asks_for_the_same(early_alert, client, baja_coordinator):
    client.force_login(baja_coordinator)
    address = f"/api/v1/alerts/{early_alert.pk}/cancel/"
    headers = {"Idempotency-Key": "early-end-0001"}
    refused = client.post(address, {"reason": "suspect_caught"}, "application/json", headers=headers)
    assert refused.status_code == 409
    early_alert.refresh_from_db()
    assert early_alert.status == "active"
    given = {"reason": "suspect_caught", "explanation": WORDS}
    done = client.post(address, given, "application/json", headers={"Idempotency-Key": "early-end-0002"})
    assert done.status_code == 200, done.content
    assert done.json()["end_explanation"] == WORDS


def test_agreeing_early_to_what_the_other_side_asks_is_explained_too(
    early_alert, client, baja_coordinator, california_officer
):
    request = early_alert.request
    cancellations.ask_cancellation(request=request, by=california_officer, reason="suspect_caught")
    client.force_login(baja_coordinator)
    page = client.get(reverse("alerts:request-detail", args=[request.pk])).content.decode()
    assert 'name="agree-explanation"' in page
    address = reverse("alerts:request-agree", args=[request.pk])
    returned = client.post(address, {"nonce": "a1", "agree-explanation": " "})
    assert returned.status_code == 422
    assert 'aria-invalid="true"' in returned.content.decode()
    assert client.post(address, {"nonce": "a2", "agree-explanation": WORDS}).status_code == 302
    early_alert.refresh_from_db()
    assert (early_alert.status, early_alert.end_explanation) == ("cancelled", WORDS)


def test_agreeing_to_a_recovery_needs_nothing(early_alert, client, baja_coordinator, california_officer):
    request = early_alert.request
    cancellations.ask_cancellation(request=request, by=california_officer, reason="found_safe")
    client.force_login(baja_coordinator)
    answer = client.post(reverse("alerts:request-agree", args=[request.pk]), {"nonce": "a"})
    assert answer.status_code == 302
    early_alert.refresh_from_db()
    assert (early_alert.status, early_alert.end_reason) == ("cancelled", "found_safe")
