"""Typed words that a colleague elsewhere reviews: searched whole, read to the last word, then published (U28)."""

from __future__ import annotations

from typing import Any

import pytest
from django.utils import timezone

from agencies.refusals import ActRefused
from alerts.choices import TextStanding
from alerts.models import Alert, TextReview
from alerts.services import drafts, text_reviews
from cases.models import Child
from tests.alerts.test_approvals import approved, bases, edited
from tests.project.returned_forms import signed_in

pytestmark = pytest.mark.django_db
READ = "typed_words_read"
NAMING = "Appelez la famille Wilhelmina Zqvist."


def taken(alert: Alert, asker: Any, reader: Any) -> TextReview:
    """Offer the French words and let a colleague take them."""
    review = text_reviews.ask_review(alert=alert, by=asker, language="fr", source_language="es")
    text_reviews.take(review=review, by=reader)
    return review


@pytest.fixture
def typed(draft_alert: Alert, baja_coordinator: Any, quebec_coordinator: Any) -> TextReview:
    """French words that an officer of Baja California typed, taken by Québec's coordinator."""
    edited(draft_alert, "fr", baja_coordinator)
    return taken(draft_alert, baja_coordinator, quebec_coordinator)


def unnamed_child(alert: Alert) -> None:
    Child.objects.create(case=alert.case, given_names="Wilhelmina", first_surname="Zqvist")


def test_instruction_is_searched_before_words_are_released(draft_alert: Alert, baja_coordinator: Any) -> None:
    unnamed_child(draft_alert)
    draft_alert.texts.filter(language="fr").update(instruction=NAMING, source="edited")
    with pytest.raises(ActRefused) as refusal:
        text_reviews.ask_review(alert=draft_alert, by=baja_coordinator, language="fr", source_language="es")
    assert "Zqvist" in str(refusal.value.message)
    assert not TextReview.objects.exists()


def test_instruction_of_a_correction_is_searched(typed: TextReview, quebec_coordinator: Any) -> None:
    unnamed_child(typed.alert)
    words = {**typed.words, "instruction": NAMING}
    with pytest.raises(ActRefused) as refusal:
        text_reviews.record_review(review=typed, by=quebec_coordinator, words=words, typed_words_read=True)
    assert "Zqvist" in str(refusal.value.message)
    assert typed.alert.texts.get(language="fr").instruction == typed.words["instruction"]


def test_reviewer_says_to_have_read_every_typed_word(
    typed: TextReview, quebec_coordinator: Any, baja_coordinator: Any, baja_approver: Any
) -> None:
    with pytest.raises(ActRefused) as refusal:
        text_reviews.record_review(review=typed, by=quebec_coordinator, words=typed.words)
    assert "Français" in str(refusal.value.message)
    review, alert = TextReview.objects.get(), typed.alert
    assert (review.status, alert.texts.get(language="fr").reviewer) == ("taken", None)
    text_reviews.record_review(review=review, by=quebec_coordinator, words=review.words, typed_words_read=True)
    text = alert.texts.get(language="fr")
    assert (text.typed_read_by, text.typed_read_at is None) == (quebec_coordinator, False)
    for _time in range(2):  # and the review stands when the program takes its approval back
        alert.refresh_from_db()
        drafts.submit(alert=alert, by=baja_coordinator)
        approved(alert, baja_approver)
        assert bases(alert) == {"es": "read", "en": "composed", "fr": "reviewed"}
        assert alert.texts.get(language="fr").typed_read_by == quebec_coordinator
        drafts.revise(alert=alert, by=baja_coordinator)


def test_correction_of_composed_words_asks_for_it_too(
    draft_alert: Alert, baja_coordinator: Any, quebec_coordinator: Any
) -> None:
    review = taken(draft_alert, baja_coordinator, quebec_coordinator)
    words = {**review.words, "headline": "Enfant disparue"}
    with pytest.raises(ActRefused):
        text_reviews.record_review(review=review, by=quebec_coordinator, words=words)
    review = TextReview.objects.get()
    text_reviews.record_review(review=review, by=quebec_coordinator, words=review.words)  # composed words do not
    assert draft_alert.texts.get(language="fr").typed_read_by is None


def test_typed_words_that_nobody_read_whole_are_not_carried_along(
    draft_alert: Alert, baja_coordinator: Any, baja_approver: Any, quebec_coordinator: Any
) -> None:
    program = draft_alert.program
    program.languages_required = ["es", "fr"]
    program.save()
    edited(draft_alert, "fr", baja_coordinator)
    draft_alert.texts.filter(language="fr").update(reviewer=quebec_coordinator, reviewed_at=timezone.now())
    assert draft_alert.texts.get(language="fr").standing == TextStanding.UNREVIEWED
    drafts.submit(alert=draft_alert, by=baja_coordinator)
    approved(draft_alert, baja_approver)
    assert (draft_alert.status, bases(draft_alert)) == ("submitted", {"es": "read"})
    review = taken(draft_alert, baja_coordinator, quebec_coordinator)  # who reviewed them is asked once more
    text_reviews.record_review(review=review, by=quebec_coordinator, words=review.words, typed_words_read=True)
    approved(draft_alert, baja_approver)
    assert (draft_alert.status, bases(draft_alert)["fr"]) == ("approved", "reviewed")


def test_page_asks_with_a_tick_and_returns_what_was_typed(typed: TextReview, quebec_coordinator: Any) -> None:
    client = signed_in(quebec_coordinator)
    assert f'name="words-{READ}"' in client.get(typed.url).text
    form = {f"words-{name}": value for name, value in typed.words.items()} | {"nonce": "n-review"}
    unread = client.post(typed.url, {**form, "words-note": "Zq rien à redire"})
    assert unread.status_code == 422 and "Zq rien à redire" in unread.text
    assert client.post(typed.url, {**form, f"words-{READ}": "on"}).status_code == 302
    assert typed.alert.texts.get(language="fr").typed_read_by == quebec_coordinator


def test_partner_system_says_it_too(typed: TextReview, quebec_coordinator: Any) -> None:
    client, address = signed_in(quebec_coordinator), f"/api/v1/text-reviews/{typed.pk}/record/"
    assert client.post(address, typed.words, "application/json").status_code == 409
    assert client.post(address, {**typed.words, READ: "perhaps"}, "application/json").status_code == 400
    assert client.post(address, {**typed.words, READ: True}, "application/json").status_code == 200
    assert typed.alert.texts.get(language="fr").typed_read_by == quebec_coordinator
