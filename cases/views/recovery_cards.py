"""What the page of a case shows of children who were found, and of its end."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from agencies.models import User
from cases import permissions
from cases.choices import CaseStatus, ChildStatus
from cases.disclosure import condition_shown, result_shown
from cases.forms.closures import CloseForm, ReopenForm
from cases.forms.recoveries import IdentityForm, LocatedForm, RejectIdentityForm
from cases.models import Case, Recovery


@dataclass(frozen=True)
class PendingCard:
    """One report whose child is not identified yet, with what its reader may do about it."""

    recovery: Recovery
    condition: str
    identity_form: IdentityForm | None
    reject_form: RejectIdentityForm | None


def recovery_context(case: Case, user: User) -> dict[str, Any]:
    """Return the pending reports and the form of a new one, as this person may see and use them."""
    found = list(
        case.recoveries.select_related("child", "holding_agency", "subdivision", "reported_by").prefetch_related(
            "confirmations__officer", "confirmations__agency"
        )
    )
    may_confirm = permissions.can_confirm_in_case(user, case)
    may_lead = permissions.can_lead_case(user, case)
    held = permissions.agencies_that_hold(user)
    return {
        "pending_cards": [
            PendingCard(
                recovery,
                condition_shown(recovery, user, case),
                IdentityForm(prefix="identity", auto_id=f"id_{recovery.pk}_%s") if may_confirm else None,
                RejectIdentityForm(prefix="reject", auto_id=f"id_{recovery.pk}_%s")
                if may_lead or recovery.holding_agency_id in held
                else None,
            )
            for recovery in found
            if recovery.is_pending and case.is_open
        ],
        "recoveries": found,
        "located_form": LocatedForm(case=case, prefix="located")
        if case.is_open
        and permissions.can_report_located(user, case)
        and case.children.filter(status=ChildStatus.MISSING).exists()
        else None,
    }


@dataclass(frozen=True)
class ClosureCard:
    """How a case ended, as its reader may know it."""

    result: str
    alert_effect: str
    category_at_intake: str
    category: str
    closed_at: datetime


def closure_context(case: Case, user: User) -> dict[str, Any]:
    """Return the standing result of a case, and the forms that end it or open it again."""
    closure = case.closures.filter(reopened_at__isnull=True).first()
    may_lead = permissions.can_lead_case(user, case)
    is_anyone_recovered = case.children.filter(status=ChildStatus.RECOVERED).exists()
    can_be_closed = case.is_open or case.status == CaseStatus.RECOVERED
    return {
        "closure": ClosureCard(
            result_shown(closure, user, case),
            closure.get_alert_effect_label(),  # type: ignore[attr-defined]
            case.abduction.get_category_at_intake_label(),  # type: ignore[attr-defined]
            closure.get_category_label(),  # type: ignore[attr-defined]
            closure.closed_at,
        )
        if closure
        else None,
        "close_form": CloseForm(case=case, prefix="close") if may_lead and can_be_closed else None,
        "reopen_form": ReopenForm(case=case, prefix="reopen")
        if may_lead and (is_anyone_recovered or not case.is_open) and case.status != CaseStatus.MERGED
        else None,
        "can_inform_family": case.family_informed_at is None
        and permissions.holds_a_death(case)
        and permissions.can_say_family_informed(user, case),
    }
