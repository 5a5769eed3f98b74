"""What the pages before activation show of text messages: per language of the recipients, with size and cut."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from alerts.models import AlertText, Recipient
from alerts.services import drafts
from alerts.texts import previews

pytestmark = pytest.mark.django_db


def guard(alert: Any, number: str, language: str, **fields: Any) -> Recipient:
    """Register a border post with a verified number."""
    made = {"sms_number": number, "sms_verified_number": number, **fields}
    return Recipient.objects.create(
        program=alert.program, name=f"Guardia {number}", kind="border", language=language, **made
    )


def test_each_language_of_the_recipients_is_shown_once(draft_alert: Any) -> None:
    guard(draft_alert, "+526565550100", "es")
    guard(draft_alert, "+526565550101", "es")
    guard(draft_alert, "+526565550102", "fr")
    guard(draft_alert, "+526565550103", "en", sms_verified_number="")
    guard(draft_alert, "+526565550104", "en", is_active=False)
    guard(draft_alert, "+526565550105", "en", is_exercise_only=True)
    found = {item.language: item for item in previews(draft_alert, draft_alert.texts.all())}
    assert {language: item.recipients for language, item in found.items()} == {"es": 2, "fr": 1}
    assert found["es"].body.endswith(draft_alert.number)
    assert 1 <= found["es"].size.parts <= 6


def test_words_that_the_reader_is_not_shown_are_not_shown_here(draft_alert: Any) -> None:
    guard(draft_alert, "+526565550100", "es")
    assert previews(draft_alert, draft_alert.texts.exclude(language="es")) == []


def test_cut_is_said(draft_alert: Any, settings: Any) -> None:
    guard(draft_alert, "+526565550100", "es")
    settings.ALERTS_SMS_SEGMENTS = 2
    (item,) = previews(draft_alert, draft_alert.texts.all())
    assert item.is_cut
    assert item.size.parts == 2
    settings.ALERTS_SMS_SEGMENTS = 99
    (whole,) = previews(draft_alert, draft_alert.texts.all())
    assert not whole.is_cut
    assert AlertText.objects.get(alert=draft_alert, language="es").headline in whole.body


def test_pages_before_activation_show_it(draft_alert: Any, baja_coordinator: Any, baja_approver: Any) -> None:
    client = Client()
    page = reverse("alerts:alert-detail", args=[draft_alert.pk])
    client.force_login(baja_coordinator)
    assert 'id="text-messages"' not in client.get(page).text, "the channel is not used"
    guard(draft_alert, "+526565550100", "es")
    assert 'id="text-messages"' in client.get(page).text
    drafts.submit(alert=draft_alert, by=baja_coordinator)
    client.force_login(baja_approver)
    shown = client.get(reverse("alerts:alert-approval", args=[draft_alert.pk])).text
    assert 'id="text-messages"' in shown
    assert "+526565550100" not in shown
