"""What the page of one request shows: the facts to decide on, both sides' words, the clocks, what can be done now."""

from __future__ import annotations

import uuid
from typing import Any

from django import forms
from django.db.models import Prefetch
from django.shortcuts import get_object_or_404
from django.utils import timezone

from agencies import audit
from agencies.models import User
from agencies.on_duty import programs_on_duty
from agencies.program_agencies import agencies_of
from agencies.views.acting import with_nonce
from alerts import clocks, permissions, workflow
from alerts.choices import ENDED_REQUESTS, DutyKind, DutyStatus, RequestStatus
from alerts.forms.alerts import AgreeForm
from alerts.forms.requests import (
    AcknowledgeForm,
    AnswerForm,
    CancellationForm,
    DecisionForm,
    DraftForm,
    QuestionForm,
    RefusalForm,
    WithdrawForm,
)
from alerts.models import Alert, Duty, ExtensionRequest, InformationRound, LowerNotice
from alerts.services.asking_again import changes_opened_with, may_be_asked_again
from alerts.services.cancellations import reason_of_agreement
from alerts.services.handing_on import open_question
from alerts.services.looks import looks_of_receivers
from alerts.services.reading import free_texts, languages_read, unread_by
from alerts.services.request_drafts import authors_of
from alerts.services.writing import written_language
from alerts.views.criteria import decision_checklist
from alerts.views.handing_page import handing_context
from alerts.views.ladders import ladder_context
from alerts.views.outside_page import outside_context
from alerts.views.sheets_page import sheets_context
from alerts.views.updates import change_of_request
from cases.choices import CaseStatus
from cases.models import CaseAccess
from cases.services.showing import facts_to_show

PLAIN_STEPS = ("withdraw", "end_notice", "confirm_cancellation", "cancel", "send")


def find_request(user: User, pk: uuid.UUID) -> ExtensionRequest:
    """Return a request that this person may see, with what its page names; anything else is not found."""
    rows = ExtensionRequest.objects.visible_to(user).select_related(  # type: ignore[attr-defined]
        "program__agency", "requesting_agency", "case__lead_agency", "case__abduction__subdivision", "sent_by",
        "acknowledged_by", "decided_by", "taken_by", "taken_for", "lower_notice", "outside_activation__criteria",
        "outside_activation__recorded_by", "follows",
        "saved_by",
        "handed_to__program", "asked_for",
    ).prefetch_related(
        Prefetch("rounds", InformationRound.objects.select_related("asked_by", "answered_by")),
        "notes__written_by", "outside_answers__recorded_by", "outside_changes__recorded_by",
        # Receivers read about each other's alerts only after publication.
        Prefetch("alert", Alert.objects.visible_to(user)),  # type: ignore[attr-defined]
    )  # fmt: skip
    return audit.noted(get_object_or_404(rows, pk=pk), by=user)


def request_context(item: ExtensionRequest, user: User, **typed: Any) -> dict[str, Any]:
    """Return what the page shows to one person; `typed` are forms that come back with what was wrong."""
    names = {step.name for step in workflow.REQUEST.available(item, user)}
    case, rounds = item.case, list(item.rounds.all())
    return with_nonce(
        {
            "item": item,
            "case": case,
            **facts_to_show(case),
            "alert": getattr(item, "alert", None),
            "checklist": decision_checklist(item, user) if "accept" in names else None,
            "rounds": rounds,
            "clocks": clocks.clocks_of(item, rounds, timezone.now()),
            "turn": clocks.turn_of(item),
            "changes": changes_opened_with(item),
            "is_receiver": permissions.can_answer(user, item),
            "is_asker": permissions.can_ask(user, item),
            "is_ended": item.status in ENDED_REQUESTS,
            "nav_section": "requests",
            "is_exercise": case.is_exercise,
            **_draft(item, user),
            **change_of_request(item, user),
            **_acts(item, user, names),
            **outside_context(item, user, names),
            **handing_context(item, user, names),
            **sheets_context(item),
            **ladder_context(item, user),
            "nobody_on_duty": nobody_on_duty(item, user),
            "sights": ending_sights(item),
            "looks": looks_of_receivers(item, user),
            **_forms(item, user, names, rounds),
            **typed,
        }
    )


def nobody_on_duty(item: ExtensionRequest, user: User) -> bool:
    """Say whether the asking side waits for a program of which nobody is on duty now by its roster (U39)."""
    is_waiting = item.status == RequestStatus.SENT and permissions.can_ask(user, item)
    return is_waiting and permissions.has_people(item.program) and not programs_on_duty([item.program])[item.program_id]


def ending_sights(item: ExtensionRequest) -> list[CaseAccess]:
    """Return the program's desks whose sight of the case ends at a moment, or has ended (U35)."""
    if item.status not in ENDED_REQUESTS:
        return []
    rows = CaseAccess.objects.filter(
        case=item.case_id, agency_id__in=agencies_of(item.program).desks, until__isnull=False
    )
    return list(rows.select_related("agency"))


def _acts(item: ExtensionRequest, user: User, names: set[str]) -> dict[str, Any]:
    """Return which plain acts are possible now."""
    notice: LowerNotice | None = getattr(item, "lower_notice", None)
    is_receiver = permissions.can_answer(user, item)
    runs_notice = notice is not None and notice.is_in_force
    return {
        **{f"can_{step}": step in names for step in PLAIN_STEPS},
        "can_withdraw": "withdraw" in names and not runs_notice,
        "can_raise": is_receiver and runs_notice and item.status in workflow.ACCEPTED and item.case.is_open,
        "must_end_notice": is_receiver and runs_notice and not item.case.is_open and "end_notice" in names,
        "runs_notice": runs_notice,
        "can_take": is_receiver and item.status not in ENDED_REQUESTS and item.taken_by_id != user.pk,
        "can_ask_again": may_be_asked_again(item, item.program)
        and item.case.status == CaseStatus.ACTIVE
        and permissions.can_send_requests(user, item.case),
        "must_decide_cancellation": is_receiver
        and Duty.objects.filter(request=item, kind=DutyKind.DECIDE_CANCELLATION, status=DutyStatus.OPEN).exists(),
    }


def _draft(item: ExtensionRequest, user: User) -> dict[str, Any]:
    """Return what the page of a draft shows to its agency: the form, who wrote it, what could not be read."""
    if item.status != RequestStatus.DRAFT or not permissions.can_ask(user, item):
        return {"draft_form": None}
    return {"draft_form": DraftForm.of(item), "authors": authors_of(item), "unread": unread_words(item)}


def unread_words(item: ExtensionRequest) -> dict[str, Any]:
    """Return which words the program cannot read, a note written now among them, and what it reads (U11)."""
    program = item.program
    languages = languages_read([program])[program.pk]
    language = item.note_language if item.status == RequestStatus.DRAFT and item.note else written_language("x")
    return {"languages": languages, "texts": unread_by(languages, free_texts(item.case, "x", language))}


def _forms(
    item: ExtensionRequest, user: User, names: set[str], rounds: list[InformationRound]
) -> dict[str, forms.Form | None]:
    """Return the forms of what this person may do now, each under its own prefix."""
    is_receiver = permissions.can_answer(user, item)
    open_questions = rounds[-1].questions if rounds and rounds[-1].answered_at is None else []
    made: dict[str, forms.Form | None] = dict.fromkeys(
        (
            "acknowledge_form",
            "decision_form",
            "question_form",
            "answer_form",
            "cancellation_form",
            "refusal_form",
            "withdraw_form",
        )
    )
    if is_receiver and "acknowledge" in names:
        made["acknowledge_form"] = AcknowledgeForm(prefix="acknowledge")
    if is_receiver and "accept" in names:
        made["decision_form"] = DecisionForm(prefix="decision", item=item)
    if "ask_information" in names:
        made["question_form"] = QuestionForm(prefix="question", initial=open_question(item))
    if "answer_information" in names:
        made["answer_form"] = AnswerForm(prefix="answer", questions=open_questions)
    if "withdraw" in names:
        made["withdraw_form"] = WithdrawForm(prefix="withdraw")
    notice: LowerNotice | None = getattr(item, "lower_notice", None)
    runs = item.status != RequestStatus.ACCEPTED or (notice is not None and notice.is_in_force)
    if "ask_cancellation" in names and runs:
        made["cancellation_form"] = CancellationForm(prefix="cancellation")
    if is_receiver and "refuse_cancellation" in names:
        made["refusal_form"] = RefusalForm(prefix="refusal")
        made["agree_form"] = agree_form(item)
    return made


def agree_form(item: ExtensionRequest, data: Any = None) -> AgreeForm:
    """Return the form that agrees to a cancellation, with the explanation where the program's rules want one."""
    alert = getattr(item, "alert", None)
    return AgreeForm(data, prefix="agree", alert=alert, reason=reason_of_agreement(item))
