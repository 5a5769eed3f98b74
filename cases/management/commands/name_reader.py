"""Name a reader of a sealed case that nobody can open any more."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import transaction
from django.utils.translation import gettext as _

from agencies import audit, scope
from agencies.choices import AuditChannel
from agencies.models import User
from agencies.refusals import ActRefused
from cases.models import Case
from cases.services.lost_readers import name_by_operator


class Command(BaseCommand):
    """For operators, where the last reader who could lift the seal has left; recorded, and told to supervisors."""

    help = "Name somebody of the lead agency as a reader of a sealed case."

    def add_arguments(self, parser: CommandParser) -> None:
        """Take the reference of the case, the address of the person, and why."""
        parser.add_argument("reference", help="Reference of the case.")
        parser.add_argument("email", help="Address of the person, who may lift seals for the lead agency.")
        parser.add_argument("--reason", required=True, help="Why, without names: the audit trail holds it.")

    def handle(self, *args: Any, **options: Any) -> None:
        """Name the person; refuse what names no case or nobody, and what the rules refuse."""
        with (
            scope.through_door("naming_readers"),
            audit.coming_from(AuditChannel.COMMAND),
            transaction.atomic(),
        ):  # fmt: skip
            case = Case.objects.filter(reference=options["reference"]).first()
            if case is None:
                raise CommandError(_("No case has this reference."))
            reader = User.objects.filter(email__iexact=options["email"].strip()).first()
            if reader is None:
                raise CommandError(_("No one has this address."))
            try:
                name_by_operator(case=case, reader=reader, reason=options["reason"])
            except ActRefused as refusal:
                raise CommandError(str(refusal.message)) from refusal
        self.stdout.write(_("%(email)s is a reader of %(case)s.") % {"email": reader.email, "case": case.reference})
