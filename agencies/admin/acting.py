"""Who acts: behind the door of the administration it is always a person."""

from __future__ import annotations

from django.http import HttpRequest

from agencies.models import User


def acting(request: HttpRequest) -> User:
    """Return the person who asks; the site let nobody else pass."""
    assert isinstance(request.user, User)  # noqa: S101  `AmberAdminSite.admin_view` sent visitors to the login
    return request.user
