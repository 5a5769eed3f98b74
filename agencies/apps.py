"""The app of agencies, people, programs and the audit."""

from __future__ import annotations

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class AgenciesConfig(AppConfig):
    """Agencies and people."""

    name = "agencies"
    verbose_name = _("Agencies and people")

    def ready(self) -> None:
        """Let every connection that opens know what it may show."""
        from django.db.backends.signals import connection_created

        from agencies import checks  # noqa: F401  registers itself
        from agencies.scope import tell_new_connection

        connection_created.connect(tell_new_connection, dispatch_uid="agencies.scope")
