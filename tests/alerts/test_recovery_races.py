"""A recovery and an activation at the same moment: whoever comes first, nothing stays public."""

from __future__ import annotations

import threading
from typing import Any

import pytest
from django.db import connections
from django.utils import timezone

from agencies.models import Subdivision
from agencies.refusals import ActRefused
from alerts.models import Alert, PublicAlert
from alerts.services import issuing
from cases.models import Case
from cases.services.recoveries import confirm_identity, report_located


@pytest.fixture
def db(own_database: str) -> None:
    """Let the named actors' rows be committed, so that both threads see them, in a database of the test's own."""


def test_alert_activated_during_the_recovery_does_not_stay_public(
    approved_alert: Any, recipient: Any, baja_coordinator: Any, california_officer: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    recovery = report_located(
        child=approved_alert.case.children.get(), by=baja_coordinator, located_at=timezone.now(),
        time_zone="America/Tijuana", place="Tijuana", subdivision=Subdivision.objects.get(code="MX-BCN"),
        condition="unharmed", holding_agency=approved_alert.program.agency,
    )  # fmt: skip
    confirm_identity(recovery=recovery, by=baja_coordinator, method="document")
    is_active, may_commit = threading.Event(), threading.Event()
    issue, faults = issuing.issue_message, []

    def slowly(*arguments: Any, **keywords: Any) -> Any:
        message = issue(*arguments, **keywords)
        if threading.current_thread() is activation:
            is_active.set()
            may_commit.wait(timeout=30)
        return message

    monkeypatch.setattr(issuing, "issue_message", slowly)

    def run(act: Any) -> None:
        try:
            act()
        except ActRefused as refusal:
            faults.append(refusal)
        finally:
            connections.close_all()

    activation = threading.Thread(
        target=run, args=(lambda: issuing.activate(alert=Alert.objects.get(), by=baja_coordinator),)
    )
    confirmation = threading.Thread(
        target=run, args=(lambda: confirm_identity(recovery=recovery, by=california_officer, method="document"),)
    )
    activation.start()
    assert is_active.wait(timeout=30)
    confirmation.start()
    confirmation.join(timeout=1)  # it waits for the lock of the alert that is being activated
    assert confirmation.is_alive()
    may_commit.set()
    for thread in (activation, confirmation):
        thread.join(timeout=60)
    assert faults == []
    assert Case.objects.get().status == "recovered"
    assert not PublicAlert.objects.live().exists()
    assert Alert.objects.get().status == "cancelled" or Alert.objects.get().duties.open().exists()
