"""Activation by one officer alone, when the program allows it and no approver answers or exists (U9)."""

from __future__ import annotations

from datetime import timedelta

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from agencies.choices import Capability
from agencies.models import User
from agencies.refusals import ActRefused, NotPermitted
from alerts import alert_guards, permissions
from alerts.choices import ActivationException, AlertStatus, DutyKind, NoticeKind
from alerts.gathering import content_hash
from alerts.models import Alert, AlertMessage
from alerts.services import approvals, issuing, notices, pending
from alerts.services.writing import written_language

REVIEW_WITHIN = timedelta(hours=12)
CHANGED = _("The alert changed since the approvers were asked. Submit it again.")


@transaction.atomic
def activate_alone(
    *, alert: Alert, by: User, reason: str, seen_hash: str, typed_words_read: bool = False
) -> AlertMessage:
    """Put a submitted alert in force without a second officer: marked, told to the supervisor at once, to be reviewed.

    Everything is checked under the row's lock. Refuses a program that does not allow it, everybody but the officer of
    an activating body who submitted it, an empty reason, an alert without a call, a call that somebody answered or
    that still runs or that named nobody while somebody may approve by now, content other than that of the call, a
    required language that the officer does not read and nobody has reviewed, words typed by hand of which the officer
    has not said that they read every one (U28), and a sealed case of which a second officer is not named who could
    approve or review it (ADR 65).
    """
    alert.refresh_from_db(from_queryset=Alert.objects.select_for_update(of=("self",)))
    if not permissions.can_activate(by, alert):
        raise NotPermitted
    if not reason.strip():
        raise ActRefused(_("Say why no one else can approve."))
    if alert.status == AlertStatus.SUBMITTED:
        present, call = content_hash(alert), alert_guards.last_call(alert)
        if seen_hash != present or (call is not None and call.content_hash != present):
            raise ActRefused(CHANGED)
        approvals.approve_alone(alert, by, typed_words_read=typed_words_read)
    message = issuing.put_in_force(
        alert, "activate_alone", by=by, content_hash=approvals.approved_hash(alert),
        exception=ActivationException.SINGLE_OFFICER, exception_reason=reason.strip(),
        exception_language=written_language(reason), exception_at=timezone.now(), exception_by=by,
    )  # fmt: skip
    pending.leave_duty(DutyKind.REVIEW_SINGLE_OFFICER, within=REVIEW_WITHIN, alert=alert)
    notices.notify_program(
        NoticeKind.SINGLE_OFFICER, case=alert.case, program=alert.program, capability=Capability.SUPERVISE_PROGRAM,
        alert=alert,
    )  # fmt: skip
    return message


def is_possible(alert: Alert, by: User) -> bool:
    """Say whether the page may offer it to this person now; the act itself checks everything again."""
    call = alert_guards.last_call(alert)
    return (
        alert.status == AlertStatus.SUBMITTED
        and alert.program.single_officer_activation
        and alert.submitted_by_id == by.pk
        and call is not None
        and call.is_overdue
        and bool(call.asked or not alert_guards.may_still_approve(alert, by).exists())
        and permissions.can_activate(by, alert)
        and alert_guards.seal_forbids_alone(alert, by) is None
    )
