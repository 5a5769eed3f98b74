"""An authority to publish that was taken back, or has ended, while an alert is public (U28, domain §6).

What rested on it leaves everything public at once; the words are composed again from the facts as issued, without it.
An active alert gets a prepared Update and the duty to issue it, so that everybody who holds the earlier words is told.
"""

from __future__ import annotations

import logging
from collections.abc import Iterator
from typing import Any

from django.db import transaction
from django.utils import timezone

from agencies import audit
from agencies.choices import Capability
from alerts import delivery
from alerts.choices import AlertStatus, NoticeKind, RedactionKind, UpdateKind
from alerts.composing.facts import PersonFacts
from alerts.models import Alert, PublicAlert, PublicPhoto, Redaction
from alerts.publication import Allowed, allowed_by, objections_to, told
from alerts.services import notices, preparing, takedown
from alerts.services.issuing import SAID_IN_PUBLIC, withdraw_public
from alerts.snapshots import redacted
from cases.choices import PublicItem
from cases.models import Case, PublicationAuthority
from cases.workflow import note

logger = logging.getLogger(__name__)
NO_AUTHORITY = "no_authority"
Lost = tuple[str, Any, Any]  # kind of the redaction, key of the child, key of the person


def follow_case(case: Case) -> int:
    """Take out of every public alert of a case what has no authority now; return from how many alerts.

    Inside the transaction of the act that took the authority back. A second call finds nothing.
    """
    public = PublicAlert.objects.filter(withdrawn_at__isnull=True).values("alert")
    alerts = case.alerts.filter(pk__in=public).select_related("program__agency", "case", "photo", "criteria", "public")
    return sum(_follow(alert) for alert in alerts.select_for_update(of=("self",), no_key=True).order_by("pk"))


def follow_ended() -> int:
    """Do the same for authorities that have reached their end; the relay's periodic service."""
    public = PublicAlert.objects.filter(withdrawn_at__isnull=True)
    ended = PublicationAuthority.objects.filter(
        case__in=public.values("alert__case"), valid_until__lte=timezone.now(), revoked_at__isnull=True
    )
    count = 0
    for case in Case.objects.filter(pk__in=ended.values("case")):
        with transaction.atomic():
            count += follow_case(case)
    return count


def _follow(alert: Alert) -> bool:
    lost = list(_lost(alert, allowed_by(alert)))
    if not lost and (not _is_objectionable(alert) or _says_what_is_left(alert)):
        return False
    for kind, child, person in lost:
        Redaction.objects.get_or_create(
            alert=alert, kind=kind, child_id=child, person_id=person, lifted_at=None, defaults={"reason": NO_AUTHORITY}
        )
    detail: dict[str, object] = {"what": sorted({kind for kind, _child, _person in lost}), "reason": NO_AUTHORITY}
    audit.record("alert.part_withdrawn", by=None, objects=[alert], case_id=alert.case_id, detail=detail)
    note(alert.case, "alert.part_withdrawn", by=None, subject=alert, detail=detail)
    _take_out(alert)
    notices.notify_program(
        NoticeKind.TAKEN_DOWN, case=alert.case, program=alert.program, capability=Capability.COMPOSE_ALERTS, alert=alert
    )
    return True


def _take_out(alert: Alert) -> None:
    """Redact what is public and prepare the Update; where that cannot be done, the whole is taken down."""
    delivery.suppress_unsent(alert)
    try:
        with transaction.atomic():
            takedown.redact_projection(alert)
            if alert.status == AlertStatus.ACTIVE:
                preparing.prepare(alert=alert, kind=UpdateKind.WITHDRAWAL)
    except Exception:
        logger.exception("alert %s: what lost its authority could not be taken out, the whole was taken down", alert.pk)
        withdraw_public(alert)


def _lost(alert: Alert, allowed: Allowed) -> Iterator[Lost]:
    """Yield what was issued and is not withdrawn, yet has no authority now."""
    issued = preparing.issued_facts(alert)
    told = redacted(issued, preparing.open_redactions(alert)) if issued else None
    for child in told.children if told else ():
        if (child.name or child.also_known_as) and not allowed.covers_key(PublicItem.CHILD_NAME, child.key):
            yield RedactionKind.CHILD_NAME, child.key, None
    for person in told.people if told else ():
        if (person.name or person.also_known_as) and not allowed.covers_key(PublicItem.SUSPECT_NAME, person.key):
            yield RedactionKind.PERSON_NAME, None, person.key
        if _is_described(person) and not allowed.covers_key(PublicItem.SUSPECT_DETAILS, person.key):
            yield RedactionKind.PERSON_LOOKS, None, person.key
    is_shown = PublicPhoto.objects.filter(public_alert__alert=alert).exists()
    if is_shown and (alert.photo is None or not allowed.shows(alert.photo)):
        yield RedactionKind.PHOTO, None, None


def _is_described(person: PersonFacts) -> bool:
    return person != person.undescribed()


def _says_what_is_left(alert: Alert) -> bool:
    """Say whether the public reads what would be composed for it now, so that there is nothing to take out.

    Where that cannot be told, something is left to take out.
    """
    try:
        with transaction.atomic():
            left = preparing.composed(takedown.facts_left(alert), is_partly_withdrawn=True)
    except Exception:
        logger.exception("alert %s: what may still be said could not be composed", alert.pk)
        return False
    return all(
        getattr(text, name) == left[text.language][name] for text in alert.public.texts.all() for name in SAID_IN_PUBLIC
    )


def _is_objectionable(alert: Alert) -> bool:
    """Say whether words that an officer typed name somebody without an authority, although no issued fact does."""
    rows = {text.language: text for text in alert.public.texts.all()}
    texts = {language: told(text.headline, text.description, text.instruction) for language, text in rows.items()}
    return bool(objections_to(alert, None, texts, preparing.typed_languages(alert)))
