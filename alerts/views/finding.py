"""The one way in which pages find an alert or a case: what the person may not see does not exist."""

from __future__ import annotations

import uuid

from django.shortcuts import get_object_or_404

from agencies import audit
from agencies.models import User
from agencies.refusals import NotPermitted
from alerts import permissions
from alerts.models import Alert
from cases.models import Case


def find_alert(user: User, pk: uuid.UUID) -> Alert:
    """Return a visible alert with what its pages name; 404 for any other."""
    rows = Alert.objects.visible_to(user).select_related(  # type: ignore[attr-defined]
        "program__agency", "case__lead_agency", "request", "photo", "submitted_by", "approved_by", "created_by",
        "public", "criteria", "fallback", "exception_by",
    )  # fmt: skip
    return audit.noted(get_object_or_404(rows.defer("photo__jpeg"), pk=pk), by=user)


def find_case(user: User, pk: uuid.UUID) -> Case:
    """Return a visible case with its event; 404 for any other."""
    rows = Case.objects.visible_to(user).select_related("lead_agency", "abduction__subdivision")  # type: ignore[attr-defined]
    return audit.noted(get_object_or_404(rows, pk=pk), by=user)


def case_to_ask(user: User, pk: uuid.UUID) -> Case:
    """Return a case about which this person may ask other programs; 404 for any other."""
    case = find_case(user, pk)
    if not permissions.can_send_requests(user, case):
        raise NotPermitted
    return case
