"""What has changed in a case since an earlier request, so that asking again opens with it (U19)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.apps import apps
from django.core.exceptions import FieldDoesNotExist

from alerts.models import ExtensionRequest
from cases.choices import EventAction
from cases.models import CaseEvent


@dataclass(frozen=True)
class Change:
    """One field that changed, as the reader calls it, and when it changed last."""

    thing: Any
    field: Any
    at: datetime


def changes_since(earlier: ExtensionRequest) -> list[Change]:
    """Return the fields of the facts that changed after a request was sent, the newest first, each once.

    Sending locks the case, so that its time divides the versions of the facts exactly.
    """
    if earlier.sent_at is None or earlier.facts_version == earlier.case.facts_version:
        return []
    events = CaseEvent.objects.filter(
        case_id=earlier.case_id, kind=EventAction.FACTS_CHANGED, at__gt=earlier.sent_at
    ).order_by("-at", "-id")
    found: dict[str, Change] = {}
    for at, detail in events.values_list("at", "detail"):
        for name in detail.get("fields", ()):
            if name not in found:
                found[name] = Change(*_words(name), at)
    return list(found.values())


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
