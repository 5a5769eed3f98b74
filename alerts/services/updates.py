"""Updates of an active alert on their way: worded, submitted, issued by a second officer, or refused with a reason."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from datetime import datetime

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from agencies import audit
from agencies.choices import Capability
from agencies.models import User
from agencies.refusals import ActRefused, NotPermitted
from alerts import permissions, terms, workflow
from alerts.choices import LESSER_UPDATES, DutyKind, DutyOutcome, DutyStatus, NoticeKind, TextSource, UpdateStatus
from alerts.models import Alert, AlertMessage, AlertUpdate, Redaction
from alerts.services import approvals, notices, pending, preparing
from alerts.services.drafts import TEXT_FIELDS, set_area
from alerts.services.facts_read import keep_read
from alerts.services.issuing import restate
from alerts.territory import refuse_outside


def update_hash(update: AlertUpdate) -> str:
    """Return the hash of everything that issuing covers: words, picture, term, area, what is put back."""
    content = {
        "texts": update.texts,
        "photo": update.photo.sha256 if update.photo else "",
        "hours": update.hours,
        "lifts": update.lifts,
        "areas": update.areas,
        "kind": update.kind,
    }
    return hashlib.sha256(json.dumps(content, ensure_ascii=False, sort_keys=True).encode()).hexdigest()


@transaction.atomic
def edit(*, update: AlertUpdate, by: User, texts: Mapping[str, Mapping[str, str]], seen_hash: str = "") -> None:
    """Change words; the officer becomes an author and a submitted Update goes back to preparation.

    Refuses a save over a newer version, and an Update that is already decided.
    """
    if not permissions.can_word_update(by, update):
        raise NotPermitted
    update.refresh_from_db(from_queryset=AlertUpdate.objects.select_for_update(of=("self",)))
    if update.status == UpdateStatus.SUBMITTED:
        workflow.apply(update, "revise", by=by, submitted_at=None, submitted_by=None)
    if update.status != UpdateStatus.PREPARED:
        raise ActRefused(_("This update was decided or replaced by a newer one."))
    if seen_hash and seen_hash != update_hash(update):
        raise ActRefused(_("A colleague changed this update in the meantime. Load the page again and compare."))
    for language, words in texts.items():
        text = update.texts.get(language)
        if text is not None and any(text[name] != words[name] for name in TEXT_FIELDS):
            update.texts[language] = {**text, **{name: words[name] for name in TEXT_FIELDS}}
            update.texts[language]["source"] = str(TextSource.EDITED)
    update.authors = sorted({*update.authors, by.pk})
    update.save(update_fields=["texts", "authors"])
    audit.record("update.edited", by=by, objects=[update], case_id=update.case.pk)


@transaction.atomic
def submit(*, update: AlertUpdate, by: User) -> None:
    """Ask the program's approvers to issue it."""
    workflow.apply(update, "submit", by=by, submitted_at=timezone.now(), submitted_by=by)
    notices.notify_program(
        NoticeKind.UPDATE_WANTED,
        case=update.case,
        program=update.program,
        capability=Capability.APPROVE_ALERTS,
        alert=update.alert,
    )


@transaction.atomic
def revise(*, update: AlertUpdate, by: User) -> None:
    """Take a submitted Update back into preparation."""
    workflow.apply(update, "revise", by=by, submitted_at=None, submitted_by=None)


@transaction.atomic
def issue(*, update: AlertUpdate, by: User, seen_hash: str, typed_words_read: bool = False) -> AlertMessage:
    """Issue exactly what the approver read: state, message, projection and deliveries together.

    Checked under the locks of alert and Update. A renewal counts its hours from now. Refuses words edited in a
    language that the approver does not read (U10), content that changed since the page was loaded, and words typed by
    hand of which the approver has not said that they read every one (U28).
    """
    alert = Alert.objects.select_for_update(of=("self",)).select_related("program__agency", "case").get(
        pk=update.alert_id
    )  # fmt: skip
    now = timezone.now()
    workflow.apply(update, "issue", by=by, decided_at=now, decided_by=by)
    if seen_hash != update_hash(update):
        raise ActRefused(_("The update changed while you were reading it. Read the present text before you issue it."))
    _check_languages(update, by)
    _check_typed_words(update, by, typed_words_read)
    expires = end_if_issued(alert, update, at=now)
    _lift(alert, update, by)
    if update.areas:
        refuse_outside(alert.program, update.areas)
        set_area(alert, update.areas)
    message = restate(
        alert, update.texts, facts=update.facts, photo=update.photo, expires=expires,
        is_lesser=update.kind in LESSER_UPDATES,
    )  # fmt: skip
    update.message = message
    update.save(update_fields=["message", "typed_read_by", "typed_read_at"])
    if not preparing.is_as_issued(alert):
        pending.supersede_reviews(alert)  # words of earlier facts need no reader any more
    _close_duties(update, by, DutyOutcome.DONE)
    if update.hours:
        pending.close_duties(alert, DutyKind.DECIDE_TERM, by=by)
    return message


@transaction.atomic
def refuse(*, update: AlertUpdate, by: User, reason: str) -> None:
    """Decide that the alert stays as it was issued, with a coded reason; what the public reads does not change."""
    if not permissions.can_decide_update(by, update):
        raise NotPermitted
    if not reason:
        raise ActRefused(_("A refusal needs a reason."))
    workflow.apply(
        update, "refuse", by=by, detail={"reason": reason}, decided_at=timezone.now(), decided_by=by,
        refusal_reason=reason,
    )  # fmt: skip
    _close_duties(update, by, DutyOutcome.REFUSED)


def end_if_issued(alert: Alert, update: AlertUpdate, *, at: datetime) -> datetime:
    """Return when the alert ends once the Update is issued at this moment: a renewal by its program's rules (U12)."""
    assert alert.activated_at is not None and alert.expires_at is not None  # noqa: S101  an active alert has a term
    if not update.hours:
        return alert.expires_at
    return terms.issued_until(
        terms.rules_for(alert), activated_at=alert.activated_at, expires_at=alert.expires_at, at=at, hours=update.hours
    )


def _check_languages(update: AlertUpdate, by: User) -> None:
    edited = {language for language, text in update.texts.items() if text.get("source") == TextSource.EDITED}
    if unread := sorted(edited - set(by.reads_languages)):
        raise ActRefused(
            _("These words were edited in a language that you do not read: %(languages)s.")
            % {"languages": ", ".join(unread)}
        )


def typed_to_read(update: AlertUpdate, by: User) -> list[str]:
    """Return the languages whose typed words this person has to read before issuing: those that they read."""
    return [language for language in update.typed_languages if language in by.languages_read]


def _check_typed_words(update: AlertUpdate, by: User, typed_words_read: bool) -> None:
    if typed := typed_to_read(update, by):
        approvals.refuse_unread([] if typed_words_read else typed)
        update.typed_read_by, update.typed_read_at = by, timezone.now()


def _lift(alert: Alert, update: AlertUpdate, by: User) -> None:
    open_ones = Redaction.objects.filter(alert=alert, pk__in=update.lifts, lifted_at__isnull=True)
    open_ones.update(lifted_at=timezone.now(), lifted_by=by)


def _close_duties(update: AlertUpdate, by: User, outcome: str) -> None:
    """Whoever decides on the Update has read the change: its acknowledgment is answered with it."""
    pending.close_duties(update.alert, DutyKind.ISSUE_UPDATE, by=by, outcome=outcome)
    request = update.alert.request
    if request is not None:
        for duty in request.duties.filter(kind=DutyKind.ACKNOWLEDGE_CHANGE, status=DutyStatus.OPEN):
            pending.discharge(duty, by=by)
            keep_read(request)
