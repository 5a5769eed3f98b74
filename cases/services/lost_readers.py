"""A sealed case whose readers leave: no role ends in passing, and an operator names another reader (ADR 65)."""

from __future__ import annotations

import uuid
from collections import defaultdict
from collections.abc import Iterable

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
    ids, agency_ids = {item.pk for item in going}, {item.agency_id for item in going}
    with scope.through_door("naming_readers"):
        sealed = CaseSeal.objects.current().filter(case__lead_agency__in=agency_ids).values("case")
        readers: dict[tuple[str, int], set[uuid.UUID]] = defaultdict(set)
        rows = CaseReader.objects.current().filter(case__in=sealed)
        for reference, agency_id, user_id in rows.values_list("case__reference", "case__lead_agency", "user"):
            readers[reference, agency_id].add(user_id)
    if not readers:
        return []
    able = list(access.memberships_with(Capability.SEAL_CASES, agency_ids))
    found = []
    for (reference, agency_id), named in sorted(readers.items()):
        held = [item for item in able if item.agency_id == agency_id and item.user_id in named]
        lasting = {item.pk for item in held if item.valid_until is None}
        if any(part & ids and not part - ids for part in ({item.pk for item in held}, lasting)):
            found.append(reference)
    return found


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
