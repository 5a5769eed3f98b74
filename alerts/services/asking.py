"""Asking many programs in one act, and taking back in one act all that can be taken back (U21)."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from django.db import transaction
from django.utils.translation import gettext as _

from agencies.models import AlertProgram, User
from agencies.refusals import ActRefused, NotPermitted
from alerts import permissions, workflow
from alerts.choices import ACTIVATE, ENDED_REQUESTS, RequestStatus
from alerts.models import ExtensionRequest
from alerts.services.requests import save_draft, send_request, withdraw
from cases.models import Case


@dataclass(frozen=True)
class Outcome:
    """What became of one program's part of an act: its request, or why there is none, in the reader's language."""

    program: AlertProgram
    request: ExtensionRequest | None
    refusal: str = ""

    @property
    def is_done(self) -> bool:
        """Say whether the act was done for this program."""
        return not self.refusal


@transaction.atomic
def ask_programs(
    *, case: Case, programs: Iterable[AlertProgram], by: User, kind: str = ACTIVATE, note: str = "",
    as_drafts: bool = False,
) -> list[Outcome]:  # fmt: skip
    """Send one request to each program, or save it as a draft; what one of them refuses holds back no other.

    Return the outcome per program, in the order given, each program once. Refuses everybody but the lead agency, and
    an act in which nothing at all could be done: then nothing is kept.
    """
    if not permissions.can_send_requests(by, case):
        raise NotPermitted
    if not (chosen := list(dict.fromkeys(programs))):
        raise ActRefused(_("Choose at least one program."))
    perform = save_draft if as_drafts else send_request
    found = [
        _try(program, lambda program=program: perform(case=case, program=program, by=by, kind=kind, note=note))  # type: ignore[misc]
        for program in chosen
    ]
    _refuse_nothing_done(found)
    return found


@transaction.atomic
def withdraw_all(*, case: Case, by: User, reason: str, note: str = "") -> list[Outcome]:
    """Take back every request of a case that was sent and waits, with one reason; say which ones could not be.

    What is active is not taken back: its program is asked to cancel (U19). Refuses everybody but the asking side, and
    an act that would take nothing back.
    """
    if not permissions.can_send_requests(by, case):
        raise NotPermitted
    if not reason:
        raise ActRefused(_("Say why the requests are withdrawn."))
    rows = open_requests(case, by)
    found = [_try(row.program, lambda row=row: _withdraw(row, by, reason, note)) for row in rows]  # type: ignore[misc]
    _refuse_nothing_done(found)
    return [Outcome(item.program, row, item.refusal) for item, row in zip(found, rows, strict=True)]


def open_requests(case: Case, user: User) -> list[ExtensionRequest]:
    """Return the requests of a case that were sent and have not ended, as the asking side sees them."""
    rows = ExtensionRequest.objects.visible_to(user).select_related(  # type: ignore[attr-defined]
        "program__agency", "requesting_agency", "case__lead_agency", "lower_notice"
    )
    ended = (*ENDED_REQUESTS, RequestStatus.DRAFT)
    return [
        item for item in rows.filter(case=case).exclude(status__in=ended).order_by("created_at", "id")
        if permissions.can_ask(user, item)
    ]  # fmt: skip


def can_be_withdrawn(request: ExtensionRequest) -> bool:
    """Say whether a request that was sent still waits, and nothing of it is in force yet."""
    notice = getattr(request, "lower_notice", None)
    is_in_force = notice is not None and notice.is_in_force
    return request.status in workflow.REQUEST.by_name["withdraw"].sources and not is_in_force


def _withdraw(request: ExtensionRequest, by: User, reason: str, note: str) -> ExtensionRequest:
    if request.status in workflow.RUNNING:
        raise ActRefused(_("Its alert is active. Ask the program to cancel it."))
    if request.status == RequestStatus.ACCEPTED_LOWER_LEVEL:
        raise ActRefused(_("The program has a notice in force. Ask it to end the notice."))
    if request.status == RequestStatus.CANCELLATION_ASKED:
        raise ActRefused(_("The program has already been asked to cancel its alert."))
    withdraw(request=request, by=by, reason=reason, note=note)
    return request


def _try(program: AlertProgram, perform: Callable[[], ExtensionRequest]) -> Outcome:
    """Perform one part in a savepoint of its own."""
    try:
        with transaction.atomic():
            return Outcome(program, perform())
    except ActRefused as refusal:
        return Outcome(program, None, str(refusal.message))


def _refuse_nothing_done(found: list[Outcome]) -> None:
    if not found:
        raise ActRefused(_("There is nothing open to withdraw."))
    if not any(item.is_done for item in found):
        raise ActRefused(" ".join(f"{item.program} – {item.refusal}" for item in found))
