"""The end of a term: renewing by the program's rules, letting expire, and the duty to decide in time (U12, U20)."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.db import transaction
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
    if update.kind == UpdateKind.RENEWAL:  # with changed facts in it, the words are to be read before
        updates.submit(update=update, by=by)
    return update


@transaction.atomic
def let_expire(*, duty: Duty, by: User) -> None:
    """Answer the question of the term: the alert goes on to its end and is not renewed."""
    duty.refresh_from_db(from_queryset=Duty.objects.select_for_update(of=("self",)))
    if not permissions.can_discharge(by, duty):
        raise NotPermitted
    if duty.kind != DutyKind.DECIDE_TERM:
        raise ActRefused(_("This duty is discharged by the act itself: issue, decide or cancel on its own page."))
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
        for cause, due_at in _reached(alert, terms.rules_for(alert)):
            count += _leave(alert, alert.program, cause, due_at)
    return count


def _reached(alert: Alert, rules: terms.TermRules) -> list[tuple[str, datetime]]:
    """Return the questions that are to be asked now, with the moment by which they want an answer."""
    assert alert.expires_at is not None  # noqa: S101  an active alert has a term
    assert alert.activated_at is not None  # noqa: S101  an active alert has a term
    now, found = timezone.now(), []
    due_at = terms.renewal_deadline(rules, expires_at=alert.expires_at)
    if due_at == alert.expires_at:
        due_at -= LAST_HOUR
    if now >= due_at - TOLD_BEFORE:
        found.append((END, due_at))
    minimum = terms.earliest_regular_end(rules, activated_at=alert.activated_at)
    if rules.min_hours and minimum <= now < alert.expires_at:
        found.append((MINIMUM, minimum + TOLD_BEFORE))
    return found


def _leave(alert: Alert, program: AlertProgram, cause: str, due_at: datetime) -> bool:
    of_kind = alert.duties.filter(kind=DutyKind.DECIDE_TERM)
    until = alert.expires_at.isoformat() if alert.expires_at and cause == END else ""
    asked = of_kind.filter(detail__cause=cause, detail__until=until).exists()
    if asked or of_kind.filter(status=DutyStatus.OPEN).exists():
        return False
    within = max(due_at - timezone.now(), timedelta(0))
    pending.leave_duty(DutyKind.DECIDE_TERM, within=within, alert=alert, detail={"cause": cause, "until": until})
    notices.notify_program(
        NoticeKind.TERM_ENDING,
        case=alert.case,
        program=program,
        capability=Capability.COMPOSE_ALERTS,
        alert=alert,
    )
    return True
