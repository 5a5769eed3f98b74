"""Public pages: of what is told of a case they read the projection and nothing else; beyond it only states."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.db.models import Max, QuerySet
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.translation import gettext as _
from django.views.generic import TemplateView, View

from agencies import scope
from alerts.cap.codes import MIME_TYPE as CAP_MIME_TYPE
from alerts.choices import AlertStatus
from alerts.feeds import MIME_TYPE as ATOM_MIME_TYPE
from alerts.feeds import feed_xml
from alerts.models import Alert, PublicAlert, PublicPhoto
from alerts.posters import render_poster
from alerts.presenting import language_links, poster_content, present, present_all

MOST_ON_ONE_PAGE = 200
HEADERS = {"X-Robots-Tag": "noindex, noarchive, noimageindex", "Cache-Control": "max-age=30, must-revalidate"}


def public_alerts() -> QuerySet[PublicAlert]:
    """Return the projection with what a page shows of it."""
    return PublicAlert.objects.select_related("program").prefetch_related("texts", "photos")


def may_look(request: HttpRequest, public: PublicAlert) -> bool:
    """Say whether this page exists for the reader: of an exercise only for who may see its alert, signed in (ADR 81).

    So officers rehearse the page, the poster and the CAP message, and nobody outside takes them for real.
    """
    if not public.is_exercise:
        return True
    user = request.user
    return user.is_authenticated and Alert.objects.visible_to(user).filter(pk=public.alert_id).exists()  # type: ignore[attr-defined]


def ended(request: HttpRequest, public: PublicAlert, language: str) -> HttpResponse:
    """Answer 410 with a neutral page: number and program's phone, no trace of a child."""
    context = {
        "alert": {
            "number": public.number,
            "tip_phone": public.program.tip_phone,
            "tip_phone_display": public.program.tip_phone_display,
            "abroad_phone": public.program.abroad_phone,
            "language_links": language_links("public:alert-detail", public.public_id),
        },
        "search_continues": (standing := standing_of(public)).search_continues,
        "is_withdrawn": standing.is_withdrawn,
    }
    return _with_headers(render(request, "public/alert_ended.html", context, status=410), public)


@dataclass(frozen=True)
class Standing:
    """What stands behind a page that is over: two answers, and nothing else of the case."""

    # The broadcast is over while the case is still open (U13).
    search_continues: bool
    # Withdrawn by an approver while the alert goes on: it has not ended, and what comes next is the program's.
    is_withdrawn: bool


def standing_of(public: PublicAlert) -> Standing:
    """Return how things stand with an alert that the public reads of no more."""
    with scope.through_door("public_standing"):
        alert = Alert.objects.select_related("case").get(pk=public.alert_id)
        return Standing(
            search_continues=alert.status == AlertStatus.EXPIRED and alert.case.is_open,
            is_withdrawn=alert.status == AlertStatus.ACTIVE and alert.redactions.filter(lifted_at=None).exists(),
        )


def home(request: HttpRequest) -> HttpResponse:
    """Send a reader to the public alerts in their language."""
    return HttpResponseRedirect(reverse("public:alert-list", args=[(translation.get_language() or "en")[:2]]))


class AlertList(TemplateView):
    """Every live alert of every program, newest first."""

    template_name = "public/alert_list.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Return the live alerts in the address's language."""
        language = kwargs["language"]
        alerts = present_all(public_alerts().real().live()[:MOST_ON_ONE_PAGE], language)  # type: ignore[attr-defined]
        return {"alerts": alerts, "language_links": language_links("public:alert-list"), "feed_language": language}

    def render_to_response(self, context: dict[str, Any], **kwargs: Any) -> HttpResponse:
        """Tell caches to ask again after half a minute and robots to stay away."""
        return _with_headers(super().render_to_response(context, **kwargs))


class AlertDetail(View):
    """One alert: its page while it is live, then its open case where the rules allow one, else a neutral 410."""

    def get(self, request: HttpRequest, language: str, public_id: str) -> HttpResponse:
        """Show the alert in the address's language."""
        public = _find(request, public_id)
        if public.is_live:
            return _with_headers(
                render(request, "public/alert_detail.html", {"alert": present(public, language)}), public
            )
        if public.is_open_case and standing_of(public).search_continues:
            return _with_headers(render(request, "public/open_case.html", {"alert": present(public, language)}), public)
        return ended(request, public, language)


def poster(request: HttpRequest, language: str, public_id: str) -> HttpResponse:
    """Return the poster of a live alert as PDF; 410 afterwards."""
    public = _find(request, public_id)
    if not public.is_live:
        return ended(request, public, language)
    pdf = render_poster(poster_content(public, language))
    response = HttpResponse(pdf, content_type="application/pdf")
    response["Content-Disposition"] = f'inline; filename="{public.number}-{language}.pdf"'
    return _with_headers(response, public)


def cap_xml(request: HttpRequest, public_id: str) -> HttpResponse:
    """Return the CAP message of a live alert, byte for byte as sent; 410 afterwards."""
    public = _find(request, public_id)
    if not public.is_live:
        return ended(request, public, (translation.get_language() or "en")[:2])
    if not public.cap_xml:  # a part was withdrawn, the program's Update has not been issued yet
        words = _("This message was withdrawn. The program's next message takes its place.")
        return _with_headers(HttpResponse(words, status=410, content_type="text/plain; charset=utf-8"), public)
    return _with_headers(HttpResponse(bytes(public.cap_xml), content_type=CAP_MIME_TYPE), public)


def photo(request: HttpRequest, public_id: str) -> HttpResponse:
    """Return the released picture of a live alert or an open case; nothing is left to return afterwards."""
    found = PublicPhoto.objects.select_related("public_alert").filter(public_id=public_id).first()
    if found is None or not (found.public_alert.is_live or found.public_alert.is_open_case):
        raise Http404
    if not may_look(request, found.public_alert):
        raise Http404
    return _with_headers(HttpResponse(bytes(found.jpeg), content_type="image/jpeg"), found.public_alert)


def feed(request: HttpRequest, language: str) -> HttpResponse:
    """Return the Atom feed of live alerts."""
    last = PublicAlert.objects.real().aggregate(  # type: ignore[attr-defined]
        sent=Max("sent_at"), withdrawn=Max("withdrawn_at"), open_case=Max("open_case_since")
    )
    changed_at = max((moment for moment in last.values() if moment), default=timezone.now())
    alerts = present_all(public_alerts().real().live()[:MOST_ON_ONE_PAGE], language)  # type: ignore[attr-defined]
    xml = feed_xml(alerts, language=language, self_url=request.path, changed_at=changed_at)
    return _with_headers(HttpResponse(xml, content_type=ATOM_MIME_TYPE))


class AlertNumber(View):
    """Says whether an alert number is active, in the reader's language (U46)."""

    def get(self, request: HttpRequest, number: str = "") -> HttpResponse:
        """Lead to the page while there is one; otherwise say what became of the number."""
        language = (translation.get_language() or "en")[:2]
        asked = (number or request.GET.get("number", "")).strip().upper()[:40]
        rows = PublicAlert.objects.select_related("program")
        public = rows.filter(number=asked).first() if asked else None
        if public is not None and not may_look(request, public):
            public = None  # told like a number that nobody knows
        result = _standing(public) if asked else ""
        address = ""
        if public is not None and result in ("active", "open_case"):
            address = reverse("public:alert-detail", args=[language, public.public_id])
        if address and number:
            return HttpResponseRedirect(address)
        context = {
            "number": asked,
            "result": result,
            "alert_url": address,
            "program": public.program if public is not None and result == "searching" else None,
            "language_links": language_links("public:alert-list"),
        }
        return _with_headers(render(request, "public/alert_number.html", context), public)


def _standing(public: PublicAlert | None) -> str:
    """Return what a number stands for now; an unknown one is told like one that is over."""
    if public is None:
        return "inactive"
    if public.is_live:
        return "active"
    if not standing_of(public).search_continues:
        return "inactive"
    return "open_case" if public.is_open_case else "searching"


def _find(request: HttpRequest, public_id: str) -> PublicAlert:
    public = public_alerts().filter(public_id=public_id).first()
    if public is None or not may_look(request, public):
        raise Http404
    return public


def _with_headers(response: HttpResponse, public: PublicAlert | None = None) -> HttpResponse:
    for name, value in HEADERS.items():
        response[name] = value
    if public is not None and public.is_exercise:
        response["Cache-Control"] = "private, no-store"  # no cache may show it to somebody else
    return response
