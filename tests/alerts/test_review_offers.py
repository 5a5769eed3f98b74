"""Whom the portal tells that words wait for a review (U10)."""

from __future__ import annotations

from typing import Any

import pytest

from alerts.models import Alert, Delivery
from alerts.services import text_reviews
from tests.alerts.test_approvals import edited

pytestmark = pytest.mark.django_db


def test_offer_is_told_to_those_who_work_in_the_language_and_compose(
    draft_alert: Alert, baja_coordinator: Any, quebec_coordinator: Any, california_coordinator: Any, make_user: Any
) -> None:
    make_user("jurist.fr@quebec.example", "ca-qc-sq", "legal_advisor", "fr")
    edited(draft_alert, "fr", baja_coordinator)
    review = text_reviews.ask_review(alert=draft_alert, by=baja_coordinator, language="fr", source_language="es")
    told = Delivery.objects.filter(notice__text_review=review).values_list("user__email", flat=True)
    assert list(told) == [quebec_coordinator.email]
