"""Check the audit trail against its seals and against heads that were published."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils.translation import gettext as _

from agencies import seals


class Command(BaseCommand):
    """Names the first row that is not what was sealed; ends with an error then."""

    help = "Check every event of the audit trail against its seal, and name the first broken row."

    def add_arguments(self, parser: CommandParser) -> None:
        """Take the heads that were published."""
        parser.add_argument(
            "--head", metavar="HASH@NUMBER", action="append", default=[], help="A published head; may be repeated."
        )

    def handle(self, *args: Any, **options: Any) -> None:
        """Print the head and the faults, the first one first."""
        try:
            published = [seals.Head.read(text) for text in options["head"]]
        except ValueError as error:
            raise CommandError(_("A head is written HASH@NUMBER.")) from error
        verdict = seals.verify(published=published)
        self.stdout.write(f"{verdict.checked} seals checked; head {verdict.head}")
        for fault in verdict.faults:
            self.stderr.write(str(fault))
        if not verdict.is_whole:
            raise CommandError(_("The audit trail is broken. First: %(fault)s") % {"fault": verdict.faults[0]})
