"""What every template of somebody who answers for the portal knows of its processes."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest
from django.utils.functional import SimpleLazyObject

from agencies import access
from agencies.choices import Capability
from agencies.models import User
from alerts import heartbeats


def processes(request: HttpRequest) -> dict[str, Any]:
    """Return which processes are late, for staff and supervisors; asked only by a page that shows them."""

    def late() -> list[str]:
        user = getattr(request, "user", None)
        if not isinstance(user, User) or not (kinds := heartbeats.late()):
            return []
        is_told = user.is_staff or bool(access.agency_ids(user, Capability.SUPERVISE_PROGRAM))
        return [str(kind.label) for kind in kinds] if is_told else []

    return {"late_processes": SimpleLazyObject(late)}
