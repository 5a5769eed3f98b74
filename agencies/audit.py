"""The audit trail: who did, read or was refused what. Rows are only ever added."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from typing import TypeVar

from django.db import models
from django.http.response import HttpResponseBase
from django.template.response import SimpleTemplateResponse

from agencies import access
from agencies.choices import AuditChannel, AuditOutcome
from agencies.models import AuditEvent, User

Response = TypeVar("Response", bound=HttpResponseBase)
Shown = TypeVar("Shown", bound=models.Model)


@dataclass(frozen=True)
class Origin:
    """Through which door the present act comes."""

    channel: str = AuditChannel.COMMAND
    request_id: uuid.UUID | None = None


@dataclass
class SharedFor:
    """For what purpose agencies meet cases that others lead: by which share, case by case."""

    purpose: str = ""
    shares: dict[str, list[object]] = field(default_factory=dict)


FindShares = Callable[[Iterable[int], list[uuid.UUID]], SharedFor]
# Shares of cases belong to an app above this one, which names itself when it starts (cases/apps.py).
_find_shares: list[FindShares] = []


def find_shares_by(find: FindShares) -> None:
    """Ask this from now on for what purpose agencies meet cases."""
    _find_shares[:] = [find]


_origin: ContextVar[Origin] = ContextVar("audit_origin", default=Origin())  # noqa: B039  frozen


@contextmanager
def coming_from(channel: str, request_id: uuid.UUID | None = None) -> Iterator[None]:
    """Mark everything recorded inside this block as coming through this channel."""
    token = _origin.set(Origin(channel, request_id))
    try:
        yield
    finally:
        _origin.reset(token)


def request_id() -> uuid.UUID | None:
    """Return the id of the request behind the present act, None outside one."""
    return _origin.get().request_id


def record(
    action: str,
    *,
    by: User | None,
    objects: Iterable[models.Model] = (),
    object_type: str = "",
    object_ids: Iterable[object] = (),
    case_id: uuid.UUID | None = None,
    case_ids: Iterable[uuid.UUID] = (),
    also_shown: dict[str, list[str]] | None = None,
    field_names: Iterable[str] = (),
    outcome: str = AuditOutcome.DONE,
    purpose: str = "",
    detail: dict[str, object] | None = None,
    agency_ids: Iterable[int] | None = None,
) -> AuditEvent:
    """Add one event in the current transaction. `by` is None for acts of the system itself.

    Takes ids and names of fields; callers never hand over a personal value. An act stands for the agency that the
    person acts for; what is shown stands for all of theirs, whose cases they see (ADR 63). On a case
    that these agencies do not lead the purpose is that of their share, unless another one is given; `detail["shares"]`
    points to the share.
    """
    listed = list(objects)
    origin = _origin.get()
    agencies = sorted(_agencies_of(by) if agency_ids is None else agency_ids)
    cases = list(dict.fromkeys([*([case_id] if case_id else []), *case_ids, *_cases_of(listed)]))
    met = _find_shares[0](agencies, cases) if agencies and cases and _find_shares else SharedFor()
    return AuditEvent.objects.create(
        action=action,
        outcome=outcome,
        channel=origin.channel,
        request_id=origin.request_id,
        actor_id=by.pk if by else None,
        agency_ids=agencies,
        object_type=object_type or (listed[0]._meta.label_lower if listed else ""),
        object_ids=[str(item.pk) for item in listed] or [str(item) for item in object_ids],
        also_shown=also_shown or {},
        case_id=case_id,
        case_ids=cases,
        purpose=purpose or met.purpose,
        field_names=list(field_names),
        detail={**(detail or {}), **({"shares": met.shares} if met.shares else {})},
    )


def _agencies_of(by: User | None) -> Iterable[int]:
    return access.acting_agency_ids(by) if by else ()


def _cases_of(objects: Iterable[models.Model]) -> list[uuid.UUID]:
    """Return the cases that objects belong to; a model whose case is not its own column says `audited_case_id`."""
    found = (getattr(item, "audited_case_id", None) or getattr(item, "case_id", None) for item in objects)
    return [case_id for case_id in found if case_id]


@dataclass
class _Answer:
    """What the answer to one request has shown so far."""

    by: User | None = None
    action: str = ""
    purpose: str = ""
    case_id: uuid.UUID | None = None
    # Dictionaries keep the order and name every id once.
    shown: dict[str, dict[str, None]] = field(default_factory=dict)
    case_ids: dict[uuid.UUID, None] = field(default_factory=dict)
    detail: dict[str, object] = field(default_factory=dict)

    def write(self) -> None:
        """Add the one event of this answer, if it showed anything since."""
        if self.by is None:
            return
        kinds = {kind: list(ids) for kind, ids in self.shown.items()}
        by, self.by = self.by, None
        first = next(iter(kinds))
        record(
            self.action, by=by, object_type=first, object_ids=kinds.pop(first), also_shown=kinds,
            case_id=self.case_id, case_ids=self.case_ids, purpose=self.purpose, detail=self.detail,
            agency_ids=access.all_agency_ids(by),
        )  # fmt: skip


_answer: ContextVar[_Answer | None] = ContextVar("audit_answer", default=None)
SHOWS_NOTHING = frozenset({301, 302, 303, 307, 308, 401, 403, 404, 405, 409, 429})


def record_read(
    *,
    by: User,
    objects: Iterable[models.Model],
    case_id: uuid.UUID | None = None,
    action: str = "",
    purpose: str = "",
    detail: dict[str, object] | None = None,
) -> None:
    """Note what is being shown. Behind a door all notes of one answer become one event, in the view's transaction;
    elsewhere the event is written at once. An answer that shows no object has none.

    The kind that was noted first is what the answer is about; `case_id` is given where it is about one case.
    """
    listed = list(objects)
    if not listed:
        return
    answer = _answer.get() or _Answer()
    answer.by = answer.by or by
    answer.action = action or answer.action or f"{listed[0]._meta.model_name}.read"
    answer.purpose = answer.purpose or purpose
    answer.case_id = answer.case_id or case_id
    answer.case_ids |= dict.fromkeys([*([case_id] if case_id else []), *_cases_of(listed)])
    answer.detail |= detail or {}
    for item in listed:
        answer.shown.setdefault(item._meta.label_lower, {})[str(item.pk)] = None
    if _answer.get() is None:
        answer.write()


def noted(item: Shown, *, by: User) -> Shown:
    """Return an object that a page has found for this person, noted as shown on it; for pages about one case."""
    record_read(by=by, objects=[item], case_id=next(iter(_cases_of([item])), None))
    return item


def write_reads() -> None:
    """Add the event of what was noted so far, for a view that ends its transaction before it answers."""
    answer = _answer.get()
    assert answer is not None  # noqa: S101  callers are behind a door
    answer.write()


def as_one_answer(make: Callable[[], Response]) -> Response:
    """Return what `make` answers, rendered, with one event for everything that it showed.

    Called by every door (pages, API, administration) inside the transaction of the view: a template reads, too, and
    an event that cannot be written lets nothing out. Refusals, redirects (also those told to our own script, which
    are marked `leads_on`) and faults show nothing.
    """
    token = _answer.set(_Answer())
    try:
        response = make()
        is_empty = response.status_code in SHOWS_NOTHING or getattr(response, "leads_on", False)
        if not is_empty and response.status_code < 500:
            if isinstance(response, SimpleTemplateResponse):
                response.render()
            write_reads()
        return response
    finally:
        _answer.reset(token)
