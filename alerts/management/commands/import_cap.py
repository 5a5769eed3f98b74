"""Import a partner's CAP alert from a file, as the page does."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.http import Http404
from django.utils.translation import gettext as _

from agencies import access, audit, scope
from agencies.choices import AuditChannel, Capability
from agencies.models import Agency, User
from agencies.refusals import ActRefused
from alerts.services.cap_import import import_cap


class Command(BaseCommand):
    """Opens a draft case from a CAP file in the name of a person."""

    help = "Open a draft case from a partner's CAP alert."

    def add_arguments(self, parser: CommandParser) -> None:
        """Take the file and the person."""
        parser.add_argument("file", type=Path)
        parser.add_argument("--by", required=True, help="E-mail address of the person who imports.")
        parser.add_argument("--agency", help="Code of the agency, where the person has several.")

    def handle(self, *args: Any, **options: Any) -> None:
        """Import, or say why not."""
        user = User.objects.filter(email=options["by"].lower()).first()
        if user is None:
            raise CommandError(_("No one has this e-mail address."))
        agencies = Agency.objects.filter(pk__in=access.agency_ids(user, Capability.IMPORT_CASES))
        if options["agency"]:
            agencies = agencies.filter(code=options["agency"])
        agency = agencies.first()
        if agency is None:
            raise CommandError(_("This person may not import alerts for this agency."))
        try:
            raw = options["file"].read_bytes()
        except OSError as error:
            raise CommandError(_("The file cannot be read.")) from error
        try:
            sees = access.agency_ids(user, Capability.VIEW_CASES)
            with audit.coming_from(AuditChannel.COMMAND), scope.acting_for(sees, person=user.pk):
                case = import_cap(raw=raw, by=user, agency=agency)
        except ActRefused as refusal:
            raise CommandError(str(refusal.message)) from refusal
        except Http404 as error:
            raise CommandError(_("This person may not import alerts for this agency.")) from error
        self.stdout.write(case.reference)
