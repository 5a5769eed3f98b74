"""Taking down is one person's act (U18): a photo, a name, a person, a child, or everything public about an alert.

What the public reads changes in the act's own transaction. Nothing that was not public before becomes public: the
words are composed again from the facts as they were issued, without what is withdrawn.
"""

from __future__ import annotations

from datetime import datetime

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from agencies import audit
from agencies.choices import Capability
from agencies.models import User
from agencies.refusals import ActRefused, NotPermitted
from alerts import delivery, permissions, workflow
from alerts.choices import AlertStatus, NoticeKind, RedactionKind, UpdateKind
from alerts.composing.compose import LANGUAGES
from alerts.composing.facts import AlertFacts
from alerts.composing.openings import compose_withdrawn
from alerts.gathering import program_facts, still_authorized
from alerts.models import Alert, AlertMessage, PublicAlert, PublicPhoto, Redaction
from alerts.publication import allowed_by
from alerts.services import notices, preparing
from alerts.services.issuing import SAID_IN_PUBLIC, issue_message, replace_texts, tell, withdraw_public
from alerts.snapshots import may_show, redacted, take_snapshot
from cases.models import Child, Person
from cases.workflow import note

RECOVERED = "recovered"


@transaction.atomic
def withdraw_child(*, alert: Alert, child: Child, reason: str = RECOVERED) -> None:
    """Take one child out of everything public about an alert while another of its children is still missing (U14).

    The portal's own act on a confirmed recovery. Name, description and every picture that may show the child leave
    at once; the CAP address answers nothing until the prepared Update is issued. With no other child left, the whole
    is withdrawn. Does nothing a second time.
    """
    alert = locked(alert)
    _made, is_new = Redaction.objects.get_or_create(
        alert=alert, kind=RedactionKind.CHILD, child=child, lifted_at=None, defaults={"reason": reason}
    )
    if not is_new:
        return
    redact_projection(alert)
    audit.record("alert.part_withdrawn", by=None, objects=[alert], case_id=alert.case_id, detail={"what": "child"})
    note(alert.case, "alert.part_withdrawn", by=None, subject=alert, detail={"what": "child"})
    if alert.status == AlertStatus.ACTIVE and facts_left(alert).children:
        delivery.suppress_unsent(alert)
        preparing.prepare(alert=alert, kind=UpdateKind.WITHDRAWAL)


@transaction.atomic
def prepare_return(*, alert: Alert, child: Child) -> None:
    """Prepare the Update that shows a child again whose recovery was taken back; two officers issue it (U15)."""
    alert = locked(alert)
    taken_out = list(
        alert.redactions.filter(kind=RedactionKind.CHILD, child=child, reason=RECOVERED, lifted_at__isnull=True)
    )
    if taken_out and alert.status == AlertStatus.ACTIVE:
        preparing.prepare(alert=alert, kind=UpdateKind.RESTORATION, lifts=taken_out)


@transaction.atomic
def withdraw(
    *, alert: Alert, by: User, kind: str, reason: str, child: Child | None = None, person: Person | None = None
) -> AlertMessage | None:
    """Withdraw a part or the whole of a public alert at once, with a coded reason; return the Update that says so.

    Any approver of the program, alone (U18). While the alert is active everybody who got it gets an Update without
    the part at once: it takes away and adds nothing, so it waits for nobody (ADR 53). For the whole, an Update to put
    it back is prepared, which the program issues or refuses. Refuses an alert with nothing public, and what is
    withdrawn already.
    """
    alert = locked(alert)
    if not permissions.can_withdraw_public(by, alert):
        raise NotPermitted
    public = PublicAlert.objects.select_for_update().filter(alert=alert, withdrawn_at__isnull=True).first()
    if public is None or not (public.is_live or public.is_open_case):
        raise ActRefused(_("Nothing of this alert is public."))
    _check_object(alert, kind, child, person)
    found, is_new = Redaction.objects.get_or_create(
        alert=alert, kind=kind, child=child, person=person, lifted_at=None, defaults={"reason": reason, "by": by}
    )
    if not is_new:
        raise ActRefused(_("This is withdrawn already."))
    detail: dict[str, object] = {"what": kind, "reason": reason}
    audit.record("alert.part_withdrawn", by=by, objects=[alert, found], case_id=alert.case_id, detail=detail)
    note(
        alert.case,
        "alert.part_withdrawn",
        by=by,
        agency=workflow.acting_agency(alert.program, alert.case, by),
        subject=alert,
        detail=detail,
    )
    message = _take_down(alert, public, kind)
    notices.notify_program(
        NoticeKind.TAKEN_DOWN,
        case=alert.case,
        program=alert.program,
        capability=Capability.COMPOSE_ALERTS,
        alert=alert,
    )
    return message


@transaction.atomic
def prepare_restoration(*, alert: Alert, by: User, redactions: list[Redaction]) -> None:
    """Prepare the Update that puts back what was withdrawn; it needs full approval like any other (U18).

    Refuses a child withdrawn on recovery, and a choice of nothing.
    """
    alert = locked(alert)
    if not permissions.can_compose(by, alert):
        raise NotPermitted
    if alert.status != AlertStatus.ACTIVE:
        raise ActRefused(_("The alert has ended; it can no longer be updated."))
    lifted = [item for item in redactions if item.alert_id == alert.pk and item.lifted_at is None]
    if not lifted:
        raise ActRefused(_("Choose what is to be put back."))
    if any(item.reason == RECOVERED for item in lifted):
        raise ActRefused(_("A recovered child is not made public again."))
    preparing.prepare(alert=alert, kind=UpdateKind.RESTORATION, by=by, lifts=lifted)


def locked(alert: Alert) -> Alert:
    """Return the alert under its lock, with what its acts read."""
    rows = Alert.objects.select_for_update(of=("self",)).select_related("program__agency", "case", "photo", "request")
    return rows.get(pk=alert.pk)


def _check_object(alert: Alert, kind: str, child: Child | None, person: Person | None) -> None:
    """Refuse what names nothing of this case: the choice of a form that was tampered with is as good as missing."""
    wants_child = kind in (RedactionKind.CHILD, RedactionKind.CHILD_NAME)
    wants_person = kind in (RedactionKind.PERSON, RedactionKind.PERSON_LOOKS, RedactionKind.PERSON_NAME)
    if wants_child != (child is not None) or wants_person != (person is not None):
        raise ActRefused(_("Choose the person it concerns."))
    if (child or person) and (child or person).case_id != alert.case_id:  # type: ignore[union-attr]
        raise NotPermitted


def facts_left(alert: Alert) -> AlertFacts:
    """Return what may still be said: the facts as issued, without what is withdrawn or lost its authority since."""
    withdrawn = preparing.open_redactions(alert)
    issued = preparing.issued_facts(alert)
    if issued is None:
        return preparing.present_facts(alert, withdrawn)
    return still_authorized(redacted(issued, withdrawn), allowed_by(alert))


def photo_may_stay(alert: Alert) -> bool:
    """Say whether the alert's picture may stay public: not withdrawn, and its authority holds."""
    photo = alert.photo
    if photo is None or not may_show(photo, preparing.open_redactions(alert)):
        return False
    return allowed_by(alert).shows(photo)


def redact_projection(alert: Alert) -> None:
    """Replace what the public reads by what is left; with no child left, withdraw it all."""
    public = PublicAlert.objects.select_for_update().filter(alert=alert, withdrawn_at__isnull=True).first()
    if public is None:
        return
    facts, now = facts_left(alert), timezone.now()
    if not facts.children:
        withdraw_public(alert)
        return
    texts = preparing.composed(facts, is_partly_withdrawn=True)
    shown = set(public.texts.values_list("language", flat=True))
    replace_texts(public, {language: text for language, text in texts.items() if language in shown})
    if not photo_may_stay(alert):
        PublicPhoto.objects.filter(public_alert=public).delete()
    _mark(public, now, cap_xml=b"")


def _mark(public: PublicAlert, at: datetime, *, cap_xml: bytes) -> None:
    public.redacted_at, public.cap_xml = at, cap_xml
    public.save(update_fields=["redacted_at", "cap_xml"])


def _take_down(alert: Alert, public: PublicAlert, kind: str) -> AlertMessage | None:
    """Change what is public, and tell everybody who got the alert while it is active."""
    is_active = alert.status == AlertStatus.ACTIVE
    if kind == RedactionKind.WHOLE or not facts_left(alert).children:
        withdraw_public(alert)
        _mark(public, timezone.now(), cap_xml=b"")
        delivery.suppress_unsent(alert)
        if not is_active:
            return None
        message = _issue_withdrawn(alert)
        preparing.prepare(alert=alert, kind=UpdateKind.RESTORATION)
        return message
    redact_projection(alert)
    if not is_active:
        return None
    delivery.suppress_unsent(alert)
    message = _issue_redacted(alert, public)
    if alert.updates.open().exists():  # type: ignore[attr-defined]
        preparing.prepare(alert=alert, kind=UpdateKind.WITHDRAWAL)  # what was prepared may still hold the part
    return message


def _issue_redacted(alert: Alert, public: PublicAlert) -> AlertMessage:
    public.refresh_from_db()
    facts = facts_left(alert)
    if not photo_may_stay(alert):
        alert.photo = None
        alert.save(update_fields=["photo"])
    shown = set(public.texts.values_list("language", flat=True))
    composed = preparing.composed(facts, is_partly_withdrawn=True)
    texts = {language: text for language, text in composed.items() if language in shown}
    assert alert.expires_at is not None  # noqa: S101  an active alert has a term
    snapshot = take_snapshot(facts, alert.case, alert.photo)
    message = issue_message(alert, "Update", texts, expires=alert.expires_at, public=public, facts=snapshot)
    public.sent_at, public.cap_xml = timezone.now(), message.xml
    public.save(update_fields=["sent_at", "cap_xml"])
    tell(message, alert)
    return message


def _issue_withdrawn(alert: Alert) -> AlertMessage:
    facts = program_facts(alert.program)
    texts: dict[str, dict[str, str]] = {
        language: {name: getattr(text, name) for name in SAID_IN_PUBLIC}
        for language in LANGUAGES
        for text in [compose_withdrawn(language, facts, alert.number)]
    }
    assert alert.expires_at is not None  # noqa: S101  an active alert has a term
    issued = preparing.last_issued(alert)
    message = issue_message(
        alert, "Update", texts, expires=alert.expires_at, public=None, facts=issued.facts if issued else None
    )
    tell(message, alert)
    return message
