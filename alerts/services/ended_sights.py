"""When a request ends, the sight of the side that was asked ends after the period of the side that asked (U35)."""

from __future__ import annotations

from dataclasses import asdict
from datetime import timedelta
from typing import Any

from django.utils import timezone

from agencies.models import AlertProgram, User
from agencies.routing import desks_of
from alerts.choices import ENDED_REQUESTS, AlertStatus, NoteKind, RequestStatus
from alerts.models import ExtensionRequest, KeptPhoto, KeptRequest
from alerts.sheet_content import language_of, request_sheet
from cases.models import CaseAccess
from cases.services.sights import date_sights

SENT_IN_ERROR = "sent_in_error"


def end_sight(request: ExtensionRequest, *, by: User | None) -> None:
    """Date the end of the sight of the program that was asked, in the transaction that ends the request.

    The period is the requesting agency's; what was sent in error is not read from this moment on. An agency keeps its
    sight while another request to it goes on, or while it has an alert of its own on the case. What it decided, and
    the sheet with its photos as it stood when the request ended, stay with it; of what was sent in error none stays.
    """
    if request.sent_at is None:
        return
    desks = {desk.pk for desk in desks_of(request.program) if not _needs_the_case(desk.pk, request)}
    now, at_once = timezone.now(), request.withdrawal_reason == SENT_IN_ERROR
    until = now if at_once else now + timedelta(hours=request.requesting_agency.sight_hours)
    # Read before the sight ends, for each desk by itself: what was given to one is not the other's.
    sheets = {desk: _sheet_of(request, desk) for desk in desks if not at_once}
    dated = date_sights(request.case, desks, until=until, by=by, agency=request.requesting_agency)
    ends = dict(CaseAccess.objects.filter(case=request.case, agency_id__in=dated).values_list("agency_id", "until"))
    for agency_id in dated:
        kept, photos = sheets.get(agency_id, (None, ()))
        record = _keep(request, agency_id, sheet=kept, photos=photos, sight_until=ends[agency_id] or until)
        if request.handed_to is not None:
            _keep_handing_on(record, request, by)


def _needs_the_case(agency_id: int, request: ExtensionRequest) -> bool:
    """Say whether an agency still works on the case: for another request, to it or its own, or an alert of its own."""
    programs = AlertProgram.objects.run_by([agency_id])
    open_ones = request.case.requests.filter(program__in=programs, sent_at__isnull=False).exclude(pk=request.pk)
    own = request.case.alerts.filter(program__in=programs).exclude(status=AlertStatus.DISCARDED)
    sent = request.case.requests.filter(requesting_agency_id=agency_id, sent_at__isnull=False)
    is_open = (open_ones | sent.exclude(pk=request.pk)).exclude(status__in=(*ENDED_REQUESTS, RequestStatus.DRAFT))
    return is_open.exists() or own.exists()


def _sheet_of(request: ExtensionRequest, desk: int) -> tuple[dict[str, Any], tuple[bytes, ...]]:
    """Return the words of the sheet in the program's language, and its photos, as they were released to one desk."""
    assert request.sent_by is not None  # noqa: S101  a constraint of the table
    values = asdict(request_sheet(request, language_of(request.program), request.sent_by, readers=[desk]))
    return values, values.pop("photos")


def _keep(
    request: ExtensionRequest, agency_id: int, *, sheet: dict[str, Any] | None, photos: tuple[bytes, ...],
    sight_until: Any,
) -> KeptRequest:  # fmt: skip
    repeated = (
        "number", "program", "requesting_agency", "case", "sent_at", "receiver_reference", "decided_at", "decided_by",
        "decline_reason", "alternative", "decision_note", "withdrawal_reason",
    )  # fmt: skip
    values = {name: getattr(request, name) for name in repeated}
    values |= {"ended_as": request.status, "sheet": sheet, "sight_until": sight_until}
    values["sheet_language"] = sheet["language"] if sheet else ""
    kept, _made = KeptRequest.objects.update_or_create(agency_id=agency_id, request=request, defaults=values)
    kept.photos.all().delete()
    KeptPhoto.objects.bulk_create(
        KeptPhoto(kept=kept, place=place, jpeg=jpeg) for place, jpeg in enumerate(photos, start=1)
    )
    return kept


def _keep_handing_on(kept: KeptRequest, request: ExtensionRequest, by: User | None) -> None:
    """Keep to whom a program handed its request, who did it and with which words: that was what it decided (U5)."""
    assert request.handed_to is not None  # noqa: S101  asked by the caller
    note = request.notes.filter(kind=NoteKind.ESCALATION).order_by("-written_at").first()
    kept.handed_on_to, kept.decided_at, kept.decided_by = request.handed_to.program, timezone.now(), by
    kept.decision_note = note.text if note else ""
    kept.save(update_fields=["handed_on_to", "decided_at", "decided_by", "decision_note"])
