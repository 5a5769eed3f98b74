"""An offer that is accepted and withdrawn at the same moment: whoever comes first, it ends one way."""

from __future__ import annotations

import threading
import time
from typing import Any

import pytest
from django.db import connections

from agencies.models import Agency
from agencies.refusals import TransitionConflict
from alerts.models import Notice
from cases.models import Case, CaseHandover
from cases.services import handovers

TEXAS = "us-tx-dps"


@pytest.fixture
def db(own_database: str) -> None:
    """Let the rows be committed, so that both threads see them, in a database of the test's own."""


@pytest.mark.parametrize("first", ["accept", "withdraw"])
def test_accepting_and_withdrawing_at_once_ends_one_way(
    active_case: Any, california_officer: Any, make_user: Any, first: str
) -> None:
    texas = Agency.objects.get(code=TEXAS)
    texas_officer = make_user("tess.officer@texas.example", TEXAS, "duty_officer")
    offered = handovers.offer_case(
        case=active_case, by=california_officer, agency=texas, reason="jurisdiction", hours=24
    )  # fmt: skip
    barrier, outcomes = threading.Barrier(2), []

    def run(act: Any, by: Any) -> None:
        try:
            barrier.wait(10)
            if first not in act.__name__:
                time.sleep(0.05)
            act(handover=CaseHandover.objects.get(pk=offered.pk), by=by)
            outcomes.append(act.__name__)
        except TransitionConflict:
            outcomes.append("conflict")
        finally:
            connections.close_all()

    threads = [
        threading.Thread(target=run, args=(handovers.accept_handover, texas_officer)),
        threading.Thread(target=run, args=(handovers.withdraw_handover, california_officer)),
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert len(outcomes) == 2
    assert outcomes.count("conflict") == 1
    leads = Case.objects.get(pk=active_case.pk).lead_agency.code
    status = CaseHandover.objects.get(pk=offered.pk).status
    assert (leads, status) in ((TEXAS, "accepted"), ("us-ca-chp", "withdrawn"))
    assert Notice.objects.filter(handover=offered).count() == 2
