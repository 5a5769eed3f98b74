"""Acts on active alerts that are submitted twice: ending, renewing, updating, taking down, acknowledging."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

from django.urls import reverse
from django.utils import timezone

from agencies.models import ActivationFallback, AlertProgram, CriteriaVersion
from alerts import delivery
from alerts.gathering import content_hash
from alerts.models import Alert, ApprovalCall, Delivery, Duty, TextReview
from alerts.services import cancellations, drafts, fallbacks, issuing, renewals, takedown, text_reviews, updates
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


def _confirm_by_phone(get: Get) -> Act:
    alert = get("active_alert")
    while delivery.send_due():
        pass
    issuing.cancel(alert=alert, by=get("baja_coordinator"), reason="found")
    address = reverse("alerts:alert-confirmation", args=[alert.pk])
    form = {"recipient": get("recipient").pk, "name": "Rosa Ríos, jefa de turno", "via": "phone"}
    return get("baja_coordinator"), address, {f"confirmation-{name}": value for name, value in form.items()}


def _renew(get: Get) -> Act:
    Alert.objects.filter(pk=get("active_alert").pk).update(expires_at=timezone.now() + timedelta(hours=3))
    address = reverse("alerts:alert-renew", args=[get("active_alert").pk])
    return get("baja_coordinator"), address, {"renew-hours": "24", "renew-reason": "new_area"}


def _change_area(get: Get) -> Act:
    alert = get("active_alert")
    AlertProgram.objects.filter(pk=alert.program_id).update(subdivision=None)  # only a national one has a choice
    address = reverse("alerts:alert-area", args=[alert.pk])
    return get("baja_coordinator"), address, {"area-areas": ["MX-BCN", "MX-SON"]}


def _choose_audience(get: Get) -> Act:
    alert = get("approved_alert")
    return get("baja_coordinator"), reverse("alerts:alert-audience", args=[alert.pk]), {
        "audience-kinds": ["police"], "audience-roles": ["acts"],
    }  # fmt: skip


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


def _submitted(get: Get) -> Alert:
    """Return the draft, submitted by a coordinator of a program that lets one officer go alone; nobody answered."""
    alert, approver = get("draft_alert"), get("baja_approver")
    AlertProgram.objects.filter(pk=alert.program_id).update(single_officer_activation=True)
    drafts.submit(alert=alert, by=get("baja_coordinator"))
    assert approver.pk in alert.approval_calls.get().asked
    ApprovalCall.objects.update(due_at=timezone.now())
    return alert


def _ask_approval(get: Get) -> Act:
    return get("baja_coordinator"), reverse("alerts:alert-approval-ask", args=[_submitted(get).pk]), {}


def _refuse_approval(get: Get) -> Act:
    address = reverse("alerts:alert-approval-refuse", args=[_submitted(get).pk])
    return get("baja_approver"), address, {"refuse-reason": "Falta la placa."}


def _activate_alone(get: Get) -> Act:
    get("recipient")
    alert = _submitted(get)
    form = {"alone-reason": "Nadie contesta.", "content_hash": content_hash(alert)}
    return get("baja_coordinator"), reverse("alerts:alert-alone", args=[alert.pk]), form


def _use_fallback(get: Get) -> Act:
    alert = get("draft_alert")
    rule = ActivationFallback.objects.create(
        criteria=CriteriaVersion.ruling_for(alert.program), condition_en="Nobody answers.", agency=alert.program.agency
    )
    form = {"fallback-fallback": rule.pk, "fallback-reason": "Nadie contesta."}
    return get("baja_coordinator"), reverse("alerts:alert-fallback", args=[alert.pk]), form


def _end_fallback(get: Get) -> Act:
    person, address, form = _use_fallback(get)
    alert, rule = get("draft_alert"), ActivationFallback.objects.get(pk=form["fallback-fallback"])
    fallbacks.use_fallback(alert=alert, by=person, fallback=rule, reason="Nadie contesta.")
    return person, f"{address}return/", {}


def _ask_review(get: Get) -> Act:
    address = reverse("alerts:text-review-ask", args=[get("draft_alert").pk, "fr"])
    return get("baja_coordinator"), address, {"review-fr-source_language": "es"}


def _take_review(get: Get) -> Act:
    return get("california_coordinator"), reverse("alerts:text-review-step", args=[_offered(get).pk, "take"]), {}


def _record_review(get: Get) -> Act:
    review = _offered(get)
    text_reviews.take(review=review, by=get("california_coordinator"))
    return get("california_coordinator"), review.url, {f"words-{name}": text for name, text in review.words.items()}


def _send_again(get: Get) -> Act:
    Delivery.objects.filter(message__alert=get("active_alert")).update(state="failed")
    return get("baja_coordinator"), reverse("alerts:alert-send-again", args=[get("active_alert").pk]), {}


def _send_one_again(get: Get) -> Act:
    person, _address, form = _send_again(get)
    return person, reverse("alerts:delivery-send-again", args=[Delivery.objects.get(message__isnull=False).pk]), form


ACTS_OF_ALERTS: dict[str, Callable[[Get], Act]] = {
    "agree to cancel": _agree, "renew": _renew, "change the area": _change_area,
    "choose the audience": _choose_audience,
    "confirm by phone": _confirm_by_phone, "let expire": _let_expire, "submit update": _submit_update,
    "issue update": _issue_update, "refuse update": _refuse_update, "acknowledge change": _acknowledge_change,
    "withdraw part": _withdraw_part, "restore part": _restore_part, "put up open case": _put_up_open_case,
    "ask approval": _ask_approval, "refuse approval": _refuse_approval, "activate alone": _activate_alone,
    "use fallback": _use_fallback, "end fallback": _end_fallback,
    "send again": _send_again, "send one again": _send_one_again,
    "ask review": _ask_review, "take review": _take_review, "record review": _record_review,
}  # fmt: skip
