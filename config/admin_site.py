"""The Django admin of AMBER Bridge: staff only, one login for the whole portal."""

from __future__ import annotations

from functools import update_wrapper
from typing import Any

from django.contrib.admin import AdminSite
from django.contrib.auth.views import redirect_to_login
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.http import urlencode
from django.utils.translation import gettext_lazy as _

from agencies import access, audit, permissions
from agencies.choices import AuditOutcome
from agencies.models import User
from agencies.views.acting import choose_agency_first
from agencies.views.session import SignOut

# `view_on_site` tells whether any object exists; `autocomplete` would list rows past the audit. Nothing here uses them.
ABSENT_ADDRESSES = {"view_on_site", "autocomplete"}


class AmberAdminSite(AdminSite):
    """Django's admin site under the portal's own login (ASVS 6.3.4: no second door).

    Whoever has not signed in goes to the login from every address; whoever has signed in without being staff gets
    the same 404 from every address. Inside, what is forbidden is missing too.
    """

    site_header = _("AMBER Bridge administration")
    site_title = _("AMBER Bridge administration")
    index_title = _("Reference data and look-up")
    enable_nav_sidebar = False

    def has_permission(self, request: HttpRequest) -> bool:
        """Let in active staff with something to do here: by a role in an agency, or for reference data alone."""
        user = request.user
        return (
            isinstance(user, User)
            and user.is_active
            and user.is_staff
            and (
                permissions.can_manage_reference_data(user)
                or permissions.can_manage_people(user)
                or permissions.can_look_up_cases(user)
            )
        )

    def admin_view(self, view: Any, cacheable: bool = False) -> Any:
        """Return the view behind the portal's door, with 404 for what is forbidden."""

        def forbidden_is_missing(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
            try:
                return view(request, *args, **kwargs)
            except PermissionDenied as refusal:
                raise Http404 from refusal

        inner = super().admin_view(update_wrapper(forbidden_is_missing, view), cacheable)

        def door(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
            if not request.user.is_authenticated:
                return redirect_to_login(request.get_full_path())
            if request.user.is_staff and access.has_to_choose(request.user):
                return choose_agency_first(request)
            if not self.has_permission(request):
                raise Http404
            return audit.as_one_answer(lambda: inner(request, *args, **kwargs))

        return update_wrapper(door, inner)

    def login(self, request: HttpRequest, extra_context: dict[str, object] | None = None) -> HttpResponse:
        """Send everybody to the portal's login; nobody signs in here."""
        if not request.user.is_authenticated:
            target = request.GET.get("next") or request.get_full_path()
            return redirect(f"/login/?{urlencode({'next': target})}")
        if not self.has_permission(request):
            raise Http404
        return redirect("admin:index")

    def logout(self, request: HttpRequest, extra_context: dict[str, object] | None = None) -> Any:
        """End the session as every page of the portal does, with its audit event."""
        return SignOut.as_view()(request)

    def password_change(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> Any:
        """Change one's own password and record that it changed, or that somebody tried (CJIS AU-2)."""
        response = super().password_change(request, extra_context)
        person = request.user
        if isinstance(person, User) and request.method == "POST":
            has_changed = response.status_code == 302
            audit.record(
                "user.password_changed", by=person, objects=[person], field_names=["password"],
                outcome=AuditOutcome.DONE if has_changed else AuditOutcome.DENIED,
            )  # fmt: skip
        return response

    def get_urls(self) -> list[Any]:
        """Return Django's addresses without those that answer questions nobody here should ask."""
        return [item for item in super().get_urls() if getattr(item, "name", None) not in ABSENT_ADDRESSES]
