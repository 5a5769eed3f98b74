"""Words of the pages of requests."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import timedelta

from django import template
from django.utils.translation import get_language, gettext, ngettext, pgettext_lazy
from django.utils.translation import gettext_lazy as _

from agencies.choices import Language
from agencies.models import AlertProgram
from alerts import permissions, workflow
from alerts.models import InformationRound, OutsideAnswer
from cases.choices import CriteriaQuestion
from cases.models import AssessmentAnswer
from cases.models.code import code_label

register = template.Library()
# What may be told by telephone and is no step of the request.
BESIDE_THE_STEPS = {
    "correct_outside": _("Correct what is recorded"), "renew_outside": pgettext_lazy("act", "Renew the alert"),
}  # fmt: skip


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
def span_to_the_second(span: timedelta) -> str:
    """Return a span under an hour with its seconds, for instance "4 min 05 s"; a longer one in hours and minutes."""
    seconds = int(span.total_seconds())
    if seconds >= 3600:
        return span_in_words(span)
    minutes, rest = divmod(seconds, 60)
    return " ".join(filter(None, (f"{minutes} min" if minutes else "", f"{rest} s" if rest or not minutes else "")))


@register.filter
def step_in_words(answer: OutsideAnswer) -> str:
    """Return what an answer from outside the portal was about."""
    label = BESIDE_THE_STEPS.get(answer.step)
    return str(label or workflow.REQUEST.by_name[answer.step].label)


@register.filter
def criterion_in_words(answer: AssessmentAnswer) -> str:
    """Return the question that was answered: one of all programs', else the program's own branch."""
    if answer.question in CriteriaQuestion.values:
        return str(CriteriaQuestion(answer.question).label)
    return code_label("criteria_branch", answer.question)


@register.filter
def names_of_languages(languages: Iterable[str]) -> str:
    """Return languages by their names in the reader's own, in a fixed order."""
    return ", ".join(language_name(code) for code in Language.values if code in languages)


@register.filter
def language_name(code: str) -> str:
    """Return one language by its name in the reader's own, as it stands inside a sentence: capitals are English."""
    name = code_label("spoken_language", code)
    return name if (get_language() or "en").startswith("en") else name.lower()


@register.filter
def has_people(program: AlertProgram) -> bool:
    """Say whether somebody of the program can be told in the portal."""
    return permissions.has_people(program)
