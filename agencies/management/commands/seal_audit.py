"""Seal what the relay has not sealed yet."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand

from agencies import seals


class Command(BaseCommand):
    """Seals once; the relay does the same every ten seconds."""

    help = "Seal the events of the audit trail that wait for their seal."

    def handle(self, *args: Any, **options: Any) -> None:
        """Seal in batches until nothing is left, and say how many."""
        total = 0
        while count := seals.seal_new():
            total += count
        self.stdout.write(f"{total} sealed; head {seals.head()}")
