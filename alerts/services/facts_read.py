"""What a receiving program has read of a case, and what has changed since (U20)."""

from __future__ import annotations

from typing import Any

from django.utils import timezone

from agencies.program_agencies import agencies_of
from alerts.choices import AlertStatus, MessageType
from alerts.gathering import gather_facts
from alerts.models import Alert, AlertUpdate, ExtensionRequest, FactsRead
from alerts.publication import EVERYTHING
from alerts.services import preparing
from alerts.snapshots import present_facts, take_snapshot
from cases.models import Case
from cases.models.part import as_read_by


def keep_read(request: ExtensionRequest) -> None:
    """Keep the facts as they are now as what the program has read; inside the act that says so."""
    case = Case.objects.select_related("abduction").get(pk=request.case_id)
    FactsRead.objects.update_or_create(
        request=request,
        defaults={"facts": whole_snapshot(case, request), "version": case.facts_version, "at": timezone.now()},
    )


def whole_snapshot(case: Case, request: ExtensionRequest) -> dict[str, Any]:
    """Return every fact that the asked program reads, whatever may be published.

    All desks of the program meet it again: what is police-only is in it only where a program has one desk.
    """
    running = agencies_of(request.program).running
    readers = running if len(running) == 1 else ()
    photos = as_read_by(case.photos.filter(child__isnull=False).defer("jpeg").order_by("-added_at", "-id"), readers)
    photo = next(iter(photos), None)
    facts = gather_facts(case, request.program, "", allowed=EVERYTHING, readers=readers)
    return take_snapshot(facts, case, photo, readers)


def before_and_now(request: ExtensionRequest, alert: Alert | None) -> tuple[dict[str, Any], dict[str, Any]] | None:
    """Return the facts to compare: as the program last issued them, else as it last read them, and as they are now.

    None where neither was kept (requests older than this record).
    """
    if alert is not None and alert.status == AlertStatus.ACTIVE:
        issued, update = preparing.last_issued(alert), alert.updates.open().first()  # type: ignore[attr-defined]
        if issued is not None and issued.facts:
            redactions = preparing.open_redactions(alert)
            photo = update.photo if update else alert.photo
            return issued.facts, take_snapshot(present_facts(alert, redactions), alert.case, photo)
    read = FactsRead.objects.filter(request=request).first()
    return (read.facts, whole_snapshot(request.case, request)) if read else None


def facts_before(update: AlertUpdate) -> dict[str, Any]:
    """Return the facts that an Update is compared with: for an issued one those of the message before it, otherwise
    those that the program last issued; {} where none were kept.
    """
    if update.message is None:
        before = preparing.last_issued(update.alert)
    else:
        earlier = update.alert.messages.exclude(msg_type=MessageType.CANCEL).defer("xml")
        before = earlier.filter(created_at__lt=update.message.created_at).order_by("-created_at", "-id").first()
    return before.facts if before else {}
