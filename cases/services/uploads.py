"""Photos that arrive in parts: begun once per file, continued where the connection broke, gone after a day (U32)."""

from __future__ import annotations

import hashlib
from datetime import timedelta
from typing import Any

from django.conf import settings
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from agencies import audit
from agencies.models import User
from agencies.refusals import ActRefused, NotPermitted
from cases import permissions
from cases.imaging import PhotoRefused, refuse_unless_picture
from cases.models import Case, Child, Photo, PhotoUpload, PhotoUploadPart

from .facts import add_photo

KEPT = timedelta(days=1)
MOST_OPEN = 10  # per case: with the largest size this bounds what a case can hold of unfinished files
MOST_PART_BYTES = 1024 * 1024
MOST_AT_ONCE = 100


@transaction.atomic
def begin_upload(*, case: Case, by: User, name: str, size: int) -> PhotoUpload:
    """Return the upload of this file for this case, with how much has arrived; the same file again is the same one.

    `name` is whatever the browser knows the file by; only its digest is kept. `size` is in bytes. Refuses everybody
    but the lead agency, an empty or too large file, and more unfinished files than a case needs.
    """
    if not permissions.can_edit_case(by, case):
        raise NotPermitted
    if not 0 < size <= settings.CASES_PHOTO_MAX_BYTES:
        raise PhotoRefused(_("The photo is larger than 10 MB.") if size > 0 else _("The submitted file is empty."))
    locked = Case.objects.select_for_update(of=("self",), no_key=True).get(pk=case.pk)
    key = hashlib.sha256(f"{size}|{name}".encode()).hexdigest()
    uploads = PhotoUpload.objects.filter(case=locked, agency_id=locked.lead_agency_id)
    found: PhotoUpload | None = uploads.filter(file_key=key).first()
    if found is not None:
        return found
    if uploads.count() >= MOST_OPEN:
        raise ActRefused(_("Too many photos of this case are on their way. Add those first."))
    begun: PhotoUpload = PhotoUpload.objects.create(
        case=locked, agency_id=locked.lead_agency_id, file_key=key, size=size, begun_by=by
    )
    audit.record("photoupload.begun", by=by, objects=[begun], case_id=case.pk)
    return begun


@transaction.atomic
def receive_part(*, upload: PhotoUpload, by: User, offset: int, content: bytes) -> PhotoUpload:
    """Append a part that begins at `offset`; return the upload with what has arrived now.

    A part that begins elsewhere than where the file stands changes nothing: the sender goes on from there. So a part
    whose answer was lost may be sent again. Refuses strangers, more bytes than announced, and what is no picture.
    """
    locked = _locked(upload, by)
    if offset != locked.received:
        return locked
    if not content or len(content) > MOST_PART_BYTES or offset + len(content) > locked.size:
        raise ActRefused(_("This part does not belong to the file."))
    if offset == 0:
        refuse_unless_picture(content)
    PhotoUploadPart.objects.create(upload=locked, offset=offset, content=content)
    locked.received += len(content)
    locked.save(update_fields=["received"])
    return locked


@transaction.atomic
def add_arrived_photo(*, upload: PhotoUpload, by: User, child: Child | None = None, basis: str = "") -> Photo:
    """Make the photo of a file that has arrived; it goes through the same checks as one that came whole.

    The parts end with it. Refuses strangers, a file that is not whole, and what `add_photo` refuses.
    """
    locked = _locked(upload, by)
    if not locked.is_whole:
        raise ActRefused(_("The photo has not arrived completely. Choose the same file again to continue."))
    raw = b"".join(bytes(part.content) for part in locked.parts.all())
    photo = add_photo(case=locked.case, by=by, raw=raw, child=child, basis=basis)
    locked.delete()
    return photo


@transaction.atomic
def discard_upload(*, upload: PhotoUpload, by: User) -> None:
    """Remove what has arrived of a file that turned out to be none that we take. Refuses strangers."""
    _locked(upload, by).delete()


@transaction.atomic
def expire_uploads() -> int:
    """Remove what was begun more than a day ago and never became a photo; return how many files."""
    old = PhotoUpload.objects.filter(begun_at__lt=timezone.now() - KEPT).select_for_update(skip_locked=True)
    ids = list(old.values_list("pk", flat=True)[:MOST_AT_ONCE])
    if ids:
        PhotoUpload.objects.filter(pk__in=ids).delete()
        audit.record("photoupload.expired", by=None, object_type="cases.photoupload", object_ids=ids)
    return len(ids)


def _locked(upload: PhotoUpload, by: User) -> Any:
    """Return the row under its lock; one that became a photo or ran out meanwhile is refused."""
    rows = PhotoUpload.objects.select_related("case__lead_agency").select_for_update(of=("self",))
    locked = rows.filter(pk=upload.pk).first()
    if locked is None:
        raise ActRefused(_("This photo is no longer on its way. Choose the file again."))
    if not permissions.can_edit_case(by, locked.case):
        raise NotPermitted
    return locked
