"""What pages that act share: sign-in, one nonce per form, the first answer for a repeat."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import datetime
from typing import Any

from django.contrib import messages
from django.contrib.auth.mixins import LoginRequiredMixin
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect, JsonResponse, QueryDict
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from agencies import access, audit
from agencies.idempotency import first_result, new_nonce, once
from agencies.keyset import KeysetPage, keyset_page
from agencies.models import User
from agencies.refusals import ActRefused

MOST_KEPT = 100_000
TYPED_BEFORE = "typed_before"
# Fields that prove who somebody is; sessions stand readable in the database. A postal code is none of them.
NEVER_KEPT = re.compile(r"(?:.+-)?(?:\w*password\w*|(?:present_|recovery_)?code)")


class SignedIn(LoginRequiredMixin):
    """A page for people who have signed in."""

    request: HttpRequest
    needs_agency = True  # whoever holds roles in several agencies has to choose one before anything else (U36)
    keeps_typed = True  # False where a form asks for a password or a code

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """Answer a repeated form with its first result, before anything of it is looked at again."""
        if self.needs_agency and isinstance(request.user, User) and access.has_to_choose(request.user):
            return choose_agency_first(request)
        if request.method == "POST" and isinstance(request.user, User) and (answer := first_answer(request)):
            return answer
        return audit.as_one_answer(lambda: super(SignedIn, self).dispatch(request, *args, **kwargs))  # type: ignore[misc, return-value]

    def handle_no_permission(self) -> HttpResponseRedirect:
        """Send to the sign-in; what somebody was sending when their session ended waits for them there (U31).

        Passwords and codes are never kept: not by the pages that ask for them, nor by their fields anywhere else.
        """
        lapsed = getattr(self.request, "lapsed_user", None)
        is_kept = self.keeps_typed and self.request.method == "POST" and not self.request.FILES
        if is_kept and lapsed is not None:
            typed = self.request.POST.copy()
            for name in [name for name in typed if name == "csrfmiddlewaretoken" or NEVER_KEPT.fullmatch(name)]:
                del typed[name]
            text = typed.urlencode()
            if len(text) <= MOST_KEPT:
                kept = {"user": str(lapsed.pk), "path": self.request.path, "typed": text}
                self.request.session[TYPED_BEFORE] = kept
        return super().handle_no_permission()  # type: ignore[misc, no-any-return]

    def typed_before(self) -> QueryDict | None:
        """Return, once, what this same person was sending to this address when their session ended."""
        kept = self.request.session.get(TYPED_BEFORE)
        if not kept:
            return None
        del self.request.session[TYPED_BEFORE]
        if kept["user"] != str(self.user.pk) or kept["path"] != self.request.path:
            return None
        messages.warning(
            self.request,
            _("You were signed out before this was sent. What you had typed is below; nothing has been sent yet."),
        )
        return QueryDict(kept["typed"])

    @property
    def user(self) -> User:
        """Return the person who asks."""
        assert isinstance(self.request.user, User)  # noqa: S101  LoginRequiredMixin let nobody else pass
        return self.request.user


def choose_agency_first(request: HttpRequest) -> HttpResponse:
    """Lead to the choice of the agency to act for, and back. Refuses what was sent meanwhile (409)."""
    if request.method not in ("GET", "HEAD"):
        raise ActRefused(_("Choose the agency that you act for first, then send this again."))
    address = f"{reverse('agencies:acting-agency')}?{urlencode({'next': request.get_full_path()})}"
    return HttpResponseRedirect(address)


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
    return lead_to(request, result["url"]) if result else None


def act_once(request: HttpRequest, perform: Callable[[], str | dict[str, Any]], success: Any) -> HttpResponse:
    """Perform an act once per nonce and address, and go where it leads; a repeat goes to the same place.

    `perform` returns the address to go to, or a result that holds it under `url` beside what is to be kept of the
    act; `success` is the message that confirms the act, or is called for it afterwards.
    """
    assert isinstance(request.user, User)  # noqa: S101  callers are behind the sign-in

    def kept() -> dict[str, Any]:
        led = perform()
        return led if isinstance(led, dict) else {"url": led}

    result, is_new = once(user=request.user, action=request.path, key=request.POST.get("nonce", ""), perform=kept)
    if is_new:
        received = _("Received %(time)s (your time).") % {"time": clock(timezone.now())}
        messages.success(request, f"{success() if callable(success) else success} {received}")
    return lead_to(request, result["url"])


def lead_to(request: HttpRequest, url: str) -> HttpResponse:
    """Answer a browser with a redirect, and the page's own script with the address: it must know that we have it."""
    if request.headers.get("X-Act") == "fetch":
        answer = JsonResponse({"url": url, "received": clock(timezone.now())})
        answer.leads_on = True  # type: ignore[attr-defined]  # shows nothing, as a redirect
        return answer
    return HttpResponseRedirect(url)


def clock(moment: datetime) -> str:
    """Return the reader's own time to the second, on a 24-hour clock, as their language writes it (U27)."""
    # Translators: a time with seconds in Django's letters for dates.
    return date_format(timezone.localtime(moment), pgettext("clock with seconds", "H:i:s"))
