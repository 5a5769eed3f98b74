"""Telling in time that the last role for something ends by its date: 7 days and 24 hours before (U36, ADR 65)."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.utils import timezone

from agencies.choices import Capability
from agencies.models import Membership
from agencies.staffing import endings_of
from alerts import delivery, tasks
from alerts.choices import LastRole, NoticeKind
from alerts.models import Notice, RoleEnding
from alerts.notice_readers import told_of_ending
from cases.services import lost_readers

logger = logging.getLogger(__name__)
HOURS_BEFORE = (24, 7 * 24)


@transaction.atomic
def tell_ending_roles() -> int:
    """Tell administrators and supervisors what would have nobody once a role ends by its date; return of how many ends.

    A program without an approver or duty contact, one of its desks, a sealed case without a reader who can lift the
    seal: each is told once within 7 days and once within 24 hours of the end, of another end anew. The row of a
    warning is unique, so that two relays never give the same one.
    """
    now = timezone.now()
    soon = Membership.objects.all().ending_by(now + timedelta(hours=max(HOURS_BEFORE)))
    agency_ids = set(soon.values_list("agency_id", flat=True))
    told = sum(_warn(now, **ending) for ending in _endings(agency_ids)) if agency_ids else 0
    if told:
        tasks.wake(tasks.notify)
    return told


def _endings(agency_ids: set[int]) -> Iterator[dict[str, Any]]:
    """Yield what would have nobody, in the words of the rows; a desk of several programs once."""
    desks = set()
    for ending in endings_of(agency_ids):
        gap = ending.gap
        if gap.desk is None:
            is_approver = gap.capability == Capability.APPROVE_ALERTS
            role = LastRole.APPROVER if is_approver else LastRole.CONTACT
            yield {"role": role, "program": gap.program, "ends_at": ending.ends_at}
        elif gap.desk.pk not in desks:
            desks.add(gap.desk.pk)
            yield {"role": LastRole.DESK, "agency": gap.desk, "ends_at": ending.ends_at}
    for case, ends_at in lost_readers.endings_of(agency_ids):
        yield {"role": LastRole.READER, "case": case, "agency": case.lead_agency, "ends_at": ends_at}


def _warn(
    now: datetime, *, role: str, ends_at: datetime, program: Any = None, agency: Any = None, case: Any = None
) -> bool:
    """Make the row of the warning that is due, and its notice; return whether it is a new one that reaches somebody."""
    due = [hours for hours in HOURS_BEFORE if ends_at - now <= timedelta(hours=hours)]
    if not due:
        return False
    ending, is_new = RoleEnding.objects.get_or_create(
        role=role, program=program, agency=agency, case=case, ends_at=ends_at, hours_before=due[0]
    )
    if not is_new:
        return False
    people = told_of_ending(ending)
    if not people:
        logger.error("role ending %s: there is nobody to be told", ending.pk)
    return bool(delivery.queue_notice(Notice.objects.create(kind=NoticeKind.ROLE_ENDING, role_ending=ending), people))
