"""The audit trail: who did, read or was refused what. Rows are only ever added."""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass

from django.db import models

from agencies import access
from agencies.choices import AuditChannel, AuditOutcome
from agencies.models import AuditEvent, User


@dataclass(frozen=True)
class Origin:
    """Through which door the present act comes."""

    channel: str = AuditChannel.COMMAND
    request_id: uuid.UUID | None = None


_origin: ContextVar[Origin] = ContextVar("audit_origin", default=Origin())  # noqa: B039  frozen


@contextmanager
def coming_from(channel: str, request_id: uuid.UUID | None = None) -> Iterator[None]:
    """Mark everything recorded inside this block as coming through this channel."""
    token = _origin.set(Origin(channel, request_id))
    try:
        yield
    finally:
        _origin.reset(token)


def record(
    action: str,
    *,
    by: User | None,
    objects: Iterable[models.Model] = (),
    object_type: str = "",
    object_ids: Iterable[object] = (),
    case_id: uuid.UUID | None = None,
    field_names: Iterable[str] = (),
    outcome: str = AuditOutcome.DONE,
    detail: dict[str, object] | None = None,
) -> AuditEvent:
    """Add one event in the current transaction. `by` is None for acts of the system itself.

    Takes ids and names of fields; callers never hand over a personal value.
    """
    listed = list(objects)
    origin = _origin.get()
    return AuditEvent.objects.create(
        action=action,
        outcome=outcome,
        channel=origin.channel,
        request_id=origin.request_id,
        actor_id=by.pk if by else None,
        agency_ids=sorted(access.all_agency_ids(by)) if by else [],
        object_type=object_type or (listed[0]._meta.label_lower if listed else ""),
        object_ids=[str(item.pk) for item in listed] or [str(item) for item in object_ids],
        case_id=case_id,
        field_names=list(field_names),
        detail=detail or {},
    )


def record_read(*, by: User, objects: Iterable[models.Model], case_id: uuid.UUID | None = None) -> None:
    """Add one event for everything that one answer showed; nothing is written for an empty answer."""
    listed = list(objects)
    if listed:
        record(f"{listed[0]._meta.model_name}.read", by=by, objects=listed, case_id=case_id)
