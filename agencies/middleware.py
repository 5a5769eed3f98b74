"""What every request passes: audit of refusals, session limits, language, answers to refused acts."""

from __future__ import annotations

import time
import uuid
from collections.abc import Callable

from django.conf import settings
from django.contrib.auth import logout
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect, JsonResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.http import urlencode
from django.utils.translation import gettext as _

from agencies import access, audit, half_signed_in, scope, second_factor
from agencies.acting_choice import chosen_agency_ids, time_zone_of
from agencies.api.problems import PROBLEM_TYPE
from agencies.choices import AuditChannel, AuditOutcome, Capability
from agencies.refusals import ActRefused, TransitionConflict

Answer = Callable[[HttpRequest], HttpResponse]
NUL = "\0"
REFUSED = {401, 403, 404, 405, 409, 429}


def channel_of(path: str) -> str:
    """Return the audit channel of an address."""
    if path.startswith("/api/"):
        return AuditChannel.API
    if path.startswith("/admin/"):
        return AuditChannel.ADMIN
    return AuditChannel.PAGE


class AuditMiddleware:
    """Outermost: gives the request an id, and records refusals after the view's transaction has rolled back."""

    def __init__(self, get_response: Answer) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        request_id = uuid.uuid4()
        with audit.coming_from(channel_of(request.path), request_id):
            response = self.get_response(request)
            user = getattr(request, "user", None)
            acted_for = getattr(request, "acted_for", None)
            action = getattr(request, "refused_action", "")
            tried = getattr(request, "refused_accounts", [])  # ids of the account that somebody tried to enter
            if action in ("session.refused", "session.code_refused") and response.status_code == 429:
                action = "session.locked"
            if action or (response.status_code in REFUSED and user is not None and user.is_authenticated):
                match = getattr(request, "resolver_match", None)
                audit.record(
                    action or "request.refused",
                    by=user if user is not None and user.is_authenticated else None,
                    outcome=AuditOutcome.DENIED,
                    object_type="agencies.user" if tried else "",
                    object_ids=tried,
                    detail={
                        "status": response.status_code,
                        "method": request.method,
                        "route": match.view_name if match else "",
                        "ids": [str(value)[:40].replace("\0", "") for value in match.kwargs.values()] if match else [],
                    },
                    agency_ids=acted_for,
                )
        response.headers.setdefault("X-Request-Id", str(request_id))
        if user is not None and user.is_authenticated:
            response.headers.setdefault("Cache-Control", "no-store")
        return response


class ScopeMiddleware:
    """Narrows what the person may do to the agency they act for (ADR 63), and shows the database which cases their
    agencies may see, for this request only (ADR 32).

    Not local to the transaction: answers are rendered, and refusals recorded, after the view's has ended.
    """

    def __init__(self, get_response: Answer) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        user = request.user
        chosen = chosen_agency_ids(request)
        request.acted_for = chosen if user.is_authenticated else None  # type: ignore[attr-defined]
        with (
            access.acting_only_for(user, chosen),
            scope.acting_for(access.agency_ids(user, Capability.VIEW_CASES), author=author_of(request), person=user.pk),
        ):
            return self.get_response(request)


def author_of(request: HttpRequest) -> dict[str, object] | None:
    """Return what the history of the fields keeps of who asks: ids, never a name or an address."""
    if not request.user.is_authenticated:
        return None
    agency_ids = sorted(access.acting_agency_ids(request.user))
    return {"actor": str(request.user.pk), "agencies": agency_ids, "request": str(audit.request_id())}


class SessionLimitMiddleware:
    """Ends sessions after 30 idle minutes and 12 hours in all (CJIS AC-11, IA-11)."""

    def __init__(self, get_response: Answer) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if request.user.is_authenticated:
            now = time.time()
            session = request.session
            started = session.setdefault("started_at", now)
            seen = session.get("seen_at", now)
            if now - started > settings.SESSION_ABSOLUTE_SECONDS or now - seen > settings.SESSION_IDLE_SECONDS:
                lapsed = request.user
                logout(request)
                audit.record("session.lapsed", by=lapsed)
                request.lapsed_user = lapsed  # type: ignore[attr-defined]
            elif now - seen > settings.SESSION_SEEN_SECONDS or "seen_at" not in session:
                session["seen_at"] = now
        return self.get_response(request)


class SecondFactorMiddleware:
    """Holds every session to the second factor of its person (ADR 70), for pages, administration and API alike.

    A session that was begun with another factor, or before there was one, ends. Whoever must have one and has none
    reaches the page that sets it up, the sign-out, the choice of language, and what is open to strangers: the public
    pages, and the receipt of an alert by the link in its mail, which must not be lost. Nothing else.
    """

    OPEN = frozenset({
        "agencies:factor-enrol", "agencies:logout", "agencies:set-language", "agencies:health",
        "alerts:delivery-acknowledge",
    })  # fmt: skip
    OPEN_NAMESPACES = frozenset({"public"})

    def __init__(self, get_response: Answer) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        user = request.user
        if user.is_authenticated and not half_signed_in.is_proven(request, user):
            logout(request)
            audit.record("session.lapsed", by=user)
            request.lapsed_user = user  # type: ignore[attr-defined]
        return self.get_response(request)

    def process_view(
        self, request: HttpRequest, view: Answer, args: tuple[object, ...], kwargs: dict[str, object]
    ) -> HttpResponse | None:
        """Answer in place of every view that is not open; the language is chosen by now."""
        user, match = request.user, request.resolver_match
        if not user.is_authenticated or user.second_factor_id is not None or not second_factor.is_required_of(user):
            return None
        if match is not None and (match.view_name in self.OPEN or self.OPEN_NAMESPACES.intersection(match.namespaces)):
            return None
        message = _("A second factor is required of you. Sign in to the pages of the portal and set it up first.")
        if channel_of(request.path) == AuditChannel.API:
            body = {"status": 403, "code": "second_factor_required", "detail": message}
            return JsonResponse(body, status=403, content_type=PROBLEM_TYPE)
        address = reverse("agencies:factor-enrol")
        if request.method in ("GET", "HEAD"):
            return HttpResponseRedirect(f"{address}?{urlencode({'next': request.get_full_path()})}")
        return render(request, "409.html", {"message": message, "allowed": [], "back_url": address}, status=409)


class LanguageMiddleware:
    """Chooses the language, of the address, else the person, the cookie, the browser; and the zone of whoever reads."""

    def __init__(self, get_response: Answer) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        language = self.language_of(request)
        request.LANGUAGE_CODE = language
        with translation.override(language), timezone.override(time_zone_of(request.user)):
            response = self.get_response(request)
            if hasattr(response, "render") and not getattr(response, "is_rendered", True):
                response.render()
        response.headers.setdefault("Content-Language", language)
        return response

    @staticmethod
    def language_of(request: HttpRequest) -> str:
        """Return `en`, `es` or `fr` for this request."""
        first = request.path_info.split("/", 2)[1].removesuffix(".atom")
        codes = [code for code, _name in settings.LANGUAGES]
        if first in codes:
            return first
        if request.user.is_authenticated:
            return request.user.language
        cookie = request.COOKIES.get(settings.LANGUAGE_COOKIE_NAME, "")
        if cookie in codes:
            return cookie
        return translation.get_language_from_request(request)[:2]


class RefusalMiddleware:
    """Turns a refused act into a page with status 409 that says what is possible now."""

    def __init__(self, get_response: Answer) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Answer 404 to an address with a NUL, which no row can hold and PostgreSQL refuses to be asked for.

        The API says itself which parameter is wrong.
        """
        if not request.path_info.startswith("/api/") and self._holds_nul(request):
            raise Http404
        return self.get_response(request)

    @staticmethod
    def _holds_nul(request: HttpRequest) -> bool:
        texts = (text for name in request.GET for text in (name, request.GET[name]))
        return NUL in request.path_info or any(NUL in text for text in texts)

    def process_exception(self, request: HttpRequest, exception: Exception) -> HttpResponse | None:
        """Answer `ActRefused` after the view's transaction has rolled back; leave the rest to Django."""
        if not isinstance(exception, ActRefused):
            return None
        context = {
            "message": exception.message,
            "state": getattr(exception, "state", ""),
            "allowed": exception.allowed if isinstance(exception, TransitionConflict) else [],
            "back_url": request.META.get("HTTP_REFERER", "") or "/desk/",
        }
        return render(request, "409.html", context, status=409)
