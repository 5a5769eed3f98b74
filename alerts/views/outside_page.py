"""What the page of a request shows of the world outside the portal: activations there, answers that came by phone."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.utils.formats import date_format
from django.utils.text import capfirst
from django.utils.translation import gettext

from agencies.choices import Language
from agencies.models import User
from alerts import permissions
from alerts.choices import ASKS_FOR_ALERT, DutyKind, DutyStatus
from alerts.forms.outside import OutsideActivationForm, OutsideAnswerForm, ReportedActivationForm, local_clock
from alerts.models import Duty, ExtensionRequest, OutsideActivation, OutsideAnswer, OutsideChange
from alerts.models.outside import OUTSIDE_FIELDS
from alerts.services.outside import DECISIONS, answers_possible
from alerts.services.outside_changes import RUNS, why_not_renewable
from alerts.workflow import ACCEPTED, BEFORE_DECISION
from cases.models.code import code_label
from cases.zones import zone_name

DECIDING = {*DECISIONS, "activate_outside"}


def activation_form(item: ExtensionRequest, user: User, data: Any = None) -> OutsideActivationForm:
    """Return the form of the side that records: the program itself, or the asker with who told them."""
    is_own = permissions.can_answer(user, item)
    form_class = OutsideActivationForm if is_own else ReportedActivationForm
    return form_class(data, prefix="outside", item=item)


def _reported(item: ExtensionRequest, answers: list[OutsideAnswer]) -> set[str]:
    """Return the steps that the asking side wrote down; a decision told at once was also the acknowledgment."""
    steps = {answer.step for answer in answers}
    is_received = any(answer.answered_at == item.acknowledged_at for answer in answers if answer.step in DECIDING)
    return steps | {"acknowledge"} if is_received else steps


@dataclass(frozen=True)
class Earlier:
    """An earlier version of what is recorded, and what the next one changed: field, before and after."""

    change: OutsideChange
    values: list[tuple[str, str, str]]


def earlier_versions(newest: OutsideActivation, changes: list[OutsideChange]) -> list[Earlier]:
    """Return the earlier versions, the last one first, each with what took its place (ADR 34)."""
    found: list[Earlier] = []
    following: OutsideActivation | OutsideChange = newest
    for change in changes:
        words = ((name, in_words(change, name), in_words(following, name)) for name in OUTSIDE_FIELDS)
        label = {name: capfirst(str(change._meta.get_field(name).verbose_name)) for name in OUTSIDE_FIELDS}  # type: ignore[union-attr]
        found.append(Earlier(change, [(label[name], was, is_now) for name, was, is_now in words if was != is_now]))
        following = change
    return found


def in_words(version: OutsideActivation | OutsideChange, name: str) -> str:
    """Return one field of a version as its reader sees it; moments by the clock of the version's own zone."""
    value = getattr(version, name)
    if name == "channels":
        return ", ".join(code_label("outside_channel", code) for code in value)
    if name in ("starts_at", "expires_at"):
        if value is None:
            return gettext("Until it is canceled")
        clock = date_format(local_clock(value, version.time_zone), "DATETIME_FORMAT")
        return f"{clock} ({zone_name(version.time_zone)})"
    if name in ("area_language", "text_language"):
        return str(dict(Language.choices).get(value, ""))
    return str(value)


def _term_duty(item: ExtensionRequest, user: User) -> Duty | None:
    duty = Duty.objects.filter(request=item, kind=DutyKind.DECIDE_TERM, status=DutyStatus.OPEN).first()
    return duty if duty and permissions.can_discharge(user, duty) else None


def outside_context(item: ExtensionRequest, user: User, names: set[str]) -> dict[str, Any]:
    """Return what was recorded from outside, and the forms of what this person may record now."""
    answers = list(item.outside_answers.all())
    may_record = permissions.can_record_answer(user, item)
    outside: OutsideActivation | None = getattr(item, "outside_activation", None)
    may_change = outside is not None and item.status in RUNS and permissions.can_answer_or_record(user, item)
    refusal = why_not_renewable(outside) if outside and may_change else None
    can_report = may_record and item.kind in ASKS_FOR_ALERT and item.status in (*BEFORE_DECISION, *ACCEPTED)
    can_activate = "activate_outside" in names and item.kind in ASKS_FOR_ALERT
    return {
        "outside": outside,
        "earlier_outside": earlier_versions(outside, list(item.outside_changes.all())) if outside else [],
        "may_change_outside": may_change,
        "outside_not_renewable": refusal.message if refusal else "",
        "outside_term_duty": _term_duty(item, user) if may_change else None,
        "outside_answers": answers,
        "reported_steps": _reported(item, answers),
        "is_decision_reported": any(answer.step in DECIDING for answer in answers),
        "is_without_people": may_record,
        "outside_form": activation_form(item, user) if can_report or can_activate else None,
        "outside_answer_form": OutsideAnswerForm(prefix="outside_answer", item=item)
        if may_record and answers_possible(item)
        else None,
    }
