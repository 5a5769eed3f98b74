"""Choosing for which of the program's recipients an alert is (ADR 82)."""

from __future__ import annotations

from collections.abc import Collection

from django.db import transaction

from agencies import audit
from agencies.models import User
from agencies.refusals import NotPermitted
from alerts import permissions
from alerts.choices import RecipientKind, RecipientRole
from alerts.models import Alert
from alerts.services import approvals, drafts


@transaction.atomic
def choose_audience(*, alert: Alert, by: User, kinds: Collection[str], roles: Collection[str]) -> bool:
    """Make an alert for these kinds and roles of its program's recipients; none or all of them means everybody.

    Return whether that changed it. A change voids the approval, as that of words and area does: an approver answers
    for who is told as well. Refuses who may not word the alert, who may not see whom the program tells, and an alert
    that is in force or over.
    """
    if not (permissions.can_compose(by, alert) and permissions.can_see_deliveries(by, alert)):
        raise NotPermitted
    alert.refresh_from_db(from_queryset=Alert.objects.select_for_update(of=("self",)))
    before = alert.audience_kinds, alert.audience_roles
    chosen = _narrowed(kinds, RecipientKind.values), _narrowed(roles, RecipientRole.values)
    if chosen == before:
        return False
    drafts.make_editable(alert, by)
    approvals.void(alert)
    alert.audience_kinds, alert.audience_roles = chosen
    alert.save(update_fields=["audience_kinds", "audience_roles"])
    audit.record(
        "alert.audience_chosen", by=by, objects=[alert], case_id=alert.case_id,
        field_names=["audience_kinds", "audience_roles"],
    )  # fmt: skip
    return True


def _narrowed(chosen: Collection[str], every: list[str]) -> list[str]:
    """Return the values in their own order; all of them are as good as none."""
    kept = [value for value in every if value in set(chosen)]
    return [] if len(kept) == len(every) else kept
