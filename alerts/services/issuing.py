"""Putting an alert in force and ending it: message, projection and deliveries in the act's own transaction."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db import transaction
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from agencies import criteria_versions
from agencies.models import CriteriaVersion, User
from agencies.refusals import ActRefused
from alerts import audience, delivery, tasks, terms, workflow
from alerts.cap import codes
from alerts.cap.build import build_message
from alerts.cap.message import CapReference
from alerts.cap.validate import house_violations, violations
from alerts.cap.xml import format_datetime, to_xml
from alerts.choices import AlertStatus, MessageType, RequestStatus
from alerts.composing.compose import LANGUAGES, compose_ended
from alerts.gathering import program_facts
from alerts.models import Alert, AlertMessage, ExtensionRequest, PublicAlert, PublicAlertText, PublicPhoto
from alerts.services import approvals, coverage, duties, pending, preparing, request_endings
from alerts.services.writing import written_language
from cases.disclosure import reason_to_record
from cases.models import Photo
from cases.services.home_decisions import record_activation

TERM_OF_A_CANCEL = timedelta(hours=24)
SAID_IN_PUBLIC = ("event", "headline", "description", "instruction")


class InvalidMessage(ActRefused):
    """The CAP message would break the standard or the house's rules."""


@transaction.atomic
def activate(*, alert: Alert, by: User) -> AlertMessage:
    """Put an approved alert in force: state, timeline, audit, CAP message, public page and deliveries together.

    Checked again under the row's lock: what is issued is what was approved.
    """
    alert.refresh_from_db(from_queryset=Alert.objects.select_for_update(of=("self",)))
    return put_in_force(alert, "activate", by=by)


def put_in_force(alert: Alert, step: str, *, by: User, **stamps: Any) -> AlertMessage:
    """Take one of the steps that activate, with everything that goes out; the caller holds the alert's lock."""
    now = timezone.now()
    expires_at = now + timedelta(hours=alert.duration_hours)
    criteria = CriteriaVersion.ruling_for(alert.program)
    if criteria is not None:
        criteria_versions.rest_on(criteria)
    detail = {"exception": alert.exception} if alert.exception else None
    workflow.apply(
        alert, step, by=by, detail=detail, activated_at=now, expires_at=expires_at, criteria=criteria, **stamps
    )  # fmt: skip
    if not approvals.is_as_approved(alert):
        raise ActRefused(_("The alert was changed after its approval and must be approved again."))
    terms.check_term(terms.rules_for(alert), alert.duration_hours)
    public = _publish(alert, now)
    texts = approvals.approved_texts(alert)
    message = issue_message(alert, MessageType.ALERT, texts, expires=expires_at, public=public, facts=alert.facts)
    PublicAlert.objects.filter(pk=public.pk).update(cap_xml=message.xml)
    delivery.queue_message(message, audience.select(alert))
    if alert.request is not None:
        workflow.apply(alert.request, "activate", by=by, activated_at=now)
    record_activation(case=alert.case, program=alert.program, by=by)
    coverage.activated(alert, by=by)
    preparing.follow_facts(alert)  # what changed between the wording and now follows as an Update
    preparing.follow_languages(alert)  # and so do words that were reviewed after the approval
    tasks.wake(tasks.deliver)
    return message


def restate(
    alert: Alert,
    texts: dict[str, dict[str, str]],
    *,
    facts: dict[str, Any],
    photo: Photo | None,
    expires: datetime,
    is_lesser: bool = False,
) -> AlertMessage:
    """Issue an Update, a complete restatement: message, projection and deliveries, inside the caller's transaction.

    Everybody who got the alert and its present audience gets it, each after the earlier messages of the alert; a lesser
    one goes to those who want every update.
    """
    now = timezone.now()
    alert.photo, alert.expires_at = photo, expires
    alert.save(update_fields=["photo", "expires_at"])
    public = PublicAlert.objects.select_for_update().get(alert=alert)
    message = issue_message(alert, MessageType.UPDATE, texts, expires=expires, public=public, facts=facts)
    public.sent_at, public.expires_at, public.withdrawn_at, public.cap_xml = now, expires, None, message.xml
    public.save(update_fields=["sent_at", "expires_at", "withdrawn_at", "cap_xml"])
    replace_texts(public, texts)
    replace_photo(public, photo)
    tell(message, alert, is_lesser=is_lesser)
    return message


def tell(message: AlertMessage, alert: Alert, *, is_lesser: bool = False) -> None:
    """Send a message to everybody who got the alert and to its present audience, each once.

    A lesser one, that only prolongs the alert or adds languages, is not sent to who does not want every update.
    """
    everybody = {recipient.pk: recipient for recipient in (*audience.select(alert), *delivery.told_recipients(alert))}
    delivery.queue_message(message, [item for item in everybody.values() if item.wants_every_update or not is_lesser])
    tasks.wake(tasks.deliver)


def replace_texts(public: PublicAlert, texts: dict[str, dict[str, str]]) -> None:
    """Put new words in the place of those the public reads."""
    public.texts.all().delete()
    PublicAlertText.objects.bulk_create(
        PublicAlertText(public_alert=public, language=language, **{name: text[name] for name in SAID_IN_PUBLIC})
        for language, text in texts.items()
    )


def replace_photo(public: PublicAlert, photo: Photo | None) -> None:
    """Show this picture and no other; the same picture keeps its address."""
    shown = [item for item in public.photos.all() if photo is not None and bytes(item.jpeg) == bytes(photo.jpeg)]
    public.photos.exclude(pk__in=[item.pk for item in shown]).delete()
    if photo is not None and not shown:
        PublicPhoto.objects.create(public_alert=public, jpeg=photo.jpeg)


@transaction.atomic
def cancel(*, alert: Alert, by: User | None, reason: str, explanation: str = "") -> AlertMessage:
    """End an alert for a coded reason: everything public goes, and everybody who got it gets its Cancel.

    `by` is None when the portal acts on the program's standing authority. The Cancel holds no trace of the child.
    Refuses to end without a reason, and before the program's shortest duration without an `explanation` in writing,
    unless the child is found, the report is false or the alert endangers the child (U12).
    """
    if not reason:
        raise ActRefused(_("Choose why the alert is canceled."))
    now, rules, since = timezone.now(), terms.rules_for(alert), alert.activated_at
    terms.check_early_end(rules, activated_at=since, at=now, reason=reason, explanation=explanation)
    is_explained = terms.is_explanation_needed(rules, activated_at=since, at=now, reason=reason)
    words = explanation.strip() if is_explained else ""
    recorded = reason_to_record(alert.case, reason)  # every agency on the case reads it
    detail: dict[str, Any] = {"reason": recorded, **({"is_early": True} if is_explained else {})}
    workflow.apply(
        alert, "cancel", by=by, detail=detail, ended_at=now, end_reason=recorded, end_explanation=words,
        end_explanation_language=written_language(words),
    )  # fmt: skip
    message = _end(alert, by=by)
    coverage.cancelled(alert, reason=recorded)
    return message


@transaction.atomic
def expire_due() -> int:
    """End what has reached its term; expiry sends no CAP message (design §6). Return how many alerts."""
    due = (
        Alert.objects.select_for_update(skip_locked=True, of=("self",))
        .select_related("request")
        .filter(status=AlertStatus.ACTIVE, expires_at__lte=timezone.now())
    )
    count = 0
    for alert in due:
        now = timezone.now()
        workflow.apply(alert, "expire", by=None, ended_at=now)
        withdraw_public(alert)
        delivery.suppress_unsent(alert)
        if duties.end_with_alert(alert, by=None, at=now):
            duties.leave_confirmation(alert)  # nobody cancelled it in time; that everything is down is still unsaid
        pending.supersede_updates(alert)
        pending.supersede_reviews(alert)
        request_endings.alert_expired(alert.request)
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
        language: {name: getattr(ended, name) for name in SAID_IN_PUBLIC}
        for language in LANGUAGES
        for ended in [compose_ended(language, facts, alert.number, "cancelled")]
    }
    message = issue_message(alert, MessageType.CANCEL, texts, expires=now + TERM_OF_A_CANCEL, public=None)
    delivery.queue_message(message, told)
    duties.end_with_alert(alert, by=by, at=now)
    duties.leave_confirmation(alert)
    pending.supersede_updates(alert)
    pending.supersede_reviews(alert)
    _cancel_request(alert.request, by, now)
    tasks.wake(tasks.deliver)
    return message


def _cancel_request(request: ExtensionRequest | None, by: User | None, now: datetime) -> None:
    running = (RequestStatus.ACTIVATED, RequestStatus.ACTIVATED_OUTSIDE, RequestStatus.CANCELLATION_ASKED)
    if request is not None and request.status in running:
        workflow.apply(request, "cancel", by=by, cancelled_at=now)


def issue_message(
    alert: Alert,
    msg_type: str,
    texts: dict[str, dict[str, str]],
    *,
    expires: datetime,
    public: PublicAlert | None,
    facts: dict[str, Any] | None = None,
) -> AlertMessage:
    """Write the alert's next CAP message; it refers, byte for byte, to every earlier one that has not expired."""
    program, zone = alert.program, ZoneInfo(alert.program.time_zone)
    sent = timezone.now().astimezone(zone).replace(microsecond=0)
    every = list(alert.messages.defer("xml").order_by("created_at", "id"))
    earlier = [item for item in every if item.expires_at is None or item.expires_at > sent]
    identifier = f"{alert.number}.{len(every) + 1}"
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
        texts={language: {name: text[name] for name in SAID_IN_PUBLIC} for language, text in texts.items()},
        facts=facts or {},
        expires_at=expires,
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
