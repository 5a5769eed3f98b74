"""Recording who is with whom in what: nobody is in two vehicles at once (U26)."""

from __future__ import annotations

from datetime import datetime

from django.db import models, transaction
from django.utils import timezone

from agencies.models import User
from agencies.refusals import NotPermitted
from cases import permissions
from cases.models import Case, Link

from .facts import record_facts


@transaction.atomic
def record_link(
    *, case: Case, by: User, link: Link, names: list[str], seen_version: int | None = None,
    is_correction: bool | None = False, is_asked: bool = False,
) -> list[str]:  # fmt: skip
    """Save a link; whoever is in a vehicle or on a leg from now on has left the earlier one at that moment.

    Returns the names of changed fields. Refuses as `record_facts` does.
    """
    if not permissions.can_edit_case(by, case):
        raise NotPermitted
    Case.objects.select_for_update(no_key=True).get(pk=case.pk)
    items: list[tuple[models.Model, list[str]]] = [(link, names)]
    if link._state.adding and names:
        items += [(earlier, ["until", "time_zone"]) for earlier in _left(link, by)]
    return record_facts(
        case=case, by=by, items=items, seen_version=seen_version, is_correction=is_correction, is_asked=is_asked
    )


def _left(link: Link, by: User) -> list[Link]:
    """Return the links that end because this one begins, ended but not saved."""
    begins: datetime = link.since or timezone.now()
    if not (link.vehicle_id or link.leg_id):
        return []
    whose = models.Q(child__isnull=False, child=link.child_id) | models.Q(person__isnull=False, person=link.person_id)
    elsewhere = models.Q(vehicle__isnull=False) | models.Q(leg__isnull=False)
    same = models.Q(vehicle=link.vehicle_id, leg=link.leg_id)
    found = []
    for earlier in Link.objects.filter(whose, elsewhere, case=link.case_id).current(begins).exclude(same):  # type: ignore[attr-defined]
        if earlier.since is None or earlier.since < begins:
            earlier.until, earlier.time_zone = begins, earlier.time_zone or link.time_zone or by.time_zone
            found.append(earlier)
    return found
