"""When a program's activating bodies cannot be reached: another agency takes the decision over, by its rule (U7)."""

from __future__ import annotations

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from agencies import audit
from agencies.choices import Capability
from agencies.models import ActivationFallback, User
from agencies.refusals import ActRefused, NotPermitted
from alerts import permissions, workflow
from alerts.choices import ActivationException, AlertStatus, NoticeKind
from alerts.models import Alert
from alerts.services import approval_calls, drafts, notices
from alerts.services.writing import written_language
from cases.workflow import note

BEFORE_ACTIVATION = (AlertStatus.DRAFT, AlertStatus.SUBMITTED, AlertStatus.APPROVED)
NOTHING = {
    "exception": "", "exception_reason": "", "exception_language": "", "exception_at": None, "exception_by": None,
    "fallback": None,
}  # fmt: skip


@transaction.atomic
def use_fallback(*, alert: Alert, by: User, fallback: ActivationFallback, reason: str) -> None:
    """Let the agency that the rule names approve and activate this alert; two people still, and the alert is marked.

    The program's approvers are told at once. Refuses a program without such a rule, everybody outside the agency that
    it names, an empty reason, and an alert that is active or decided by exception already.
    """
    alert.refresh_from_db(from_queryset=Alert.objects.select_for_update(of=("self",), no_key=True))
    if fallback not in permissions.fallbacks_for(by, alert):
        raise NotPermitted
    if alert.status not in BEFORE_ACTIVATION:
        raise ActRefused(_("The alert is no longer waiting for a decision."))
    if alert.exception:
        raise ActRefused(_("The decision on this alert was taken over already."))
    if not reason.strip():
        raise ActRefused(_("Say how you tried to reach those who decide otherwise."))
    _write(
        alert, exception=ActivationException.FALLBACK, exception_reason=reason.strip(),
        exception_language=written_language(reason), exception_at=timezone.now(), exception_by=by, fallback=fallback,
    )  # fmt: skip
    _tell(alert, "alert.fallback_used", by)
    if alert.status == AlertStatus.SUBMITTED:
        approval_calls.call_approvers(alert=alert, by=by)  # now those of the agency that decides, too
    notices.notify_program(
        NoticeKind.FALLBACK_USED, case=alert.case, program=alert.program, capability=Capability.APPROVE_ALERTS,
        alert=alert,
    )  # fmt: skip


@transaction.atomic
def end_fallback(*, alert: Alert, by: User) -> None:
    """Give the decision back before the activation; what was approved meanwhile must be approved again.

    Refuses everybody but the program's own approvers and the officer who took it over, and an alert in force.
    """
    alert.refresh_from_db(from_queryset=Alert.objects.select_for_update(of=("self",), no_key=True))
    if not permissions.can_end_fallback(by, alert):
        raise NotPermitted
    if alert.exception != ActivationException.FALLBACK or alert.status not in BEFORE_ACTIVATION:
        raise ActRefused(_("There is nothing to give back."))
    if alert.status != AlertStatus.DRAFT:
        drafts.revise(alert=alert, by=None)
    _write(alert, **NOTHING)
    _tell(alert, "alert.fallback_ended", by)


def _write(alert: Alert, **values: object) -> None:
    for name, value in values.items():
        setattr(alert, name, value)
    alert.save(update_fields=list(values))


def _tell(alert: Alert, kind: str, by: User) -> None:
    """Record it; the two agencies concerned read it in their timelines, others once the alert is in force."""
    audit.record(kind, by=by, objects=[alert], case_id=alert.case_id)
    acting = workflow.acting_agency(alert.program, alert.case, by)
    for reader in {acting.pk: acting, alert.program.agency.pk: alert.program.agency}.values():
        note(alert.case, kind, by=by, agency=acting, subject=alert, only_for=reader)
