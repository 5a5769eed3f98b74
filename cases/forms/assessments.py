"""The questions of one program's criteria as a form, with its rule and what is known beside each."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django import forms
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from agencies.models import CriteriaVersion
from cases.choices import CriteriaAnswer
from cases.criteria.columns import asked_of
from cases.criteria.known import known_facts, time_limit
from cases.criteria.rules import Question
from cases.models import AssessmentAnswer, Case
from cases.services.assessments import GivenAnswer, is_open_branch

NOT_ANSWERED = [("", _("Not answered"))]


@dataclass(frozen=True)
class QuestionRow:
    """One question as the page shows it."""

    question: Question
    known: list[str]
    answer: forms.BoundField
    reason: forms.BoundField


class AssessmentForm(forms.Form):
    """An answer and an optional reason per question; only what this officer changed is handed on.

    Each field carries the value that was on the page, so that two officers who answer different questions at the
    same time do not overwrite each other.
    """

    def __init__(
        self, *args: Any, case: Case, version: CriteriaVersion, kept: Iterable[AssessmentAnswer] = (), **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        self.case, self.version = case, version
        self.questions = asked_of(case, version)
        present = {answer.question: answer for answer in kept}
        for question in self.questions:
            before = present.get(question.code)
            self.fields[question.code] = forms.ChoiceField(
                label=pgettext_lazy("criteria", "Answer"), required=False,
                choices=[*NOT_ANSWERED, *CriteriaAnswer.choices],
                initial=before.answer if before else "", show_hidden_initial=True,
            )  # fmt: skip
            self.fields[_reason(question.code)] = forms.CharField(
                label=_("Reason (optional)"), required=False, max_length=1000,
                initial=before.reason if before else "", show_hidden_initial=True,
            )  # fmt: skip

    def rows(self) -> list[QuestionRow]:
        """Return the questions with their fields, rules and known facts."""
        known = known_facts(self.case)
        return [
            QuestionRow(question, known.get(question.code, []), self[question.code], self[_reason(question.code)])
            for question in self.questions
        ]

    @property
    def until(self) -> Any:
        """Return until when the program's rule lets it act, if there is such a rule."""
        return time_limit(self.case, self.version)

    @property
    def is_late(self) -> bool:
        """Say whether that moment has passed."""
        return self.until is not None and self.until < timezone.now()

    def clean(self) -> dict[str, Any]:
        """Refuse beside its field a reason without an answer, and a branch that was not opened."""
        cleaned = super().clean() or {}
        present = {question.code: cleaned.get(question.code) or "unknown" for question in self.questions}
        for question in self.questions:
            answer = cleaned.get(question.code)
            if cleaned.get(_reason(question.code)) and not answer:
                self.add_error(question.code, _("Choose the answer that this reason belongs to."))
            if answer and not is_open_branch(question, present):
                self.add_error(question.code, _("This question is not asked after that answer; leave it empty."))
        return cleaned

    def answers(self) -> dict[str, GivenAnswer]:
        """Return what this officer changed."""
        changed = set(self.changed_data)
        return {
            question.code: GivenAnswer(
                self.cleaned_data[question.code], self.cleaned_data[_reason(question.code)]
            )
            for question in self.questions
            if changed & {question.code, _reason(question.code)}
        }  # fmt: skip


def _reason(code: str) -> str:
    return f"{code}_reason"
