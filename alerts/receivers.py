"""What a step of a case means for alerts: rows only, inside the step's transaction."""

from __future__ import annotations

from typing import Any

from django.dispatch import receiver

from agencies.choices import Capability
from alerts.choices import NoticeKind
from alerts.services import (
    changes,
    handed_over,
    home_decisions,
    lost_authorities,
    notices,
    recovery,
    reopening,
    request_endings,
    sealed_cases,
    sightings,
)
from cases.choices import CorrectionDecision
from cases.models import (
    Case,
    CaseHandover,
    CaseSeal,
    Child,
    CorrectionProposal,
    HomeDecision,
    LegalReview,
    PublicationAuthority,
    ReviewRelease,
    Sighting,
)
from cases.signals import case_transitioned
from cases.workflow import SEARCH_AGAIN

REASONS_OF_CLOSURE = {"close_as_unfounded": "unfounded", "close_as_hoax": "hoax"}

# Who is told of what a legal review needs: the advisors when it is asked, the coordinators when it is answered.
OF_REVIEWS = {
    "ask": (NoticeKind.REVIEW_WANTED, Capability.GIVE_OPINIONS),
    "ask_again": (NoticeKind.REVIEW_WANTED, Capability.GIVE_OPINIONS),
    "give": (NoticeKind.REVIEW_ANSWERED, Capability.ASK_OPINIONS),
    "return_for_facts": (NoticeKind.REVIEW_ANSWERED, Capability.ASK_OPINIONS),
    "withdraw": (NoticeKind.REVIEW_WITHDRAWN, Capability.GIVE_OPINIONS),
}


OF_CORRECTIONS: dict[str, str] = {
    CorrectionDecision.ACCEPTED: NoticeKind.CORRECTION_ACCEPTED,
    CorrectionDecision.REFUSED: NoticeKind.CORRECTION_REFUSED,
}


@receiver(case_transitioned, dispatch_uid="alerts.case_transitioned")
def follow_case(sender: type, item: Any, transition: str, **kwargs: Any) -> None:
    """Withdraw, cancel, remind, prepare: whatever raises here undoes the step itself."""
    if transition == "facts_changed":
        changes.facts_changed(
            item, field_names=kwargs["field_names"], is_correction=kwargs["is_correction"], unsaid=kwargs["unsaid"]
        )
    elif sender is Child and transition == "recover":
        recovery.child_recovered(item)
    elif sender is Child and transition == "report_located":
        recovery.child_located(item.case)
    elif sender is Child and transition == "reopen":
        reopening.child_missing_again(item, by=kwargs["by"])
    elif sender is Child and transition in SEARCH_AGAIN:
        recovery.search_goes_on(item.case)
    elif sender is Case and transition == "reopen":
        reopening.case_reopened(item, by=kwargs["by"])
    elif sender is Case and transition == "recover":
        recovery.case_recovered(item)
        request_endings.case_ended(item, reason=recovery.FOUND)
    elif sender is Sighting:
        sightings.tell_searchers(item)
    elif sender is Case and transition in REASONS_OF_CLOSURE:
        recovery.case_unfounded(item, reason=REASONS_OF_CLOSURE[transition])
        request_endings.case_ended(item, reason=REASONS_OF_CLOSURE[transition])


@receiver(case_transitioned, dispatch_uid="alerts.authority_revoked")
def follow_authority(sender: type, item: Any, transition: str, **kwargs: Any) -> None:
    """Take out of the public what rested on an authority that was taken back (U28)."""
    if sender is PublicationAuthority and transition == "revoke":
        lost_authorities.follow_case(item.case)


@receiver(case_transitioned, dispatch_uid="alerts.correction_decided")
def follow_correction(sender: type, item: Any, transition: str, **kwargs: Any) -> None:
    """Tell who proposed a correction, with references only, whether the lead agency took it over."""
    if sender is CorrectionProposal and transition in OF_CORRECTIONS:
        notices.tell_one(OF_CORRECTIONS[transition], case=item.case, person=item.proposed_by)


@receiver(case_transitioned, dispatch_uid="alerts.review_transitioned")
def follow_review(sender: type, item: Any, transition: str, **kwargs: Any) -> None:
    """Tell advisors and coordinators, with references only, what a legal review needs of them."""
    if sender is LegalReview and transition in OF_REVIEWS:
        kind, capability = OF_REVIEWS[transition]
        agency = item.agency if capability == Capability.GIVE_OPINIONS else item.asking_agency or item.agency
        notices.notify(kind, case=item.case, agency=agency, capability=capability)
    elif sender is ReviewRelease:
        notices.notify(
            NoticeKind.REVIEW_RELEASED, case=item.case, agency=item.agency, capability=Capability.ASK_OPINIONS
        )


@receiver(case_transitioned, dispatch_uid="alerts.handover_transitioned")
def follow_handover(sender: type, item: Any, transition: str, **kwargs: Any) -> None:
    """Refuse a handoff that would leave an act to nobody, pass requests on, and tell both sides."""
    if sender is CaseHandover:
        handed_over.follow(item, transition, by=kwargs["by"])


@receiver(case_transitioned, dispatch_uid="alerts.case_sealed")
def follow_seal(sender: type, item: Any, transition: str, **kwargs: Any) -> None:
    """Refuse what would leave an act of a program to nobody; tell supervisors whom an operator let in."""
    if sender is CaseSeal and transition in ("seal", "reader_removed"):
        sealed_cases.refuse_orphans(item)
    elif sender is CaseSeal and transition == "reader_named_by_operator":
        case = item.case
        notices.notify(
            NoticeKind.READER_NAMED, case=case, agency=case.lead_agency, capability=Capability.SUPERVISE_PROGRAM
        )


@receiver(case_transitioned, dispatch_uid="alerts.home_decided")
def follow_home_decision(sender: type, item: Any, transition: str, **kwargs: Any) -> None:
    """Tell, with references only, whose decision is waited for and who has to know it."""
    if sender is HomeDecision:
        home_decisions.decided(item)
    elif sender is Case and transition == "activate":
        home_decisions.case_activated(item)
