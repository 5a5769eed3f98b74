"""The page behind the monthly link to a desk: its numbers, and two buttons (U42)."""

from __future__ import annotations

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import translation
from django.views import View

from agencies.choices import DeskAnswer, Language
from agencies.desk_checks import answer, check_of
from agencies.models import DeskCheck


class CheckDesk(View):
    """Whoever holds the link of a desk says whether its numbers are right; opening the page changes nothing."""

    http_method_names = ["get", "head", "post"]

    def get(self, request: HttpRequest, token: str) -> HttpResponse:
        """Show the numbers that the portal has."""
        return self._page(request, self._find(token))

    def post(self, request: HttpRequest, token: str) -> HttpResponse:
        """Keep the answer of the pressed button; pressed twice it is kept once."""
        check, said = self._find(token), request.POST.get("answer", "")
        if said not in DeskAnswer.values:
            return self._page(request, check, status=422)
        return self._page(request, answer(check=check, answer=said))

    @staticmethod
    def _find(token: str) -> DeskCheck:
        check = check_of(token)
        if check is None:
            raise Http404
        return check

    @staticmethod
    def _page(request: HttpRequest, check: DeskCheck, status: int = 200) -> HttpResponse:
        chosen = request.GET.get("language", "")
        language = chosen if chosen in Language.values else next(iter(check.agency.languages), Language.EN)
        links = [(code, name, f"{request.path}?language={code}") for code, name in Language.choices]
        with translation.override(language):
            context = {
                "check": check, "agency": check.agency, "answers": DeskAnswer, "html_lang": language,
                "language_links": links,
            }  # fmt: skip
            response = render(request, "agencies/desk_check.html", context, status=status)
        response["Cache-Control"] = "no-store"
        response["X-Robots-Tag"] = "noindex"
        response["Referrer-Policy"] = "no-referrer"
        return response
