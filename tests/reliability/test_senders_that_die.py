"""A worker, a web process and database connections that end in the middle of their work lose no mail."""

from __future__ import annotations

import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest

from alerts.delivery import WRITE_SECONDS
from alerts.models import Alert, Delivery
from alerts.services.issuing import activate
from tests import database
from tests.portal import ROOT, Portal, wait_until
from tests.reliability.ledger import (
    arrivals,
    assert_each_in_its_language,
    attempts,
    is_settled,
    states,
)

pytestmark = pytest.mark.reliability
EXIT_CODE = 9
LINES = 4  # of the real processes (tests/portal.py)
SINK_SECONDS = 0.08  # what the sink takes for one mail at the least
# A stand-in for a web process killed between the commit and the wake-up: what is registered first runs first.
ACTIVATE_AND_DIE = """
import os, sys, django
django.setup()
from django.db import transaction
from agencies.models import User
from alerts.models import Alert
from agencies import access, scope
from alerts.services.issuing import activate
by = User.objects.get(pk=sys.argv[2])
with scope.acting_for(access.all_agency_ids(by)), transaction.atomic():
    transaction.on_commit(lambda: os._exit(9))
    activate(alert=Alert.objects.get(pk=sys.argv[1]), by=by)
"""


def processes_of_group(leader: int) -> list[str]:
    """Return the states of the live processes in a process group, from /proc."""
    found = []
    for path in Path("/proc").glob("[0-9]*/stat"):
        try:
            state, _parent, group, *_ = path.read_text(errors="replace").rpartition(")")[2].split()
        except OSError:  # it has just ended
            continue
        if int(group) == leader and state not in "ZX":
            found.append(state)
    return found


def test_worker_killed_in_mid_send_loses_no_mail(
    portal: Portal, slow_sink: Any, many_recipients: Any, approved_alert: Any, baja_coordinator: Any, wake_worker: Any
) -> None:
    languages = many_recipients(60)
    slow_sink(seconds=SINK_SECONDS)
    portal.start_worker()
    portal.start_relay()
    activate(alert=approved_alert, by=baja_coordinator)
    wake_worker()
    wait_until(lambda: len(arrivals(portal, approved_alert)) >= 12, seconds=20, what="12 mails")

    leader = portal.running["worker"].pid
    portal.kill("worker")
    wait_until(lambda: not processes_of_group(leader), seconds=5, what="every process of the worker is gone")
    time.sleep(0.5)  # the sink gives up the mail whose sender is gone
    at_kill = states(approved_alert)
    assert at_kill["claimed"] > 20, f"the kill must come in mid-send: {at_kill}"
    sent = {str(pk) for pk in Delivery.objects.filter(state="sent").values_list("pk", flat=True)}
    in_flight = set(arrivals(portal, approved_alert)) - sent
    portal.start_worker()

    wait_until(lambda: is_settled(approved_alert), seconds=45, what="the rest is sent after the lease has lapsed")
    assert states(approved_alert) == {"sent": 60}
    assert_each_in_its_language(portal, approved_alert, languages)
    arrived, tried = arrivals(portal, approved_alert), attempts(approved_alert)
    assert set(arrived) == set(tried)
    twice = {pk for pk, count in arrived.items() if count > 1}
    assert twice == in_flight, "twice comes only what had arrived and was not written at the kill"
    of_one_line = WRITE_SECONDS // SINK_SECONDS + 1
    assert len(twice) <= of_one_line * LINES, "and that is what one sender gathers between two writes"
    assert all(arrived[pk] == 2 and tried[pk] > 1 for pk in twice)


def test_web_killed_between_commit_and_wake_up_loses_no_mail(
    portal: Portal, many_recipients: Any, approved_alert: Any, baja_coordinator: Any, past_grace: Any
) -> None:
    languages = many_recipients(12)
    portal.start_sink()
    portal.start_worker()
    command = [sys.executable, "-c", ACTIVATE_AND_DIE, str(approved_alert.pk), str(baja_coordinator.pk)]
    done = subprocess.run(command, cwd=ROOT, env=portal.environment, check=False, capture_output=True, text=True)
    assert done.returncode == EXIT_CODE, done.stderr
    assert Alert.objects.get().status == "active"
    past_grace()
    portal.start_relay()
    wait_until(lambda: is_settled(approved_alert), seconds=20, what="the relay has sent everything")
    assert b"alerts.deliver" not in portal.log("worker").partition(b"ready.")[2], "nobody had woken the worker"
    assert_each_in_its_language(portal, approved_alert, languages)
    assert set(arrivals(portal, approved_alert).values()) == {1}


def test_relay_goes_on_when_its_database_connections_are_cut(
    portal: Portal, slow_sink: Any, many_recipients: Any, approved_alert: Any, baja_coordinator: Any, own_database: str,
    past_grace: Any,
) -> None:  # fmt: skip
    from django.db import connection

    languages = many_recipients(30)
    slow_sink(seconds=0.1)
    activate(alert=approved_alert, by=baja_coordinator)
    past_grace()
    portal.start_relay()
    wait_until(lambda: len(arrivals(portal, approved_alert)) >= 5, seconds=20, what="5 mails")
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_backend_pid()")
        (ours,) = cursor.fetchone()
    cut = database.run_as_owner(
        f"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '{own_database}' AND pid <> {ours}"  # noqa: S608
    )
    assert cut, "the relay was connected"
    wait_until(lambda: is_settled(approved_alert), seconds=40, what="the relay has sent the rest")
    assert portal.running["relay"].poll() is None
    assert b"database away" in portal.log("relay")
    assert_each_in_its_language(portal, approved_alert, languages)
    arrived, tried = arrivals(portal, approved_alert), attempts(approved_alert)
    assert all(count == 1 or tried[pk] > 1 for pk, count in arrived.items())
    assert max(arrived.values()) <= 2
