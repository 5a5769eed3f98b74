"""Overdue duties: the supervisor of the program is told once, by one mail to each person."""

from __future__ import annotations

import logging

from django.db import transaction
from django.utils import timezone

from agencies import access
from agencies.choices import Capability
from agencies.models import Agency, User
from agencies.program_agencies import agencies_of
from alerts import delivery, tasks
from alerts.choices import NoticeKind
from alerts.models import Duty, Notice

logger = logging.getLogger(__name__)
MOST_AT_ONCE = 100


@transaction.atomic
def tell_overdue() -> int:
    """Tell supervisors of duties that are overdue since the last round; return how many duties.

    Rows are locked and locked ones skipped, so that two relays never tell of the same duty. A program without a
    supervisor has its officers told; one without anybody is logged, and asked again in the next round.
    """
    rows = list(
        Duty.objects.untold()  # type: ignore[attr-defined]
        .select_related("program__agency", "case", "alert", "request")
        .select_for_update(of=("self",), skip_locked=True)
        .order_by("due_at")[:MOST_AT_ONCE]
    )
    told = 0
    for duty in rows:
        people = _responsible(duty)
        if not people:
            logger.error("duty %s is overdue and program %s has nobody to be told", duty.pk, duty.program_id)
            continue
        notice = Notice.objects.create(
            kind=NoticeKind.DUTY_OVERDUE, case=duty.case, alert=duty.alert, request=duty.request
        )
        delivery.queue_notice(notice, people)
        duty.told_overdue_at = timezone.now()
        duty.save(update_fields=["told_overdue_at"])
        told += 1
    if told:
        tasks.wake(tasks.notify)
    return told


def _responsible(duty: Duty) -> list[User]:
    agencies = list(Agency.objects.filter(pk__in=agencies_of(duty.program).running))
    for capability in (Capability.SUPERVISE_PROGRAM, Capability.COMPOSE_ALERTS):
        people = {user.pk: user for agency in agencies for user in access.people_with(agency, capability)}
        if people:
            return list(people.values())
    return []
