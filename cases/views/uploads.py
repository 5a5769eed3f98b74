"""Photos in parts: the page's script sends them and goes on where the connection broke (U32).

The idea is that of resumable uploads at the IETF, kept small: POST begins (or finds) an upload and says how far it
is; PATCH with `Upload-Offset` appends; GET says how far it is. The form that adds the photo then names the upload.
"""

from __future__ import annotations

import uuid
from typing import Any

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.translation import gettext as _

from agencies import audit
from agencies.refusals import ActRefused, NotPermitted
from cases import permissions
from cases.forms.acts import UploadForm
from cases.models import Case, PhotoUpload
from cases.services import uploads

from .acts import CaseAct


class UploadPage(CaseAct):
    """What beginning and continuing share: who may, and how a refusal reaches the script."""

    def editable(self, pk: uuid.UUID) -> Case:
        """Return the case for the lead agency; for everybody else it does not exist here."""
        case = self.find(pk)
        if not permissions.can_edit_case(self.user, case):
            raise NotPermitted
        return case

    def refused(self, refusal: ActRefused) -> JsonResponse:
        """Answer with the reason, in the reader's language."""
        return JsonResponse({"message": str(refusal.message)}, status=422)

    def stands(self, upload: PhotoUpload, status: int = 200) -> JsonResponse:
        """Answer with how far the file is."""
        address = reverse("cases:photo-upload", args=[upload.case_id, upload.pk])
        return JsonResponse({"id": upload.pk, "url": address, "offset": upload.received}, status=status)


class BeginUpload(UploadPage):
    """Begins the upload of a file, or finds it."""

    http_method_names = ["post"]

    def post(self, request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
        """Say where the file's parts go and how many bytes are there already."""
        case = self.editable(pk)
        form = UploadForm(request.POST)
        if not form.is_valid():
            return JsonResponse({"message": _("The file cannot be sent in parts.")}, status=422)
        try:
            return self.stands(uploads.begin_upload(case=case, by=self.user, **form.cleaned_data))
        except ActRefused as refusal:
            return self.refused(refusal)


class ContinueUpload(UploadPage):
    """Takes the parts of a file."""

    http_method_names = ["get", "patch"]

    def get(self, request: HttpRequest, pk: uuid.UUID, upload: uuid.UUID) -> HttpResponse:
        """Say how far the file is."""
        return self.stands(self._asked(pk, upload))

    def patch(self, request: HttpRequest, pk: uuid.UUID, upload: uuid.UUID) -> HttpResponse:
        """Append a part; 409 with the true place where it does not follow what is there."""
        found = self._asked(pk, upload)
        told = request.headers.get("Upload-Offset", "")
        length = request.headers.get("Content-Length", "")
        if not (told.isascii() and told.isdigit() and len(told) < 10 and length.isdigit()):
            return self.stands(found, status=409)
        if int(length) > uploads.MOST_PART_BYTES:
            return HttpResponse(status=413)
        return self._append(found, int(told))

    def _append(self, found: PhotoUpload, offset: int) -> HttpResponse:
        content: Any = self.request.body
        try:
            after = uploads.receive_part(upload=found, by=self.user, offset=offset, content=content)
        except ActRefused as refusal:
            return self.refused(refusal)
        return self.stands(after, status=200 if after.received == offset + len(content) else 409)

    def _asked(self, pk: uuid.UUID, upload: uuid.UUID) -> PhotoUpload:
        case = self.editable(pk)
        found: PhotoUpload = get_object_or_404(PhotoUpload.objects.visible_to(self.user), pk=upload, case=case)
        return audit.noted(found, by=self.user)
