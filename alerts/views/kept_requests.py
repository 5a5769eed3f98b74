"""What an agency keeps of requests whose case it no longer reads (U35)."""

from __future__ import annotations

import uuid
from collections.abc import Iterable
from typing import Any

from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.utils import timezone
from django.utils.decorators import method_decorator
from django.utils.translation import gettext as _
from django.views import View
from django.views.generic import TemplateView

from agencies import audit
from agencies.models import User
from agencies.views.acting import SignedIn, page_or_404
from alerts.models import KeptRequest
from alerts.presenting import moment
from alerts.sheets import Section, SheetContent, render_sheet
from cases.views.pages import file_answer


def find_kept(user: User, **which: Any) -> KeptRequest:
    """Return a record of one of the person's agencies, or answer 404."""
    rows = KeptRequest.objects.visible_to(user).select_related(  # type: ignore[attr-defined]
        "agency", "program", "requesting_agency", "decided_by", "handed_on_to"
    )
    return get_object_or_404(rows, **which)


class KeptRequestList(SignedIn, TemplateView):
    """The requests that ended here, by key."""

    template_name = "alerts/kept_request_list.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Return one page, newest first; the read is recorded."""
        rows = KeptRequest.objects.visible_to(self.user).defer("sheet")  # type: ignore[attr-defined]
        page = page_or_404(rows.select_related("program", "requesting_agency"), self.request)
        audit.record_read(by=self.user, objects=page.rows)
        return super().get_context_data(page=page, nav_section="requests", **kwargs)


class KeptRequestDetail(SignedIn, TemplateView):
    """One kept request: what was decided, and the sheet as it was released."""

    template_name = "alerts/kept_request.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Return the record; the read is recorded with its case."""
        item = find_kept(self.user, pk=kwargs.pop("pk"))
        audit.record_read(by=self.user, objects=[item], case_id=item.case_id)
        sheet = item.sheet or {}
        return super().get_context_data(
            item=item,
            sheet=sheet,
            photos=item.photos.defer("jpeg"),
            is_exercise=sheet.get("is_exercise", False),
            nav_section="requests",
            **kwargs,
        )


class KeptPhotoFile(SignedIn, View):
    """One picture of a kept sheet."""

    def get(self, request: HttpRequest, pk: uuid.UUID, place: int) -> HttpResponse:
        """Return the picture; never cached, never rendered as anything but a picture."""
        item = find_kept(self.user, pk=pk)
        photo = get_object_or_404(item.photos, place=place)
        audit.record_read(by=self.user, objects=[item, photo], case_id=item.case_id)
        return file_answer(bytes(photo.jpeg), "image/jpeg", f"{photo.pk}.jpg", inline=True)


@method_decorator(transaction.non_atomic_requests, name="dispatch")
class KeptSheet(SignedIn, View):
    """The sheet of a kept request as PDF, in the language in which it was released, with its photos."""

    def get(self, request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
        """Return the PDF; the download is recorded before the page is set."""
        with transaction.atomic():
            item = find_kept(self.user, pk=pk)
            if not item.sheet:
                raise Http404
            kept = list(item.photos.all())
            photos = [bytes(photo.jpeg) for photo in kept]
            audit.record_read(
                action="request.kept_sheet_printed", by=self.user, objects=[item, *kept], case_id=item.case_id
            )
            audit.write_reads()
        printed = _("Printed by %(person)s, %(time)s") % {
            "person": self.user.full_name, "time": moment(timezone.now(), self.user.time_zone),
        }  # fmt: skip
        response = HttpResponse(render_sheet(sheet_from(item.sheet, printed, photos)), content_type="application/pdf")
        name = item.number.replace("/", "-")
        response["Content-Disposition"] = f'inline; filename="{name}-{item.sheet_language}.pdf"'
        return response


def sheet_from(kept: dict[str, Any], printed: str, photos: Iterable[bytes] = ()) -> SheetContent:
    """Return the sheet of a record, ready to be set."""
    sections = tuple(
        Section(part["title"], tuple(map(tuple, part["rows"])), tuple(map(tuple, part["words"])))
        for part in kept["sections"]
    )
    values = kept | {
        "sections": sections,
        "signature": tuple(kept["signature"]),
        "printed": printed,
        "photos": tuple(photos),
    }
    return SheetContent(**values)
