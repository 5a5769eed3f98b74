"""The app of requests, alerts and deliveries."""

from __future__ import annotations

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class AlertsConfig(AppConfig):
    """Alerts; connects the project's only signal."""

    name = "alerts"
    verbose_name = _("Requests and alerts")

    def ready(self) -> None:
        """Connect the receivers of case transitions."""
        from . import receivers  # noqa: F401  models are ready only now
