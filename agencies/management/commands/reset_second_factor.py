"""Take the second factor away from somebody whom no administrator of an agency may change: the operator's way."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from agencies import second_factor
from agencies.models import User
from agencies.refusals import ActRefused


class Command(BaseCommand):
    """For superusers, and for people of several agencies; recorded as an act of the system, told by mail."""

    help = "Reset the second factor of one person, named by the e-mail address of the login."

    def add_arguments(self, parser: CommandParser) -> None:
        """Take the login."""
        parser.add_argument("email")

    def handle(self, *args: Any, **options: Any) -> None:
        """Reset it. Refuses an unknown login, and somebody without a second factor."""
        try:
            person = User.objects.get_by_natural_key(options["email"])
            second_factor.reset(user=person, by=None)
        except User.DoesNotExist as error:
            raise CommandError("Nobody signs in with this address.") from error
        except ActRefused as error:
            raise CommandError(str(error.message)) from error
        self.stdout.write("The second factor was reset.")
