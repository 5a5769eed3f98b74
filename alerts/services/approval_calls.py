"""Asking the approvers of a program, by a link that grants nothing, and their refusal with a reason (U9)."""

from __future__ import annotations

from datetime import timedelta

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from agencies import audit
from agencies.choices import Capability
from agencies.models import CriteriaVersion, User
from agencies.refusals import ActRefused, NotPermitted
from alerts import alert_guards, permissions, workflow
from alerts.choices import AlertStatus, NoticeKind
from alerts.gathering import content_hash
from alerts.models import Alert, ApprovalCall
from alerts.services import notices
from alerts.services.writing import written_language
from cases.workflow import note

ANSWER_WITHIN_MINUTES = 10  # where the program's rules name no time


def minutes_to_answer(alert: Alert) -> int:
    """Return how many minutes the program gives its approvers before one officer may activate alone."""
    rules = CriteriaVersion.ruling_for(alert.program)
    return (rules.single_officer_after_minutes if rules else None) or ANSWER_WITHIN_MINUTES


def call_approvers(*, alert: Alert, by: User) -> ApprovalCall:
    """Mail the approvers of the program the link to the page of approval, and keep who was asked until when.

    Inside the caller's transaction. The answer is waited for from those on call, or from everybody where nobody is.
    Where nobody but the author may approve, the call says so with an empty `asked`: its minutes run all the same, and
    the program's supervisors are told at once, so that one of them may name an approver meanwhile (U9).
    """
    people = list(alert_guards.may_still_approve(alert, by))
    known = [person.pk for person in people]
    on_call = list(permissions.on_call_for(alert).filter(pk__in=known).values_list("pk", flat=True))
    call = ApprovalCall.objects.create(
        alert=alert, content_hash=content_hash(alert), asked_by=by, is_on_call=bool(on_call),
        asked=sorted(on_call or known),
        due_at=timezone.now() + timedelta(minutes=minutes_to_answer(alert)),
    )  # fmt: skip
    if people:
        notices.notify_people(NoticeKind.APPROVAL_WANTED, case=alert.case, people=people, alert=alert)
    else:
        notices.notify_program(
            NoticeKind.NOBODY_TO_APPROVE, case=alert.case, program=alert.program,
            capability=Capability.SUPERVISE_PROGRAM, alert=alert,
        )  # fmt: skip
    return call


@transaction.atomic
def ask_again(*, alert: Alert, by: User) -> ApprovalCall:
    """Ask once more, with a new time to answer, once the first has passed or somebody has answered.

    Refuses everybody but the program's own officers, an alert that waits for no approval, and a program of which it is
    recorded already that it has no other approver: a new call would only begin the minutes anew.
    """
    if not permissions.can_compose(by, alert):
        raise NotPermitted
    alert.refresh_from_db(from_queryset=Alert.objects.select_for_update(of=("self",), no_key=True))
    if alert.status != AlertStatus.SUBMITTED:
        raise ActRefused(_("This alert is not awaiting approval."))
    last = alert_guards.last_call(alert)
    if last is not None and last.answered_at is None and not last.is_overdue:
        raise ActRefused(_("The approvers still have time to answer. Wait until it is over."))
    if last is not None and not last.asked and not alert_guards.may_still_approve(alert, by).exists():
        raise ActRefused(_("Nobody else may approve for your program. Staff name approvers in the administration."))
    call = call_approvers(alert=alert, by=by)
    audit.record("alert.approval_asked", by=by, objects=[alert], case_id=alert.case_id)
    _note(alert, "alert.approval_asked", by)
    return call


@transaction.atomic
def refuse(*, alert: Alert, by: User, reason: str) -> None:
    """Answer that the alert is not approved as it stands, and why; its officers are told and change it.

    Refuses everybody but an approver who wrote nothing of it, an empty reason, and an alert that waits for no approval.
    """
    if not permissions.can_approve(by, alert):
        raise NotPermitted
    alert.refresh_from_db(from_queryset=Alert.objects.select_for_update(of=("self",), no_key=True))
    if alert.status != AlertStatus.SUBMITTED:
        raise ActRefused(_("This alert is not awaiting approval."))
    if not reason.strip():
        raise ActRefused(_("A refusal needs a reason."))
    alert_guards.check_second_person(by, alert)
    call = alert_guards.last_call(alert)
    if call is None:
        raise ActRefused(_("No one was asked for this approval."))
    call.answered_at, call.answered_by = timezone.now(), by
    call.refusal, call.refusal_language = reason.strip(), written_language(reason)
    call.save()
    audit.record("alert.approval_refused", by=by, objects=[alert], case_id=alert.case_id)
    _note(alert, "alert.approval_refused", by)
    notices.notify_program(
        NoticeKind.APPROVAL_REFUSED, case=alert.case, program=alert.program, capability=Capability.COMPOSE_ALERTS,
        alert=alert,
    )  # fmt: skip


def _note(alert: Alert, kind: str, by: User) -> None:
    agency = workflow.acting_agency(alert.program, alert.case, by)
    note(alert.case, kind, by=by, agency=agency, subject=alert, only_for=agency)
