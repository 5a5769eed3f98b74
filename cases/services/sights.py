"""For how long an agency goes on reading a case: after a question to its advisors (U30), after a request (U35)."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta

from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from agencies import audit
from agencies.models import Agency, User
from agencies.refusals import ActRefused
from cases import permissions, workflow
from cases.access import forget_agencies
from cases.choices import AccessLevel, AccessPurpose, EventAction
from cases.models import Case, CaseAccess, LegalReview
from cases.models.legal_review import WAITING
from cases.services.files import share_case

# An advisor who is late still reads what they are asked about; after that the question needs asking again.
AT_MOST_AFTER_DEADLINE = timedelta(days=3)


def open_sight(review: LegalReview, *, by: User) -> None:
    """Let the agency that was asked from elsewhere read the case until three days after the deadline at the latest.

    Only a question of the lead agency opens or lengthens a sight, and never one that serves another purpose (U35).
    Refuses another asker where the agency is not on the case any more.
    """
    if review.asking_agency_id is None or review.due_at is None:
        return
    held = CaseAccess.objects.valid().filter(case=review.case, agency=review.agency).first()
    if held is not None and held.purpose != AccessPurpose.LEGAL:
        return
    if not permissions.can_share_for_advice(by, review.case):
        if held is None:
            raise ActRefused(_("This agency is no longer on the case. The lead agency can bring it back."))
        return
    share_case(
        case=review.case, agency=review.agency, by=by, level=AccessLevel.LOOK, purpose=AccessPurpose.LEGAL,
        until=review.due_at + AT_MOST_AFTER_DEADLINE,
    )  # fmt: skip


def end_sight(review: LegalReview, *, by: User) -> None:
    """Date the end of that sight once the question is answered or withdrawn: now and the period that was promised.

    What the agency reads for another reason stays, and so does a sight that another question still needs.
    """
    if review.asking_agency_id is None:
        return
    asked = LegalReview.objects.filter(case=review.case, agency=review.agency, asking_agency__isnull=False)
    if asked.filter(status__in=WAITING).exists():
        return
    ends = [timezone.now() + timedelta(hours=review.sight_hours)]
    ends += [
        given_at + timedelta(hours=hours)
        for given_at, hours in asked.values_list("given_at", "sight_hours")
        if given_at is not None
    ]
    rows = CaseAccess.objects.valid().filter(case=review.case, agency=review.agency, purpose=AccessPurpose.LEGAL)
    for access in rows.select_for_update(of=("self",)):
        access.until = max(ends)
        access.save(update_fields=["until"])
        audit.record("case.sight_dated", by=by, objects=[access], case_id=review.case_id)
    forget_agencies(review.case)


def date_sights(
    case: Case, agency_ids: Iterable[int], *, until: datetime, by: User | None, agency: Agency
) -> list[int]:
    """Let the sight of agencies that were asked for an alert end at a moment; return the ids of those it ends for.

    What an agency reads for another reason stays: it leads the case, holds a child, or was asked for advice that it
    still owes; an earlier end stays too. `agency` is the one whose period it is.
    """
    rows = CaseAccess.objects.valid().filter(
        case=case, agency_id__in=set(agency_ids) - _holders(case), purpose=AccessPurpose.REQUEST
    )
    dated = []
    for access in rows.exclude(level=AccessLevel.OWN).select_for_update(of=("self",)):
        end = max(until, *owed_advice(access))
        if access.until is not None and access.until <= end:
            continue
        access.until = end
        access.save(update_fields=["until"])
        dated.append(access.agency_id)
        workflow.note(case, EventAction.SIGHT_DATED, by=by, agency=agency, subject=access)
        audit.record("case.sight_dated", by=by, objects=[access], case_id=case.pk, field_names=["until"])
    forget_agencies(case)
    return dated


def _holders(case: Case) -> set[int]:
    return set(case.recoveries.filter(ended_at__isnull=True).values_list("holding_agency_id", flat=True))


def owed_advice(access: CaseAccess) -> list[datetime]:
    """Return until when questions to the agency's advisors keep its sight open; at least one moment in the past."""
    waiting = LegalReview.objects.filter(
        case=access.case_id,
        agency=access.agency_id,
        asking_agency__isnull=False,
        status__in=WAITING,
        due_at__isnull=False,
    )
    dues = [due for due in waiting.values_list("due_at", flat=True) if due is not None]
    return [access.granted_at, *(due + AT_MOST_AFTER_DEADLINE for due in dues)]
