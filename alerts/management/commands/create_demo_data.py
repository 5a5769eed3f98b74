"""Fill the demo with invented people, cases and alerts; safe to run at every start."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import transaction
from django.utils.translation import gettext as _

from agencies import audit, scope
from agencies.choices import AuditChannel, Country
from agencies.models import User
from agencies.refusals import ActRefused
from alerts.demo import cases, corridors, people, recipients, safety
from alerts.demo.active_alerts import countries_without_alert, ensure_active_alerts
from alerts.demo.progress import Progress


class Command(BaseCommand):
    """Makes each part once and keeps what users changed; only the alerts in force are renewed at every start."""

    help = "Create the demo's people, cases and alerts, or bring its alerts up to date. Refused outside the demo."

    def add_arguments(self, parser: CommandParser) -> None:
        """Offer the table of logins alone."""
        parser.add_argument("--print-logins", action="store_true", help="Only print the logins, in a table.")

    def handle(self, *args: Any, **options: Any) -> None:
        """Create, or print the logins; refuse with the reason where demo data have no place."""
        try:
            safety.check_settings()
            with audit.coming_from(AuditChannel.COMMAND), scope.through_door("demo"):
                if options["print_logins"]:
                    self.print_logins()
                else:
                    self.create(options["verbosity"])
        except ActRefused as refusal:
            raise CommandError(str(refusal.message)) from refusal

    def create(self, verbosity: int) -> None:
        """Make the parts that are lacking in one transaction, then see to the alerts in force."""
        progress = Progress()
        parts = {
            "people": people.create_people,
            "recipients": recipients.create_recipients,
            "corridors": corridors.open_corridors,
            "cases": lambda: cases.open_cases(progress.base),
        }
        with transaction.atomic():
            if progress.is_first:
                safety.check_database()
            for name, make in parts.items():
                if progress.lacks(name):
                    make()
                    progress.mark(name)
        activated = ensure_active_alerts()
        if verbosity:
            self.stdout.write(f"Demo data are there. Alerts activated now: {', '.join(activated.values()) or 'none'}.")

    def print_logins(self) -> None:
        """Print who may sign in, as things stand now."""
        if not User.objects.exists():
            raise CommandError(_("There are no demo logins yet: run create_demo_data first."))
        self.stdout.write(people.logins_table())
        if lacking := countries_without_alert():
            names = ", ".join(str(Country(country).label) for country in lacking)
            self.stderr.write(_("No alert could be put in force: %(countries)s.") % {"countries": names})
