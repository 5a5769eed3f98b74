"""The desk of Baja California and its duty officer, for the tests of rosters."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from agencies.models import Agency, Membership
from tests.agencies.rostered import BAJA


@pytest.fixture
def desk(baja_coordinator: Any, baja_approver: Any) -> Agency:
    """The desk of Baja California, with two coordinators."""
    return Agency.objects.get(code=BAJA)


@pytest.fixture
def guard(make_user: Any) -> Any:
    """A duty officer in Baja California."""
    made = make_user("dario.guardia@baja.example", BAJA, "duty_officer", "es")
    Membership.objects.filter(user=made).update(valid_from=timezone.now() - timedelta(days=1))
    return made
