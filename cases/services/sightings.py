"""Adding a sighting: any agency on the case may, and everybody who searches is told at once (U2)."""

from __future__ import annotations

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from agencies import audit
from agencies.models import User
from agencies.refusals import ActRefused, NotPermitted
from cases import permissions, workflow
from cases.choices import EventAction
from cases.models import Case, Sighting

from .contributing import agency_for


@transaction.atomic
def add_sighting(*, case: Case, by: User, sighting: Sighting) -> Sighting:
    """Keep a sighting; whoever looks for the child is told in the same transaction, without any name.

    Refuses people whose agencies may not contribute, and an ended case. The facts of the case stay as they are:
    they are the lead agency's to change.
    """
    if not permissions.can_contribute(by, case):
        raise NotPermitted
    locked = Case.objects.select_for_update(no_key=True).get(pk=case.pk)
    if not locked.is_open:
        raise ActRefused(_("This case has ended; nothing can be added to it any more."))
    sighting.case, sighting.reported_by, sighting.agency = locked, by, agency_for(by, locked)
    sighting.save(force_insert=True)
    workflow.note(locked, EventAction.SIGHTING_ADDED, by=by, agency=sighting.agency, subject=sighting)
    audit.record("sighting.added", by=by, objects=[sighting], case_id=case.pk)
    workflow.announce(sighting, "add", by=by)
    return sighting
