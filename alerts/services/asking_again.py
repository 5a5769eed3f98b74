"""Asking again after an end: what has changed in a case since, so that the new request opens with it (U19)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.apps import apps
from django.core.exceptions import FieldDoesNotExist

from agencies.models import AlertProgram
from alerts.choices import ENDED_REQUESTS, RequestLink, RequestStatus
from alerts.models import ExtensionRequest
from cases.choices import EventAction
from cases.models import CaseEvent

# What was handed on is asked elsewhere; there is nothing to ask this program again.
ASKED_AGAIN_AFTER = tuple(status for status in ENDED_REQUESTS if status != RequestStatus.ESCALATED)
# News of a case that are no changed field.
NEWS = (EventAction.SIGHTING_ADDED, EventAction.PHOTO_ADDED, EventAction.HOME_DECISION)


@dataclass(frozen=True)
class Change:
    """One field that changed, or one kind of news, as the reader calls it, and when it last did."""

    thing: Any
    field: Any
    at: datetime


def may_be_asked_again(earlier: ExtensionRequest, program: AlertProgram) -> bool:
    """Say whether a request was sent to this program and has ended there."""
    is_over = earlier.status in ASKED_AGAIN_AFTER and earlier.sent_at is not None
    return is_over and earlier.program_id == program.pk


def changes_since(earlier: ExtensionRequest, until: datetime | None = None) -> list[Change]:
    """Return what is new since a request was decided, or else sent: each field or kind of news once, the newest first.

    `until` is the moment at which it was asked again; later changes have their own way to the program (U20).
    Sending locks the case, so that its time divides the versions of the facts exactly.
    """
    since = earlier.decided_at if earlier.status == RequestStatus.DECLINED else earlier.sent_at
    if since is None:
        return []
    events = CaseEvent.objects.filter(
        case_id=earlier.case_id, kind__in=(EventAction.FACTS_CHANGED, *NEWS), at__gt=since
    ).order_by("-at", "-id")
    if until is not None:
        events = events.filter(at__lte=until)
    found: dict[str, Change] = {}
    for kind, at, detail in events.values_list("kind", "at", "detail"):
        if kind in NEWS:
            found.setdefault(kind, Change(EventAction(kind).label, "", at))
        else:
            for name in detail.get("fields", ()):
                found.setdefault(name, Change(*_words(name), at))
    return list(found.values())


def changes_opened_with(request: ExtensionRequest) -> list[Change]:
    """Return what had changed when a request was asked again; nothing for any other request."""
    if request.follows is None or request.link != RequestLink.AGAIN:
        return []
    return changes_since(request.follows, until=request.sent_at)


def _words(name: str) -> tuple[Any, Any]:
    """Return the names of thing and field in the reader's language for instance of `vehicle.plate`."""
    model_name, _dot, field_name = name.partition(".")
    try:
        meta = apps.get_model("cases", model_name)._meta
    except LookupError:
        return model_name, field_name
    try:
        return meta.verbose_name, getattr(meta.get_field(field_name), "verbose_name", field_name)
    except FieldDoesNotExist:
        return meta.verbose_name, field_name
