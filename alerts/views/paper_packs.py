"""The download of the paper pack: for everybody who holds a role, the same for all (U42)."""

from __future__ import annotations

from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.decorators import method_decorator
from django.views import View

from agencies import access
from agencies.choices import Language
from agencies.refusals import NotPermitted
from agencies.views.acting import SignedIn
from alerts.paper_packs import paper_pack, render_pack


@method_decorator(transaction.non_atomic_requests, name="dispatch")
class PaperPack(SignedIn, View):
    """Directory, blank request sheet and phone scripts; it holds nothing of any case."""

    http_method_names = ["get", "head"]

    def get(self, request: HttpRequest, language: str) -> HttpResponse:
        """Return the PDF in one of the three languages."""
        if not access.acting_agency_ids(self.user):
            raise NotPermitted
        if language not in Language.values:
            raise Http404
        with transaction.atomic():
            content = paper_pack(language, self.user)
        response = HttpResponse(render_pack(content), content_type="application/pdf")
        day = timezone.localtime().date()
        response["Content-Disposition"] = f'inline; filename="amber-pack-{language}-{day:%Y-%m-%d}.pdf"'
        return response
