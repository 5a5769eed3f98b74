"""Wording an alert: composed from the facts, edited, submitted, approved."""

from __future__ import annotations

from collections.abc import Collection, Mapping

from django.db import connection, transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from agencies import audit
from agencies.choices import AlertReach
from agencies.models import AlertProgram, User
from agencies.refusals import ActRefused, NotPermitted
from alerts import permissions, terms, workflow
from alerts.choices import AlertStatus, TextSource
from alerts.composing.compose import LANGUAGES, compose
from alerts.gathering import content_hash, gather_facts, lexicon
from alerts.models import Alert, AlertArea, AlertText, ExtensionRequest
from alerts.publication import allowed_by, allowed_for
from alerts.services import approval_calls, approvals, pending
from alerts.snapshots import take_snapshot
from alerts.territory import check_area, first_area
from cases.choices import ChildStatus
from cases.models import Case, Photo

TEXT_FIELDS = ("headline", "description", "instruction")

approve = approvals.approve  # a step of drafting; its rules per language fill a module of their own


@transaction.atomic
def start_alert(*, program: AlertProgram, case: Case, by: User, request: ExtensionRequest | None = None) -> Alert:
    """Prepare a program's alert: words in three languages from the coded facts, its whole territory, its term."""
    if not permissions.can_start_alert(by, program, case):
        raise NotPermitted
    if not case.is_open:
        raise ActRefused(_("The case has ended; no alert can be prepared for it."))
    return prepare_alert(program=program, case=case, by=by, request=request)


@transaction.atomic
def take_on(*, request: ExtensionRequest, by: User) -> Alert | None:
    """Give an accepted request the alert that the program has for the case already; return it, or None.

    A wrong recovery leaves a new alert prepared that nobody asked for (U15), and a program may alert by itself. The
    asking side can then ask for its cancellation as for any other (U19).
    """
    mine = Alert.objects.select_for_update(of=("self",), no_key=True).filter(
        case=request.case, program=request.program, request__isnull=True,
        status__in=(AlertStatus.DRAFT, AlertStatus.SUBMITTED, AlertStatus.APPROVED, AlertStatus.ACTIVE),
    )  # fmt: skip
    alert = mine.order_by("-created_at").first()
    if alert is None:
        return None
    alert.request = request
    alert.reach = request.reach or alert.reach
    alert.save(update_fields=["request", "reach"])
    audit.record("alert.taken_on", by=by, objects=[alert, request], case_id=request.case_id)
    if alert.status == AlertStatus.ACTIVE:
        workflow.apply(request, "activate", by=by, activated_at=alert.activated_at)
    return alert


def prepare_alert(*, program: AlertProgram, case: Case, by: User, request: ExtensionRequest | None = None) -> Alert:
    """Write a program's draft inside the caller's transaction; the caller has decided that it may be."""
    alert = Alert.objects.create(
        number=_next_number(program),
        case=case,
        program=program,
        request=request,
        is_exercise=case.is_exercise,
        reach=_reach_for(program, case, request),
        duration_hours=terms.proposed_hours(terms.rules_of(program)),
        photo=photo_for(program, case),
        created_by=by,
        authors=[by.pk],
    )
    set_area(alert, first_area(program, case, request))
    write_from_facts(alert=alert, by=by)
    audit.record("alert.started", by=by, objects=[alert], case_id=case.pk)
    return alert


def _reach_for(program: AlertProgram, case: Case, request: ExtensionRequest | None) -> str:
    """Return the level of a new alert: as decided on the request, as the last alert of the case had it, else by law.

    A program of one state alerts there, a national one in its country (domain §1.1).
    """
    if request is not None and request.reach:
        return request.reach
    last = case.alerts.filter(program=program, activated_at__isnull=False).order_by("-activated_at").first()
    if last is not None and last.reach:
        return last.reach
    return AlertReach.STATE if program.subdivision_id else AlertReach.NATIONAL


@transaction.atomic
def write_from_facts(*, alert: Alert, by: User) -> None:
    """Compose the words anew from the facts as they are now; earlier edits are replaced."""
    make_editable(alert, by)
    facts, words = gather_facts(alert.case, alert.program, alert.number), lexicon()
    alert.facts = take_snapshot(facts, alert.case, alert.photo)
    alert.save(update_fields=["facts"])
    pending.supersede_reviews(alert)
    for language in LANGUAGES:
        text = compose(facts, language, words)
        AlertText.objects.update_or_create(
            alert=alert,
            language=language,
            defaults={
                "source": TextSource.COMPOSED,
                "event": text.event,
                "headline": text.headline,
                "description": text.description,
                "instruction": text.instruction,
                "author": by,
                "written_at": timezone.now(),
                **approvals.NOTHING,
            },
        )


@transaction.atomic
def edit_alert(
    *,
    alert: Alert,
    by: User,
    texts: Mapping[str, Mapping[str, str]],
    duration_hours: int,
    photo: Photo | None,
    areas: Collection[str] | None = None,
    seen_hash: str = "",
) -> None:
    """Change words, term, photo or area; any change voids the alert's approval and makes this officer an author.

    `areas` are codes of subdivisions; None leaves the area as it is. A language whose words stay keeps the approval of
    its words, unless term, photo or area change. Refuses a term outside the program's limits, a photo without
    authority, an area outside the program's territory (design §3.1), and a save over a newer version.
    """
    if not permissions.can_compose(by, alert):
        raise NotPermitted
    make_editable(alert, by)
    if seen_hash and seen_hash != content_hash(alert):
        raise ActRefused(_("A colleague changed this alert in the meantime. Load the page again and compare."))
    terms.check_term(terms.rules_of(alert.program), duration_hours)
    if photo is not None and (photo.case_id != alert.case_id or not allowed_by(alert).shows(photo)):
        raise ActRefused(_("The photo has no recorded authority to be published."))
    if areas is not None:
        check_area(alert.program, areas)
    for text in alert.texts.all():
        words = texts.get(text.language)
        if words is None or all(getattr(text, name) == words[name] for name in TEXT_FIELDS):
            continue
        for name in TEXT_FIELDS:
            setattr(text, name, words[name])
        text.source, text.author, text.written_at = TextSource.EDITED, by, timezone.now()
        text.void_review()
        text.save()
        pending.supersede_reviews(alert, [text.language])
    is_elsewhere = areas is not None and set_area(alert, areas)
    if is_elsewhere or (alert.duration_hours, alert.photo_id) != (duration_hours, photo.pk if photo else None):
        approvals.void(alert)  # an approval covers term, photo and area together with the words
    alert.duration_hours, alert.photo = duration_hours, photo
    alert.save(update_fields=["duration_hours", "photo"])
    audit.record("alert.edited", by=by, objects=[alert], case_id=alert.case_id)


@transaction.atomic
def submit(*, alert: Alert, by: User) -> None:
    """Ask the program's approvers for their approval."""
    workflow.apply(alert, "submit", by=by, submitted_at=timezone.now(), submitted_by=by)
    approval_calls.call_approvers(alert=alert, by=by)


@transaction.atomic
def revise(*, alert: Alert, by: User | None) -> None:
    """Return an alert to draft: whatever was approved of it must be approved again. `by` is None for the portal."""
    workflow.apply(alert, "revise", by=by)
    approvals.void(alert)


def make_editable(alert: Alert, by: User) -> None:
    """Return an alert to draft before it changes; approval and its hash fall away."""
    alert.refresh_from_db(from_queryset=Alert.objects.select_for_update(of=("self",)))
    if alert.status in (AlertStatus.SUBMITTED, AlertStatus.APPROVED):
        workflow.apply(alert, "revise", by=by)
    if alert.status != AlertStatus.DRAFT:
        raise ActRefused(_("This alert is no longer a draft and cannot be edited."))
    alert.authors = sorted({*alert.authors, by.pk})
    alert.submitted_at = alert.submitted_by = alert.approved_at = alert.approved_by = None
    alert.content_hash = ""
    alert.save(update_fields=["authors", "submitted_at", "submitted_by", "approved_at", "approved_by", "content_hash"])


def set_area(alert: Alert, codes: Collection[str]) -> bool:
    """Make these subdivisions the alert's area; say whether that changed it."""
    before = set(alert.areas.values_list("subdivision_id", flat=True))
    if before == set(codes):
        return False
    alert.areas.exclude(subdivision__in=codes).delete()
    AlertArea.objects.bulk_create(AlertArea(alert=alert, subdivision_id=code) for code in sorted(set(codes) - before))
    return True


def photo_for(program: AlertProgram, case: Case) -> Photo | None:
    """Return the first photo of a child still missing that this program may publish."""
    allowed = allowed_for(program, case)
    of_missing = case.photos.released().filter(child__isnull=False).exclude(child__status=ChildStatus.RECOVERED)
    return next((photo for photo in of_missing.defer("jpeg") if allowed.shows(photo)), None)


def _next_number(program: AlertProgram) -> str:
    year = timezone.now().year
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO alerts_alertnumber (program_id, year, last) VALUES (%s, %s, 1)"
            " ON CONFLICT (program_id, year) DO UPDATE SET last = alerts_alertnumber.last + 1 RETURNING last",
            [program.pk, year],
        )
        return f"{program.number_prefix}-{year}-{cursor.fetchone()[0]:04d}".upper()
