"""Where demo data may be made: they bring logins with a published password, so never beside real people."""

from __future__ import annotations

import os

from django.conf import settings
from django.utils.translation import gettext as _

from agencies.models import User
from agencies.refusals import ActRefused

TEST_SETTINGS = "config.settings.test"
# Names that nobody can own (RFC 2606, sections 2 and 3): no real person signs in with one.
RESERVED_ADDRESS = r"[@.](example|test|invalid|localhost|example\.(com|net|org))$"


def check_settings() -> None:
    """Refuse with `ActRefused` to work outside the demo, a developer's debug mode and the tests."""
    in_tests = os.environ.get("DJANGO_SETTINGS_MODULE") == TEST_SETTINGS
    if not (settings.IS_DEMO or settings.DEBUG or in_tests):
        raise ActRefused(
            _(
                "Demo data are refused here: this is not the demo. They bring logins with a published password. "
                "Start the demo with “make demo”."
            )
        )


def check_database() -> None:
    """Refuse with `ActRefused` a database with real people; asked before the first demo row is written."""
    if User.objects.exclude(email__iregex=RESERVED_ADDRESS).exists():
        raise ActRefused(
            _("Demo data are refused here: this database holds people with real e-mail addresses. Use an empty one.")
        )
