"""Who may still be told: asked again at the moment of sending, because rights end between queueing and sending."""

from __future__ import annotations

import uuid
from collections import defaultdict
from collections.abc import Callable, Iterable
from typing import Any

from django.db.models import Q
from django.utils import timezone

from agencies import access
from agencies.choices import Capability
from agencies.models import User
from agencies.program_agencies import agencies_of
from agencies.staffing import Gap
from alerts.choices import DESPITE_SEAL, DeskWarningKind, LastRole
from alerts.models import Delivery, DeskWarning, Notice, RoleEnding
from cases.choices import GRANTED
from cases.models import CaseAccess, CaseHandover
from cases.models.seal import readers_of_sealed

CAPABILITIES: dict[str, str] = {
    LastRole.APPROVER: Capability.APPROVE_ALERTS, LastRole.CONTACT: Capability.ANSWER_REQUESTS,
    LastRole.DESK: Capability.ANSWER_REQUESTS, LastRole.READER: Capability.SEAL_CASES,
}  # fmt: skip


def no_longer_told(rows: Iterable[Delivery]) -> set[uuid.UUID]:
    """Return the ids of notices whose person has lost the right to hear of the case since they were queued.

    That is whoever is suspended, holds no role in an agency that reads cases any more, or whose agencies were on the
    case only by a share that was withdrawn or has ended. An agency that was asked for an alert is still told how its
    request ended, by reference only (U35, U40). Both sides of a handoff hear of it. A hub that is told of a request
    beyond a program's lines hears its number, though it is not on the case (domain §2.2). Of a sealed case nobody but
    its named readers hears, and supervisors that an operator named one. That a last role ends is told to who could name
    another person, that a shift ends to who answers or supervises at its desk, what is wrong with a desk to who mends
    it. Five queries at most, however many rows, and those of the hubs, of the roles, of the shifts and of the desks.
    """
    told = [(row, row.notice, row.user_id) for row in rows]
    asked = [(row, notice, user) for row, notice, user in told if notice is not None and user is not None]
    gone = _no_longer_among(asked, "role_ending", told_of_ending) | _no_longer_at_desk(asked)
    gone |= _no_longer_among(asked, "desk_warning", told_of_desk)
    about = [(row, notice, notice.case_id, user) for row, notice, user in asked if notice.case_id is not None]
    if not about:
        return gone
    readers = access.agency_ids_of({user for _row, _notice, _case, user in about}, Capability.VIEW_CASES)
    cases = {case_id for _row, _notice, case_id, _user in about}
    on_case, named = _agencies_told(cases), readers_of_sealed(cases)
    sides = _sides_of({notice.handover_id for _row, notice, _case, _user in about if notice.handover_id})
    gone |= {
        row.pk for row, notice, case_id, user in about
        if notice.kind not in DESPITE_SEAL and case_id in named and user not in named[case_id]
    }  # fmt: skip
    for row, notice, case_id, user in about:
        held = readers.get(user, frozenset())
        is_on_case = notice.text_review_id is not None or bool(held & on_case[case_id])
        is_on_case = is_on_case or bool(held & sides.get(notice.handover_id, frozenset()))
        if notice.hub is not None:
            is_on_case = bool(held & agencies_of(notice.hub).running)
        if not held or not is_on_case:
            gone.add(row.pk)
    return gone


def told_of_ending(ending: RoleEnding) -> list[User]:
    """Return who hears that a last role ends: administrators and supervisors of the agencies that could name another.

    Where there are none, it is those who have the role now.
    """
    if ending.program is not None:
        gap = Gap(ending.program, CAPABILITIES[ending.role])
        agency_ids = gap.agency_ids | {ending.program.agency_id}
    else:
        agency_ids = frozenset(filter(None, [ending.agency_id]))
    for capabilities in ((Capability.MANAGE_PEOPLE, Capability.SUPERVISE_PROGRAM), (CAPABILITIES[ending.role],)):
        held = [access.memberships_with(capability, agency_ids) for capability in capabilities]
        if ids := {user_id for rows in held for user_id in rows.values_list("user_id", flat=True)}:
            return list(User.objects.filter(pk__in=ids).order_by("pk"))
    return []


def _no_longer_among(
    asked: list[tuple[Delivery, Notice, uuid.UUID]], about: str, told_of: Callable[[Any], list[User]]
) -> set[uuid.UUID]:
    """Return the notices about a role or a desk (`about`) whose person is not among who is told of it now."""
    rows = [(row, subject, user) for row, notice, user in asked if (subject := getattr(notice, about)) is not None]
    people = {subject: {user.pk for user in told_of(subject)} for subject in {subject for _row, subject, _user in rows}}
    return {row.pk for row, subject, user in rows if user not in people[subject]}


def _no_longer_at_desk(asked: list[tuple[Delivery, Notice, uuid.UUID]]) -> set[uuid.UUID]:
    """Return the notices about shifts of people who neither answer requests nor supervise at that desk any more."""
    about = [(row, notice.shift.agency_id, user) for row, notice, user in asked if notice.shift is not None]
    if not about:
        return set()
    people = {user for _row, _agency, user in about}
    held = [access.agency_ids_of(people, right) for right in (Capability.ANSWER_REQUESTS, Capability.SUPERVISE_PROGRAM)]
    return {row.pk for row, agency, user in about if not any(agency in ids.get(user, ()) for ids in held)}


def told_of_desk(warning: DeskWarning) -> list[User]:
    """Return who hears what is wrong with a desk, so that somebody mends it.

    Of hours without anybody its supervisors, else who plans its duty, else everybody who answers there. Of wrong
    numbers the staff who keep them, of its own agency or the one above it, else the administrators of the portal.
    """
    agency = warning.agency
    if warning.kind == DeskWarningKind.GAP:
        asked = [
            (agency, right)
            for right in (Capability.SUPERVISE_PROGRAM, Capability.PLAN_DUTY, Capability.ANSWER_REQUESTS)
        ]
    else:
        above = [agency.parent] if agency.parent is not None else []
        asked = [(keeper, Capability.MANAGE_REFERENCE_DATA) for keeper in (agency, *above)]
    for keeper, right in asked:
        if people := list(access.people_with(keeper, right).order_by("pk")):
            return people
    is_for_all = warning.kind == DeskWarningKind.WRONG
    return list(User.objects.filter(is_superuser=True, is_active=True).order_by("pk")) if is_for_all else []


def _agencies_told(case_ids: set[uuid.UUID]) -> dict[uuid.UUID, set[int]]:
    found: dict[uuid.UUID, set[int]] = defaultdict(set)
    by_hand_and_over = Q(purpose__in=GRANTED, until__lte=timezone.now())
    rows = CaseAccess.objects.filter(case_id__in=case_ids).exclude(by_hand_and_over)
    for case_id, agency_id in rows.values_list("case_id", "agency_id"):
        found[case_id].add(agency_id)
    return found


def _sides_of(handover_ids: set[uuid.UUID]) -> dict[uuid.UUID | None, frozenset[int]]:
    """Return the two agencies of each handoff; no query without one."""
    if not handover_ids:
        return {}
    rows = CaseHandover.objects.filter(pk__in=handover_ids).values_list("pk", "from_agency_id", "to_agency_id")
    return {key: frozenset(sides) for key, *sides in rows}
