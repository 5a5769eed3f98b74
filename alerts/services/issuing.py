"""Putting an alert in force and ending it: message, projection and deliveries in the act's own transaction."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db import transaction
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from agencies.models import User
from agencies.refusals import ActRefused
from alerts import delivery, tasks, workflow
from alerts.cap import codes
from alerts.cap.build import build_message
from alerts.cap.message import CapReference
from alerts.cap.validate import house_violations, violations
from alerts.cap.xml import format_datetime, to_xml
from alerts.choices import AlertStatus, MessageType, RequestStatus
from alerts.composing.compose import compose_ended
from alerts.gathering import program_facts
from alerts.models import Alert, AlertMessage, ExtensionRequest, PublicAlert, PublicAlertText, PublicPhoto, Recipient
from alerts.services import approvals, duties
from alerts.services.drafts import LANGUAGES, check_term
from cases.disclosure import reason_to_record
from cases.services.home_decisions import record_activation

TERM_OF_A_CANCEL = timedelta(hours=24)


class InvalidMessage(ActRefused):
    """The CAP message would break the standard or the house's rules."""


@transaction.atomic
def activate(*, alert: Alert, by: User) -> AlertMessage:
    """Put an approved alert in force: state, timeline, audit, CAP message, public page and deliveries together.

    Checked again under the row's lock: what is issued is what was approved.
    """
    alert.refresh_from_db(from_queryset=Alert.objects.select_for_update(of=("self",)))
    now = timezone.now()
    expires_at = now + timedelta(hours=alert.duration_hours)
    workflow.apply(alert, "activate", by=by, activated_at=now, expires_at=expires_at)
    if not approvals.is_as_approved(alert):
        raise ActRefused(_("The alert was changed after its approval and must be approved again."))
    check_term(alert.program, alert.duration_hours)
    public = _publish(alert, now)
    message = _issue(alert, MessageType.ALERT, approvals.approved_texts(alert), expires=expires_at, public=public)
    PublicAlert.objects.filter(pk=public.pk).update(cap_xml=message.xml)
    # An exercise reaches nobody but those who stand by for exercises (design §3.8).
    recipients = Recipient.objects.filter(program=alert.program, is_active=True, is_exercise_only=alert.is_exercise)
    delivery.queue_message(message, recipients)
    if alert.request is not None:
        workflow.apply(alert.request, "activate", by=by, activated_at=now)
    record_activation(case=alert.case, program=alert.program, by=by)
    tasks.wake(tasks.deliver)
    return message


@transaction.atomic
def cancel(*, alert: Alert, by: User | None, reason: str) -> AlertMessage:
    """End an alert: everything public goes, and everybody who got it gets its Cancel.

    `by` is None when the portal acts on the program's standing authority. The Cancel holds no trace of the child.
    """
    reason = reason_to_record(alert.case, reason)  # every agency on the case reads it
    workflow.apply(alert, "cancel", by=by, detail={"reason": reason}, ended_at=timezone.now(), end_reason=reason)
    return _end(alert, by=by)


@transaction.atomic
def expire_due() -> int:
    """End what has reached its term; expiry sends no CAP message (design §6). Return how many alerts."""
    due = Alert.objects.select_for_update(skip_locked=True).filter(
        status=AlertStatus.ACTIVE, expires_at__lte=timezone.now()
    )
    count = 0
    for alert in due:
        now = timezone.now()
        workflow.apply(alert, "expire", by=None, ended_at=now)
        withdraw_public(alert)
        delivery.suppress_unsent(alert)
        if duties.end_with_alert(alert, by=None, at=now):
            duties.leave_confirmation(alert)  # nobody cancelled it in time; that everything is down is still unsaid
        count += 1
    return count


def withdraw_public(alert: Alert) -> None:
    """Remove everything public about the alert now: words, pictures, CAP. Number, program and times remain."""
    PublicAlertText.objects.filter(public_alert__alert=alert).delete()
    PublicPhoto.objects.filter(public_alert__alert=alert).delete()
    PublicAlert.objects.filter(alert=alert, withdrawn_at__isnull=True).update(withdrawn_at=timezone.now(), cap_xml=b"")


def _end(alert: Alert, *, by: User | None) -> AlertMessage:
    withdraw_public(alert)
    told = delivery.told_recipients(alert)
    delivery.suppress_unsent(alert)
    now = timezone.now()
    facts = program_facts(alert.program)
    texts: dict[str, dict[str, str]] = {
        language: {name: getattr(ended, name) for name in ("event", "headline", "description", "instruction")}
        for language in LANGUAGES
        for ended in [compose_ended(language, facts, alert.number, "cancelled")]
    }
    message = _issue(alert, MessageType.CANCEL, texts, expires=now + TERM_OF_A_CANCEL, public=None)
    delivery.queue_message(message, told)
    duties.end_with_alert(alert, by=by, at=now)
    duties.leave_confirmation(alert)
    _cancel_request(alert.request, by, now)
    tasks.wake(tasks.deliver)
    return message


def _cancel_request(request: ExtensionRequest | None, by: User | None, now: datetime) -> None:
    running = (RequestStatus.ACTIVATED, RequestStatus.ACTIVATED_OUTSIDE, RequestStatus.CANCELLATION_ASKED)
    if request is not None and request.status in running:
        workflow.apply(request, "cancel", by=by, cancelled_at=now)


def _issue(
    alert: Alert, msg_type: str, texts: dict[str, dict[str, str]], *, expires: datetime, public: PublicAlert | None
) -> AlertMessage:
    program, zone = alert.program, ZoneInfo(alert.program.time_zone)
    sent = timezone.now().astimezone(zone).replace(microsecond=0)
    earlier = list(alert.messages.order_by("created_at", "id"))
    identifier = f"{alert.number}.{len(earlier) + 1}"
    cap = build_message(
        msg_type=msg_type,
        identifier=identifier,
        sender=program.cap_sender,
        sent=sent,
        expires=expires.astimezone(zone).replace(microsecond=0),
        is_exercise=alert.is_exercise,
        incident=alert.case.reference,
        references=[CapReference(item.sender, item.identifier, item.sent) for item in earlier],
        sender_names={language: getattr(program, f"name_{language}") for language in LANGUAGES},
        texts=texts,
        areas=[area.subdivision for area in alert.areas.select_related("subdivision")],
        web=_public_urls(public) if public else {},
    )
    xml = to_xml(cap)
    check_message(xml, languages=[codes.LANGUAGES[language] for language in texts])
    return AlertMessage.objects.create(
        alert=alert,
        msg_type=msg_type,
        identifier=identifier,
        sender=program.cap_sender,
        sent=format_datetime(sent),
        references=" ".join(item.reference for item in earlier),
        xml=xml,
        texts=texts,
    )


def check_message(xml: bytes, *, languages: Collection[str] = tuple(codes.LANGUAGES.values())) -> None:
    """Refuse to issue a message that breaks CAP 1.2 or the house's rules; the first broken rule is named.

    `languages` are CAP's tags of the approved texts: the message carries each of them once, and no other.
    """
    broken = [*violations(xml), *house_violations(xml, languages)]
    if broken:
        raise InvalidMessage(broken[0].message)


def _public_urls(public: PublicAlert) -> dict[str, str]:
    return {
        language: settings.SITE_URL + reverse("public:alert-detail", args=[language, public.public_id])
        for language in LANGUAGES
    }


def _publish(alert: Alert, now: datetime) -> PublicAlert:
    """Copy what was approved for the public; public pages read these rows only."""
    assert alert.expires_at is not None  # noqa: S101  set by the caller
    public = PublicAlert.objects.create(
        alert=alert,
        number=alert.number,
        program=alert.program,
        country=alert.program.country,
        is_exercise=alert.is_exercise,
        time_zone=alert.program.time_zone,
        sent_at=now,
        expires_at=alert.expires_at,
    )
    PublicAlertText.objects.bulk_create(_public_texts(public, alert))
    if alert.photo is not None:
        PublicPhoto.objects.create(public_alert=public, jpeg=alert.photo.jpeg)
    return public


def _public_texts(public: PublicAlert, alert: Alert) -> Iterable[PublicAlertText]:
    for language, text in approvals.approved_texts(alert).items():
        yield PublicAlertText(public_alert=public, language=language, **text)
