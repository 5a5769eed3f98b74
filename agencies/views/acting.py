"""What pages that act share: sign-in, one nonce per form, the first answer for a repeat."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.contrib.auth.mixins import LoginRequiredMixin
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect

from agencies.idempotency import new_nonce, once
from agencies.models import User


class SignedIn(LoginRequiredMixin):
    """A page for people who have signed in."""

    request: HttpRequest

    @property
    def user(self) -> User:
        """Return the person who asks."""
        assert isinstance(self.request.user, User)  # noqa: S101  LoginRequiredMixin let nobody else pass
        return self.request.user


def with_nonce(context: dict[str, Any]) -> dict[str, Any]:
    """Add a fresh nonce for the forms of a page."""
    return {**context, "nonce": new_nonce()}


def act_once(request: HttpRequest, action: str, perform: Callable[[], str], success: Any) -> HttpResponse:
    """Perform an act once per nonce and go where it leads; a repeat goes to the same place.

    `perform` returns the address to go to; `success` is the message that confirms the act.
    """
    assert isinstance(request.user, User)  # noqa: S101  callers are behind the sign-in
    result, is_new = once(
        user=request.user,
        action=action,
        key=request.POST.get("nonce", ""),
        perform=lambda: {"url": perform()},
    )
    if is_new:
        messages.success(request, success)
    return HttpResponseRedirect(result["url"])
