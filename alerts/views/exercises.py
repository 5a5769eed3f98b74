"""How fast an exercise went: the page for the agencies on its case, and the same as a table for spreadsheets."""

from __future__ import annotations

import uuid
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views import View

from agencies import audit
from agencies.spreadsheets import csv_answer
from agencies.views.acting import SignedIn
from alerts.exercise_scores import Scores, scores_of
from alerts.exercises import exercise_mark
from alerts.views.finding import find_case


class ExerciseScores(SignedIn, View):
    """The times of an exercise, with the limits of each program where it has them."""

    def get(self, request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
        """Show them; of a real case only that there are none."""
        case = find_case(self.user, pk)
        found = scores_of(case, self.user)
        audit.record_read(by=self.user, objects=[case, *found.rows], case_id=case.pk)
        context: dict[str, Any] = {
            "case": case, "scores": found, "seen_at": timezone.now(), "nav_section": "cases",
            "is_exercise": case.is_exercise,
        }  # fmt: skip
        return render(request, "alerts/exercise_scores.html", context)


class ExerciseScoresTable(SignedIn, View):
    """The same, a row for each step."""

    def get(self, request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
        """Return a download."""
        case = find_case(self.user, pk)
        found = scores_of(case, self.user)
        audit.record_read(by=self.user, objects=[case, *found.rows], case_id=case.pk)
        return csv_answer(_table(found), f"exercise-{case.reference}.csv")


def _table(scores: Scores) -> list[list[object]]:
    head: list[object] = [
        _("Exercise"), _("Alert program"), _("Number"), _("Step"), _("From"), _("Until"), _("Seconds"),
        _("Limit in seconds"), _("Result"),
    ]  # fmt: skip
    rows = [head]
    for part in scores.parts:
        for step in part.steps:
            moments = [at.isoformat(timespec="seconds") if at else "" for at in (step.since, step.until)]
            spans = ["" if span is None else int(span.total_seconds()) for span in (step.took, step.limit)]
            said = [exercise_mark(), part.row.program, part.row.number, step.label]
            rows.append([*said, *moments, *spans, step.verdict.label])
    return rows
