"""The app of cases."""

from __future__ import annotations

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class CasesConfig(AppConfig):
    """Cases."""

    name = "cases"
    verbose_name = _("Cases")

    def ready(self) -> None:
        """Let the apps below ask for what purpose somebody meets a case, and whether a seal can still be lifted."""
        from agencies import audit, staffing
        from cases.accesses import shared_for
        from cases.services.lost_readers import left_by

        audit.find_shares_by(shared_for)
        staffing.find_cases_left_by(left_by)
