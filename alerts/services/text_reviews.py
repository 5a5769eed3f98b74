"""Reviews of words by colleagues who work in their language, in any country: asked for, taken, confirmed or corrected.

Asking is the act that releases words to people outside the case, and it releases exactly what the row holds: the words
to judge, the same text in one language beside them, and what the coded facts say (docs/adr/0057).
"""

from __future__ import annotations

import uuid
from collections.abc import Collection, Mapping

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from agencies import audit, scope
from agencies.choices import Capability
from agencies.models import AlertProgram, Membership, User
from agencies.refusals import ActRefused, NotPermitted
from alerts import delivery, permissions, publication, tasks, workflow
from alerts.choices import (
    OPEN_TEXT_REVIEWS,
    REVIEWABLE_STATUSES,
    AlertStatus,
    ApprovalBasis,
    NoticeKind,
    TextSource,
    TextStanding,
)
from alerts.composing.compose import compose
from alerts.gathering import lexicon, still_authorized
from alerts.models import Alert, AlertText, Notice, TextReview
from alerts.services import approvals, notices, preparing
from alerts.services.writing import written_language
from alerts.snapshots import facts_of
from cases.workflow import note

REVIEWED_FIELDS = ("headline", "description", "instruction")


def let_reviewer_in(user: User, pk: uuid.UUID | str) -> None:
    """Let whoever may see this review read what stands behind it, and act on it, for this request (docs/adr/0057).

    An id that cannot exist is like one that does not.
    """
    try:
        pk = uuid.UUID(str(pk))
    except ValueError:
        return
    with scope.through_door("reviewing_words"):
        case_id = _case_of_review(user, pk)
    if case_id:
        scope.widen(case_id)


def _case_of_review(user: User, pk: uuid.UUID | str) -> uuid.UUID | None:
    rows = TextReview.objects.visible_to(user).filter(pk=pk)  # type: ignore[attr-defined]
    return rows.values_list("alert__case_id", flat=True).first()


@transaction.atomic
def ask_review(
    *, alert: Alert, by: User, language: str, source_language: str, countries: Collection[str] = (),
    programs: Collection[str] = (),
) -> TextReview:  # fmt: skip
    """Offer the words in one language to everybody who works in it, with the words of another language beside them.

    With `countries` or `programs`, by their codes, nobody else is asked, told or sees the offer. Refuses everybody but
    the program's own officers, an alert that has ended or that is withdrawn from the public, words that somebody
    reviewed or is reviewing, words that name what has no authority to be published (U28), and a choice of which nobody
    could take the review.
    """
    alert.refresh_from_db(from_queryset=Alert.objects.select_for_update(of=("self",), no_key=True))
    if not permissions.can_release_words(by, alert):
        raise NotPermitted
    text, source = _texts_to_release(alert, language, source_language)
    released, typed = (text, source), [item.language for item in (text, source) if item.is_typed]
    if found := publication.objections_to(alert, None, {item.language: _told(item) for item in released}, typed):
        raise ActRefused(found[0])
    known = [person.pk for person in (by, text.author) if person]
    people = permissions.possible_reviewers(language, countries=countries, programs=programs)
    if (countries or programs) and not people.exclude(pk__in=known).exists():
        raise ActRefused(_("Nobody there could review words in this language. Choose others, or ask everybody."))
    review = TextReview.objects.create(
        alert=alert, language=language, source_language=source_language, words=words_of(text),
        source_words=words_of(source), facts_words=_said_by_the_facts(alert, language), written_by=text.author,
        asked_by=by, countries=sorted(set(countries)), programs=sorted(set(programs)),
    )  # fmt: skip
    detail: dict[str, object] = {"language": language, "countries": review.countries, "programs": review.programs}
    audit.record("textreview.asked", by=by, objects=[review], case_id=alert.case_id, detail=detail)
    agency = workflow.acting_agency(alert.program, alert.case, by)
    note(alert.case, "textreview.ask", by=by, agency=agency, subject=review, detail={"language": language},
         only_for=agency)  # fmt: skip
    notice = Notice.objects.create(
        kind=NoticeKind.TEXT_REVIEW_WANTED, case=alert.case, alert=alert, text_review=review
    )  # fmt: skip
    delivery.queue_notice(notice, people.exclude(pk__in=known))
    tasks.wake(tasks.notify)
    return review


@transaction.atomic
def take(*, review: TextReview, by: User) -> None:
    """Take a review by name: from now on this person, and nobody else, sees what it released."""
    workflow.apply(review, "take", by=by, taken_at=timezone.now(), taken_by=by)


@transaction.atomic
def hand_back(*, review: TextReview, by: User) -> None:
    """Put a review back into the queue; who had it sees the words no more."""
    workflow.apply(review, "hand_back", by=by, taken_at=None, taken_by=None)


@transaction.atomic
def record_review(
    *, review: TextReview, by: User, words: Mapping[str, str], note: str = "", typed_words_read: bool = False
) -> None:
    """Record by name that the words are right, or right them; unchanged words are a confirmation.

    A correction voids the approval of its language and of no other. While the alert is active, words that may be
    published now are prepared as an Update. Refuses words that were changed since they were released, a correction
    that tells what has no authority to be published, words that were typed or are corrected by hand of which the
    reviewer has not said that they read every one (U28), and everybody who has not taken the review.
    """
    alert = Alert.objects.select_for_update(of=("self",), no_key=True).get(pk=review.alert_id)
    review.alert = alert
    if not permissions.can_finish_review(by, review):
        raise NotPermitted
    text = alert.texts.select_for_update(no_key=True).get(language=review.language)
    corrected = {name: words[name] for name in REVIEWED_FIELDS}
    is_correction = any(corrected[name] != review.words[name] for name in REVIEWED_FIELDS)
    workflow.apply(
        review, "correct" if is_correction else "confirm", by=by, done_at=timezone.now(), note=note.strip(),
        note_language=written_language(note.strip()), detail={"language": review.language},
    )  # fmt: skip
    if words_of(text) != review.words:
        raise ActRefused(_("The program has changed these words since it asked. They need a new review."))
    if is_correction:
        _correct(alert, text, corrected, by)
    text.reviewer, text.reviewed_at = by, timezone.now()
    if text.is_typed:
        approvals.refuse_unread([] if typed_words_read else [text.language])
        text.typed_read_by, text.typed_read_at = by, text.reviewed_at
    text.save()
    if alert.status == AlertStatus.APPROVED:
        alert.content_hash = approvals.approved_hash(alert)
        alert.save(update_fields=["content_hash"])
    if alert.status == AlertStatus.ACTIVE:
        preparing.follow_languages(alert)
    notices.notify_program(
        NoticeKind.TEXT_REVIEWED, case=alert.case, program=alert.program, capability=Capability.COMPOSE_ALERTS,
        alert=alert,
    )  # fmt: skip


@transaction.atomic
def withdraw_review(*, review: TextReview, by: User) -> None:
    """Take an offer back: whoever reads the words at this moment sees them no more."""
    workflow.apply(review, "withdraw", by=by)


def programs_to_ask(language: str, user: User) -> list[AlertProgram]:
    """Return the programs in which somebody else could review words in a language, by country and name."""
    people = permissions.possible_reviewers(language).exclude(pk=user.pk)
    agencies = Membership.objects.current().filter(user__in=people).values_list("agency", flat=True)
    return list(AlertProgram.objects.filter(is_active=True).run_by(set(agencies)).order_by("country", "name"))


def words_of(text: AlertText) -> dict[str, str]:
    """Return the words in one language that a review is about."""
    return {name: getattr(text, name) for name in REVIEWED_FIELDS}


def may_be_offered(alert: Alert, text: AlertText) -> bool:
    """Say whether these words still lack a reviewer, or one who read every typed word, and could be offered now."""
    is_reviewed = text.standing == TextStanding.REVIEWED
    return alert.status in REVIEWABLE_STATUSES and not is_reviewed and text.approval_basis != ApprovalBasis.READ


def _texts_to_release(alert: Alert, language: str, source_language: str) -> tuple[AlertText, AlertText]:
    texts = {text.language: text for text in alert.texts.select_related("author")}
    text, source = texts.get(language), texts.get(source_language)
    if text is None or source is None or text == source:
        raise ActRefused(_("Choose the language to review and another one to put beside it."))
    if alert.status not in REVIEWABLE_STATUSES or not alert.case.is_open:
        raise ActRefused(_("This alert has ended; its words need no review."))
    if preparing.open_redactions(alert):
        raise ActRefused(_("A part of this alert is withdrawn from the public. Put it back or leave it out first."))
    if not may_be_offered(alert, text):
        raise ActRefused(_("These words were reviewed already."))
    if alert.text_reviews.filter(language=language, status__in=OPEN_TEXT_REVIEWS).exists():
        raise ActRefused(_("A review of this text has already been requested."))
    if alert.status == AlertStatus.ACTIVE and not preparing.is_as_issued(alert):
        raise ActRefused(_("The alert was updated since these words were written. Change the words of the update."))
    return text, source


def _correct(alert: Alert, text: AlertText, corrected: Mapping[str, str], by: User) -> None:
    """Put corrected words in their place; their author approves them as little as any other author does."""
    told = publication.told(*(corrected[name] for name in REVIEWED_FIELDS))
    if found := publication.objections_to(alert, None, {text.language: told}, [text.language]):
        raise ActRefused(found[0])
    for name, value in corrected.items():
        setattr(text, name, value)
    text.source, text.author, text.written_at = TextSource.EDITED, by, timezone.now()
    text.void_review()
    alert.authors = sorted({*alert.authors, by.pk})
    alert.save(update_fields=["authors"])


def _said_by_the_facts(alert: Alert, language: str) -> dict[str, str]:
    """Return what the portal composes from the facts that the alert's words were written from; empty if none is kept.

    Only what the program may publish is among these facts (U28).
    """
    facts = facts_of(alert.facts)
    if facts is None:
        return {}
    text = compose(still_authorized(facts, publication.allowed_by(alert)), language, lexicon())  # type: ignore[arg-type]
    return {name: getattr(text, name) for name in REVIEWED_FIELDS}


def _told(text: AlertText) -> str:
    return publication.told(*words_of(text).values())
