"""A child was found: the report, and the two confirmations of identity."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from agencies import access, audit
from agencies.choices import Capability
from agencies.models import Agency, Subdivision, User
from agencies.refusals import ActRefused, NotPermitted
from cases import permissions, workflow
from cases.access import working_on
from cases.choices import EventAction
from cases.models import Case, Child, IdentityConfirmation, Recovery


@transaction.atomic
def report_located(
    *,
    child: Child,
    by: User,
    located_at: datetime,
    time_zone: str,
    place: str,
    subdivision: Subdivision,
    condition: str,
    holding_agency: Agency,
) -> Recovery:
    """Record that a child was located; alerts stay as they are until identity is confirmed (U15).

    Any agency on the case may report. Refuses a holding agency that is not on the case.
    """
    case = Case.objects.select_for_update(no_key=True).get(pk=child.case_id)
    if not permissions.can_report_located(by, case):
        raise NotPermitted
    if not case.is_open:
        raise ActRefused(_("This case has ended. The lead agency can open it again."))
    if holding_agency.pk not in working_on(case):
        raise ActRefused(_("The agency holding the child must be on the case, so that it can confirm identity."))
    workflow.apply(child, "report_located", by=by, agency=_acting_on(by, case, Capability.REPORT_RECOVERY))
    recovery = Recovery.objects.create(
        case=case,
        child=child,
        located_at=located_at,
        time_zone=time_zone,
        place=place,
        subdivision=subdivision,
        condition=condition,
        holding_agency=holding_agency,
        reported_by=by,
    )
    if condition == "deceased" and case.family_informed_at is not None:
        case.family_informed_at = case.family_informed_by = None  # of another death than this one
        case.save(update_fields=["family_informed_at", "family_informed_by"])
    audit.record("recovery.reported", by=by, objects=[recovery], case_id=case.pk)
    return recovery


@transaction.atomic
def confirm_identity(*, recovery: Recovery, by: User, method: str) -> bool:
    """Record one officer's confirmation; return whether the pair is complete and the child is now recovered.

    Needs two people, at least one from the agency holding the child (U15). Refuses a second word of the same officer.
    """
    case = Case.objects.select_for_update(no_key=True).get(pk=recovery.case_id)
    if not permissions.can_confirm_identity(by, recovery):
        raise NotPermitted
    recovery.refresh_from_db(from_queryset=Recovery.objects.select_for_update(of=("self",)))
    if recovery.confirmed_at is not None:
        raise ActRefused(_("This child's identity is already confirmed."))
    if not case.is_open:
        raise ActRefused(_("This case has ended. The lead agency can open it again."))
    if recovery.ended_at is not None:
        raise ActRefused(_("This report was withdrawn; the search for the child continues."))
    if recovery.confirmations.filter(officer=by).exists():
        raise ActRefused(_("You have already confirmed. A second officer must confirm now."))
    agency = _acting_on(by, case, Capability.CONFIRM_IDENTITY, prefer=recovery.holding_agency_id)
    word = IdentityConfirmation.objects.create(case=case, recovery=recovery, officer=by, agency=agency, method=method)
    workflow.note(case, EventAction.IDENTITY_CONFIRMED, by=by, agency=agency, subject=word)
    audit.record("identity.confirmed", by=by, objects=[word], case_id=case.pk, detail={"method": method})
    words = list(recovery.confirmations.values_list("officer_id", "agency_id"))
    if len(words) < 2:
        return False
    if recovery.holding_agency_id not in {agency_id for _officer, agency_id in words}:
        return False
    workflow.apply(recovery.child, "recover", by=by, agency=agency)
    recovery.confirmed_at = timezone.now()
    recovery.save(update_fields=["confirmed_at"])
    return True


@transaction.atomic
def reject_identity(*, recovery: Recovery, by: User, reason: str) -> None:
    """Record that the child who was found is another one: the search goes on at once (U15).

    The agency holding the child or the lead agency says so, for a coded reason. Refuses a report that is no longer
    pending.
    """
    case = Case.objects.select_for_update(no_key=True).get(pk=recovery.case_id)
    if not permissions.can_reject_identity(by, recovery.child):
        raise NotPermitted
    recovery.refresh_from_db(from_queryset=Recovery.objects.select_for_update(of=("self",)))
    if recovery.confirmed_at is not None:
        raise ActRefused(_("This child's identity is already confirmed."))
    if recovery.ended_at is not None:
        raise ActRefused(_("This report was withdrawn; the search for the child continues."))
    agency = _acting_on(by, case, Capability.CONFIRM_IDENTITY, prefer=recovery.holding_agency_id)
    workflow.apply(recovery.child, "reject_identity", by=by, agency=agency, detail={"reason": reason})
    audit.record("identity.rejected", by=by, objects=[recovery], case_id=case.pk, detail={"reason": reason})


def _acting_on(by: User, case: Case, capability: str, *, prefer: int | None = None) -> Agency:
    """Return the agency for which a person acts on a case: the preferred one if it is theirs."""
    held = access.agency_ids(by, capability) & working_on(case)
    if not held:
        raise NotPermitted
    return Agency.objects.get(pk=prefer if prefer in held else min(held))
