"""The end of a term: renewing by the program's rules, letting expire, and the duty to decide in time (U12, U20)."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from agencies.choices import Capability
from agencies.models import AlertProgram, User
from agencies.refusals import ActRefused, NotPermitted
from alerts import permissions, terms, workflow
from alerts.choices import AlertStatus, DutyKind, DutyStatus, NoticeKind, UpdateKind
from alerts.models import Alert, AlertUpdate, Duty
from alerts.services import notices, pending, preparing, updates

TOLD_BEFORE = timedelta(hours=1)
LAST_HOUR = timedelta(hours=1)
END, MINIMUM = "end", "minimum"


@transaction.atomic
def ask_renewal(*, alert: Alert, by: User, hours: int, reason: str) -> AlertUpdate:
    """Prepare and submit an Update with a new term of so many hours from its issue; a second officer issues it.

    Refuses, and says why, what the program's rules forbid: no renewals, after the deadline, beyond the longest total,
    hours outside its limits, no coded reason.
    """
    alert = Alert.objects.select_for_update(of=("self",)).select_related("program__agency", "case").get(pk=alert.pk)
    if not permissions.can_compose(by, alert):
        raise NotPermitted
    if alert.status != AlertStatus.ACTIVE:
        raise ActRefused(_("The alert has ended; it can no longer be renewed."))
    assert alert.activated_at is not None and alert.expires_at is not None  # noqa: S101  an active alert has a term
    terms.renewed_until(
        terms.rules_for(alert), activated_at=alert.activated_at, expires_at=alert.expires_at, at=timezone.now(),
        hours=hours, reason=reason,
    )  # fmt: skip
    update = preparing.prepare(alert=alert, kind=UpdateKind.RENEWAL, by=by, hours=hours, reason=reason)
    if update.kind in preparing.AS_ISSUED:  # with changed facts in it, the words are to be read before
        updates.submit(update=update, by=by)
    return update


@transaction.atomic
def let_expire(*, duty: Duty, by: User) -> None:
    """Answer the question of the term: the alert goes on to its end and is not renewed."""
    duty.refresh_from_db(from_queryset=Duty.objects.select_for_update(of=("self",)))
    if not permissions.can_discharge(by, duty):
        raise NotPermitted
    if duty.kind != DutyKind.DECIDE_TERM:
        raise ActRefused(_("Taking the action completes this duty: issue, decide or cancel on its own page."))
    workflow.apply(duty, "discharge", by=by, discharged_at=timezone.now(), discharged_by=by, outcome="done",
                   detail={"kind": duty.kind, "answer": "let_expire"})  # fmt: skip


@transaction.atomic
def leave_term_duties() -> int:
    """Leave every program whose alert nears its end, or has reached its minimum, the duty to decide; once for each.

    The relay's periodic service. Due at the program's deadline for renewals, else when the last hour begins.
    """
    count = 0
    active = Alert.objects.select_for_update(of=("self",), skip_locked=True).filter(status=AlertStatus.ACTIVE)
    for alert in active.select_related("program__agency", "case", "criteria"):
        assert alert.expires_at is not None and alert.activated_at is not None  # noqa: S101  an active alert has a term
        for cause, due_at in questions_reached(
            terms.rules_for(alert), activated_at=alert.activated_at, expires_at=alert.expires_at
        ):
            count += _leave(alert, alert.program, cause, due_at)
    return count


def questions_reached(
    rules: terms.TermRules, *, activated_at: datetime, expires_at: datetime
) -> list[tuple[str, datetime]]:
    """Return the questions that are to be asked now, with the moment by which they want an answer."""
    now, found = timezone.now(), []
    due_at = terms.renewal_deadline(rules, expires_at=expires_at)
    if due_at == expires_at:
        due_at -= LAST_HOUR
    if now >= due_at - TOLD_BEFORE:
        found.append((END, due_at))
    minimum = terms.earliest_regular_end(rules, activated_at=activated_at)
    if rules.min_hours and minimum <= now < expires_at:
        found.append((MINIMUM, minimum + TOLD_BEFORE))
    return found


def detail_of(cause: str, expires_at: datetime | None) -> dict[str, str]:
    """Return what a duty keeps of its question; that of the end names the end, so that a new one is asked anew."""
    return {"cause": cause, "until": expires_at.isoformat() if expires_at and cause == END else ""}


def is_asked_already(duties: QuerySet[Duty], cause: str, expires_at: datetime | None) -> bool:
    """Say whether one of these duties about the term asks this question already, or is still open."""
    known = detail_of(cause, expires_at)
    asked = duties.filter(detail__cause=known["cause"], detail__until=known["until"]).exists()
    return asked or duties.filter(status=DutyStatus.OPEN).exists()


def time_left(due_at: datetime) -> timedelta:
    """Return the time until a moment, nothing where it has passed."""
    return max(due_at - timezone.now(), timedelta(0))


def _leave(alert: Alert, program: AlertProgram, cause: str, due_at: datetime) -> bool:
    if is_asked_already(alert.duties.filter(kind=DutyKind.DECIDE_TERM), cause, alert.expires_at):
        return False
    detail = detail_of(cause, alert.expires_at)
    pending.leave_duty(DutyKind.DECIDE_TERM, within=time_left(due_at), alert=alert, detail=detail)
    notices.notify_program(
        NoticeKind.TERM_ENDING,
        case=alert.case,
        program=program,
        capability=Capability.COMPOSE_ALERTS,
        alert=alert,
    )
    return True
