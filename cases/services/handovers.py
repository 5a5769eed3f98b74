"""Handing a case over: the lead agency offers, and only the named recipient completes (ADR 64)."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone, translation
from django.utils.translation import gettext_lazy as _

from agencies import access, audit, scope
from agencies.choices import Capability
from agencies.models import Agency, User
from agencies.refusals import ActRefused, NotPermitted
from cases import permissions, workflow
from cases.access import forget_agencies
from cases.choices import AccessLevel, AccessPurpose, CaseStatus, HandoverStatus
from cases.models import Case, CaseAccess, CaseHandover, FactsDraft, LegalReview, PhotoUpload
from cases.models.legal_review import WAITING
from cases.services.parts import end_releases
from cases.services.sharing import MOST_HOURS
from cases.services.sights import owed_advice

KEPT_LEVELS = (AccessLevel.LOOK, AccessLevel.CONTRIBUTE)
USUAL_HOURS_KEPT = 72
MOST_OFFERED_HOURS = 30 * 24  # an offer that nobody answers must not hold a case for longer


def possible_recipients(case: Case) -> QuerySet[Agency]:
    """Return the agencies that may lead the case: all others in which somebody opens and edits cases."""
    return access.agencies_with(Capability.EDIT_CASES).exclude(pk=case.lead_agency_id).order_by("country", "name")


def recipient_named(agency: Agency, email: str) -> User | None:
    """Return the person of that agency who may take a case over and has this address, or None."""
    return access.people_with(agency, Capability.EDIT_CASES).filter(email__iexact=email.strip()).first()


@transaction.atomic
def offer_case(
    *, case: Case, by: User, agency: Agency, reason: str, hours: int, keeps_level: str = "", keeps_hours: int = 0,
    person: User | None = None, note: str = "",
) -> CaseHandover:  # fmt: skip
    """Offer a case for some hours to another agency, in it to a named person or to all who edit cases there.

    Nothing changes until it is accepted. `keeps_level` and `keeps_hours` say what the own agency goes on seeing
    afterwards; empty: nothing. Refuses everybody but the lead agency, a second open offer, an agency or a person that
    cannot take a case over, and a handoff after which somebody's act could not be done any more.
    """
    if not permissions.can_offer_case(by, case):
        raise NotPermitted
    case.refresh_from_db(from_queryset=Case.objects.select_for_update(of=("self",), no_key=True))
    if case.is_sealed:
        raise ActRefused(_("A sealed case is not handed over: its recipient could not read it. Lift the seal first."))
    if CaseHandover.objects.filter(case=case, status=HandoverStatus.OFFERED).exists():
        raise ActRefused(_("This case has been offered already. Withdraw that offer first."))
    if not possible_recipients(case).filter(pk=agency.pk).exists():
        raise ActRefused(_("No one in that agency could lead the case in the portal."))
    if person is not None and recipient_named(agency, person.email) != person:
        raise ActRefused(_("That person cannot take a case over for that agency."))
    if not 1 <= hours <= MOST_OFFERED_HOURS or not reason:
        raise ActRefused(_("Say why, and how long the offer is open: at most 30 days."))
    if keeps_level not in ("", *KEPT_LEVELS) or not (1 <= keeps_hours <= MOST_HOURS if keeps_level else True):
        raise ActRefused(_("Say what your agency keeps seeing, and for how long: at most 90 days."))
    handover = CaseHandover.objects.create(
        case=case, reference=case.reference, is_exercise=case.is_exercise, from_agency=case.lead_agency,
        to_agency=agency, to_person=person, reason=reason, note=note, note_language=_language(note, by),
        keeps_level=keeps_level, keeps_hours=keeps_hours if keeps_level else 0, offered_by=by,
        expires_at=timezone.now() + timedelta(hours=hours),
    )  # fmt: skip
    _refuse_orphans(handover)
    workflow.note(
        case, "handover.offer", by=by, agency=case.lead_agency, subject=handover, only_for=case.lead_agency
    )  # fmt: skip
    audit.record(
        "handover.offered", by=by, objects=[handover], case_id=case.pk,
        detail={"to": agency.pk, "reason": reason, "keeps": keeps_level},
    )  # fmt: skip
    workflow.announce(handover, "offer", by=by)
    return handover


@transaction.atomic
def accept_handover(*, handover: CaseHandover, by: User) -> Case:
    """Take a case over: from now on the own agency leads it, with everything that waits for the lead agency.

    One transaction: lead agency, grants, timeline, audit, drafts, questions to advisors, and by the signal requests.
    Refuses everybody but the recipient who was named, an offer that is over, and what has come to stand in the way.
    """
    _open_to(handover, by)
    # The case first, as every act on it does; who withdraws at this moment waits for the row of the offer.
    case = Case.objects.select_for_update(of=("self",), no_key=True).get(pk=handover.case_id)
    workflow.apply(
        handover, "accept", by=by, agency=handover.to_agency, decided_at=timezone.now(), decided_by=by,
        detail={"from": handover.from_agency_id, "to": handover.to_agency_id},
    )  # fmt: skip
    if not handover.to_agency.is_active:
        raise ActRefused(_("This agency no longer works in the portal."))
    _refuse_orphans(handover)
    _pass_grants_on(handover, by=by)
    _pass_work_on(handover)
    case.lead_agency = handover.to_agency
    case.save(update_fields=["lead_agency"])
    audit.record(
        "case.handed_over", by=by, objects=[case], case_id=case.pk, field_names=["lead_agency"],
        detail={"from": handover.from_agency_id, "to": handover.to_agency_id, "keeps": handover.keeps_level},
    )  # fmt: skip
    forget_agencies(case)
    return case


@transaction.atomic
def refuse_handover(*, handover: CaseHandover, by: User, refusal: str, note: str = "") -> None:
    """Refuse a case with a coded reason; it stays where it is. Refuses everybody but the recipient who was named."""
    _open_to(handover, by)
    if not refusal:
        raise ActRefused(_("Choose a reason."))
    workflow.apply(
        handover, "refuse", by=by, agency=handover.to_agency, decided_at=timezone.now(), decided_by=by,
        refusal=refusal, refusal_note=note, refusal_language=_language(note, by),
    )  # fmt: skip


def withdraw_handover(*, handover: CaseHandover, by: User) -> None:
    """Take an offer back; whoever accepts at the same moment is either first or is refused."""
    workflow.apply(
        handover, "withdraw", by=by, agency=handover.from_agency, decided_at=timezone.now(), decided_by=by
    )  # fmt: skip


def expire_due() -> int:
    """End the offers that nobody answered in time; both sides are told. Return how many."""
    due = list(CaseHandover.objects.overdue()[:100])  # type: ignore[attr-defined]
    for handover in due:
        workflow.apply(handover, "expire", by=None, agency=handover.from_agency, decided_at=timezone.now())
    return len(due)


def open_to_recipient(handover: CaseHandover, user: User) -> None:
    """Show the connection the case of an open offer to somebody who may accept it: its state, for the page."""
    if handover.is_open and permissions.can_decide_handover(user, handover):
        scope.widen(handover.case_id)


def _open_to(handover: CaseHandover, by: User) -> None:
    if not permissions.can_decide_handover(by, handover):
        raise NotPermitted
    scope.widen(handover.case_id)


def _refuse_orphans(handover: CaseHandover) -> None:
    """Refuse while a child waits for identification at the own agency: one of its officers must confirm (U15)."""
    case = handover.case
    if case.status == CaseStatus.MERGED:
        raise ActRefused(_("This case was merged into another one."))
    if case.recoveries.pending().filter(holding_agency_id=handover.from_agency_id).exists():
        raise ActRefused(
            _("The lead agency holds a child whose identity is not confirmed yet. Confirm it first, then hand over.")
        )


def _pass_grants_on(handover: CaseHandover, *, by: User) -> None:
    """Put the new lead agency where the old one was; the old one keeps what the offer said, or nothing."""
    case, now = handover.case, timezone.now()
    end_releases(case=case, agency=handover.to_agency, by=by)  # who leads needs none, and begins without if handed back
    led: dict[str, Any] = {
        "level": AccessLevel.OWN, "purpose": AccessPurpose.LEAD, "until": None, "granted_at": now,
        "granted_by": handover.offered_by, "granted_for": handover.from_agency,
    }  # fmt: skip
    new, _made = CaseAccess.objects.update_or_create(
        case=case, agency=handover.to_agency, defaults=led, create_defaults={**led, "opened_at": case.opened_at}
    )
    old = CaseAccess.objects.select_for_update(of=("self",)).get(case=case, agency=handover.from_agency)
    old.level, old.purpose = handover.keeps_level or AccessLevel.LOOK, AccessPurpose.HANDED
    # Its advisors still owe what another agency asked of them.
    old.until = max(now + timedelta(hours=handover.keeps_hours), *owed_advice(old))
    old.granted_at, old.granted_by, old.granted_for = now, by, handover.to_agency
    old.save(update_fields=["level", "purpose", "until", "granted_at", "granted_by", "granted_for"])
    audit.record(
        "case.shared", by=by, objects=[new, old], case_id=case.pk, field_names=["level", "purpose", "until"]
    )  # fmt: skip


def _pass_work_on(handover: CaseHandover) -> None:
    """Let drafts follow the case, and questions to advisors find somebody who reads the answer.

    Nobody of the new lead agency sees a question inside the old one, so it ends; what was given stays with its agency.
    Proposed corrections are decided by whoever leads, and so need nothing.
    """
    case, old, new = handover.case, handover.from_agency, handover.to_agency
    FactsDraft.objects.filter(case=case, agency=old).update(agency=new)
    PhotoUpload.objects.filter(case=case, agency=old).update(agency=new)
    waiting = LegalReview.objects.filter(case=case, status__in=WAITING)
    for review in waiting.filter(agency=old, asking_agency__isnull=True):
        workflow.apply(review, "withdraw", by=None, agency=old)
    waiting.filter(agency=new, asking_agency=old).update(asking_agency=None)
    waiting.filter(asking_agency=old).update(asking_agency=new)


def _language(text: str, by: User) -> str:
    return (translation.get_language() or by.language)[:2] if text else ""
