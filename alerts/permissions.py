"""What a person may do with a request, an alert or a duty: one question each.

A program may be several agencies: desks that receive, bodies that activate, police that draft (U6, U7). A person acts
for those of their agencies that have the part asked for and are on the case.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable

from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils import timezone

from agencies import access
from agencies.choices import Capability as C
from agencies.models import ActivationFallback, AlertProgram, CriteriaVersion, Membership, ProgramDesk, User
from agencies.on_duty import duty_of
from agencies.permissions import ROLE_CAPABILITIES, may
from agencies.program_agencies import agencies_of, agencies_with_a_program
from alerts.choices import NATIONAL_DECISION, ActivationException, DutyKind, RequestStatus
from alerts.models import Alert, AlertUpdate, Duty, ExtensionRequest, ShiftNote, TextReview
from cases.access import working_on
from cases.choices import AccessLevel
from cases.models import Case
from cases.models.seal import readers_of
from cases.permissions import may_on

# While its request to decide stands so, a program decides on level and requests abroad.
DECIDES_ABROAD = (
    RequestStatus.ACCEPTED, RequestStatus.ACTIVATED, RequestStatus.ACTIVATED_OUTSIDE, RequestStatus.CANCELLATION_ASKED,
)  # fmt: skip


def can_send_requests(user: User, case: Case) -> bool:
    """The lead agency asks other programs, and who took over the decision on requests abroad (U5)."""
    return asking_agency_id(user, case) is not None


def asking_agency_id(user: User, case: Case) -> int | None:
    """Return for which agency this person may ask other programs: the lead agency before one that decides for it.

    A program decides abroad from its acceptance of the request to decide until that request ends; the case stays with
    its lead agency (domain §1.1).
    """
    if may_on(user, C.SEND_REQUESTS, case, AccessLevel.OWN):
        return case.lead_agency_id
    mine = access.agency_ids(user, C.SEND_REQUESTS) & working_on(case)
    if not mine:
        return None
    taken = ExtensionRequest.objects.filter(case=case, kind=NATIONAL_DECISION, status__in=DECIDES_ABROAD)
    programs = AlertProgram.objects.filter(pk__in=taken.values("program")).select_related("agency")
    deciding = frozenset().union(*(agencies_of(program).running for program in programs)) & mine
    return min(deciding) if deciding else None


def can_ask(user: User, request: ExtensionRequest) -> bool:
    """The asking side of a request."""
    return may(user, C.SEND_REQUESTS, request.requesting_agency_id)


def can_answer(user: User, request: ExtensionRequest) -> bool:
    """The asked side of a request: the receiving program decides, nobody else (design §3.1); a draft is the asker's."""
    return request.status != RequestStatus.DRAFT and _may_for(
        user, C.ANSWER_REQUESTS, agencies_of(request.program).desks, request.case
    )


def can_record_answer(user: User, request: ExtensionRequest) -> bool:
    """The asking side writes down an answer from outside, only while the program has nobody who could answer (U8).

    One active officer at any of the program's desks with the right to answer requests is enough to end this: from
    then on the program speaks for itself, and nothing can be recorded in its name.
    """
    return request.status != RequestStatus.DRAFT and can_ask(user, request) and not has_people(request.program)


def can_answer_or_record(user: User, request: ExtensionRequest) -> bool:
    """The asked side itself, or for a program without people the asking side that got its answer."""
    return can_answer(user, request) or can_record_answer(user, request)


def has_people(program: AlertProgram) -> bool:
    """Say whether the program has an active officer who may answer in the portal. Read once per program object.

    Staff and legal advisors decide nothing, so a desk that has only them has nobody.
    """
    known: bool | None = program.__dict__.get("_has_people")
    if known is None:
        known = program.__dict__["_has_people"] = (
            answering().filter(agency_id__in=agencies_of(program).desks).exists()
        )  # fmt: skip
    return known


def read_people_of(programs: list[AlertProgram]) -> None:
    """Find out for many programs at once, in two queries, what `has_people` says of each."""
    desks: dict[int, set[int]] = {}
    rows = ProgramDesk.objects.filter(program__in=programs, agency__is_active=True)
    for program_id, agency_id in rows.values_list("program_id", "agency_id"):
        desks.setdefault(program_id, set()).add(agency_id)
    staffed = set(answering().values_list("agency_id", flat=True))
    for program in programs:
        program.__dict__["_has_people"] = bool(desks.get(program.pk, {program.agency_id}) & staffed)


def of_programs_without_people() -> Q:
    """Return the same as a condition for requests, for lists."""
    desks = ProgramDesk.objects.filter(program=OuterRef("program"), agency__is_active=True)
    at_a_desk = Exists(desks.filter(agency__in=answering().values("agency")))
    at_its_own = ~Exists(desks) & Exists(answering().filter(agency=OuterRef("program__agency")))
    return ~Q(at_a_desk) & ~Q(at_its_own)


def answering() -> QuerySet[Membership]:
    """Return the memberships, valid now, of active people who may answer requests."""
    roles = [role for role, held in ROLE_CAPABILITIES.items() if C.ANSWER_REQUESTS in held]
    return Membership.objects.current().filter(user__is_active=True, role__in=roles)


def can_start_alert(user: User, program: AlertProgram, case: Case) -> bool:
    """A program words alerts for cases that it is on; police of its territory may draft for it (U7).

    A hub that activates nothing has no alerts.
    """
    return bool(agencies_of(program).bodies) and _may_for(user, C.COMPOSE_ALERTS, agencies_of(program).drafting, case)


def can_compose(user: User, alert: Alert) -> bool:
    """Whoever may draft for the program words and submits its alert."""
    return can_start_alert(user, alert.program, alert.case)


def can_approve(user: User, alert: Alert) -> bool:
    """Approvers of an activating body; that they wrote nothing of it is a guard of the workflow."""
    return _may_for(user, C.APPROVE_ALERTS, _bodies(alert), alert.case)


def approvers_of(alert: Alert, *, despite_seal: bool = False) -> QuerySet[User]:
    """Return the people who may approve the alert by their role, for notices; who wrote or submitted it is among them.

    They belong to an activating body that is on the case. Of a sealed case it is its named readers, and with
    `despite_seal` also those whom the seal keeps out.
    """
    return User.objects.filter(Exists(_approving(alert, despite_seal=despite_seal)), is_active=True)


def on_call_for(alert: Alert) -> QuerySet[User]:
    """Return those of them who are on duty now (U9): by their agency's roster, or by the flag where none is kept."""
    duty = duty_of(_bodies(alert))
    by_flag = [agency_id for agency_id, found in duty.items() if not found.has_roster]
    by_roster = Q(pk__in=())
    for agency_id, found in duty.items():
        people = [person.pk for person in found.people]
        by_roster |= Q(Exists(_approving(alert).filter(agency=agency_id)), pk__in=people)
    by_flag_alone = Q(Exists(_approving(alert).filter(is_on_call=True, agency__in=by_flag)))
    return User.objects.filter(by_roster | by_flag_alone, is_active=True)


def _approving(alert: Alert, *, despite_seal: bool = False) -> QuerySet[Membership]:
    roles = [role for role, held in ROLE_CAPABILITIES.items() if C.APPROVE_ALERTS in held]
    bodies = _bodies(alert) & working_on(alert.case)
    rows = Membership.objects.current().filter(user=OuterRef("pk"), role__in=roles, agency_id__in=bodies)
    named = None if despite_seal else readers_of(alert.case_id)
    return rows if named is None else rows.filter(user__in=named)


def reader_may_review(alert: Alert, activated_by: User) -> bool:
    """Say whether somebody sees the case who may review what this officer activates alone (U9, ADR 65).

    Where the case is not sealed, the program's supervisors see it; of a sealed case one must be named.
    """
    named = readers_of(alert.case_id)
    if named is None:
        return True
    held = access.agency_ids_of(named - {activated_by.pk}, DISCHARGED_WITH[DutyKind.REVIEW_SINGLE_OFFICER])
    return bool(frozenset().union(*held.values()) & agencies_of(alert.program).running & working_on(alert.case))


def can_activate(user: User, alert: Alert) -> bool:
    """Officers of an activating body; other police draft and submit (U7)."""
    return _may_for(user, C.COMPOSE_ALERTS, _bodies(alert), alert.case)


def can_end(user: User, alert: Alert) -> bool:
    """Taking down is easy: any composer of the agencies that run the program may cancel its alert (design §3.7)."""
    return _may_for(user, C.COMPOSE_ALERTS, agencies_of(alert.program).running | _bodies(alert), alert.case)


def can_withdraw_public(user: User, alert: Alert) -> bool:
    """Any approver of the program withdraws what is public, at once (U18)."""
    running = agencies_of(alert.program).running | _bodies(alert)
    return bool(access.agency_ids(user, C.WITHDRAW_PUBLIC) & running)


def can_word_update(user: User, update: AlertUpdate) -> bool:
    """The program's own officers word an Update of its alert and submit it."""
    return can_compose(user, update.alert)


def can_decide_update(user: User, update: AlertUpdate) -> bool:
    """Only the program's approvers issue or refuse an Update; that they wrote nothing of it is a guard (U20)."""
    return can_approve(user, update.alert)


def can_release_words(user: User, alert: Alert) -> bool:
    """The agencies that run the program offer words of its alert to colleagues elsewhere; who only drafts may not."""
    return _may_for(user, C.COMPOSE_ALERTS, agencies_of(alert.program).running, alert.case)


def can_withdraw_review(user: User, review: TextReview) -> bool:
    """Whoever may offer words may take the offer back."""
    return can_release_words(user, review.alert)


def can_take_review(user: User, review: TextReview) -> bool:
    """A colleague of any program who declared the language and did not write the words (U10)."""
    return TextReview.objects.readable_by(user).filter(pk=review.pk).exists()  # type: ignore[attr-defined]


def can_finish_review(user: User, review: TextReview) -> bool:
    """Only the person who took it, while they could still take it."""
    return review.taken_by_id == user.pk and can_take_review(user, review)


def possible_reviewers(
    language: str, *, countries: Collection[str] = (), programs: Collection[str] = ()
) -> QuerySet[User]:
    """Return the people to whom words in a language are offered: in every country, or in those that are chosen.

    `countries` and `programs` are codes; who works for one of either is asked.
    """
    chosen = Q(country__in=countries) | Q(code__in=programs) if countries or programs else None
    roles = [role for role, held in ROLE_CAPABILITIES.items() if C.COMPOSE_ALERTS in held]
    held = Membership.objects.current().filter(
        user=OuterRef("pk"), role__in=roles, agency__in=agencies_with_a_program(chosen)
    )
    return User.objects.filter(Exists(held), is_active=True, reads_languages__contains=[language])


def can_see_deliveries(user: User, alert: Alert) -> bool:
    """Whom a program tells is its own affair: its own composers and approvers see it, not those who only draft."""
    running = agencies_of(alert.program).running
    return any(_may_for(user, right, running, alert.case) for right in (C.COMPOSE_ALERTS, C.APPROVE_ALERTS))


def can_send_again(user: User, alert: Alert) -> bool:
    """Whoever composes for the agencies that run the program sends again what failed of its alert (ADR 79)."""
    return _may_for(user, C.COMPOSE_ALERTS, agencies_of(alert.program).running, alert.case)


def can_record_confirmation(user: User, alert: Alert) -> bool:
    """Whoever may confirm the end for the program writes down what its recipients say of it (U38)."""
    return _may_for(user, C.COMPOSE_ALERTS, agencies_of(alert.program).running, alert.case)


def can_read_shifts(user: User, agency_id: int) -> bool:
    """Whoever may answer requests for a desk reads how its shifts are handed over, and writes down promises (U41)."""
    return may(user, C.ANSWER_REQUESTS, agency_id)


def can_accept_shift(user: User, note: ShiftNote) -> bool:
    """Who comes by the roster takes over; where nobody comes, any colleague who is not leaving (U41).

    Once the shift has ended also whoever is on duty by then, and supervisors, who were told.
    """
    return bool(shifts_acceptable(user, [note]))


def shifts_acceptable(user: User, notes: Iterable[ShiftNote]) -> list[ShiftNote]:
    """Return those of many notes that the same holds for, in a constant number of queries."""
    mine, now = access.agency_ids(user, C.ANSWER_REQUESTS), timezone.now()
    own = [note for note in notes if note.agency_id in mine]
    duty = duty_of({note.agency_id for note in own if note.ends_at <= now})
    here = {agency_id for agency_id, found in duty.items() if user.pk in {person.pk for person in found.people}}
    here |= access.agency_ids(user, C.SUPERVISE_PROGRAM)
    return [
        note for note in own
        if user.pk in note.coming or (not note.coming and user.pk not in note.leaving)
        or (note.ends_at <= now and note.agency_id in here)
    ]  # fmt: skip


# What discharges a duty of a kind; the right to compose alerts where nothing else stands here.
DISCHARGED_WITH: dict[str, str] = {
    DutyKind.ACKNOWLEDGE_CHANGE: C.ANSWER_REQUESTS,
    DutyKind.DECIDE_CANCELLATION: C.ANSWER_REQUESTS,
    DutyKind.END_NOTICE: C.ANSWER_REQUESTS,
    DutyKind.REVIEW_SINGLE_OFFICER: C.SUPERVISE_PROGRAM,
}


def can_discharge(user: User, duty: Duty) -> bool:
    """Only the program's own officers discharge its duties, with the right that the kind of duty asks for.

    Who activated alone does not review it (U9).
    """
    if duty.kind == DutyKind.REVIEW_SINGLE_OFFICER and duty.alert and duty.alert.exception_by_id == user.pk:
        return False
    capability = DISCHARGED_WITH.get(duty.kind, C.COMPOSE_ALERTS)
    return bool(access.agency_ids(user, capability) & agencies_of(duty.program).running)


def dischargeable_by(user: User) -> Q:
    """Return the condition for the duties that this person may discharge, for lists."""
    own = _run_with(user, C.COMPOSE_ALERTS) & ~Q(kind__in=DISCHARGED_WITH)
    for kind, capability in DISCHARGED_WITH.items():
        own |= Q(kind=kind) & _run_with(user, capability)
    return own & ~Q(kind=DutyKind.REVIEW_SINGLE_OFFICER, alert__exception_by=user)


def _run_with(user: User, capability: str) -> Q:
    return Q(program__in=AlertProgram.objects.run_by(access.agency_ids(user, capability)))


def _bodies(alert: Alert) -> frozenset[int]:
    bodies = agencies_of(alert.program).bodies
    if alert.exception == ActivationException.FALLBACK and alert.fallback is not None:
        return bodies | agencies_under(alert.fallback, alert.program)
    return bodies


def agencies_under(fallback: ActivationFallback, program: AlertProgram) -> frozenset[int]:
    """Return who decides under a fallback rule: the agency it names, else police and prosecutors of the territory."""
    return frozenset({fallback.agency_id}) if fallback.agency_id else agencies_of(program).local


def fallbacks_for(user: User, alert: Alert) -> list[ActivationFallback]:
    """Return the fallback rules of the alert's program that this person's agency may use now (U7)."""
    ruling = CriteriaVersion.objects.ruling().filter(program=alert.program)
    rows = ActivationFallback.objects.filter(criteria__in=ruling).select_related("agency")
    return [row for row in rows if _may_decide_under(user, row, alert)]


def _may_decide_under(user: User, fallback: ActivationFallback, alert: Alert) -> bool:
    agencies = agencies_under(fallback, alert.program)
    return can_compose(user, alert) and any(
        _may_for(user, right, agencies, alert.case) for right in (C.COMPOSE_ALERTS, C.APPROVE_ALERTS)
    )


def can_end_fallback(user: User, alert: Alert) -> bool:
    """The program's own approvers take the decision back before the activation; so does who took it over."""
    own = _may_for(user, C.APPROVE_ALERTS, agencies_of(alert.program).bodies, alert.case)
    return own or (alert.exception_by_id == user.pk and can_compose(user, alert))


def _may_for(user: User, capability: str, agency_ids: frozenset[int], case: Case) -> bool:
    """Say whether the person has this capability for one of these agencies while it is on the case."""
    return bool(access.agency_ids(user, capability) & agency_ids & working_on(case))
