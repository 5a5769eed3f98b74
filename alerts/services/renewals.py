"""The end of a term: renewing by the program's rules, letting expire, and the duty to decide in time (U12, U20)."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from agencies.choices import Capability
from agencies.models import AlertProgram, CriteriaVersion, User
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
    if not reason:
        raise ActRefused(_("A renewal needs a reason."))
    check_renewal(alert, hours=hours, asked_at=timezone.now())
    terms.check_term(terms.rules_of(alert.program), hours)
    update = preparing.prepare(alert=alert, kind=UpdateKind.RENEWAL, by=by, hours=hours, reason=reason)
    if update.kind == UpdateKind.RENEWAL:  # with changed facts in it, the words are to be read before
        updates.submit(update=update, by=by)
    return update


def check_renewal(alert: Alert, *, hours: int, asked_at: datetime) -> None:
    """Refuse a renewal asked for at a moment that the program's rules do not allow it, with the rule in words."""
    criteria = CriteriaVersion.in_force_for(alert.program)
    if criteria is None or alert.expires_at is None or alert.activated_at is None:
        return
    if not criteria.is_renewable:
        raise ActRefused(_("Alerts of this program cannot be renewed."))
    if asked_at > renewal_deadline(alert, criteria):
        raise ActRefused(
            _("This program accepts a renewal until %(hours)s hours before the end of the term.")
            % {"hours": criteria.renewal_deadline_hours or 0}
        )
    total = criteria.max_total_hours
    if total and timezone.now() + timedelta(hours=hours) > alert.activated_at + timedelta(hours=total):
        raise ActRefused(
            _("With its renewals an alert of this program lasts at most %(hours)s hours.") % {"hours": total}
        )


def renewal_deadline(alert: Alert, criteria: CriteriaVersion | None) -> datetime:
    """Return the last moment at which a renewal may be asked for: by the program's rule, else the end itself."""
    assert alert.expires_at is not None  # noqa: S101  an active alert has a term
    hours = criteria.renewal_deadline_hours if criteria else None
    return alert.expires_at - timedelta(hours=hours or 0)


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
    rules: dict[int, CriteriaVersion | None] = {}
    count = 0
    active = Alert.objects.select_for_update(of=("self",), skip_locked=True).filter(status=AlertStatus.ACTIVE)
    for alert in active.select_related("program__agency", "case"):
        if alert.program_id not in rules:
            rules[alert.program_id] = CriteriaVersion.in_force_for(alert.program)
        for cause, due_at in _reached(alert, rules[alert.program_id]):
            count += _leave(alert, alert.program, cause, due_at)
    return count


def _reached(alert: Alert, criteria: CriteriaVersion | None) -> list[tuple[str, datetime]]:
    """Return the questions that are to be asked now, with the moment by which they want an answer."""
    assert alert.expires_at is not None  # noqa: S101  an active alert has a term
    assert alert.activated_at is not None  # noqa: S101  an active alert has a term
    now, found = timezone.now(), []
    has_deadline = criteria is not None and criteria.renewal_deadline_hours
    due_at = renewal_deadline(alert, criteria) if has_deadline else alert.expires_at - LAST_HOUR
    if now >= due_at - TOLD_BEFORE:
        found.append((END, due_at))
    if criteria is not None and criteria.min_duration_hours:
        minimum = alert.activated_at + timedelta(hours=criteria.min_duration_hours)
        if minimum <= now < alert.expires_at:
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
