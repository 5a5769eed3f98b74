"""One case against the criteria of several programs: a column each, a row per question, where they differ."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime

from django.db.models import Prefetch
from django.utils import timezone

from agencies.models import AlertProgram, CriteriaVersion, User
from cases.choices import CriteriaQuestion
from cases.criteria.known import known_facts, may_be_asked, time_limit
from cases.criteria.rules import Question, questions_of
from cases.models import Assessment, AssessmentAnswer, Case


@dataclass(frozen=True)
class Said:
    """What one agency answered to one question of one program."""

    assessment: Assessment
    answer: AssessmentAnswer


@dataclass
class Column:
    """One program with its version in force and the assessments that the reader may see, the newest per agency."""

    program: AlertProgram
    version: CriteriaVersion | None
    questions: dict[str, Question] = field(default_factory=dict)
    assessments: list[Assessment] = field(default_factory=list)
    until: datetime | None = None
    can_answer: bool = False

    @property
    def label(self) -> str:
        """Return the short name by which differences are told: the territory's, else the program's."""
        return str(self.program.subdivision.name if self.program.subdivision else self.program.name)

    @property
    def is_late(self) -> bool:
        """Say whether the moment until which the program's rule lets it act has passed."""
        return self.until is not None and self.until < timezone.now()


@dataclass(frozen=True)
class Cell:
    """One question of one program: its rule and what was answered."""

    column: Column
    question: Question | None
    said: list[Said]


@dataclass(frozen=True)
class Row:
    """One question across the programs, with what the case already says."""

    code: str
    title: str
    known: list[str]
    cells: list[Cell]
    is_branch: bool

    @property
    def differs(self) -> bool:
        """Say whether the programs do not ask the same here."""
        return len({cell.question.rule if cell.question else "" for cell in self.cells}) > 1

    @property
    def without(self) -> list[str]:
        """Return the short names of the programs that have no such rule: a phone says it once, not in every cell."""
        return [cell.column.label for cell in self.cells if not cell.question]

    @property
    def told(self) -> list[tuple[str, str]]:
        """Return each rule that stands here with the short names of the programs that have it."""
        found: dict[str, list[str]] = {}
        for cell in self.cells:
            if cell.question:
                found.setdefault(cell.question.rule, []).append(cell.column.label)
        return [(", ".join(labels), rule) for rule, labels in found.items()]


def columns_of(case: Case, user: User, programs: Iterable[AlertProgram]) -> list[Column]:
    """Return the columns in the order of the programs, in two queries and the answers' own."""
    listed = list(programs)
    versions = {
        version.program_id: version
        for version in CriteriaVersion.objects.in_force().filter(program__in=listed).order_by("program", "version")  # type: ignore[attr-defined]
    }
    columns = [Column(program, versions.get(program.pk)) for program in listed]
    seen: dict[tuple[int, int], Assessment] = {}
    for assessment in _assessments(case, user, listed):
        seen.setdefault((assessment.criteria.program_id, assessment.agency_id), assessment)
    for column in columns:
        column.assessments = [item for (program_id, _), item in seen.items() if program_id == column.program.pk]
        if column.version is not None:
            column.questions = {item.code: item for item in asked_of(case, column.version)}
            column.until = time_limit(case, column.version)
    return columns


def asked_of(case: Case, version: CriteriaVersion) -> list[Question]:
    """Return the questions of a version without branches for an age that no child of the case can have."""
    kept: dict[str, Question] = {}
    for item in questions_of(version):
        is_left_out = item.max_age is not None and not may_be_asked(case, item.max_age)
        if not is_left_out and (not item.after or item.after in kept):
            kept[item.code] = item
    return list(kept.values())


def rows_of(case: Case, columns: list[Column]) -> list[Row]:
    """Return the questions that at least one program asks, branches behind what they hang on."""
    known = known_facts(case)
    order: dict[str, Question] = {}
    for column in columns:
        for code, question in column.questions.items():
            order.setdefault(code, question)
    return [
        Row(code, order[code].title, known.get(code, []), [_cell(column, code) for column in columns],
            order[code].is_branch)
        for code in _in_order(order)
    ]  # fmt: skip


def _in_order(order: dict[str, Question]) -> list[str]:
    """Put each branch behind its question, whichever program asked it first."""
    base = [code for code in CriteriaQuestion.values if code in order]
    found: list[str] = []

    def walk(code: str) -> None:
        found.append(code)
        for other, question in order.items():
            if question.after == code and other not in found:
                walk(other)

    for code in base:
        walk(code)
    return found + [code for code in order if code not in found]


def _cell(column: Column, code: str) -> Cell:
    said = [
        Said(assessment, answer)
        for assessment in column.assessments
        for answer in assessment.answers.all()
        if answer.question == code
    ]
    return Cell(column, column.questions.get(code), said)


def _assessments(case: Case, user: User, programs: list[AlertProgram]) -> Iterable[Assessment]:
    answers = AssessmentAnswer.objects.select_related("answered_by")
    return (
        Assessment.objects.visible_to(user)  # type: ignore[attr-defined]
        .filter(case=case, criteria__program__in=programs)
        .select_related("agency", "criteria")
        .prefetch_related(Prefetch("answers", answers))
        .order_by("-created_at", "-id")
    )
