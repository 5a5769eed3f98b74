"""What a person may do with a case: one question each."""

from __future__ import annotations

from collections.abc import Collection, Iterable

from agencies import access
from agencies.choices import Capability as C
from agencies.models import AlertProgram, User
from agencies.permissions import may
from agencies.program_agencies import agencies_of
from cases.access import agencies_on, party_to, working_on
from cases.choices import GRANTED, AccessLevel
from cases.models import Case, CaseAccess, CaseHandover, CaseReader, Child, LegalReview, Recovery


def may_on(user: User, capability: str, case: Case, *levels: str) -> bool:
    """Say whether one of the person's agencies that work on the case (at one of these levels) gives this capability.

    An agency that only gives legal advice reads and advises; it takes no part in anything else.
    """
    return bool(access.agency_ids(user, capability) & working_on(case, *levels))


def can_edit_case(user: User, case: Case) -> bool:
    """Only the lead agency changes facts (U31)."""
    return may_on(user, C.EDIT_CASES, case, AccessLevel.OWN)


def can_propose_correction(user: User, case: Case) -> bool:
    """Officers of an agency on the case that may not change its facts themselves (U31)."""
    return may_on(user, C.REPORT_RECOVERY, case) and not can_edit_case(user, case)


def can_record_authority(
    user: User, case: Case, *, countries: Collection[str] = (), programs: Iterable[AlertProgram] = ()
) -> bool:
    """The lead agency records an authority to publish for anybody, officers of a program for their own (U28)."""
    if can_edit_case(user, case):
        return True
    held = access.agency_ids(user, C.COMPOSE_ALERTS) & working_on(case)
    return not countries and bool(programs) and all(program.agency_id in held for program in programs)


def can_lead_case(user: User, case: Case) -> bool:
    """Only the lead agency moves the case itself."""
    return can_edit_case(user, case)


def can_mark_parts(user: User, case: Case) -> bool:
    """Only the lead agency says what of its case is police-only, and who gets it all the same."""
    return can_edit_case(user, case)


def can_report_located(user: User, case: Case) -> bool:
    """Any agency that is a party to the case may report that a child was located (U15); a share alone adds only."""
    return _is_party(user, C.REPORT_RECOVERY, case)


def can_contribute(user: User, case: Case) -> bool:
    """Any agency that works on the case adds sightings, its own numbers and notices, and proposes corrections.

    It changes no facts and no state (U2, U22, U23, U31): this is all that a contributing share allows. The right is
    that of reporting a located child: both tell the case what an officer has learned.
    """
    return may_on(user, C.REPORT_RECOVERY, case)


def can_share(user: User, case: Case) -> bool:
    """The lead agency shares its case; an agency that was given the case to manage shares it on."""
    return may_on(user, C.EDIT_CASES, case, AccessLevel.OWN, AccessLevel.MANAGE)


def can_end_share(user: User, share: CaseAccess) -> bool:
    """The lead agency withdraws any share that was granted by hand, others those that they granted themselves."""
    if share.purpose not in GRANTED or not can_share(user, share.case):
        return False
    return can_lead_case(user, share.case) or may(user, C.EDIT_CASES, share.granted_for_id)


def can_seal(user: User, case: Case) -> bool:
    """The coordinators of the lead agency seal its case, name readers and lift the seal; sealed, only named ones do."""
    return may_on(user, C.SEAL_CASES, case, AccessLevel.OWN) and is_reader(user, case)


def is_reader(user: User, case: Case) -> bool:
    """Say whether a case, if it is sealed, names this person as a reader."""
    return not case.is_sealed or CaseReader.objects.current().filter(case=case, user=user).exists()


def can_offer_case(user: User, case: Case) -> bool:
    """Only the lead agency hands its case over."""
    return can_lead_case(user, case)


def can_decide_handover(user: User, handover: CaseHandover) -> bool:
    """Whoever opens and edits cases for the agency it was offered to, or there only the person who was named."""
    is_meant = handover.to_person_id in (None, user.pk)
    return is_meant and may(user, C.EDIT_CASES, handover.to_agency_id)


def can_withdraw_handover(user: User, handover: CaseHandover) -> bool:
    """The agency that offered takes the offer back."""
    return may(user, C.EDIT_CASES, handover.from_agency_id)


def _is_party(user: User, capability: str, case: Case) -> bool:
    """Say whether one of the person's agencies that is on the case by its own part in it gives this capability."""
    return bool(access.agency_ids(user, capability) & party_to(case))


def can_report_child(user: User, child: Child) -> bool:
    """The same question, asked of a child."""
    return can_report_located(user, child.case)


def can_confirm_identity(user: User, recovery: Recovery) -> bool:
    """Officers of any agency on the case may confirm; that one holds the child is checked for the pair."""
    return _is_party(user, C.CONFIRM_IDENTITY, recovery.case)


def can_confirm_child(user: User, child: Child) -> bool:
    """The same question, asked of a child."""
    return _is_party(user, C.CONFIRM_IDENTITY, child.case)


def can_give_opinion(user: User, review: LegalReview) -> bool:
    """A legal advisor of the agency that the review belongs to, while the agency is on the case."""
    return may(user, C.GIVE_OPINIONS, review.agency_id) and review.agency_id in agencies_on(review.case)


def can_record_opinion(user: User, case: Case) -> bool:
    """A legal advisor whose agency is on the case, also where it was only asked for advice."""
    return bool(access.agency_ids(user, C.GIVE_OPINIONS) & agencies_on(case))


def can_ask_opinion(user: User, case: Case) -> bool:
    """A coordinator whose agency is on the case asks the agency's own legal advisors (U30)."""
    return _is_party(user, C.ASK_OPINIONS, case)


def can_ask_again(user: User, review: LegalReview) -> bool:
    """A coordinator of the agency that asked, while it works on the case."""
    return may(user, C.ASK_OPINIONS, review.asker_id) and review.asker_id in working_on(review.case)


def can_withdraw_question(user: User, review: LegalReview) -> bool:
    """The same coordinators take a question back."""
    return can_ask_again(user, review)


def can_share_for_advice(user: User, case: Case) -> bool:
    """Only the lead agency lets an agency read the case that is not on it; advisors of those on it any may ask."""
    return may_on(user, C.ASK_OPINIONS, case, AccessLevel.OWN)


def can_confirm_in_case(user: User, case: Case) -> bool:
    """The same question, asked of a whole case."""
    return _is_party(user, C.CONFIRM_IDENTITY, case)


def can_lead_search(user: User, child: Child) -> bool:
    """Only the lead agency takes a mistaken report back."""
    return can_lead_case(user, child.case)


def can_explain_sight(user: User, case: Case) -> bool:
    """Whoever manages people or reads the audit of an agency on the case asks why a person sees it, or does not."""
    return bool(agencies_explained_by(user) & agencies_on(case))


def can_read_accesses(user: User, case: Case) -> bool:
    """Whoever reads the audit of an agency on the case sees who viewed it: all, or the people of their own agency."""
    return bool(access.agency_ids(user, C.READ_AUDIT) & agencies_on(case))


def can_read_history(user: User, case: Case) -> bool:
    """Whoever reads the audit of an agency that works on the case reads how its facts became what they are.

    An agency that only reads or advises sees the facts as they stand (ADR 62).
    """
    return may_on(user, C.READ_AUDIT, case)


def agencies_explained_by(user: User) -> frozenset[int]:
    """Return the agencies for which this person may ask why somebody sees a case."""
    return access.agency_ids(user, C.MANAGE_PEOPLE) | access.agency_ids(user, C.READ_AUDIT)


def can_assess(user: User, case: Case) -> bool:
    """Officers of any agency on the case answer the questions of criteria, each for their own agency (U33)."""
    return _is_party(user, C.ANSWER_REQUESTS, case)


def can_decide_at_home(user: User, case: Case) -> bool:
    """The home program's decision is recorded by the lead agency's officers (U4)."""
    return may_on(user, C.ANSWER_REQUESTS, case, AccessLevel.OWN)


def can_decide_for_program(user: User, case: Case, program: AlertProgram) -> bool:
    """Officers of the agencies that decide for a program record its decision themselves, on cases they work on (U4).

    Those are the activating bodies of the version that rules (U7); who was only shown the case decides nothing of it.
    """
    deciding = agencies_of(program).deciding
    return bool(access.agency_ids(user, C.ANSWER_REQUESTS) & deciding & working_on(case))


def can_reject_identity(user: User, child: Child) -> bool:
    """The agency holding the child sees that it is another one; the lead agency leads the search (U15)."""
    if can_lead_search(user, child):
        return True
    holding = child.recoveries.pending().values_list("holding_agency_id", flat=True).first()  # type: ignore[attr-defined]
    return holding in working_on(child.case) and holding in agencies_that_hold(user)


def agencies_that_hold(user: User) -> frozenset[int]:
    """Return the agencies for which this person may say whether a child they hold is the one who is missed."""
    return access.agency_ids(user, C.CONFIRM_IDENTITY)


def can_reopen_child(user: User, child: Child) -> bool:
    """Only the lead agency says that a recovery was wrong."""
    return can_lead_case(user, child.case)


def can_see_death(user: User, case: Case) -> bool:
    """A death is the lead agency's and the holder's to know until the family was informed (U17)."""
    return case.family_informed_at is not None or bool(
        access.agency_ids(user, C.VIEW_CASES) & (_holders_of_the_dead(case) | {case.lead_agency_id})
    )


def can_say_family_informed(user: User, case: Case) -> bool:
    """The lead agency or the one that held the child tells the family, and says so."""
    return can_lead_case(user, case) or bool(agencies_that_hold(user) & _holders_of_the_dead(case) & agencies_on(case))


def holds_a_death(case: Case) -> bool:
    """Say whether a child of the case was found dead, by a report or by the result that stands."""
    return (
        bool(_holders_of_the_dead(case))
        or case.closures.filter(reopened_at__isnull=True, reason="found_deceased").exists()
    )


def _holders_of_the_dead(case: Case) -> frozenset[int]:
    rows = case.recoveries.filter(condition="deceased", ended_at__isnull=True)
    return frozenset(rows.values_list("holding_agency_id", flat=True))
