"""Changing the facts of a case, and keeping photos and documents."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable

from django.core.files.uploadedfile import UploadedFile
from django.db import models, transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from agencies import audit
from agencies.models import User
from agencies.refusals import ActRefused, NotPermitted
from cases import permissions, workflow
from cases.choices import DocumentKind, EventAction, PublicItem
from cases.imaging import clean_photo
from cases.models import Case, Child, CrossingIndication, Document, Person, Photo, Vehicle

from .plate_rows import follow_vehicle
from .publication import record_authority

# What stands for "nobody has said": filling it in takes nothing back.
EMPTY: tuple[object, ...] = (None, "", [], {}, False, "unknown", "U")


class ChangeUnsaid(ActRefused):
    """Programs follow these facts, and nobody said whether an error was corrected or something new is known (U20)."""


@transaction.atomic
def record_facts(
    *, case: Case, by: User, items: Iterable[tuple[models.Model, list[str]]], seen_version: int | None = None,
    is_correction: bool | None = False, is_asked: bool = False,
) -> list[str]:  # fmt: skip
    """Save changed rows of a case and count a new version of its facts; return the names of changed fields.

    `items` are rows with the names of their changed fields; `is_correction` says that what stood there was wrong, not
    that something new is known: programs then correct what they published (U20). `is_asked` says that a person had the
    choice between both; without an answer (None) a change that programs follow is refused (`ChangeUnsaid`). Refuses
    everybody but the lead agency, an ended case, and a save over a newer version than `seen_version`. Nothing is
    written when nothing changed.
    """
    if not permissions.can_edit_case(by, case):
        raise NotPermitted
    changed = [(item, names) for item, names in items if names]
    if not changed:
        return []
    locked = Case.objects.select_for_update(no_key=True).get(pk=case.pk)
    if not locked.is_open:
        raise ActRefused(_("This case has ended; its facts can no longer be changed."))
    if seen_version is not None and seen_version != locked.facts_version:
        raise ActRefused(_("A colleague changed these facts in the meantime. Load the page again and compare."))
    field_names, replaced = [], []
    for item, names in changed:
        replaced += _replaced(item, names)
        item.case = locked  # type: ignore[attr-defined]
        if item._state.adding:
            item.save()
        else:  # only what was typed: a step of the workflow may have written the row's status meanwhile
            item.save(update_fields=names)
        if isinstance(item, Vehicle):
            follow_vehicle(item, names, is_wrong=not is_asked or is_correction is not False)
        field_names += [f"{item._meta.model_name}.{name}" for name in names]
        if isinstance(item, CrossingIndication):
            locked.destination_country = item.toward if item.toward != locked.origin_country else ""
    locked.facts_version += 1
    locked.facts_changed_at = timezone.now()
    locked.save(update_fields=["facts_version", "facts_changed_at", "destination_country"])
    case.refresh_from_db()
    if any(isinstance(item, Child) for item, _names in changed):
        workflow.settle(case, by=by)  # a child added to a located case is missing: its search begins
    workflow.note(
        case,
        EventAction.FACTS_CHANGED,
        by=by,
        agency=case.lead_agency,
        subject=case,
        detail={"fields": field_names, "correction": bool(is_correction)},
    )
    audit.record("case.facts_changed", by=by, objects=[case], case_id=case.pk, field_names=field_names)
    workflow.announce_facts(
        case, by=by, field_names=field_names, is_correction=bool(is_correction),
        unsaid=replaced if is_asked and is_correction is None else (),
    )  # fmt: skip
    return field_names


def _replaced(item: models.Model, names: list[str]) -> list[str]:
    """Return those of the changed fields in which a known value gives way to another one."""
    if item._state.adding:
        return []
    stored = type(item)._default_manager.filter(pk=item.pk).values(*names).first() or {}
    return [f"{item._meta.model_name}.{name}" for name in names if stored.get(name) not in EMPTY]


@transaction.atomic
def add_photo(
    *, case: Case, by: User, raw: bytes, child: Child | None = None, person: Person | None = None, basis: str = ""
) -> Photo:
    """Keep a picture, re-encoded. With a legal `basis` (a code) the authority to publish it is recorded, for the
    programs of the country of origin and of the country toward which the child may be taken.

    Refuses everybody but the lead agency, and what `clean_photo` refuses; then nothing is stored.
    """
    if not permissions.can_edit_case(by, case):
        raise NotPermitted
    clean = clean_photo(raw)
    photo = Photo.objects.create(
        case=case,
        child=child,
        person=person,
        jpeg=clean.jpeg,
        width=clean.width,
        height=clean.height,
        sha256=clean.sha256,
        added_by=by,
    )
    workflow.note(case, EventAction.PHOTO_ADDED, by=by, agency=case.lead_agency, subject=photo)
    audit.record("photo.added", by=by, objects=[photo], case_id=case.pk, detail={"authorized": bool(basis)})
    if basis:
        countries = list(dict.fromkeys(filter(None, (case.origin_country, case.destination_country))))
        record_authority(case=case, by=by, items=[(PublicItem.PHOTO, photo)], countries=countries, basis=basis)
        photo.refresh_from_db(fields=["part_marks", "is_police_only"])  # the authority released it
    if basis and (child or person):
        workflow.announce_facts(case, by=by, field_names=["photo.child" if child else "photo.person"])
    return photo


def keep_document(*, case: Case, by: User, content: bytes, name: str, mime_type: str, kind: str) -> Document:
    """Keep a file byte for byte. The caller has checked it and holds a transaction."""
    document = Document.objects.create(
        case=case,
        kind=DocumentKind(kind),
        name=name[:120],
        mime_type=mime_type,
        content=content,
        sha256=hashlib.sha256(content).hexdigest(),
        received_by=by,
    )
    audit.record("document.received", by=by, objects=[document], case_id=case.pk)
    return document


SIGNATURES = {b"%PDF-": "application/pdf", b"\xff\xd8\xff": "image/jpeg", b"\x89PNG\r\n\x1a\n": "image/png"}


def keep_authority_document(*, case: Case, by: User, file: UploadedFile | None) -> Document | None:
    """Keep a signed authority byte for byte, None where no file came. Refuses all but PDF, JPEG and PNG."""
    if file is None:
        return None
    content = file.read()
    kind = next((mime for start, mime in SIGNATURES.items() if content.startswith(start)), None)
    if kind is None:
        raise ActRefused(_("The signed document must be a PDF, a JPEG or a PNG."))
    return keep_document(
        case=case, by=by, content=content, name=file.name or "", mime_type=kind, kind=DocumentKind.AUTHORITY
    )
