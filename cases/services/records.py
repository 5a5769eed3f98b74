"""What stands beside the facts: numbers in other systems, and notices to other bodies. Every agency on the case may."""

from __future__ import annotations

from collections.abc import Mapping

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from agencies import audit
from agencies.models import User
from agencies.refusals import ActRefused, NotPermitted
from cases import permissions, workflow
from cases.choices import EventAction, NoticeBody, NoticeOutcome
from cases.models import Case, ExternalReference, ParallelNotice
from cases.models.record import reference_key

from .contributing import agency_for


@transaction.atomic
def add_reference(*, case: Case, by: User, kind: str, number: str) -> ExternalReference:
    """Record the case's number in another system.

    Refuses people whose agencies may not contribute, and a number that stands there already.
    """
    locked = _locked(case, by)
    if ExternalReference._base_manager.filter(case=locked, kind=kind, search_key=reference_key(number)).exists():
        raise ActRefused(_("This number is recorded already."))
    reference = ExternalReference.objects.create(
        case=locked, kind=kind, number=number, agency=agency_for(by, locked), recorded_by=by
    )
    _tell(EventAction.REFERENCE_ADDED, by=by, item=reference, detail={"kind": kind})
    return reference


@transaction.atomic
def record_notice(*, case: Case, by: User, notice: ParallelNotice) -> ParallelNotice:
    """Record a notice to another body, or how it stands now; one row per body and country.

    Refuses people whose agencies may not contribute. A consulate is told or not told by an officer's decision
    only, never by the portal (U22); only for a consulate may the decision be not to notify, with its reason.
    """
    locked = _locked(case, by)
    earlier = locked.parallel_notices.filter(body=notice.body, country=notice.country).first()
    if notice._state.adding and earlier is not None:
        raise ActRefused(_("A notice to this body is recorded already. Change that one."))
    if notice.is_blanked:
        raise ActRefused(_("Parts of this notice are police-only. Only the agency that recorded it changes it."))
    if notice.outcome == NoticeOutcome.WITHHELD and notice.body != NoticeBody.CONSULATE:
        raise ActRefused(_("Not to notify is a decision about consulates only."))
    notice.case, notice.recorded_by, notice.agency = locked, by, agency_for(by, locked)
    notice.noted_at = timezone.now()
    notice.save()
    detail = {"body": notice.body, "country": notice.country, "outcome": notice.outcome}
    _tell(EventAction.PARALLEL_NOTICE, by=by, item=notice, detail=detail)
    return notice


def _locked(case: Case, by: User) -> Case:
    if not permissions.can_contribute(by, case):
        raise NotPermitted
    return Case.objects.select_for_update(no_key=True).get(pk=case.pk)


def _tell(entry: str, *, by: User, item: ExternalReference | ParallelNotice, detail: Mapping[str, str]) -> None:
    workflow.note(item.case, entry, by=by, agency=item.agency, subject=item, detail={**detail})
    audit.record(f"{item._meta.model_name}.recorded", by=by, objects=[item], case_id=item.case_id, detail={**detail})
