"""The relay: sends what is overdue and runs what is due, from PostgreSQL alone."""

from __future__ import annotations

import logging
import math
import signal
import threading
import time
from collections.abc import Callable
from functools import partial
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandParser
from django.db import InterfaceError, OperationalError, close_old_connections

from agencies import audit, scope
from agencies.choices import AuditChannel
from agencies.desk_checks import ask_due
from agencies.seals import seal_waiting
from alerts import delivery, number_codes, webhook_tests
from alerts.choices import Channel, ProcessKind
from alerts.dead_man import DeadMan
from alerts.heartbeats import Pulse
from alerts.services import (
    desk_warnings,
    ending_roles,
    issuing,
    ladders,
    lost_authorities,
    numbers,
    open_cases,
    outside_terms,
    overdue,
    receipts,
    renewals,
    request_endings,
    shifts,
)
from cases.services import handovers
from cases.services.uploads import expire_uploads

logger = logging.getLogger(__name__)
PERIODIC_SECONDS = 10
PERIODIC = (
    ladders.climb_due, issuing.expire_due, request_endings.expire_outside_due, renewals.leave_term_duties,
    outside_terms.leave_outside_term_duties, overdue.tell_overdue, overdue.tell_overdue_opinions,
    ending_roles.tell_ending_roles, shifts.prepare_due, shifts.tell_unaccepted, receipts.take_in_waiting,
    lost_authorities.follow_ended, open_cases.end_unfounded, expire_uploads, handovers.expire_due, seal_waiting,
    ask_due, desk_warnings.tell_wrong_numbers, desk_warnings.sweep_gaps, desk_warnings.tell_stale_numbers,
    numbers.remind_people,
)  # fmt: skip


class Command(BaseCommand):
    """Polls our own rows, with or without Redis (docs/adr: the relay over our own rows)."""

    help = "Send overdue deliveries, end expired alerts and tell of overdue duties, until stopped."

    def add_arguments(self, parser: CommandParser) -> None:
        """Offer a single round, for cron and for tests."""
        parser.add_argument("--once", action="store_true", help="Do one round and stop.")

    def handle(self, *args: Any, **options: Any) -> None:
        """Work until SIGTERM or Ctrl-C; survive a database that is away and a fault of our own."""
        self.running = True
        self._pulse, self._watch = Pulse(ProcessKind.RELAY), DeadMan()
        before = {number: signal.signal(number, self._stop) for number in (signal.SIGTERM, signal.SIGINT)}
        try:
            with audit.coming_from(AuditChannel.TASK):
                self._work(is_once=options["once"])
        finally:
            self._watch.wait()
            for number, handler in before.items():
                signal.signal(number, handler)

    def _work(self, *, is_once: bool) -> None:
        grace = 0 if is_once else settings.ALERTS_RELAY_GRACE_SECONDS
        if is_once:
            _survive(webhook_tests.send_tests)
            _survive(number_codes.send_codes)
            for channel in (Channel.WEBHOOK, Channel.SMS):
                while _survive(partial(delivery.send_due, channel=channel)):
                    pass
        else:  # a partner system or a provider that hangs must not hold up a mail
            threading.Thread(target=self._post, args=(grace,), name="webhooks", daemon=True).start()
            threading.Thread(target=self._text, args=(grace,), name="texts", daemon=True).start()
        periodic_at = -math.inf
        while self.running:
            if self._pulse.beat():  # whoever cannot write is not alive to anybody outside either
                self._watch.report()
            settled = _survive(lambda: delivery.send_due(grace_seconds=grace))
            if time.monotonic() - periodic_at > PERIODIC_SECONDS:
                periodic_at = time.monotonic()
                settled += sum(_survive(service) for service in PERIODIC)  # what they queued goes out at once
            if is_once and not settled:
                return
            if not settled and self.running:
                time.sleep(settings.ALERTS_RELAY_POLL_SECONDS)

    def _post(self, grace: int) -> None:
        while self.running:
            _survive(webhook_tests.send_tests)
            if not _survive(lambda: delivery.send_due(grace_seconds=grace, channel=Channel.WEBHOOK)):
                time.sleep(settings.ALERTS_RELAY_POLL_SECONDS)

    def _text(self, grace: int) -> None:
        while self.running:
            _survive(number_codes.send_codes)
            if not _survive(lambda: delivery.send_due(grace_seconds=grace, channel=Channel.SMS)):
                time.sleep(settings.ALERTS_RELAY_POLL_SECONDS)

    def _stop(self, *args: object) -> None:
        self.running = False


def _survive(act: Callable[[], int]) -> int:
    """Return what the act returned, or 0 when it failed: the relay is the last one to send and never gives up."""
    try:
        close_old_connections()
        with scope.through_door("relay"):
            return act()
    except (OperationalError, InterfaceError) as error:
        logger.warning("database away: %s", type(error).__name__)
    except Exception:
        logger.exception("the relay goes on after a fault")
    return 0
