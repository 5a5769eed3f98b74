"""The life of cases, children and legal reviews: tables, and `apply`, the only writer of their statuses."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from agencies.models import Agency, User
from agencies.refusals import ActRefused
from agencies.transitions import Machine, advance, step
from cases import permissions as can
from cases.choices import CaseStatus as S
from cases.choices import ChildStatus, HandoverStatus, ReviewStatus
from cases.models import Case, CaseEvent, CaseHandover, Child, LegalReview, PublicationAuthority
from cases.signals import case_transitioned


def _needs_a_child(by: User | None, case: Case) -> None:
    if not case.children.exists():
        raise ActRefused(_("Record at least one child before the case becomes active."))


def _every_child_is(case: Case, *states: str) -> bool:
    return not case.children.exclude(status__in=states).exists()


def _all_located(by: User | None, case: Case) -> None:
    if not _every_child_is(case, ChildStatus.LOCATED, ChildStatus.RECOVERED):
        raise ActRefused(_("A child of this case is still missing."))


def _all_recovered(by: User | None, case: Case) -> None:
    if not _every_child_is(case, ChildStatus.RECOVERED):
        raise ActRefused(_("The identity of every child must be confirmed first."))


def _two_officers(by: User | None, child: Child) -> None:
    """Identity needs two people, one from the agency holding the child (U15)."""
    recovery = child.recoveries.pending().first()  # type: ignore[attr-defined]
    words = list(recovery.confirmations.values_list("officer_id", "agency_id")) if recovery else []
    if recovery is None or len({officer for officer, _agency in words}) < 2:
        raise ActRefused(_("Two officers must confirm the child's identity."))
    if recovery.holding_agency_id not in {agency for _officer, agency in words}:
        raise ActRefused(_("One of the two officers must belong to the agency holding the child."))


NOT_RECOVERED = (S.INTAKE, S.ACTIVE, S.LOCATED)
# A hoax or an unfounded report needs no recovery, and finding the child is often what reveals it (U17).
UNENDED = (*NOT_RECOVERED, S.RECOVERED)
ENDED = (S.CLOSED, S.UNFOUNDED, S.HOAX)
# A child is looked for again: the report of its location was a mistake, or it is another child.
SEARCH_AGAIN = ("resume_search", "reject_identity", "reopen")

CASE = Machine(
    "case",
    (
        step("activate", _("Activate the case"), [S.INTAKE], S.ACTIVE, can.can_lead_case, guard=_needs_a_child),
        step(
            "report_located", _("Report located"), [S.INTAKE, S.ACTIVE], S.LOCATED, can.can_report_located,
            guard=_all_located,
        ),
        step("resume_search", _("Resume the search"), [S.LOCATED], S.ACTIVE, can.can_lead_case, by_system=True),
        step(
            "recover", _("Confirm recovery"), [S.LOCATED], S.RECOVERED, can.can_confirm_in_case, guard=_all_recovered
        ),
        step("close", _("Close the case"), [S.RECOVERED], S.CLOSED, can.can_lead_case),
        step("close_as_unfounded", _("Close as unfounded"), UNENDED, S.UNFOUNDED, can.can_lead_case),
        step("close_as_hoax", _("Close as a hoax"), UNENDED, S.HOAX, can.can_lead_case),
        step("reopen", _("Reopen the search"), [S.RECOVERED, *ENDED], S.ACTIVE, can.can_lead_case),
    ),
)  # fmt: skip

CHILD = Machine(
    "child",
    (
        step(
            "report_located", _("Report located"), [ChildStatus.MISSING], ChildStatus.LOCATED, can.can_report_child
        ),
        step(
            "recover", _("Confirm recovery"), [ChildStatus.LOCATED], ChildStatus.RECOVERED, can.can_confirm_child,
            guard=_two_officers,
        ),
        step(
            "resume_search", _("Resume the search"), [ChildStatus.LOCATED], ChildStatus.MISSING, can.can_lead_search
        ),
        step(
            "reject_identity", _("This is not the child"), [ChildStatus.LOCATED], ChildStatus.MISSING,
            can.can_reject_identity,
        ),
        step("reopen", _("Missing again"), [ChildStatus.RECOVERED], ChildStatus.MISSING, can.can_reopen_child),
    ),
)  # fmt: skip

REVIEW = Machine(
    "legalreview",
    (
        step("give", _("Record the opinion"), [ReviewStatus.REQUESTED], ReviewStatus.GIVEN, can.can_give_opinion),
        step(
            "return_for_facts", _("Ask for more facts"), [ReviewStatus.REQUESTED], ReviewStatus.RETURNED,
            can.can_give_opinion,
        ),
        step("ask_again", _("Ask again"), [ReviewStatus.RETURNED], ReviewStatus.REQUESTED, can.can_ask_again),
        step(
            "withdraw", _("Withdraw the question"), [ReviewStatus.REQUESTED, ReviewStatus.RETURNED],
            ReviewStatus.WITHDRAWN, can.can_withdraw_question,
            by_system=True,  # a question inside an agency ends when it hands the case over
        ),
        step(
            "release", _("Release the opinion"), [ReviewStatus.GIVEN, ReviewStatus.RELEASED], ReviewStatus.RELEASED,
            can.can_give_opinion,
        ),
    ),
)  # fmt: skip


def _in_time(by: User | None, handover: CaseHandover) -> None:
    if not handover.is_open and handover.status == HandoverStatus.OFFERED:
        raise ActRefused(_("This offer has expired."))


HANDOVER = Machine(
    "handover",
    (
        step(
            "accept", _("Accept the case"), [HandoverStatus.OFFERED], HandoverStatus.ACCEPTED,
            can.can_decide_handover, guard=_in_time,
        ),
        step("refuse", _("Refuse the case"), [HandoverStatus.OFFERED], HandoverStatus.REFUSED, can.can_decide_handover),
        step(
            "withdraw", _("Withdraw the offer"), [HandoverStatus.OFFERED], HandoverStatus.WITHDRAWN,
            can.can_withdraw_handover,
        ),
        step(
            "expire", _("Expire"), [HandoverStatus.OFFERED], HandoverStatus.EXPIRED, lambda user, handover: False,
            by_system=True,
        ),
    ),
)  # fmt: skip

# What another agency that asked sees on its timeline of a question: that it was answered, never how (U30).
TOLD_TO_ASKERS = ("ask_again", "give", "return_for_facts", "withdraw")

MACHINES: dict[type, Machine] = {Case: CASE, Child: CHILD, LegalReview: REVIEW, CaseHandover: HANDOVER}


def case_of(item: Any) -> Case:
    """Return the case that an item belongs to."""
    return item if isinstance(item, Case) else item.case


def apply(
    item: Any, name: str, *, by: User | None, agency: Agency | None = None, detail: dict[str, Any] | None = None,
    **stamps: Any,
) -> None:  # fmt: skip
    """Take one step: state, audit, timeline and what follows from it, in one transaction.

    `stamps` are the fields that belong to the step (who, when, why). Refuses as `agencies.transitions.advance`
    does; whatever a receiver raises undoes the step. Children and case are kept in agreement: see `_follow`.
    """
    machine = MACHINES[type(item)]
    case = case_of(item)
    with transaction.atomic():
        advance(machine, item, name, by=by, case_id=case.pk, stamps=stamps)
        note(case, f"{machine.kind}.{name}", by=by, agency=agency, subject=item, detail=detail,
             only_for=_kept_inside(item, name))  # fmt: skip
        if isinstance(item, LegalReview) and item.asking_agency and name in TOLD_TO_ASKERS:
            note(case, f"{machine.kind}.{name}", by=by, agency=agency, subject=item, only_for=item.asking_agency)
        case_transitioned.send(sender=type(item), item=item, transition=name, by=by)
        _follow(item, name, by=by, agency=agency, detail=detail)


def _kept_inside(item: Any, name: str) -> Agency | None:
    """Return the one agency that reads a step on the timeline; None for every agency on the case.

    An opinion is its agency's. An offer is the lead agency's affair until it is accepted: then all must know who leads.
    """
    if isinstance(item, CaseHandover):
        return None if name == "accept" else item.from_agency
    return item.agency if isinstance(item, LegalReview) else None


def _follow(item: Any, name: str, *, by: User | None, agency: Agency | None, detail: dict[str, Any] | None) -> None:
    """Let a case follow its children, and children their case, so that no step leaves them in contradiction."""
    if isinstance(item, Child):
        if name in SEARCH_AGAIN:
            reason = (detail or {}).get("reason", "reported_by_mistake")
            item.recoveries.filter(ended_at__isnull=True).update(
                ended_at=timezone.now(), ended_by=by, end_reason=reason
            )
        item.case.refresh_from_db(fields=["status"])
        if name == "reopen" and item.case.status not in NOT_RECOVERED:
            apply(item.case, "reopen", by=by, agency=agency, detail=detail)
        settle(item.case, by=by, agency=agency)
    elif isinstance(item, Case) and name == "resume_search" and by is not None:
        for child in item.children.filter(status=ChildStatus.LOCATED):
            apply(child, "resume_search", by=by, agency=agency)
    elif isinstance(item, Case) and name == "reopen":
        _undo_the_end(item, by)
        if not item.children.exclude(status=ChildStatus.RECOVERED).exists():
            for child in item.children.all():
                apply(child, "reopen", by=by, agency=agency, detail=detail)
        settle(item, by=by, agency=agency)


def _undo_the_end(case: Case, by: User | None) -> None:
    """The result counts no more, whoever it cleared counts again, and nobody knows of a death that was none."""
    case.closures.filter(reopened_at__isnull=True).update(reopened_at=timezone.now(), reopened_by=by)
    case.people.filter(cleared_at__isnull=False).update(cleared_at=None)
    Case.objects.filter(pk=case.pk).update(family_informed_at=None, family_informed_by=None)


def settle(case: Case, *, by: User | None, agency: Agency | None = None) -> None:
    """Bring an open case into the state that its children are in.

    Every child accounted for and one not identified: located. All recovered: recovered. One missing again: the
    portal resumes the search of a located case by itself, whoever found the mistake.
    """
    case.refresh_from_db(fields=["status"])
    states = set(case.children.values_list("status", flat=True))
    if case.status not in NOT_RECOVERED or not states:
        return
    if ChildStatus.MISSING in states:
        if case.status == S.LOCATED:
            apply(case, "resume_search", by=None)
        return
    if case.status != S.LOCATED:
        apply(case, "report_located", by=by, agency=agency)
    if states == {ChildStatus.RECOVERED}:
        apply(case, "recover", by=by, agency=agency)


def announce(item: Any, name: str, *, by: User | None) -> None:
    """Tell the apps above of an entry that is no step (a sighting); the caller holds the transaction."""
    case_transitioned.send(sender=type(item), item=item, transition=name, by=by)


def announce_facts(
    case: Case, *, by: User, field_names: list[str], is_correction: bool = False, unsaid: Collection[str] = ()
) -> None:
    """Tell those above that facts changed, in the transaction of the change; whatever a receiver raises undoes it.

    Facts changing is no step, yet programs must follow it at once (U20); it travels by the same signal. `unsaid` names
    fields of which nobody said whether their earlier value was wrong.
    """
    case_transitioned.send(
        sender=Case, item=case, transition="facts_changed", by=by, field_names=field_names,
        is_correction=is_correction, unsaid=unsaid,
    )  # fmt: skip


def announce_revocation(authority: PublicationAuthority, *, by: User) -> None:
    """Tell those above that an authority to publish was taken back, in the transaction of the act (U28)."""
    case_transitioned.send(sender=PublicationAuthority, item=authority, transition="revoke", by=by)


def note(
    case: Case, kind: str, *, by: User | None, agency: Agency | None = None, subject: Any = None,
    detail: dict[str, Any] | None = None, only_for: Agency | None = None,
) -> CaseEvent:  # fmt: skip
    """Add one entry to the timeline, in codes and ids; `only_for` keeps it inside one agency."""
    return CaseEvent.objects.create(
        case=case,
        kind=kind,
        actor=by,
        agency=agency,
        only_for=only_for,
        subject_type=subject._meta.model_name if subject is not None else "",
        subject_id=str(subject.pk) if subject is not None else "",
        detail=detail or {},
    )
