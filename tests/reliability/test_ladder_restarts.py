"""A request nobody acknowledges climbs its ladder through kills of everything, each in the middle of a step (U39)."""

from __future__ import annotations

from collections import Counter
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.utils import timezone

from agencies.choices import LadderStep
from agencies.models import AlertProgram
from alerts.models import Delivery, LadderRung, Notice
from alerts.services import requests
from tests.database import run_as_owner
from tests.portal import Portal, PrivateValkey, wait_until

pytestmark = pytest.mark.reliability
LATER_STEPS = (LadderStep.DESK, LadderStep.SUPERVISOR, LadderStep.TOP)
# A step writes its notices first and closes its rung last: whoever dies at the pause has written them and nothing else.
PAUSE = """
    CREATE FUNCTION pause_before_closing() RETURNS trigger LANGUAGE plpgsql AS
        $$ BEGIN IF NEW.climbed_at IS NOT NULL THEN PERFORM pg_sleep(2); END IF; RETURN NEW; END $$
"""
TRIGGER = """
    CREATE TRIGGER pause_before_closing BEFORE UPDATE ON alerts_ladderrung
    FOR EACH ROW EXECUTE FUNCTION pause_before_closing()
"""
PAUSED = "SELECT count(*) FROM pg_stat_activity WHERE datname = %s AND wait_event = 'PgSleep'"


def is_in_mid_step(database: str) -> bool:
    """Say whether a process is about to close a rung."""
    with connection.cursor() as cursor:
        cursor.execute(PAUSED, [database])
        return bool(cursor.fetchone()[0])


def make_due(step: str) -> None:
    """Let the time of this step come."""
    LadderRung.objects.filter(step=step).update(due_at=timezone.now() - timedelta(seconds=1))


def is_taken(step: str) -> bool:
    """Say whether a step was taken."""
    return not LadderRung.objects.filter(step=step, climbed_at=None).exists()


def test_ladder_loses_and_repeats_no_step_when_everything_is_killed_in_mid_step(
    portal: Portal, valkey: PrivateValkey, own_database: str, active_case: Any, california_officer: Any,
    baja_coordinator: Any,
) -> None:  # fmt: skip
    program = AlertProgram.objects.get(code="mx-bcn")
    request = requests.send_request(case=active_case, program=program, by=california_officer)
    run_as_owner(PAUSE, database=own_database)
    run_as_owner(TRIGGER, database=own_database)
    portal.start_sink()
    portal.start_worker()
    portal.start_relay()
    before = Notice.objects.count()

    for number, step in enumerate(LATER_STEPS):
        make_due(step)
        wait_until(lambda: is_in_mid_step(own_database), seconds=30, what=f"the step {step} has begun")
        portal.kill("relay")
        portal.kill("worker")
        valkey.kill()
        wait_until(lambda: not is_in_mid_step(own_database), seconds=10, what="the database notices")
        assert not is_taken(step), "it died before it had closed the rung"
        taken_so_far = LadderRung.objects.filter(climbed_at__isnull=False).exclude(step=LadderStep.ON_DUTY).count()
        assert taken_so_far == number, "what was taken before stays, and nothing of this step is left behind"
        valkey.start()
        portal.start_worker()
        portal.start_relay()
        wait_until(lambda step=step: is_taken(step), seconds=30, what=f"the step {step} is taken")

    told = Counter(Notice.objects.filter(request=request).values_list("kind", flat=True))
    of_steps = {"unacknowledged": 2, "call_program": 1, "unheard_to_hub": 1}  # desk, supervisors, both of the top
    assert {kind: told[kind] for kind in of_steps} == of_steps, "each step once"
    assert Notice.objects.count() == before + sum(of_steps.values())
    steps = Counter(request.case.events.filter(kind__startswith="request.ladder_").values_list("kind", flat=True))
    assert steps == {f"request.ladder_{step}": 1 for step in LATER_STEPS}
    wait_until(
        lambda: not Delivery.objects.exclude(state__in=("sent", "suppressed")).exists(), seconds=60, what="mails leave"
    )
    sent = Delivery.objects.filter(notice__request=request, state="sent")
    arrived = Counter(str(mail["Message-ID"]).strip("<>").partition("@")[0] for mail in portal.mails())
    for row in sent:
        assert arrived[str(row.pk)] == 1 or row.may_have_arrived, "a repeat is marked"
        assert arrived[str(row.pk)] >= 1
