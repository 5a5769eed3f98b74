"""Who of the program that was asked opened what, for the side that asked (U35)."""

from __future__ import annotations

from agencies.models import User
from agencies.program_agencies import agencies_of
from alerts import permissions
from alerts.models import ExtensionRequest
from cases.accesses import Access, looks_of

MOST_LOOKS = 20


def looks_of_receivers(item: ExtensionRequest, user: User) -> list[Access] | None:
    """Return who of the asked program opened what of the case since it was asked; None for every other side."""
    if item.sent_at is None or not permissions.can_ask(user, item):
        return None
    return looks_of(item.case, agency_ids=agencies_of(item.program).running, since=item.sent_at, limit=MOST_LOOKS)
