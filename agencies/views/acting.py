"""What pages that act share: sign-in, one nonce per form, the first answer for a repeat."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.contrib.auth.mixins import LoginRequiredMixin
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect

from agencies.idempotency import first_result, new_nonce, once
from agencies.keyset import KeysetPage, keyset_page
from agencies.models import User


class SignedIn(LoginRequiredMixin):
    """A page for people who have signed in."""

    request: HttpRequest

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """Answer a repeated form with its first result, before anything of it is looked at again."""
        if request.method == "POST" and isinstance(request.user, User) and (answer := first_answer(request)):
            return answer
        response: HttpResponse = super().dispatch(request, *args, **kwargs)  # type: ignore[misc, assignment]
        return response

    @property
    def user(self) -> User:
        """Return the person who asks."""
        assert isinstance(self.request.user, User)  # noqa: S101  LoginRequiredMixin let nobody else pass
        return self.request.user


def page_or_404(rows: QuerySet[Any], request: HttpRequest) -> KeysetPage:
    """Return the page that the address asks for; a key that no page gave is an address that does not exist."""
    try:
        return keyset_page(rows, request.GET.get("after", ""))
    except ValueError as error:
        raise Http404 from error


def with_nonce(context: dict[str, Any]) -> dict[str, Any]:
    """Add a fresh nonce for the forms of a page."""
    return {**context, "nonce": new_nonce()}


def first_answer(request: HttpRequest) -> HttpResponse | None:
    """Return where the first submission of this form by this person led, or None for a new one."""
    assert isinstance(request.user, User)  # noqa: S101  the caller looked
    result = first_result(user=request.user, action=request.path, key=request.POST.get("nonce", ""))
    return HttpResponseRedirect(result["url"]) if result else None


def act_once(request: HttpRequest, perform: Callable[[], str], success: Any) -> HttpResponse:
    """Perform an act once per nonce and address, and go where it leads; a repeat goes to the same place.

    `perform` returns the address to go to; `success` is the message that confirms the act.
    """
    assert isinstance(request.user, User)  # noqa: S101  callers are behind the sign-in
    result, is_new = once(
        user=request.user,
        action=request.path,
        key=request.POST.get("nonce", ""),
        perform=lambda: {"url": perform()},
    )
    if is_new:
        messages.success(request, success)
    return HttpResponseRedirect(result["url"])
