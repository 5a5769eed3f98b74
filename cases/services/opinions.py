"""Legal opinions."""

from __future__ import annotations

from django.db import transaction
from django.utils import timezone
from django.utils.translation import get_language

from agencies import access, audit
from agencies.choices import Capability
from agencies.models import Agency, User
from agencies.refusals import NotPermitted
from cases import permissions, workflow
from cases.access import agencies_on
from cases.models import Case, LegalReview


@transaction.atomic
def record_opinion(*, case: Case, by: User, opinion: str, grounds: str) -> LegalReview:
    """Record a legal advisor's opinion, bound to the present version of the facts; it stays inside their agency.

    Refuses a person who is not a legal advisor of an agency on the case.
    """
    if not permissions.can_record_opinion(by, case):
        raise NotPermitted
    held = access.agency_ids(by, Capability.GIVE_OPINIONS) & agencies_on(case)
    agency = Agency.objects.get(pk=min(held))
    review = LegalReview.objects.create(
        case=case,
        agency=agency,
        requested_by=by,
        opinion=opinion,
        grounds=grounds,
        language=(get_language() or by.language)[:2],
        facts_version=case.facts_version,
    )
    workflow.apply(
        review, "give", by=by, agency=agency, detail={"opinion": opinion}, given_at=timezone.now(), given_by=by
    )
    audit.record("legalreview.recorded", by=by, objects=[review], case_id=case.pk)
    return review
