"""Preparing an Update of an active alert: words composed from the facts as they are now, and a duty to decide on it."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from datetime import timedelta
from typing import Any

from django.utils import timezone

from agencies import audit
from agencies.choices import Capability
from agencies.models import User
from alerts.choices import DutyKind, MessageType, NoticeKind, RedactionKind, TextSource, TextStanding, UpdateKind
from alerts.composing.compose import LANGUAGES, compose
from alerts.composing.facts import AlertFacts
from alerts.composing.openings import Disregard, to_disregard
from alerts.differences import is_changed
from alerts.gathering import lexicon
from alerts.models import Alert, AlertMessage, AlertUpdate, Redaction
from alerts.publication import allowed_by
from alerts.services import notices, pending
from alerts.snapshots import facts_of, may_show, present_facts, take_snapshot
from cases.models import Photo

DECIDE_WITHIN = timedelta(minutes=30)
SAID = ("event", "headline", "description", "instruction")
REVIEWED = str(TextStanding.REVIEWED)
# What changes no fact says again what was issued, and adds languages that have followed since.
AS_ISSUED = (UpdateKind.RENEWAL, UpdateKind.LANGUAGES, UpdateKind.AREA)
# Where two reasons meet in one Update, the one that says more names it.
WEIGHT = (
    UpdateKind.LANGUAGES, UpdateKind.RENEWAL, UpdateKind.AREA, UpdateKind.RESTORATION, UpdateKind.WITHDRAWAL,
    UpdateKind.CHANGE, UpdateKind.CORRECTION,
)  # fmt: skip


def open_redactions(alert: Alert) -> list[Redaction]:
    """Return what is withdrawn from the public of this alert."""
    return list(alert.redactions.filter(lifted_at__isnull=True))


def last_issued(alert: Alert) -> AlertMessage | None:
    """Return the message by which the program last said something of the case; None before activation."""
    messages = alert.messages.exclude(msg_type=MessageType.CANCEL).defer("xml")
    return messages.order_by("-created_at", "-id").first()


def issued_facts(alert: Alert) -> AlertFacts | None:
    """Return the facts that the public was last told; None where no snapshot was kept."""
    message = last_issued(alert)
    return facts_of(message.facts) if message else None


def follow_facts(alert: Alert, *, is_correction: bool = False, photo: Photo | None = None) -> AlertUpdate | None:
    """Prepare the Update that changed facts ask for; None when nothing differs from what was issued.

    Takes the place of what was prepared before. When a change is taken back, so is its Update.
    """
    issued = last_issued(alert)
    if issued is None:
        return None
    earlier = alert.updates.open().first()  # type: ignore[attr-defined]
    chosen = photo or (earlier.photo if earlier else None)
    photo = chosen if _is_released(alert, chosen) else proposed_photo(alert, open_redactions(alert))
    present = take_snapshot(present_facts(alert, open_redactions(alert)), alert.case, photo)
    if not is_changed(issued.facts, present):
        _take_back(alert)
        return None
    kind = UpdateKind.CORRECTION if is_correction else UpdateKind.CHANGE
    return prepare(alert=alert, kind=kind, photo=photo)


def follow_languages(alert: Alert) -> AlertUpdate | None:
    """Prepare the Update by which words follow that were approved or reviewed after the activation (U10).

    None when there are none, when a part is withdrawn from the public, or when facts have changed since: then an
    Update with words composed from the present facts is on its way in every language. The caller holds the alert's
    lock.
    """
    issued = last_issued(alert)
    if issued is None or open_redactions(alert) or not further_words(alert, issued):
        return None
    if is_changed(issued.facts, take_snapshot(present_facts(alert), alert.case, alert.photo)):
        return None
    return prepare(alert=alert, kind=UpdateKind.LANGUAGES, photo=alert.photo)


def typed_languages(alert: Alert) -> set[str]:
    """Return the languages in which the words that were issued last were typed or changed by hand.

    What was typed on the alert or an Update stays typed while later Updates say it again, and no longer: words that
    the portal composed since, also when a part was withdrawn, are nobody's own.
    """
    updates = {update.message_id: update for update in alert.updates.filter(message__isnull=False)}  # type: ignore[attr-defined]
    typed, before = {text.language for text in alert.texts.all() if text.is_typed}, None
    for message in alert.messages.exclude(msg_type=MessageType.CANCEL).defer("xml").order_by("created_at", "id"):
        if before is not None:
            typed = {code for code in typed if _said(message, code) == _said(before, code)}
        if message.pk in updates:
            typed |= set(updates[message.pk].typed_languages)
        before = message
    return typed


def _said(message: AlertMessage, language: str) -> list[str]:
    text = message.texts.get(language, {})
    return [text.get(name, "") for name in SAID]


def is_as_issued(alert: Alert) -> bool:
    """Say whether the words on the alert's own page rest on the facts that were issued last."""
    issued = last_issued(alert)
    return issued is None or not is_changed(issued.facts, alert.facts)


def further_words(alert: Alert, issued: AlertMessage) -> dict[str, dict[str, str]]:
    """Return words that may be published and have not been: of a further language, or corrected since the last issue.

    Their `source` says that a named person who works in the language reviewed them, so that the Update may be issued
    by officers who do not.
    """
    if not is_as_issued(alert):
        return {}
    found = {}
    for text in alert.texts.all():
        is_new = text.language not in issued.texts or text.written_at > issued.created_at
        said = {name: getattr(text, name) for name in SAID}
        if is_new and text.standing != TextStanding.UNREVIEWED and said != issued.texts.get(text.language):
            is_composed = text.standing == TextStanding.COMPOSED
            found[text.language] = said | {"source": str(TextSource.COMPOSED if is_composed else REVIEWED)}
    return found


def prepare(
    *,
    alert: Alert,
    kind: str,
    by: User | None = None,
    photo: Photo | None = None,
    hours: int | None = None,
    reason: str = "",
    lifts: Iterable[Redaction] = (),
    areas: Collection[str] = (),
    is_taken_back: bool = False,
) -> AlertUpdate:
    """Prepare an Update in the place of any that is open, and leave the program the duty to issue or refuse it.

    Inside the caller's transaction, which holds the alert's lock. What the open one carried besides (a renewal, a
    correction, what is put back, another area) goes over to the new one; so does its kind, unless the facts that it
    told of were taken back (`is_taken_back`). `by` is None when the portal prepares it.
    """
    earlier = alert.updates.open().first()  # type: ignore[attr-defined]
    redactions = open_redactions(alert)
    asked_at = timezone.now() if hours else None
    lifted = {item.pk for item in lifts} | {item.pk for item in redactions if item.kind == RedactionKind.WHOLE}
    if earlier is not None:
        kind = kind if is_taken_back else max(kind, earlier.kind, key=WEIGHT.index)
        if hours is None:
            hours, reason, asked_at = earlier.hours, earlier.reason, earlier.renewal_asked_at
        lifted |= set(earlier.lifts)
        areas = areas or earlier.areas
    pending.supersede_updates(alert)
    staying = [item for item in redactions if item.pk not in lifted]
    facts = present_facts(alert, staying)
    photo = photo if may_show(photo, staying) and _is_released(alert, photo) else proposed_photo(alert, staying)
    snapshot = take_snapshot(facts, alert.case, photo)
    texts = _words(alert, kind, facts, snapshot)
    writers = {by.pk} if by else set()
    if reviewed := [language for language, text in texts.items() if text["source"] == REVIEWED]:
        writers |= set(alert.texts.filter(language__in=reviewed, author__isnull=False).values_list("author", flat=True))
    update = AlertUpdate.objects.create(
        alert=alert,
        kind=kind,
        texts=texts,
        facts=snapshot,
        photo=photo,
        hours=hours,
        reason=reason,
        renewal_asked_at=asked_at,
        lifts=sorted(lifted & {item.pk for item in redactions}),
        areas=sorted(areas),
        created_by=by,
        authors=sorted(writers),
    )
    audit.record("update.prepared", by=by, objects=[update], case_id=alert.case_id, detail={"kind": kind})
    _ask_to_decide(alert, update)
    return update


def _ask_to_decide(alert: Alert, update: AlertUpdate) -> None:
    """Leave the duty to issue or refuse the Update, and tell the program's officers."""
    pending.leave_duty(DutyKind.ISSUE_UPDATE, within=DECIDE_WITHIN, alert=alert, detail={"update": str(update.pk)})
    notices.notify_program(
        NoticeKind.UPDATE_PREPARED,
        case=alert.case,
        program=alert.program,
        capability=Capability.COMPOSE_ALERTS,
        alert=alert,
    )


def composed(
    facts: AlertFacts, *, disregard: Disregard | None = None, is_partly_withdrawn: bool = False
) -> dict[str, dict[str, str]]:
    """Return the texts in three languages, composed from reviewed phrases only."""
    words = lexicon()
    texts: dict[str, dict[str, str]] = {}
    for language in LANGUAGES:
        text = compose(facts, language, words, disregard=disregard, is_partly_withdrawn=is_partly_withdrawn)
        texts[language] = {name: getattr(text, name) for name in SAID} | {"source": str(TextSource.COMPOSED)}
    return texts


def proposed_photo(alert: Alert, redactions: Iterable[Redaction]) -> Photo | None:
    """Return the picture to show: the alert's own, else one of a child still looked for; both need an authority."""
    withdrawn, allowed = list(redactions), allowed_by(alert)
    if alert.photo is not None and allowed.shows(alert.photo) and may_show(alert.photo, withdrawn):
        return alert.photo
    of_children = alert.case.photos.released().filter(child__isnull=False).select_related("child")
    return next((photo for photo in of_children if allowed.shows(photo) and may_show(photo, withdrawn)), None)


def _is_released(alert: Alert, photo: Photo | None) -> bool:
    """Say whether the program has an authority to show the picture now (U28)."""
    return photo is not None and allowed_by(alert).shows(photo)


def _words(alert: Alert, kind: str, facts: AlertFacts, snapshot: dict[str, Any]) -> dict[str, dict[str, str]]:
    """Return the words: those that were issued where nothing changed, else composed again."""
    issued = last_issued(alert)
    before = facts_of(issued.facts) if issued else None
    if issued is not None and kind in AS_ISSUED and not is_changed(issued.facts, snapshot):
        said = {language: dict(text) | {"source": str(TextSource.COMPOSED)} for language, text in issued.texts.items()}
        return said | further_words(alert, issued)
    is_correction = kind == UpdateKind.CORRECTION and before is not None
    disregard = to_disregard(before, facts) if is_correction and before is not None else None
    return composed(facts, disregard=disregard, is_partly_withdrawn=kind == UpdateKind.WITHDRAWAL)


def _take_back(alert: Alert) -> None:
    update = alert.updates.open().filter(kind__in=(UpdateKind.CHANGE, UpdateKind.CORRECTION)).first()  # type: ignore[attr-defined]
    if update is None:
        return
    kind = _carried_kind(update)
    if kind is None:
        pending.supersede_updates(alert)
        pending.close_duties(alert, DutyKind.ISSUE_UPDATE, by=None)
    else:
        prepare(alert=alert, kind=kind, photo=update.photo, is_taken_back=True)


def _carried_kind(update: AlertUpdate) -> UpdateKind | None:
    """Return what an Update is for besides changed facts; None when it is for nothing else."""
    if update.lifts:
        return UpdateKind.RESTORATION
    if update.areas:
        return UpdateKind.AREA
    return UpdateKind.RENEWAL if update.hours else None
