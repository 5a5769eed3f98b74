"""Sign-in by e-mail, and `user.has_perm(permission, agency)` by memberships."""

from __future__ import annotations

from typing import Any

from django.contrib.auth.backends import ModelBackend
from django.http import HttpRequest

from agencies import access
from agencies.models import Agency


def counted_as(request: HttpRequest, credentials: dict[str, Any] | None) -> str | None:
    """Return the login under which failed sign-ins are counted: in small letters, as the login itself is compared."""
    name = (credentials or request.POST).get("username")
    return name.lower() if name else None


class AgencyBackend(ModelBackend):
    """Django's own password check, with object permissions that agree with the access gateway."""

    def has_perm(self, user_obj: Any, perm: str, obj: Any = None) -> bool:
        """Say whether the person holds this capability for this agency now; other objects are refused."""
        if not isinstance(obj, Agency):
            return super().has_perm(user_obj, perm, obj)
        app_label, _, codename = perm.partition(".")
        return app_label == "agencies" and obj.pk in access.agency_ids(user_obj, codename)

    def get_group_permissions(self, user_obj: Any, obj: Any = None) -> set[str]:
        """Return nothing: groups stand for roles in an agency, never for the person as a whole."""
        return set()
