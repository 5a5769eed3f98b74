"""The admin's app, with our site in place of Django's default one."""

from __future__ import annotations

from django.contrib.admin.apps import AdminConfig


class AmberAdminConfig(AdminConfig):
    """Django's admin on the site of `config.admin_site`."""

    default_site = "config.admin_site.AmberAdminSite"

    def ready(self) -> None:
        """Load the Celery application, so that every process publishes to the same broker."""
        super().ready()
        from . import celery  # noqa: F401  needs the settings, which are complete only now
