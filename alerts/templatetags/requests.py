"""Words of the pages of requests."""

from __future__ import annotations

from datetime import timedelta

from django import template
from django.utils.translation import gettext, ngettext

from alerts import workflow
from alerts.models import InformationRound, OutsideAnswer
from cases.choices import CriteriaQuestion
from cases.models import AssessmentAnswer
from cases.models.code import code_label

register = template.Library()


@register.filter
def answer_to(item: InformationRound, question: str) -> str:
    """Return the coded answer to one question, or a dash while there is none."""
    return code_label("request_answer", item.answers.get(question, "")) or "–"


@register.filter
def span_in_words(span: timedelta) -> str:
    """Return a span in hours and minutes, for instance "3 h 05 min"; under a minute it says so."""
    minutes = int(span.total_seconds()) // 60
    if minutes < 1:
        return gettext("less than a minute")
    days, rest = divmod(minutes, 24 * 60)
    hours, minutes = divmod(rest, 60)
    clock = f"{hours} h {minutes:02d} min" if hours or days else f"{minutes} min"
    if not days:
        return clock
    return ngettext("%(days)s day", "%(days)s days", days) % {"days": days} + f" {clock}"


@register.filter
def step_in_words(answer: OutsideAnswer) -> str:
    """Return what an answer from outside the portal was about."""
    return str(workflow.REQUEST.by_name[answer.step].label)


@register.filter
def criterion_in_words(answer: AssessmentAnswer) -> str:
    """Return the question that was answered: one of all programs', else the program's own branch."""
    if answer.question in CriteriaQuestion.values:
        return str(CriteriaQuestion(answer.question).label)
    return code_label("criteria_branch", answer.question)
