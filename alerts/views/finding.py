"""The one way in which pages find an alert: what the person may not see does not exist."""

from __future__ import annotations

import uuid

from django.shortcuts import get_object_or_404

from agencies.models import User
from alerts.models import Alert


def find_alert(user: User, pk: uuid.UUID) -> Alert:
    """Return a visible alert with what its pages name; 404 for any other."""
    rows = Alert.objects.visible_to(user).select_related(  # type: ignore[attr-defined]
        "program__agency", "case__lead_agency", "request", "photo", "submitted_by", "approved_by", "created_by",
        "public", "criteria",
    )  # fmt: skip
    return get_object_or_404(rows.defer("photo__jpeg"), pk=pk)
