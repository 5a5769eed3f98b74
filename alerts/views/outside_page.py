"""What the page of a request shows of the world outside the portal: activations there, answers that came by phone."""

from __future__ import annotations

from typing import Any

from agencies.models import User
from alerts import permissions
from alerts.choices import ASKS_FOR_ALERT
from alerts.forms.outside import OutsideActivationForm, OutsideAnswerForm, ReportedActivationForm
from alerts.models import ExtensionRequest, OutsideAnswer
from alerts.services.outside import DECISIONS, answers_possible
from alerts.workflow import ACCEPTED, BEFORE_DECISION

DECIDING = {*DECISIONS, "activate_outside"}


def activation_form(item: ExtensionRequest, user: User, data: Any = None) -> OutsideActivationForm:
    """Return the form of the side that records: the program itself, or the asker with who told them."""
    is_own = permissions.can_answer(user, item)
    form_class = OutsideActivationForm if is_own else ReportedActivationForm
    return form_class(data, prefix="outside", item=item)


def _reported(item: ExtensionRequest, answers: list[OutsideAnswer]) -> set[str]:
    """Return the steps that the asking side wrote down; a decision told at once was also the acknowledgement."""
    steps = {answer.step for answer in answers}
    is_received = any(answer.answered_at == item.acknowledged_at for answer in answers if answer.step in DECIDING)
    return steps | {"acknowledge"} if is_received else steps


def outside_context(item: ExtensionRequest, user: User, names: set[str]) -> dict[str, Any]:
    """Return what was recorded from outside, and the forms of what this person may record now."""
    answers = list(item.outside_answers.all())
    may_record = permissions.can_record_answer(user, item)
    can_report = may_record and item.kind in ASKS_FOR_ALERT and item.status in (*BEFORE_DECISION, *ACCEPTED)
    can_activate = "activate_outside" in names and item.kind in ASKS_FOR_ALERT
    return {
        "outside": getattr(item, "outside_activation", None),
        "outside_answers": answers,
        "reported_steps": _reported(item, answers),
        "is_decision_reported": any(answer.step in DECIDING for answer in answers),
        "is_without_people": may_record,
        "outside_form": activation_form(item, user) if can_report or can_activate else None,
        "outside_answer_form": OutsideAnswerForm(prefix="outside_answer", item=item)
        if may_record and answers_possible(item)
        else None,
    }
