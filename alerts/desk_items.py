"""The desk as a list of row providers: each answers in one query what of its kind waits for this person now.

To add a kind, write a function that takes the person and returns items, and name it in `NOW` or `LATER`.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import timedelta
from typing import Any

from django.db.models import Count, Exists, F, OuterRef, Q, Subquery
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import get_language_info, pgettext_lazy
from django.utils.translation import gettext_lazy as _

from agencies import access, scope
from agencies.choices import Capability as C
from agencies.models import AlertProgram, User
from agencies.program_agencies import agencies_with_a_program
from alerts import permissions
from alerts.choices import AlertStatus, DutyKind, MessageType, RequestStatus, TextReviewStatus
from alerts.models import ApprovalCall, Duty, ShiftNote, TextReview
from alerts.workflow import ACCEPTED, BEFORE_DECISION
from cases.choices import GRANTED, OPEN_CASE_STATUSES, AccessLevel, AccessPurpose, CaseStatus, ReviewStatus
from cases.models import BlindQuestion, Case, CaseAccess, CaseHandover, LegalReview, Recovery

from .desk_rows import MOST_OF_ONE_KIND, DeskItem, Provider, alerts_of, item_of_alert, requests_of
from .desk_terms import expiring, expiring_outside

CANCEL_WATCHED = timedelta(hours=72)
CONFIRMED_WITHIN = timedelta(hours=2)
ASKED_LATELY = timedelta(hours=24)


def what_needs(user: User) -> list[DeskItem]:
    """Return what waits for any of this person's agencies now, the most urgent first; at most 20 of each kind."""
    with access.looking_for_all():
        return sorted((item for provider in NOW for item in provider(user)), key=lambda item: item.order)


def what_rests(user: User) -> list[DeskItem]:
    """Return the drafts of this person's agencies: nothing is late, nothing is lost."""
    with access.looking_for_all():
        return sorted((item for provider in LATER for item in provider(user)), key=lambda item: item.order)


def identities(user: User) -> Iterable[DeskItem]:
    """Children who were found and whose identity this person may confirm (U15)."""
    if not access.agency_ids(user, C.CONFIRM_IDENTITY):
        return
    rows = Recovery.objects.visible_to(user).pending().filter(case__status__in=OPEN_CASE_STATUSES)  # type: ignore[attr-defined]
    rows = rows.select_related("case", "holding_agency")
    for recovery in rows.order_by("reported_at")[:MOST_OF_ONE_KIND]:
        yield DeskItem(
            recovery,
            "identity", _("Child located, identity not confirmed"), recovery.case.reference,
            str(recovery.holding_agency), reverse("cases:case-detail", args=[recovery.case_id]),
            _("Confirm identity"), since=recovery.reported_at, is_exercise=recovery.case.is_exercise,
        )  # fmt: skip


def duties(user: User) -> Iterable[DeskItem]:
    """Duties that this person may discharge, by the time they are due."""
    rows = Duty.objects.visible_to(user).open().filter(permissions.dischargeable_by(user))  # type: ignore[attr-defined]
    rows = rows.select_related("alert", "request", "case", "program").order_by("due_at")
    for duty in rows[:MOST_OF_ONE_KIND]:
        yield DeskItem(
            duty,
            "duty", duty.get_kind_display(), str(duty.subject), str(duty.program), duty.url,
            DUTY_ACTS.get(duty.kind, _("Open the duty")), since=duty.created_at, due_at=duty.due_at,
            is_exercise=duty.case.is_exercise,
        )  # fmt: skip


DUTY_ACTS: dict[str, Any] = {
    DutyKind.CANCEL_ALERT: _("Issue the cancellation"),
    DutyKind.END_NOTICE: _("End the notice"),
    DutyKind.CONFIRM_CANCELLATION: _("Confirm the end"),
    DutyKind.REVIEW_SINGLE_OFFICER: _("Review"),
    DutyKind.REVIEW_TEXT: _("Review"),
    DutyKind.ISSUE_UPDATE: _("Compare and issue"),
    DutyKind.ACKNOWLEDGE_CHANGE: _("Read and acknowledge"),
    DutyKind.DECIDE_CANCELLATION: _("Decide on the request to cancel"),
    DutyKind.DECIDE_TERM: _("Renew, let expire or cancel"),
}
RECEIVER_ACTS: dict[str, Any] = {
    RequestStatus.SENT: _("Acknowledge receipt"),
    RequestStatus.ACKNOWLEDGED: pgettext_lazy("act", "Decide"),
    RequestStatus.ANSWERED: pgettext_lazy("act", "Decide"),
}


def requests_received(user: User) -> Iterable[DeskItem]:
    """Requests that this person's programs have to acknowledge or decide while the search goes on."""
    rows = requests_of(user, RECEIVER_ACTS).filter(
        program__in=AlertProgram.objects.run_by(access.agency_ids(user, C.ANSWER_REQUESTS)),
        case__status__in=OPEN_CASE_STATUSES,
    )
    for item in rows.order_by("sent_at")[:MOST_OF_ONE_KIND]:
        yield DeskItem(
            item,
            "request", item.get_status_display(), item.number, f"{item.requesting_agency} → {item.program}",
            reverse("alerts:request-detail", args=[item.pk]), RECEIVER_ACTS[item.status], since=item.sent_at,
            is_exercise=item.case.is_exercise,
        )  # fmt: skip


def answers_to_record(user: User) -> Iterable[DeskItem]:
    """Requests to programs without people: they are called, and the asking side records what they answer (U8)."""
    owed = Duty.objects.open().filter(request=OuterRef("pk"))  # type: ignore[attr-defined]
    waiting = (*BEFORE_DECISION, *ACCEPTED, RequestStatus.CANCELLATION_ASKED, RequestStatus.ACTIVATED_OUTSIDE,
               RequestStatus.CANCELLED)  # fmt: skip
    rows = requests_of(user, waiting).filter(
        Q(status__in=(*BEFORE_DECISION, *ACCEPTED, RequestStatus.CANCELLATION_ASKED)) | Exists(owed),
        permissions.of_programs_without_people(),
        requesting_agency_id__in=access.agency_ids(user, C.SEND_REQUESTS),
    )
    for item in rows.order_by("sent_at")[:MOST_OF_ONE_KIND]:
        yield DeskItem(
            item,
            "outside_answer", _("Program to be called"), item.number, str(item.program),
            reverse("alerts:request-detail", args=[item.pk]), _("Call, and record the answer"), since=item.sent_at,
            is_exercise=item.case.is_exercise,
        )  # fmt: skip


def questions_to_answer(user: User) -> Iterable[DeskItem]:
    """Questions of the asked programs: their clock stands still until they are answered (U11)."""
    rows = requests_of(user, (RequestStatus.INFORMATION_ASKED,)).filter(
        requesting_agency_id__in=access.agency_ids(user, C.SEND_REQUESTS), case__status__in=OPEN_CASE_STATUSES
    )
    for item in rows.order_by("sent_at")[:MOST_OF_ONE_KIND]:
        yield DeskItem(
            item,
            "question", item.get_status_display(), item.number, str(item.program),
            reverse("alerts:request-detail", args=[item.pk]), pgettext_lazy("act", "Answer"), since=item.sent_at,
            is_exercise=item.case.is_exercise,
        )  # fmt: skip


def approvals(user: User) -> Iterable[DeskItem]:
    """Alerts that wait for a second officer, where this person is not the first."""
    rows = alerts_of(user, C.APPROVE_ALERTS, AlertStatus.SUBMITTED).exclude(submitted_by=user)
    for alert in rows.exclude(authors__contains=[user.pk]).order_by("submitted_at")[:MOST_OF_ONE_KIND]:
        page = reverse("alerts:alert-approval", args=[alert.pk])
        yield replace(item_of_alert("approval", alert, _("Read and approve"), alert.submitted_at), url=page)


def unanswered(user: User) -> Iterable[DeskItem]:
    """Alerts that this person submitted and that no approver has answered in the program's time (U9)."""
    calls = ApprovalCall.objects.filter(alert=OuterRef("pk"), created_at__gte=OuterRef("submitted_at"))
    newest = calls.order_by("-created_at")
    rows = (
        alerts_of(user, C.COMPOSE_ALERTS, AlertStatus.SUBMITTED)
        .annotate(
            answer_due_at=Subquery(newest.values("due_at")[:1]),
            answered_at=Subquery(newest.values("answered_at")[:1]),
            people_asked=Subquery(newest.values("asked")[:1]),
        )
        .filter(submitted_by=user, answer_due_at__lte=timezone.now(), answered_at__isnull=True)
    )
    for alert in rows.order_by("answer_due_at")[:MOST_OF_ONE_KIND]:
        yield item_of_alert(
            "unanswered", alert, _("See what you may do"), alert.submitted_at, due_at=alert.answer_due_at,
            title=_("No approver has answered") if alert.people_asked else _("No one else may approve"),
        )  # fmt: skip


def activations(user: User) -> Iterable[DeskItem]:
    """Alerts that are approved and not in force."""
    rows = alerts_of(user, C.COMPOSE_ALERTS, AlertStatus.APPROVED).order_by("approved_at")
    for alert in rows[:MOST_OF_ONE_KIND]:
        yield item_of_alert("activation", alert, _("Activate"), alert.approved_at)


def unconfirmed_cancels(user: User) -> Iterable[DeskItem]:
    """Alerts cancelled in the last three days whose Cancel not every recipient has confirmed (domain §2.3 step 14)."""
    cancel = Q(messages__msg_type=MessageType.CANCEL, messages__deliveries__isnull=False)
    rows = (
        alerts_of(user, C.COMPOSE_ALERTS, AlertStatus.CANCELLED)
        .filter(ended_at__gte=timezone.now() - CANCEL_WATCHED)
        .annotate(
            # Recipients, not messages: by mail and by webhook is one of them.
            told=Count("messages__deliveries__recipient", distinct=True, filter=cancel),
            confirmed=Count(
                "messages__deliveries__recipient",
                distinct=True,
                filter=cancel & Q(messages__deliveries__acknowledged_at__isnull=False),
            ),
        )
        .filter(told__gt=F("confirmed"))
        .order_by("ended_at")
    )
    for alert in rows[:MOST_OF_ONE_KIND]:
        title = _("Cancel confirmed by %(confirmed)s of %(told)s recipients") % {
            "confirmed": alert.confirmed, "told": alert.told,  # type: ignore[attr-defined]
        }  # fmt: skip
        due_at = alert.ended_at + CONFIRMED_WITHIN
        yield item_of_alert(
            "confirmations", alert, _("See who is missing"), alert.ended_at, due_at=due_at, title=title
        )  # fmt: skip


def opinions(user: User) -> Iterable[DeskItem]:
    """Legal opinions asked of this person's agencies, and their advisors' questions back to who asked (U30)."""
    return _opinion_items(LegalReview.objects.waiting_for(user))  # type: ignore[attr-defined]


def opinions_sent_back(user: User) -> Iterable[DeskItem]:
    """Questions back from advisors of other agencies to the coordinators who asked (U30)."""
    return _opinion_items(LegalReview.objects.back_to(user))  # type: ignore[attr-defined]


def _opinion_items(rows: Any) -> Iterable[DeskItem]:
    for review in rows.select_related("case", "agency")[:MOST_OF_ONE_KIND]:
        is_back = review.status == ReviewStatus.RETURNED
        yield DeskItem(
            review,
            "opinion", _("Legal advisor needs more facts") if is_back else _("Legal opinion requested"),
            review.case.reference, review.get_question_label(),
            reverse("cases:case-detail", args=[review.case_id]) + "#opinions",
            _("Ask again") if is_back else _("Record the opinion"), since=review.requested_at, due_at=review.due_at,
            is_exercise=review.case.is_exercise,
        )  # fmt: skip


def text_reviews(user: User) -> Iterable[DeskItem]:
    """Words of alerts, of any program, that wait for a reader of a language this person declared (U10).

    The number of the alert and its program are told; words are shown once somebody has taken the review.
    """
    rows = TextReview.objects.readable_by(user).open().filter(Q(status=TextReviewStatus.OPEN) | Q(taken_by=user))  # type: ignore[attr-defined]
    with scope.through_door("reviewing_words"):
        found = list(rows.select_related("alert__program").order_by("created_at")[:MOST_OF_ONE_KIND])
    for review in found:
        is_mine = review.status == TextReviewStatus.TAKEN
        yield DeskItem(
            review, "text_review",
            _("Words to review: %(language)s") % {"language": get_language_info(review.language)["name_translated"]},
            review.alert.number, str(review.alert.program), review.url,
            _("Continue the review") if is_mine else _("Take the review"), since=review.created_at,
            is_exercise=review.alert.is_exercise,
        )  # fmt: skip


def overdue_opinions(user: User) -> Iterable[DeskItem]:
    """Questions to legal advisors whose deadline has passed, for the coordinators who asked (U30)."""
    rows = LegalReview.objects.overdue_for(user).select_related("case", "agency")  # type: ignore[attr-defined]
    for review in rows[:MOST_OF_ONE_KIND]:
        yield DeskItem(
            review,
            "opinion_overdue", _("Legal opinion overdue"), review.case.reference,
            f"{review.get_question_label()} – {review.agency}",
            reverse("cases:case-detail", args=[review.case_id]) + "#opinions", _("See the question"),
            since=review.requested_at, due_at=review.due_at, is_exercise=review.case.is_exercise,
        )  # fmt: skip


def home_decisions(user: User) -> Iterable[DeskItem]:
    """Active cases that others lead where this person's program is at home and has not decided itself (U4)."""
    mine = access.agency_ids(user, C.ANSWER_REQUESTS)
    works = CaseAccess.objects.valid().filter(case=OuterRef("pk"), agency__in=mine)
    looks = Q(purpose=AccessPurpose.LEGAL) | Q(purpose__in=GRANTED, level=AccessLevel.LOOK)
    programs = AlertProgram.objects.filter(is_active=True).decided_by(mine)
    rows = (
        Case.objects.visible_to(user)  # type: ignore[attr-defined]
        .filter(Exists(works.exclude(looks)), status=CaseStatus.ACTIVE, origin__in=programs.values("subdivision"))
        .exclude(lead_agency__in=agencies_with_a_program())
        .exclude(home_decisions__is_own=True)
        .select_related("lead_agency")
    )
    for case in rows.order_by("opened_at")[:MOST_OF_ONE_KIND] if mine else ():
        yield DeskItem(
            case,
            "home_decision", _("A home decision is waiting"), case.reference, str(case.lead_agency),
            reverse("cases:case-detail", args=[case.pk]), pgettext_lazy("act", "Decide"), since=case.opened_at,
            is_exercise=case.is_exercise,
        )  # fmt: skip


def handovers_offered(user: User) -> Iterable[DeskItem]:
    """Cases that were offered to this person's agencies, or to this person by name."""
    rows = CaseHandover.objects.waiting_for(user).select_related("from_agency")  # type: ignore[attr-defined]
    for offer in rows.order_by("expires_at")[:MOST_OF_ONE_KIND]:
        yield DeskItem(
            offer,
            "handover", _("Case offered to your agency"), offer.reference, str(offer.from_agency), offer.url,
            _("Accept or refuse"), since=offer.offered_at, due_at=offer.expires_at, is_exercise=offer.is_exercise,
        )  # fmt: skip


def handovers_unanswered(user: User) -> Iterable[DeskItem]:
    """Cases that this person's agencies offered to another one, which has not answered."""
    rows = CaseHandover.objects.offered_by(user).select_related("to_agency")  # type: ignore[attr-defined]
    for offer in rows.order_by("expires_at")[:MOST_OF_ONE_KIND]:
        yield DeskItem(
            offer,
            "handover_sent", _("Handoff not answered yet"), offer.reference, str(offer.to_agency), offer.url,
            _("See the offer"), since=offer.offered_at, due_at=offer.expires_at, is_exercise=offer.is_exercise,
        )  # fmt: skip


def shifts_to_accept(user: User) -> Iterable[DeskItem]:
    """Handoffs that this person may accept: of a shift that ends within half an hour, or that has ended (U41)."""
    if not access.agency_ids(user, C.ANSWER_REQUESTS):
        return
    rows = ShiftNote.objects.visible_to(user).waiting().select_related("agency")  # type: ignore[attr-defined]
    for note in permissions.shifts_acceptable(user, rows.order_by("ends_at")[:MOST_OF_ONE_KIND]):
        yield DeskItem(
            note,
            "shift", _("Handoff of a shift to accept"), str(note.agency), "", note.url,
            _("Accept the handoff"), since=note.created_at, due_at=note.ends_at,
        )  # fmt: skip


def blind_questions(user: User) -> Iterable[DeskItem]:
    """Questions of other agencies in the last day about what this person's agencies know: expect a call (ADR 66)."""
    rows = BlindQuestion.objects.visible_to(user).filter(  # type: ignore[attr-defined]
        to_agency__in=access.agency_ids(user, C.EDIT_CASES), is_hit=True, created_at__gte=timezone.now() - ASKED_LATELY
    )
    for question in rows.select_related("from_agency")[:MOST_OF_ONE_KIND]:
        yield DeskItem(
            question,
            "blind_question", _("Another agency asked about a case of yours"), question.get_subject_display(),
            str(question.from_agency), question.url, _("See who asked"), since=question.created_at,
            is_exercise=question.is_exercise,
        )  # fmt: skip


def alert_drafts(user: User) -> Iterable[DeskItem]:
    """Drafts of alerts; they belong to the program, whoever began them (U31)."""
    rows = alerts_of(user, C.COMPOSE_ALERTS, AlertStatus.DRAFT).order_by("created_at")
    for alert in rows[:MOST_OF_ONE_KIND]:
        yield item_of_alert(
            "alert_draft", alert, _("Continue the draft"), alert.created_at, title=_("Draft of an alert")
        )


def request_drafts(user: User) -> Iterable[DeskItem]:
    """Drafts of requests; they belong to the agency, whoever began them (U31)."""
    rows = requests_of(user, (RequestStatus.DRAFT,)).filter(
        requesting_agency_id__in=access.agency_ids(user, C.SEND_REQUESTS)
    )
    for item in rows.order_by("created_at")[:MOST_OF_ONE_KIND]:
        yield DeskItem(
            item,
            "request_draft", _("Draft of a request"), item.number, str(item.program),
            reverse("alerts:request-detail", args=[item.pk]), _("Continue the draft"), since=item.created_at,
            is_exercise=item.case.is_exercise,
        )  # fmt: skip


NOW: tuple[Provider, ...] = (
    identities, duties, requests_received, answers_to_record, questions_to_answer, approvals, unanswered, activations,
    expiring, expiring_outside, unconfirmed_cancels, opinions, opinions_sent_back, overdue_opinions, text_reviews,
    home_decisions, handovers_offered, handovers_unanswered, blind_questions, shifts_to_accept,
)  # fmt: skip
LATER: tuple[Provider, ...] = (alert_drafts, request_drafts)
