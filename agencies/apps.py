"""The app of agencies, people, programs and the audit."""

from __future__ import annotations

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class AgenciesConfig(AppConfig):
    """Agencies and people."""

    name = "agencies"
    verbose_name = _("Agencies and people")
