"""Print the head of the audit trail, to be published outside."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils.translation import gettext as _

from agencies import seals
from agencies.models import AuditSeal


class Command(BaseCommand):
    """Prints `HASH@NUMBER`, or compares one that was published with what stands there now."""

    help = "Print the newest seal of the audit trail, or check a head that was published before."

    def add_arguments(self, parser: CommandParser) -> None:
        """Take a published head."""
        parser.add_argument("--check", metavar="HASH@NUMBER", help="A head that was published before.")

    def handle(self, *args: Any, **options: Any) -> None:
        """Print, or refuse with the reason."""
        if options["check"] is None:
            self.stdout.write(str(seals.head()))
            return
        try:
            published = seals.Head.read(options["check"])
        except ValueError as error:
            raise CommandError(_("A head is written HASH@NUMBER.")) from error
        if not AuditSeal.objects.filter(number=published.number, hash=published.hash).exists():
            raise CommandError(_("The audit trail no longer has this head: it was changed since."))
        self.stdout.write(f"{published} stands")
