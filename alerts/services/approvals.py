"""Approving an alert, language by language, and telling what of it may be published (U10)."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from agencies import audit
from agencies.choices import Language
from agencies.models import User
from agencies.refusals import ActRefused, NotPermitted
from alerts import alert_guards, permissions, workflow
from alerts.choices import AlertStatus, ApprovalBasis, TextStanding
from alerts.gathering import content_hash
from alerts.models import Alert, AlertText
from alerts.publication import allowed_by
from alerts.services import pending, preparing
from cases.models import Photo
from cases.workflow import note

# A language may be approved after the alert: before it is activated it goes out with it, later with an Update.
APPROVABLE = (AlertStatus.SUBMITTED, AlertStatus.APPROVED, AlertStatus.ACTIVE)
NOTHING: dict[str, Any] = {
    "reviewer": None, "reviewed_at": None, "approved_by": None, "approved_at": None, "approval_basis": "",
    "typed_read_by": None, "typed_read_at": None,
}  # fmt: skip
WORDS = ("event", "headline", "description", "instruction")


@dataclass(frozen=True)
class Publishable:
    """What of an alert may be published: approved words by language, and the photo."""

    texts: dict[str, dict[str, str]]
    photo: Photo | None


def approved_texts(alert: Alert) -> dict[str, dict[str, str]]:
    """Return the approved words by language; unreviewed words are never among them."""
    texts = alert.texts.filter(approved_at__isnull=False).order_by("language")
    return {
        text.language: {name: getattr(text, name) for name in WORDS}
        for text in texts
        if text.standing != TextStanding.UNREVIEWED
    }


def publishable(alert: Alert) -> Publishable:
    """Return what of an alert a message, a public page or a poster may carry."""
    shown = alert.photo
    photo = shown if shown is not None and allowed_by(alert).shows(shown) else None
    return Publishable(approved_texts(alert), photo)


def is_as_approved(alert: Alert) -> bool:
    """Say whether words, area, photo and term are those that were approved, by their hash."""
    return bool(alert.content_hash) and alert.content_hash == approved_hash(alert)


def approved_hash(alert: Alert) -> str:
    """Return the hash of what the present approvals cover."""
    return content_hash(alert, languages=list(approved_texts(alert)))


@transaction.atomic
def approve(
    *, alert: Alert, by: User, seen_hash: str, languages: Collection[str] | None = None,
    typed_words_read: bool = False,
) -> None:  # fmt: skip
    """Approve exactly what the approver saw, in the languages they read (all of them, or those named).

    The alert is approved once every required language is vouched for by somebody who reads it; words that are
    composed from reviewed phrases or that a named person reviewed go along then, and unreviewed ones stay behind.
    Refuses the author, the submitter, languages that the approver does not read, content that changed since the page
    was loaded, and words typed by hand of which the approver has not said that they read every one (U28): no machine
    recognizes all that may not be said.
    """
    alert.refresh_from_db(from_queryset=Alert.objects.select_for_update(of=("self",)))
    if not permissions.can_approve(by, alert):
        raise NotPermitted
    if alert.status not in APPROVABLE:
        workflow.apply(alert, "approve", by=by)  # says what is possible in this state
    alert_guards.check_second_person(by, alert)
    if seen_hash != content_hash(alert):
        raise ActRefused(_("The alert changed while you were reading it. Read the present text before you approve."))
    covered = _approve_read_words(alert, by, languages, typed_words_read)
    if alert.status == AlertStatus.SUBMITTED and not _unvouched(alert):
        _carry_reviewed_words(alert, by)
        workflow.apply(
            alert, "approve", by=by, detail={"languages": sorted(approved_texts(alert))}, approved_at=timezone.now(),
            approved_by=by, content_hash=approved_hash(alert), authors=[],
        )  # fmt: skip
        return
    if alert.status == AlertStatus.APPROVED:
        alert.content_hash = approved_hash(alert)
        alert.save(update_fields=["content_hash"])
    if alert.status == AlertStatus.ACTIVE:
        preparing.follow_languages(alert)
    audit.record("alert.language_approved", by=by, objects=[alert], case_id=alert.case_id,
                 detail={"languages": covered})  # fmt: skip
    agency = workflow.acting_agency(alert.program, alert.case, by)
    note(alert.case, "alert.language_approved", by=by, agency=agency, subject=alert,
         detail={"languages": covered}, only_for=agency)  # fmt: skip


def void(alert: Alert) -> None:
    """Take back the approval of every language; who reviewed the words stays, and what a review said of typed ones.

    What an approver said of typed words goes with the approval.
    """
    alert.texts.filter(approval_basis=ApprovalBasis.READ).update(typed_read_by=None, typed_read_at=None)
    alert.texts.update(approved_by=None, approved_at=None, approval_basis="")


def texts_to_approve(alert: Alert, by: User) -> list[AlertText]:
    """Return the texts that this person reads and did not write: what an approval of theirs would cover."""
    texts = alert.texts.filter(language__in=by.languages_read).exclude(author=by)
    return list(texts.select_related("author", "reviewer", "approved_by"))


def _approve_read_words(alert: Alert, by: User, languages: Collection[str] | None, typed_words_read: bool) -> list[str]:
    if foreign := set(languages or ()) - by.languages_read:
        raise ActRefused(
            _("You cannot approve words in a language that you do not read: %(languages)s.")
            % {"languages": ", ".join(sorted(foreign))}
        )
    texts = [text for text in texts_to_approve(alert, by) if languages is None or text.language in languages]
    if not texts:
        raise ActRefused(_("There is no text in a language that you read."))
    _vouch(texts, by, typed_words_read)
    alert.approval_calls.filter(answered_at__isnull=True).update(answered_at=timezone.now(), answered_by=by)
    read = [text.language for text in texts]
    pending.supersede_reviews(alert, read)  # somebody who reads the language has read the words
    return read


def approve_alone(alert: Alert, by: User, *, typed_words_read: bool) -> None:
    """Vouch for the words that this officer reads, their own too, when nobody else answers (U9).

    Inside the caller's transaction, which decides whether they may. Words in other languages go along as they do
    with a second officer: composed or reviewed by a named person, never unreviewed.
    """
    _vouch(list(alert.texts.filter(language__in=by.languages_read)), by, typed_words_read)
    _carry_reviewed_words(alert, by)


def refuse_unread(languages: Collection[str]) -> None:
    """Refuse with the languages in which words were typed by hand that nobody has said to have read; none is fine."""
    if languages:
        names = ", ".join(str(Language(code).label) for code in sorted(languages))
        raise ActRefused(
            _("Confirm first that you have read every word that was typed by hand: %(languages)s.")
            % {"languages": names}
        )


def _vouch(texts: list[AlertText], by: User, typed_words_read: bool) -> None:
    now = timezone.now()
    typed = [text for text in texts if text.is_typed]
    refuse_unread([] if typed_words_read else [text.language for text in typed])
    for text in typed:
        text.typed_read_by, text.typed_read_at = by, now
    for text in texts:
        if text.standing == TextStanding.UNREVIEWED:
            text.reviewer, text.reviewed_at = by, now
        text.approved_by, text.approved_at, text.approval_basis = by, now, ApprovalBasis.READ
        text.save()


def _unvouched(alert: Alert) -> set[str]:
    """Return the required languages that neither an approver nor a named reviewer vouches for."""
    reviewed = {text.language for text in alert.texts.all() if text.standing == TextStanding.REVIEWED}
    return alert_guards.languages_unapproved(alert) - reviewed


def _carry_reviewed_words(alert: Alert, by: User) -> None:
    """Let words that need no vouching by the approver go along; nobody claims to have read them."""
    for text in alert.texts.filter(approved_at__isnull=True):
        if text.standing == TextStanding.UNREVIEWED:
            continue
        text.approved_by, text.approved_at = by, timezone.now()
        text.approval_basis = ApprovalBasis(text.standing)
        text.save()
