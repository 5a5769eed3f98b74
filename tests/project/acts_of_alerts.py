"""Acts on active alerts that are submitted twice: ending, renewing, updating, taking down, acknowledging."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

from django.urls import reverse
from django.utils import timezone

from alerts.models import Alert, Duty, TextReview
from alerts.services import cancellations, renewals, takedown, text_reviews, updates
from alerts.services.updates import update_hash
from cases.models import Vehicle
from cases.services.facts import record_facts
from tests.alerts.expiring import expire_with_open_cases

Get = Callable[[str], Any]
Act = tuple[Any, str, dict[str, Any]]


def _changed(get: Get) -> Any:
    """Return the Update that follows another plate."""
    alert, vehicle = get("active_alert"), Vehicle.objects.get()
    vehicle.plate = "8ABC456"
    record_facts(case=alert.case, by=get("california_officer"), items=[(vehicle, ["plate"])])
    return alert.updates.open().get()


def _agree(get: Get) -> Act:
    asked = get("active_alert").request
    cancellations.ask_cancellation(request=asked, by=get("california_officer"), reason="suspect_caught")
    return get("baja_coordinator"), reverse("alerts:request-agree", args=[asked.pk]), {}


def _renew(get: Get) -> Act:
    Alert.objects.filter(pk=get("active_alert").pk).update(expires_at=timezone.now() + timedelta(hours=3))
    address = reverse("alerts:alert-renew", args=[get("active_alert").pk])
    return get("baja_coordinator"), address, {"renew-hours": "24", "renew-reason": "new_area"}


def _let_expire(get: Get) -> Act:
    Alert.objects.filter(pk=get("active_alert").pk).update(expires_at=timezone.now() + timedelta(minutes=30))
    renewals.leave_term_duties()
    return get("baja_coordinator"), reverse("alerts:let-expire", args=[Duty.objects.get(kind="decide_term").pk]), {}


def _submit_update(get: Get) -> Act:
    return get("baja_coordinator"), reverse("alerts:update-step", args=[_changed(get).pk, "submit"]), {}


def _issue_update(get: Get) -> Act:
    update = _changed(get)
    updates.submit(update=update, by=get("baja_coordinator"))
    address = reverse("alerts:update-step", args=[update.pk, "issue"])
    return get("baja_approver"), address, {"content_hash": update_hash(update)}


def _refuse_update(get: Get) -> Act:
    address = reverse("alerts:update-step", args=[_changed(get).pk, "refuse"])
    return get("baja_approver"), address, {"refuse-reason": "already_said"}


def _acknowledge_change(get: Get) -> Act:
    _changed(get)
    duty = Duty.objects.get(kind="acknowledge_change")
    return get("baja_coordinator"), reverse("alerts:change-acknowledge", args=[duty.pk]), {}


def _withdraw_part(get: Get) -> Act:
    address = reverse("alerts:alert-withdraw", args=[get("active_alert").pk])
    return get("baja_approver"), address, {"what": "whole", "reason": "error"}


def _restore_part(get: Get) -> Act:
    alert, person = get("active_alert"), get("active_alert").case.people.get()
    takedown.withdraw(alert=alert, by=get("baja_approver"), kind="person_name", reason="error", person=person)
    form = {"redaction": str(alert.redactions.get().pk)}
    return get("baja_coordinator"), reverse("alerts:alert-restore", args=[alert.pk]), form


def _put_up_open_case(get: Get) -> Act:
    alert = get("active_alert")
    expire_with_open_cases(alert)
    return get("baja_approver"), reverse("alerts:alert-open-case", args=[alert.pk]), {
        "open-case-reason": "public_can_help",
    }  # fmt: skip


def _offered(get: Get) -> TextReview:
    """Return French words that California's coordinator, who reads French too, may take."""
    asker, reader = get("baja_coordinator"), get("california_coordinator")
    reader.reads_languages = ["en", "fr"]
    reader.save()
    return text_reviews.ask_review(alert=get("draft_alert"), by=asker, language="fr", source_language="es")


def _ask_review(get: Get) -> Act:
    address = reverse("alerts:text-review-ask", args=[get("draft_alert").pk, "fr"])
    return get("baja_coordinator"), address, {"review-fr-source_language": "es"}


def _take_review(get: Get) -> Act:
    return get("california_coordinator"), reverse("alerts:text-review-step", args=[_offered(get).pk, "take"]), {}


def _record_review(get: Get) -> Act:
    review = _offered(get)
    text_reviews.take(review=review, by=get("california_coordinator"))
    return get("california_coordinator"), review.url, {f"words-{name}": text for name, text in review.words.items()}


ACTS_OF_ALERTS: dict[str, Callable[[Get], Act]] = {
    "agree to cancel": _agree, "renew": _renew, "let expire": _let_expire, "submit update": _submit_update,
    "issue update": _issue_update, "refuse update": _refuse_update, "acknowledge change": _acknowledge_change,
    "withdraw part": _withdraw_part, "restore part": _restore_part, "put up open case": _put_up_open_case,
    "ask review": _ask_review, "take review": _take_review, "record review": _record_review,
}  # fmt: skip
