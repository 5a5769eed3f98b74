"""What the page of a case shows of children who were found."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from agencies.models import User
from cases import permissions
from cases.choices import ChildStatus
from cases.forms.recoveries import IdentityForm, LocatedForm, RejectIdentityForm
from cases.models import Case, Recovery


@dataclass(frozen=True)
class PendingCard:
    """One report whose child is not identified yet, with what its reader may do about it."""

    recovery: Recovery
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
                IdentityForm(prefix="identity", auto_id=f"id_{recovery.pk}_%s") if may_confirm else None,
                RejectIdentityForm(prefix="reject", auto_id=f"id_{recovery.pk}_%s")
                if may_lead or recovery.holding_agency_id in held
                else None,
            )
            for recovery in found
            if recovery.is_pending
        ],
        "recoveries": found,
        "located_form": LocatedForm(case=case, prefix="located")
        if case.is_open
        and permissions.can_report_located(user, case)
        and case.children.filter(status=ChildStatus.MISSING).exists()
        else None,
    }
