"""The admin's app, with our site in place of Django's default one."""

from __future__ import annotations

from django.contrib.admin.apps import AdminConfig
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _


def boolean_in_words(value: bool | None) -> SafeString:
    """Return yes, no or unknown in the reader's language, for the admin's lists and read-only fields."""
    state, word = {True: ("yes", _("Yes")), False: ("no", _("No"))}.get(value, ("unknown", _("Unknown")))  # type: ignore[arg-type]
    return format_html('<span class="boolean" data-state="{}">{}</span>', state, word)


class AmberAdminConfig(AdminConfig):
    """Django's admin on the site of `config.admin_site`."""

    default_site = "config.admin_site.AmberAdminSite"

    def ready(self) -> None:
        """Load the Celery application, so that every process publishes to the same broker."""
        super().ready()
        from django.contrib.admin.templatetags import admin_list  # the registry is ready only now

        from . import celery  # noqa: F401  needs the settings, which are complete only now

        # Django's icon says "True" or "False" to a screen reader in every language, and colour alone to the others.
        admin_list._boolean_icon = boolean_in_words  # type: ignore[attr-defined]
