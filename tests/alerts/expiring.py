"""Alerts at the end of their broadcast, under rules that keep the open case readable."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.utils import timezone

from agencies.models import CriteriaVersion
from alerts.models import Alert, PublicAlert
from alerts.services import issuing


def allow_open_cases(program: Any, is_allowed: bool = True) -> None:
    """Let the program's rules in force keep the open case readable after expiry, or not."""
    criteria = CriteriaVersion.in_force_for(program)
    CriteriaVersion.objects.filter(pk=criteria.pk).update(after_expiry_public=is_allowed)


def expire(alert: Alert) -> None:
    """Let the term of an active alert end now."""
    over = timezone.now() - timedelta(seconds=1)
    Alert.objects.filter(pk=alert.pk).update(expires_at=over)
    PublicAlert.objects.filter(alert=alert).update(expires_at=over)
    assert issuing.expire_due() == 1
    alert.refresh_from_db()


def expire_with_open_cases(alert: Alert) -> None:
    """Let the term end under rules that allow the page of the open case."""
    allow_open_cases(alert.program)
    expire(alert)
