"""What a handoff between shifts says, looked up for its reader at the moment of reading (U41, ADR 77).

Each section starts at what the reader may see, and is about one desk. Of an accepted note the same rows are shown by
their ids, as they stand now.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from django.db.models import Count, F, Model, Q, QuerySet
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from agencies.models import AlertProgram, User
from alerts.choices import AlertStatus, DutyKind, MessageType, RequestStatus
from alerts.clocks import Clock, clocks_of
from alerts.models import Alert, Duty, ExtensionRequest, LadderRung, ShiftPromise
from alerts.workflow import ACCEPTED, BEFORE_DECISION

MOST_OF_ONE_SECTION = 50
CANCEL_WATCHED = timedelta(hours=72)
OPEN_REQUESTS = (*BEFORE_DECISION, *ACCEPTED, RequestStatus.CANCELLATION_ASKED)


@dataclass(frozen=True)
class ShiftRow:
    """One row: references, states and moments."""

    row: Model
    reference: str
    about: str
    state: Any
    url: str
    due_at: datetime | None = None
    clocks: list[Clock] = field(default_factory=list)
    next_rung: LadderRung | None = None
    is_exercise: bool = False


@dataclass(frozen=True)
class Section:
    """Rows of one kind; `is_cut` says that there are more than are shown."""

    key: str
    title: Any
    empty: Any
    rows: list[ShiftRow]
    is_cut: bool = False


@dataclass(frozen=True)
class Scope:
    """Whose look it is, at which desk, until when the next shift lasts; `handed` names the rows of an accepted note."""

    user: User
    agency_id: int
    until: datetime
    handed: dict[str, list[str]] | None = None

    @property
    def run(self) -> QuerySet[AlertProgram]:
        """Return the programs that the desk's agency takes part in running."""
        return AlertProgram.objects.run_by([self.agency_id])

    @property
    def drafted(self) -> QuerySet[AlertProgram]:
        """Return the programs for which the desk's agency may draft."""
        return AlertProgram.objects.drafted_by([self.agency_id])


def sections_of(scope: Scope) -> list[Section]:
    """Return every section, empty ones too: that nothing is open is what the next shift wants to know."""
    return [_section(scope, kind) for kind in _SECTIONS]


def promises_of(user: User, agency_id: int) -> QuerySet[ShiftPromise]:
    """Return what the desk has promised by telephone and not settled, as far as this person may see it."""
    rows = ShiftPromise.objects.visible_to(user).open().filter(agency=agency_id)  # type: ignore[attr-defined]
    return rows.select_related("case", "written_by").order_by(F("due_at").asc(nulls_last=True), "created_at")  # type: ignore[no-any-return]


def ids_of(sections: list[Section]) -> dict[str, list[str]]:
    """Return what a note keeps of what was handed over: ids by section, no words."""
    return {section.key: [str(item.row.pk) for item in section.rows] for section in sections}


@dataclass(frozen=True)
class _Kind:
    """How one section is called, found and shown."""

    key: str
    title: Any
    empty: Any
    find: Callable[[Scope], Any]
    show: Callable[[list[Any]], list[ShiftRow]]


def _section(scope: Scope, kind: _Kind) -> Section:
    rows = list(kind.find(scope)[: MOST_OF_ONE_SECTION + 1])
    shown = kind.show(rows[:MOST_OF_ONE_SECTION])
    return Section(kind.key, kind.title, kind.empty, shown, len(rows) > MOST_OF_ONE_SECTION)


def _narrowed(rows: Any, scope: Scope, key: str, live: Q) -> Any:
    return rows.filter(live) if scope.handed is None else rows.filter(pk__in=scope.handed.get(key, []))


def _requests(scope: Scope) -> Any:
    rows = ExtensionRequest.objects.visible_to(scope.user)  # type: ignore[attr-defined]
    mine = Q(requesting_agency=scope.agency_id) | Q(program__in=scope.run)
    rows = _narrowed(rows, scope, "requests", mine & Q(status__in=OPEN_REQUESTS))
    return (
        rows.select_related("program", "requesting_agency", "case", "lower_notice")
        .prefetch_related("rounds")
        .order_by("sent_at")
    )


def _show_requests(rows: list[ExtensionRequest]) -> list[ShiftRow]:
    rungs = LadderRung.objects.filter(
        request__in=[item.pk for item in rows if item.status == RequestStatus.SENT], climbed_at__isnull=True
    )
    first: dict[Any, LadderRung] = {}
    for rung in rungs.order_by("-due_at"):
        first[rung.request_id] = rung
    return [_of_request(item, clocks_of(item, list(item.rounds.all())), first.get(item.pk)) for item in rows]


def _of_request(item: ExtensionRequest, clocks: list[Clock], rung: LadderRung | None, due: Any = None) -> ShiftRow:
    return ShiftRow(
        item, item.number, f"{item.requesting_agency} → {item.program}", item.get_status_display(),
        reverse("alerts:request-detail", args=[item.pk]), due_at=due,
        clocks=[clock for clock in clocks if not clock.until],
        next_rung=rung, is_exercise=item.case.is_exercise,
    )  # fmt: skip


def _alerts(scope: Scope) -> Any:
    return Alert.objects.visible_to(scope.user).select_related("program", "case")  # type: ignore[attr-defined]


def _show_alerts(rows: list[Alert]) -> list[ShiftRow]:
    return [
        ShiftRow(
            item, item.number, f"{item.program} – {item.case.reference}", item.get_status_display(),
            reverse("alerts:alert-detail", args=[item.pk]),
            due_at=item.expires_at if item.status == AlertStatus.ACTIVE else None, is_exercise=item.is_exercise,
        )
        for item in rows
    ]  # fmt: skip


def _expiring(scope: Scope) -> Any:
    live = Q(program__in=scope.run, status=AlertStatus.ACTIVE, expires_at__lte=scope.until)
    return _narrowed(_alerts(scope), scope, "expiring", live).order_by("expires_at")


def _expiring_outside(scope: Scope) -> Any:
    rows = ExtensionRequest.objects.visible_to(scope.user)  # type: ignore[attr-defined]
    live = Q(
        Q(program__in=scope.run) | Q(requesting_agency=scope.agency_id),
        status__in=(RequestStatus.ACTIVATED_OUTSIDE, RequestStatus.CANCELLATION_ASKED),
        outside_activation__expires_at__lte=scope.until,
    )
    rows = _narrowed(rows, scope, "expiring_outside", live)
    return rows.select_related("program", "requesting_agency", "case", "outside_activation").order_by(
        "outside_activation__expires_at"
    )


def _show_outside(rows: list[ExtensionRequest]) -> list[ShiftRow]:
    return [_of_request(item, [], None, item.outside_activation.expires_at) for item in rows]


def _unconfirmed(scope: Scope) -> Any:
    cancel = Q(messages__msg_type=MessageType.CANCEL, messages__deliveries__isnull=False)
    said = Q(messages__deliveries__acknowledged_at__isnull=False)
    recipients = "messages__deliveries__recipient"
    rows = _alerts(scope).annotate(
        told=Count(recipients, distinct=True, filter=cancel),
        confirmed=Count(recipients, distinct=True, filter=cancel & said),
    )
    since = timezone.now() - CANCEL_WATCHED
    live = Q(program__in=scope.run, status=AlertStatus.CANCELLED, ended_at__gte=since, told__gt=F("confirmed"))
    return _narrowed(rows, scope, "unconfirmed", live).order_by("ended_at")


def _confirmations(scope: Scope) -> Any:
    rows = Duty.objects.visible_to(scope.user).filter(kind=DutyKind.CONFIRM_CANCELLATION)  # type: ignore[attr-defined]
    rows = _narrowed(rows, scope, "confirmations", Q(program__in=scope.run, status="open"))
    return rows.select_related("alert", "request", "case", "program").order_by("due_at")


def _show_duties(rows: list[Duty]) -> list[ShiftRow]:
    return [
        ShiftRow(
            item, str(item.subject), str(item.program), item.get_kind_display(), item.url, due_at=item.due_at,
            is_exercise=item.case.is_exercise,
        )
        for item in rows
    ]  # fmt: skip


def _request_drafts(scope: Scope) -> Any:
    rows = ExtensionRequest.objects.visible_to(scope.user)  # type: ignore[attr-defined]
    live = Q(requesting_agency=scope.agency_id, status=RequestStatus.DRAFT)
    rows = _narrowed(rows, scope, "request_drafts", live)
    return rows.select_related("program", "requesting_agency", "case").order_by("created_at")


def _show_drafts(rows: list[ExtensionRequest]) -> list[ShiftRow]:
    return [_of_request(item, [], None) for item in rows]


def _alert_drafts(scope: Scope) -> Any:
    live = Q(program__in=scope.drafted, status=AlertStatus.DRAFT)
    return _narrowed(_alerts(scope), scope, "alert_drafts", live).order_by("created_at")


_SECTIONS = (
    _Kind("requests", _("Open requests, with their clocks and escalation"), _("No request is open."), _requests,
          _show_requests),
    _Kind("expiring", _("Alerts whose term ends in the next shift"), _("No alert ends in the next shift."), _expiring,
          _show_alerts),
    _Kind("expiring_outside", _("Alerts outside the portal whose term ends in the next shift"),
          _("No recorded alert outside the portal ends in the next shift."), _expiring_outside, _show_outside),
    _Kind("unconfirmed", _("Cancellations not yet confirmed by every recipient"), _("Every cancellation is confirmed."),
          _unconfirmed, _show_alerts),
    _Kind("confirmations", _("Endings awaiting your confirmation"), _("No ending is awaiting your "
                                                                       "confirmation."),
          _confirmations, _show_duties),
    _Kind("request_drafts", _("Drafts of requests"), _("No request is being written."), _request_drafts, _show_drafts),
    _Kind("alert_drafts", _("Drafts of alerts"), _("No alert is being written."), _alert_drafts, _show_alerts),
)  # fmt: skip
