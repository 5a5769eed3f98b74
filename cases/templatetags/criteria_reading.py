"""Shows staff how a version of criteria reads for officers: its questions in every language, side by side."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django import template
from django.conf import settings
from django.utils import translation

from agencies.models import CriteriaVersion
from cases.choices import CriteriaQuestion
from cases.criteria.rules import BRANCHES, Question, questions_of
from cases.models.code import code_choices

register = template.Library()


@dataclass(frozen=True)
class ReadQuestion:
    """One question in each language, None where officers who read that language would not be asked it."""

    cells: list[tuple[str, str, Question | None]]
    is_new: bool
    is_changed: bool

    @property
    def is_incomplete(self) -> bool:
        """Say whether a language lacks the question."""
        return any(question is None for _code, _name, question in self.cells)


@register.inclusion_tag("cases/criteria/_reading.html")
def criteria_reading(version: CriteriaVersion, present: CriteriaVersion | None = None) -> dict[str, Any]:
    """Return the questions of a version in every language, and those of the version in force that it drops."""
    then, now = _by_language(present), _by_language(version)
    return {
        "languages": settings.LANGUAGES,
        "questions": [_row(code, now, then if present else None) for code in _codes(now)],
        "dropped": [
            next(found[code] for found in then.values() if code in found) for code in _codes(then)
            if code not in _codes(now)
        ],
    }  # fmt: skip


@register.simple_tag
def further_questions() -> dict[str, list[tuple[str, str]]]:
    """Return what a further question may be, and what it may hang on, in the reader's language."""
    questions = [(code, str(label)) for code, label in CriteriaQuestion.choices]
    return {"questions": questions, "branches": code_choices(BRANCHES, blank=False)}


def _by_language(version: CriteriaVersion | None) -> dict[str, dict[str, Question]]:
    found: dict[str, dict[str, Question]] = {}
    for code, _name in settings.LANGUAGES:
        with translation.override(code):
            found[code] = {item.code: item for item in questions_of(version)} if version else {}
    return found


def _codes(by_language: dict[str, dict[str, Question]]) -> list[str]:
    longest = max(by_language.values(), key=len)
    return [*longest, *{code for found in by_language.values() for code in found if code not in longest}]


def _row(code: str, now: dict[str, dict[str, Question]], then: dict[str, dict[str, Question]] | None) -> ReadQuestion:
    cells = [(language, str(name), now[language].get(code)) for language, name in settings.LANGUAGES]
    before = [then[language].get(code) for language, _name, _question in cells] if then else []
    is_new = then is not None and not any(before)
    return ReadQuestion(cells, is_new, bool(then) and not is_new and before != [item for _l, _n, item in cells])
