"""For which agency a person adds something to a case."""

from __future__ import annotations

from agencies import access
from agencies.choices import Capability
from agencies.models import Agency, User
from cases.access import working_on
from cases.models import Case


def agency_for(user: User, case: Case) -> Agency:
    """Return the person's agency on the case that may contribute, the lead agency before any other."""
    ids = access.agency_ids(user, Capability.REPORT_RECOVERY) & working_on(case)
    return Agency.objects.get(pk=case.lead_agency_id if case.lead_agency_id in ids else min(ids))
