"""Sheets about a request for print and fax: the request itself, and the acuse de recibo (U8, U23, U44)."""

from __future__ import annotations

import uuid

from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse
from django.utils.decorators import method_decorator
from django.views import View

from agencies import audit
from agencies.choices import Language
from agencies.views.acting import SignedIn
from alerts.models import ExtensionRequest
from alerts.sheet_content import acknowledgement, layouts_of, request_sheet
from alerts.sheets import SheetContent, render_sheet

from .request_page import find_request


@method_decorator(transaction.non_atomic_requests, name="dispatch")
class Sheet(SignedIn, View):
    """Base of the downloads: who sees the request may print it; rows and audit first, the page is set afterwards."""

    action: str

    def content(self, item: ExtensionRequest, language: str, layout: str) -> SheetContent:
        """Return what the sheet says."""
        raise NotImplementedError

    def get(self, request: HttpRequest, pk: uuid.UUID, language: str, layout: str = "") -> HttpResponse:
        """Return the PDF; the download is recorded. The file's name says no more than the reference."""
        if language not in Language.values:
            raise Http404
        with transaction.atomic():
            item = find_request(self.user, pk)
            content = self.content(item, language, layout)
            detail: dict[str, object] = {"language": language, "layout": layout}
            children = item.case.children.all()
            audit.record_read(
                action=self.action, by=self.user, objects=[item, *children], case_id=item.case_id, detail=detail
            )
            audit.write_reads()
        response = HttpResponse(render_sheet(content), content_type="application/pdf")
        name = item.number.replace("/", "-")
        response["Content-Disposition"] = f'inline; filename="{name}-{language}.pdf"'
        return response


class RequestSheet(Sheet):
    """The request with the facts, to be sent to a desk that does not work in the portal."""

    action = "request.sheet_printed"

    def content(self, item: ExtensionRequest, language: str, layout: str) -> SheetContent:
        """Return the sheet in one of the layouts that the program knows."""
        if layout not in layouts_of(item.program):
            raise Http404
        return request_sheet(item, language, self.user, layout)


class Acuse(Sheet):
    """The acknowledgment of receipt, once there is one."""

    action = "request.acuse_printed"

    def content(self, item: ExtensionRequest, language: str, layout: str) -> SheetContent:
        """Return officer, position, folio and time."""
        if item.acknowledged_at is None:
            raise Http404
        return acknowledgement(item, language, self.user)
