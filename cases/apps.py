"""The app of cases."""

from __future__ import annotations

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class CasesConfig(AppConfig):
    """Cases."""

    name = "cases"
    verbose_name = _("Cases")

    def ready(self) -> None:
        """Let the audit ask for what purpose somebody meets a case of another agency."""
        from agencies import audit
        from cases.accesses import shared_for

        audit.find_shares_by(shared_for)
