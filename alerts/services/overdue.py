"""Overdue duties and legal opinions: a supervisor is told once, by one mail to each person."""

from __future__ import annotations

import logging
from collections.abc import Callable
from typing import Any

from django.db import transaction
from django.utils import timezone

from agencies import access
from agencies.choices import Capability
from agencies.models import Agency, User
from agencies.program_agencies import agencies_of
from alerts import delivery, tasks
from alerts.choices import DutyKind, NoticeKind
from alerts.models import Duty, Notice
from cases.models import LegalReview

logger = logging.getLogger(__name__)
MOST_AT_ONCE = 100


@transaction.atomic
def tell_overdue() -> int:
    """Tell supervisors of duties that are overdue since the last round; return how many duties.

    Rows are locked and locked ones skipped, so that two relays never tell of the same duty. A program without a
    supervisor has its officers told; for one that has nobody in the portal, the side that asked it is told, else the
    lead agency: it reaches the program by telephone. What nobody can be told of is logged, and asked again in the
    next round.
    """
    rows = list(
        Duty.objects.untold()  # type: ignore[attr-defined]
        .select_related("program__agency", "case__lead_agency", "alert__request", "request")
        .select_for_update(of=("self",), skip_locked=True)
        .order_by("due_at")[:MOST_AT_ONCE]
    )
    return _told(rows, _tell_of_duty)


@transaction.atomic
def tell_overdue_opinions() -> int:
    """Tell supervisors of legal opinions that were not given in time; return how many. The same rules hold.

    Where another agency asked, its coordinators are told too: they can withdraw the question or ask elsewhere.
    """
    rows = list(
        LegalReview.objects.untold()  # type: ignore[attr-defined]
        .select_related("agency", "asking_agency", "case")
        .select_for_update(of=("self",), skip_locked=True)
        .order_by("due_at")[:MOST_AT_ONCE]
    )
    return _told(rows, _tell_of_opinion)


def _told(rows: list[Any], tell: Callable[[Any], bool]) -> int:
    told = 0
    for row in rows:
        if not tell(row):
            logger.error("%s %s is overdue and there is nobody to be told", row._meta.model_name, row.pk)
            continue
        row.told_overdue_at = timezone.now()
        row.save(update_fields=["told_overdue_at"])
        told += 1
    if told:
        tasks.wake(tasks.notify)
    return told


def _tell_of_duty(duty: Duty) -> bool:
    kind, request, alert = NoticeKind.DUTY_OVERDUE, duty.request, duty.alert
    people = _responsible(duty)
    if not people:
        if request is None and alert is not None:
            request = alert.request
        # Whoever asked may not read the program's own alert: the mail leads to the request.
        kind, alert = NoticeKind.OVERDUE_ELSEWHERE, None
        asking = request.requesting_agency if request else duty.case.lead_agency
        people = list(access.people_with(asking, Capability.SEND_REQUESTS))
    if people:
        delivery.queue_notice(Notice.objects.create(kind=kind, case=duty.case, alert=alert, request=request), people)
    if duty.kind == DutyKind.DECIDE_TERM and kind == NoticeKind.DUTY_OVERDUE:
        _tell_asker_of_term(duty)
    return bool(people)


def _tell_asker_of_term(duty: Duty) -> None:
    """Tell the asking side, too, that nobody answers whether a term is renewed, while it still runs (U37)."""
    request = duty.request or (duty.alert.request if duty.alert is not None else None)
    if request is not None:
        notice = Notice.objects.create(kind=NoticeKind.TERM_UNANSWERED, case=duty.case, request=request)
        delivery.queue_notice(notice, access.people_with(request.requesting_agency, Capability.SEND_REQUESTS))


def _tell_of_opinion(review: LegalReview) -> bool:
    people = set(access.people_with(review.agency, Capability.SUPERVISE_PROGRAM))
    if not people:  # an agency that only advises has no supervisor
        people = set(access.people_with(review.agency, Capability.GIVE_OPINIONS))
    if review.asking_agency:
        people |= set(access.people_with(review.asking_agency, Capability.ASK_OPINIONS))
    if people:
        notice = Notice.objects.create(kind=NoticeKind.REVIEW_OVERDUE, case=review.case)
        delivery.queue_notice(notice, sorted(people, key=lambda person: person.pk))
    return bool(people)


def _responsible(duty: Duty) -> list[User]:
    agencies = list(Agency.objects.filter(pk__in=agencies_of(duty.program).running))
    for capability in (Capability.SUPERVISE_PROGRAM, Capability.COMPOSE_ALERTS):
        people = {user.pk: user for agency in agencies for user in access.people_with(agency, capability)}
        if people:
            return list(people.values())
    return []
