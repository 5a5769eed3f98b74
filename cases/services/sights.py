"""For how long the agency of a legal advisor who was asked from elsewhere reads a case (U30)."""

from __future__ import annotations

from datetime import timedelta

from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from agencies import audit
from agencies.models import User
from agencies.refusals import ActRefused
from cases import permissions
from cases.access import forget_agencies
from cases.choices import AccessLevel, AccessPurpose
from cases.models import CaseAccess, LegalReview
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
