"""Answers to the questions of criteria: recorded by officers, frozen with the decision that rests on them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from django.db import transaction
from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from agencies import access, audit, criteria_versions
from agencies.choices import Capability
from agencies.models import Agency, AlertProgram, CriteriaVersion, User
from agencies.refusals import ActRefused, NotPermitted
from cases import permissions
from cases.access import working_on
from cases.criteria.rules import Question, questions_of
from cases.models import Assessment, AssessmentAnswer, Case


@dataclass(frozen=True)
class GivenAnswer:
    """One answer as an officer gave it; an empty answer takes an earlier one back."""

    answer: str
    reason: str = ""


def agency_for(user: User, case: Case, program: AlertProgram) -> Agency:
    """Return for which of their agencies on the case this person answers: the program's own where it is theirs.

    Refuses a person who may not assess.
    """
    held = access.agency_ids(user, Capability.ANSWER_REQUESTS) & working_on(case)
    if not held:
        raise NotPermitted
    return Agency.objects.get(pk=program.agency_id if program.agency_id in held else min(held))


@transaction.atomic
def record_answers(
    *, case: Case, criteria: CriteriaVersion, by: User, answers: Mapping[str, GivenAnswer]
) -> Assessment:
    """Keep changed answers for the officer's own agency, bound to the present version of the facts.

    Refuses a person who may not assess, a question that this version does not ask, and a branch whose opening
    question was answered otherwise.
    """
    agency = agency_for(by, case, criteria.program)
    assessment = _open_assessment(case, criteria, agency, by)
    asked = {question.code: question for question in questions_of(criteria)}
    if unknown := set(answers) - set(asked):
        raise ActRefused(_("These criteria do not ask: %(questions)s.") % {"questions": ", ".join(sorted(unknown))})
    kept = {row.question: row for row in assessment.answers.all()}
    changed = [code for code, given in answers.items() if _keep(assessment, code, given, kept, by)]
    present = dict(AssessmentAnswer.objects.filter(assessment=assessment).values_list("question", "answer"))
    for question in asked.values():
        if question.code in present and not is_open_branch(question, present):
            raise ActRefused(
                _("“%(question)s” is not asked after that answer; leave it empty.") % {"question": question.title}
            )
    if changed:
        assessment.facts_version = Case.objects.values_list("facts_version", flat=True).get(pk=case.pk)
        assessment.save(update_fields=["facts_version"])
        audit.record(
            "assessment.answered", by=by, objects=[assessment], case_id=case.pk, field_names=changed,
            detail={"criteria": criteria.pk},
        )  # fmt: skip
    return assessment


def is_open_branch(question: Question, present: Mapping[str, str]) -> bool:
    """Say whether a question may be answered: a branch is closed only by a known other answer, never by unknown."""
    if not question.answer:
        return True
    return present.get(question.after, "unknown") in (question.answer, "unknown")


@transaction.atomic
def freeze(
    *, case: Case, criteria: CriteriaVersion, by: User, answers: Mapping[str, GivenAnswer] | None = None
) -> Assessment:
    """Record the last answers and freeze the assessment with the decision that the caller records; return it.

    Also a decision without any answer is bound to the version it was taken under.
    """
    assessment = record_answers(case=case, criteria=criteria, by=by, answers=answers or {})
    if not assessment.answers.exists():
        assessment.facts_version = case.facts_version
    assessment.frozen_at, assessment.frozen_by = timezone.now(), by
    assessment.save(update_fields=["facts_version", "frozen_at", "frozen_by"])
    audit.record("assessment.frozen", by=by, objects=[assessment], case_id=case.pk)
    return assessment


def _open_assessment(case: Case, criteria: CriteriaVersion, agency: Agency, by: User) -> Assessment:
    if not permissions.can_assess(by, case):
        raise NotPermitted
    criteria_versions.rest_on(criteria)
    locked = Case.objects.select_for_update(no_key=True).get(
        pk=case.pk
    )  # of two officers who begin, one waits for the other
    assessment, _made = Assessment.objects.select_for_update(of=("self",)).get_or_create(
        case=case,
        agency=agency,
        criteria=criteria,
        frozen_at=None,
        defaults={"facts_version": locked.facts_version, "created_by": by},
    )
    return assessment


def _keep(
    assessment: Assessment, code: str, given: GivenAnswer, kept: Mapping[str, AssessmentAnswer], by: User
) -> bool:
    row = kept.get(code)
    if not given.answer:
        if row is not None:
            row.delete()
        return row is not None
    if row is not None and (row.answer, row.reason) == (given.answer, given.reason):
        return False
    AssessmentAnswer.objects.update_or_create(
        assessment=assessment,
        question=code,
        defaults={
            "case_id": assessment.case_id,
            "answer": given.answer,
            "reason": given.reason,
            "reason_language": (get_language() or by.language)[:2] if given.reason else "",
            "answered_at": timezone.now(),
            "answered_by": by,
        },
    )
    return True
