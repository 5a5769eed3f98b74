"""The Django admin of AMBER Bridge: staff only, one login for the whole portal."""

from __future__ import annotations

from django.contrib.admin import AdminSite
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.http import urlencode
from django.utils.translation import gettext_lazy as _


class AmberAdminSite(AdminSite):
    """Django's admin site under the portal's own login (ASVS 6.3.4: no second door)."""

    site_header = _("AMBER Bridge administration")
    site_title = _("AMBER Bridge administration")
    index_title = _("Reference data and look-up")
    enable_nav_sidebar = False

    def login(self, request: HttpRequest, extra_context: dict[str, object] | None = None) -> HttpResponse:
        """Send everybody to the portal's login; nobody signs in here."""
        target = request.GET.get("next") or request.get_full_path()
        return redirect(f"/login/?{urlencode({'next': target})}")
