"""A sealed case whose readers leave: no role ends in passing, and an operator names another reader (ADR 65)."""

from __future__ import annotations

import uuid
from collections import defaultdict
from collections.abc import Iterable
from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from agencies import access, audit, scope
from agencies.choices import Capability
from agencies.models import Membership, User
from agencies.refusals import ActRefused
from cases import workflow
from cases.choices import EventAction
from cases.models import Case, CaseReader, CaseSeal


def left_by(memberships: Iterable[Membership]) -> list[str]:
    """Return the references of sealed cases whose seal nobody could lift if these memberships ended now.

    Whoever has an end date is no successor of somebody without one, as with programs (agencies/staffing.py). What
    nobody can lift already, these memberships do not take away. Asked across the seals: who ends a role need not be a
    reader, and learns the reference, nothing else.
    """
    going = list(memberships)
    ids = {item.pk for item in going}
    found = []
    for case, held in _held_by_case({item.agency_id for item in going}):
        lasting = {item.pk for item in held if item.valid_until is None}
        if any(part & ids and not part - ids for part in ({item.pk for item in held}, lasting)):
            found.append(case.reference)
    return found


def endings_of(agency_ids: Iterable[int]) -> list[tuple[Case, datetime]]:
    """Return the sealed cases of these agencies whose last readers able to lift the seal all end, and when."""
    found = []
    for case, held in _held_by_case(agency_ids):
        dated = [item.valid_until for item in held if item.valid_until is not None]
        if dated and len(dated) == len(held):
            found.append((case, max(dated)))
    return found


def _held_by_case(agency_ids: Iterable[int]) -> list[tuple[Case, list[Membership]]]:
    """Return the sealed cases that these agencies lead, with the roles by which a named reader may lift the seal."""
    ids = set(agency_ids)
    readers: dict[Case, set[uuid.UUID]] = defaultdict(set)
    with scope.through_door("naming_readers"):
        sealed = CaseSeal.objects.current().filter(case__lead_agency__in=ids).values("case")
        for reader in CaseReader.objects.current().filter(case__in=sealed).select_related("case__lead_agency"):
            readers[reader.case].add(reader.user_id)
    if not readers:
        return []
    able = list(access.memberships_with(Capability.SEAL_CASES, ids))
    return [
        (case, [item for item in able if item.agency_id == case.lead_agency_id and item.user_id in named])
        for case, named in sorted(readers.items(), key=lambda item: item[0].reference)
    ]


@transaction.atomic
def name_by_operator(*, case: Case, reader: User, reason: str) -> CaseReader:
    """Name somebody of the lead agency who may lift the seal, where no reader can do it any more.

    The caller has opened the door, and keeps the reason free of names: the audit trail holds it. The supervisors of the
    lead agency are told by reference, named or not. Refuses an empty reason, a case that is not sealed, anybody who may
    not lift seals for the lead agency, and who is named already.
    """
    case.refresh_from_db(from_queryset=Case.objects.select_for_update(of=("self",), no_key=True))
    seal = CaseSeal.objects.current().filter(case=case).first()
    if seal is None:
        raise ActRefused(_("This case is not sealed."))
    if not reason.strip():
        raise ActRefused(_("Say why an operator names a reader."))
    held = access.agency_ids_of([reader.pk], Capability.SEAL_CASES)
    if case.lead_agency_id not in held.get(reader.pk, frozenset()):
        raise ActRefused(_("Only somebody of the lead agency who may lift its seals can be named."))
    if CaseReader.objects.current().filter(case=case, user=reader).exists():
        raise ActRefused(_("This person is named already."))
    named = CaseReader.objects.create(case=case, user=reader, named_by=None)
    workflow.note(case, EventAction.READER_NAMED, by=None, agency=case.lead_agency, subject=named)
    audit.record(
        "case.reader_named_by_operator", by=None, objects=[named], case_id=case.pk,
        detail={"reader": str(reader.pk), "reason": reason.strip()},
    )  # fmt: skip
    workflow.announce(seal, "reader_named_by_operator", by=None)
    return named
