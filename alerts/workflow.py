"""The life of requests, alerts, their Updates and duties: tables, and `apply`, the only writer of their statuses."""

from __future__ import annotations

from typing import Any

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from agencies import access
from agencies.choices import Capability
from agencies.models import Agency, AlertProgram, User
from agencies.program_agencies import agencies_of, agencies_with_a_program
from agencies.refusals import ActRefused, NotPermitted
from agencies.transitions import Machine, advance, step
from alerts import alert_guards as guards
from alerts import permissions as can
from alerts import publication
from alerts.choices import ACTIVATE, ASKS_FOR_ALERT, DutyStatus
from alerts.choices import AlertStatus as A
from alerts.choices import RequestStatus as R
from alerts.choices import TextReviewStatus as T
from alerts.choices import UpdateStatus as U
from alerts.models import Alert, AlertUpdate, Duty, ExtensionRequest, LowerNotice, OutsideActivation, TextReview
from cases.access import working_on
from cases.choices import EventAction
from cases.models import Case, CaseEvent
from cases.workflow import note

# An open question pauses the receiver's clock; it does not keep the program from deciding (design §3.1).
DECIDABLE = (R.ACKNOWLEDGED, R.INFORMATION_ASKED, R.ANSWERED)
BEFORE_DECISION = (R.SENT, R.ACKNOWLEDGED, R.INFORMATION_ASKED, R.ANSWERED)
ACCEPTED = (R.ACCEPTED, R.ACCEPTED_CHANGED_AREA, R.ACCEPTED_LOWER_LEVEL)
ACCEPTED_FOR_AN_ALERT = (R.ACCEPTED, R.ACCEPTED_CHANGED_AREA)
RUNNING = (R.ACTIVATED, R.ACTIVATED_OUTSIDE)


def _search_goes_on(by: User | None, request: ExtensionRequest) -> None:
    if not request.case.is_open:
        raise ActRefused(_("The case has ended; this request can no longer be accepted."))


def activates_nothing(program: AlertProgram) -> bool:
    """Say whether a program is a hub without activating bodies: it receives, tells and passes on (U5)."""
    return not agencies_of(program).bodies


def _may_be_accepted(by: User | None, request: ExtensionRequest) -> None:
    _search_goes_on(by, request)
    if request.kind in ASKS_FOR_ALERT and activates_nothing(request.program):
        raise ActRefused(_("This program activates nothing itself. Pass the request on to the program that does."))


def _may_be_accepted_otherwise(by: User | None, request: ExtensionRequest) -> None:
    _may_be_accepted(by, request)
    if request.kind != ACTIVATE:
        raise ActRefused(_("Only a request for an alert has another area or a lower level. Accept it as asked."))


def runs_outside(request: ExtensionRequest) -> bool:
    """Say whether what the program runs stands outside the portal."""
    return OutsideActivation.objects.filter(request=request).exists()


def has_notice_in_force(request: ExtensionRequest) -> bool:
    """Say whether the program has a notice below an alert in force: it distributes something, as an alert does."""
    return LowerNotice.objects.in_force().filter(request=request).exists()


def _may_still_run(by: User | None, request: ExtensionRequest) -> None:
    """What the end of a search demands is not refused (ADR 54)."""
    if not request.case.is_open:
        raise ActRefused(_("The search has ended; what runs must be ended."))


def _runs_here(by: User | None, request: ExtensionRequest) -> None:
    _may_still_run(by, request)
    if runs_outside(request):
        raise ActRefused(_("This alert runs outside the portal."))
    _runs_no_notice(by, request)


def _runs_no_notice(by: User | None, request: ExtensionRequest) -> None:
    """What a program distributes is its own: the asking side asks for the end, the portal ends nothing (U19)."""
    if has_notice_in_force(request):
        raise ActRefused(_("The program has a notice in force. Ask it to end the notice."))


def _runs_something(by: User | None, request: ExtensionRequest) -> None:
    if request.status == R.ACCEPTED and not has_notice_in_force(request):
        raise ActRefused(_("Nothing is in force yet that could be canceled. Withdraw the request."))


def _is_a_notice(by: User | None, request: ExtensionRequest) -> None:
    _may_still_run(by, request)
    if runs_outside(request) or Alert.objects.filter(request=request, status=A.ACTIVE).exists():
        raise ActRefused(_("An alert runs for this request, not a notice."))


def _can_be_raised(by: User | None, request: ExtensionRequest) -> None:
    if request.status == R.ACCEPTED and not has_notice_in_force(request):
        raise ActRefused(_("No notice below an alert is in force."))


REQUEST = Machine(
    "request",
    (
        # By the portal itself where a program hands on what it was asked: nobody types it again (U5).
        step("send", _("Send the request"), [R.DRAFT], R.SENT, can.can_ask, by_system=True),
        step("acknowledge", _("Acknowledge receipt"), [R.SENT], R.ACKNOWLEDGED, can.can_answer_or_record),
        step(
            "ask_information", _("Ask for more information"), DECIDABLE, R.INFORMATION_ASKED, can.can_answer,
        ),
        step("answer_information", _("Answer"), [R.INFORMATION_ASKED], R.ANSWERED, can.can_ask),
        step("accept", _("Accept"), DECIDABLE, R.ACCEPTED, can.can_answer_or_record, guard=_may_be_accepted),
        step(
            "accept_changed_area", _("Accept with a changed area"), DECIDABLE, R.ACCEPTED_CHANGED_AREA,
            can.can_answer_or_record, guard=_may_be_accepted_otherwise,
        ),
        step(
            "accept_lower_level", _("Accept at a lower level"), DECIDABLE, R.ACCEPTED_LOWER_LEVEL,
            can.can_answer_or_record, guard=_may_be_accepted_otherwise,
        ),
        step("decline", _("Decline"), DECIDABLE, R.DECLINED, can.can_answer_or_record),
        step(
            "withdraw", _("Withdraw the request"), [R.DRAFT, *BEFORE_DECISION, *ACCEPTED_FOR_AN_ALERT], R.WITHDRAWN,
            can.can_ask, guard=_runs_no_notice,
        ),
        step("activate", _("Activate"), [R.ACCEPTED, R.ACCEPTED_CHANGED_AREA], R.ACTIVATED, can.can_answer),
        step(
            "activate_outside", _("Record an activation outside the portal"), ACCEPTED, R.ACTIVATED_OUTSIDE,
            can.can_answer_or_record,
        ),
        step(
            "ask_cancellation", _("Ask for cancellation"), [*RUNNING, R.ACCEPTED, R.ACCEPTED_LOWER_LEVEL],
            R.CANCELLATION_ASKED, can.can_ask, guard=_runs_something,
        ),
        step(
            "cancel", _("Cancel"), [*RUNNING, R.CANCELLATION_ASKED], R.CANCELLED, can.can_answer_or_record,
            by_system=True,
        ),
        step(
            "refuse_cancellation", _("Refuse to cancel"), [R.CANCELLATION_ASKED], R.ACTIVATED, can.can_answer,
            guard=_runs_here,
        ),
        step(
            "refuse_cancellation_outside", _("Refuse to cancel"), [R.CANCELLATION_ASKED], R.ACTIVATED_OUTSIDE,
            can.can_answer_or_record, guard=_may_still_run,
        ),
        step(
            "keep_lower_level", _("Refuse to end the notice"), [R.CANCELLATION_ASKED], R.ACCEPTED_LOWER_LEVEL,
            can.can_answer_or_record, guard=_is_a_notice,
        ),
        step(
            "keep_notice", _("Refuse to end the notice"), [R.CANCELLATION_ASKED], R.ACCEPTED,
            can.can_answer_or_record, guard=_is_a_notice,
        ),
        # A notice that was asked for and accepted as asked is raised in the same way as a lower level.
        step(
            "raise_level", _("Raise to an AMBER Alert"), [R.ACCEPTED_LOWER_LEVEL, R.ACCEPTED], R.ACCEPTED,
            can.can_answer, guard=_can_be_raised,
        ),
        step("end_notice", _("End what was accepted"), ACCEPTED, R.CANCELLED, can.can_answer_or_record),
        step("escalate", _("Hand to another program"), BEFORE_DECISION, R.ESCALATED, can.can_answer),
        step(
            "expire", _("Expire"), [*RUNNING, R.CANCELLATION_ASKED], R.EXPIRED, lambda user, request: False,
            by_system=True,
        ),
        step(
            "lapse", _("Lapse"), [R.DRAFT, *BEFORE_DECISION, *ACCEPTED_FOR_AN_ALERT], R.LAPSED,
            lambda user, request: False, guard=_runs_no_notice, by_system=True,
        ),
        step(
            "confirm_cancellation", _("Confirm the cancellation"), [R.CANCELLED], R.CONFIRMED, can.can_answer_or_record
        ),
    ),
)  # fmt: skip


ALERT = Machine(
    "alert",
    (
        step("submit", _("Submit for approval"), [A.DRAFT], A.SUBMITTED, can.can_compose, guard=guards.texts_are_there),
        step(
            "approve", _("Approve"), [A.SUBMITTED], A.APPROVED, can.can_approve,
            guard=guards.is_approved_by_a_second_person,
        ),
        step(
            "revise", _("Return to draft"), [A.SUBMITTED, A.APPROVED], A.DRAFT, can.can_compose, by_system=True
        ),
        step(
            "activate", _("Activate"), [A.APPROVED], A.ACTIVE, can.can_activate, guard=guards.is_approved_and_may_go_out
        ),
        step(
            "activate_alone", _("Activate alone"), [A.SUBMITTED], A.ACTIVE, can.can_activate,
            guard=guards.nobody_else_answers,
        ),
        step("cancel", _("Cancel the alert"), [A.ACTIVE], A.CANCELLED, can.can_end, by_system=True),
        step("expire", _("Expire"), [A.ACTIVE], A.EXPIRED, lambda user, alert: False, by_system=True),
        step(
            "discard", _("Discard the draft"), [A.DRAFT, A.SUBMITTED, A.APPROVED], A.DISCARDED, can.can_compose,
            by_system=True,
        ),
    ),
)  # fmt: skip

DUTY = Machine(
    "duty",
    (
        step("discharge", _("Discharge"), [DutyStatus.OPEN], DutyStatus.DISCHARGED, can.can_discharge),
        step(
            "supersede", _("No longer needed"), [DutyStatus.OPEN], DutyStatus.SUPERSEDED, lambda user, duty: False,
            by_system=True,
        ),
    ),
)  # fmt: skip


def _alert_is_active(by: User | None, update: AlertUpdate) -> None:
    if update.alert.status != A.ACTIVE:
        raise ActRefused(_("The alert has ended; it can no longer be updated."))
    if missing := set(update.program.languages_required) - set(update.texts):
        raise ActRefused(
            _("The text in a required language is missing: %(languages)s.") % {"languages": ", ".join(sorted(missing))}
        )
    texts = {
        language: publication.told(text["headline"], text["description"], text.get("instruction", ""))
        for language, text in update.texts.items()
    }
    if found := publication.objections_to(update.alert, update.photo, texts, update.typed_languages):
        raise ActRefused(found[0])


def _second_person_for_update(by: User | None, update: AlertUpdate) -> None:
    """Two people as for an alert: the approver neither prepared, edited nor submitted, nor recorded the facts."""
    assert by is not None  # noqa: S101  issuing is never done by the system
    if by.pk in (update.submitted_by_id, update.created_by_id) or by.pk in update.authors:
        raise ActRefused(_("You wrote or submitted this update; a second officer of your program must issue it."))
    since = update.alert.activated_at
    facts = CaseEvent.objects.filter(case=update.case, kind=EventAction.FACTS_CHANGED, actor=by, at__gte=since)
    if facts.exists():
        raise ActRefused(_("You recorded facts of this case; a second officer of your program must issue the update."))
    _alert_is_active(by, update)


UPDATE = Machine(
    "update",
    (
        step("submit", _("Submit the update"), [U.PREPARED], U.SUBMITTED, can.can_word_update, guard=_alert_is_active),
        step("revise", _("Return to preparation"), [U.SUBMITTED], U.PREPARED, can.can_word_update),
        step(
            "issue", _("Issue the update"), [U.SUBMITTED], U.ISSUED, can.can_decide_update,
            guard=_second_person_for_update,
        ),
        step("refuse", _("Refuse the update"), [U.PREPARED, U.SUBMITTED], U.REFUSED, can.can_decide_update),
        step(
            "supersede", _("No longer needed"), [U.PREPARED, U.SUBMITTED], U.SUPERSEDED, lambda user, update: False,
            by_system=True,
        ),
    ),
)  # fmt: skip

TEXT_REVIEW = Machine(
    "textreview",
    (
        step("take", _("Take the review"), [T.OPEN], T.TAKEN, can.can_take_review),
        step("hand_back", _("Hand the review back"), [T.TAKEN], T.OPEN, can.can_finish_review),
        step("confirm", _("Confirm the words"), [T.TAKEN], T.CONFIRMED, can.can_finish_review),
        step("correct", _("Correct the words"), [T.TAKEN], T.CORRECTED, can.can_finish_review),
        step("withdraw", _("Take the offer back"), [T.OPEN, T.TAKEN], T.WITHDRAWN, can.can_withdraw_review),
        step(
            "supersede", _("No longer needed"), [T.OPEN, T.TAKEN], T.SUPERSEDED, lambda user, review: False,
            by_system=True,
        ),
    ),
)  # fmt: skip

MACHINES: dict[type, Machine] = {
    ExtensionRequest: REQUEST, Alert: ALERT, Duty: DUTY, AlertUpdate: UPDATE, TextReview: TEXT_REVIEW,
}  # fmt: skip


def apply(item: Any, name: str, *, by: User | None, detail: dict[str, Any] | None = None, **stamps: Any) -> None:
    """Take one step: state, audit and timeline in one transaction. `by` is None for the portal's own steps.

    `stamps` are the fields that belong to the step (who, when, why). Refuses as `agencies.transitions.advance` does.
    """
    machine = MACHINES[type(item)]
    case = item.case
    if isinstance(item, ExtensionRequest) and (name in _ASKING_STEPS or _records_for_the_program(by, item)):
        agency = item.requesting_agency
    elif isinstance(item, TextReview) and by is not None and name in _REVIEWING_STEPS:
        agency = reviewing_agency(by)
    else:
        agency = acting_agency(item.program, case, by)
    with transaction.atomic():
        advance(machine, item, name, by=by, case_id=case.pk, stamps=stamps)
        inside = agency if isinstance(item, Duty) or name in _DRAFTING_STEPS else None
        if isinstance(item, TextReview):  # the reviewer is named inside the program that asked, and nowhere else
            inside = acting_agency(item.program, case, item.asked_by)
        note(case, f"{machine.kind}.{name}", by=by, agency=agency, subject=item, detail=detail, only_for=inside)


def acting_agency(program: AlertProgram, case: Case, by: User | None) -> Agency:
    """Return for which of a program's agencies somebody acts: its own if they may, else theirs that is on the case."""
    mine = access.acting_agency_ids(by) & agencies_of(program).drafting & working_on(case) if by else frozenset()
    if not mine or program.agency_id in mine:
        return program.agency
    return Agency.objects.get(pk=min(mine))


def reviewing_agency(by: User) -> Agency:
    """Return for which of their agencies somebody reviews words of another program. Refuses who runs none."""
    mine = access.agency_ids(by, Capability.COMPOSE_ALERTS)
    agency = agencies_with_a_program().filter(pk__in=mine).order_by("pk").first()
    if agency is None:
        raise NotPermitted
    return agency


def _records_for_the_program(by: User | None, request: ExtensionRequest) -> bool:
    """Say whether the asking side writes down what a program without users answered (U8)."""
    return by is not None and not can.can_answer(by, request)


# What a program does with its own draft is nobody else's business until it is published.
_DRAFTING_STEPS = {"submit", "approve", "revise", "discard", "supersede"}
_REVIEWING_STEPS = {"take", "hand_back", "confirm", "correct"}
_ASKING_STEPS = {"send", "answer_information", "withdraw", "ask_cancellation"}
