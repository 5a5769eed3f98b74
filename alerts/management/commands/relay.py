"""The relay: sends what is overdue and runs what is due, from PostgreSQL alone."""

from __future__ import annotations

import logging
import signal
import time
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandParser
from django.db import InterfaceError, OperationalError, close_old_connections

from agencies import audit
from agencies.choices import AuditChannel
from alerts import delivery
from alerts.services import issuing

logger = logging.getLogger(__name__)
PERIODIC_SECONDS = 10


class Command(BaseCommand):
    """Polls our own rows, with or without Redis (docs/adr: the relay over our own rows)."""

    help = "Send overdue deliveries and end expired alerts, until stopped."

    def add_arguments(self, parser: CommandParser) -> None:
        """Offer a single round, for cron and for tests."""
        parser.add_argument("--once", action="store_true", help="Do one round and stop.")

    def handle(self, *args: Any, **options: Any) -> None:
        """Work until SIGTERM or Ctrl-C; survive a database that is away."""
        self.running = True
        signal.signal(signal.SIGTERM, self._stop)
        signal.signal(signal.SIGINT, self._stop)
        grace = 0 if options["once"] else settings.ALERTS_RELAY_GRACE_SECONDS
        periodic_at = 0.0
        with audit.coming_from(AuditChannel.TASK):
            while self.running:
                try:
                    close_old_connections()
                    sent = delivery.send_due(grace_seconds=grace)
                    if time.monotonic() - periodic_at > PERIODIC_SECONDS:
                        periodic_at = time.monotonic()
                        issuing.expire_due()
                except (OperationalError, InterfaceError) as error:
                    logger.warning("database away: %s", type(error).__name__)
                    sent = 0
                if options["once"] and not sent:
                    return
                if not sent and self.running:
                    time.sleep(settings.ALERTS_RELAY_POLL_SECONDS)

    def _stop(self, *args: object) -> None:
        self.running = False
