"""The criteria desk: one case against the criteria of the programs concerned, side by side."""

from __future__ import annotations

import uuid
from typing import Any

from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from django.views import View
from django.views.generic import TemplateView

from agencies import access, audit
from agencies.choices import Capability
from agencies.models import AlertProgram, CriteriaVersion, User
from agencies.refusals import NotPermitted
from agencies.views.acting import SignedIn, act_once, with_nonce
from alerts.models import ExtensionRequest
from cases import permissions
from cases.access import agencies_on
from cases.criteria.columns import columns_of, rows_of
from cases.criteria.known import with_facts
from cases.forms.assessments import AssessmentForm
from cases.models import Assessment, Case
from cases.services import assessments
from cases.services.home_decisions import home_programs

MOST_COLUMNS = 8  # side by side; the page names those beyond and shows them when they are chosen


class CriteriaDesk(SignedIn, TemplateView):
    """Columns are programs, rows are questions: rules, known facts and the officers' answers; never a verdict."""

    template_name = "alerts/criteria_desk.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Return the columns of the home program, the reader's own, those asked and those chosen to look at."""
        case = find_case(self.user, kwargs.pop("pk"))
        audit.record_read(by=self.user, objects=[case], case_id=case.pk)
        every = list(AlertProgram.objects.filter(is_active=True).select_related("subdivision"))
        chosen = self.request.GET.getlist("program")
        if set(chosen) - {program.code for program in every}:
            raise Http404
        concerned = programs_concerned(case, self.user, every, chosen)
        shown, beyond = concerned[:MOST_COLUMNS], concerned[MOST_COLUMNS:]
        columns = columns_of(case, self.user, shown)
        rows = rows_of(case, columns)
        return super().get_context_data(
            case=case,
            columns=columns,
            rows=rows,
            differences=[row for row in rows if row.differs],
            programs=every,
            shown={program.code for program in shown},
            beyond=beyond,
            can_assess=permissions.can_assess(self.user, case) and case.is_open,
            nav_section="cases",
            is_exercise=case.is_exercise,
            **kwargs,
        )


def programs_concerned(case: Case, user: User, every: list[AlertProgram], chosen: list[str]) -> list[AlertProgram]:
    """Return the programs in the order of the columns: home, chosen, the reader's own, asked."""
    home = set(home_programs(case).values_list("pk", flat=True))
    mine = access.agency_ids(user, Capability.VIEW_CASES) & agencies_on(case)
    own = set(AlertProgram.objects.run_by(mine).values_list("pk", flat=True))
    asked = set(
        ExtensionRequest.objects.visible_to(user).filter(case=case).values_list("program_id", flat=True)  # type: ignore[attr-defined]
    )

    def rank(program: AlertProgram) -> int:
        marks = (program.pk in home, program.code in chosen, program.pk in own, program.pk in asked)
        return marks.index(True) if True in marks else len(marks)

    ranked = sorted((rank(program), place) for place, program in enumerate(every))
    return [every[place] for order, place in ranked if order < 4]


class AnswerCriteria(SignedIn, View):
    """One agency's answers to the questions of one program."""

    def get(self, request: HttpRequest, pk: uuid.UUID, program: str) -> HttpResponse:
        """Show the questions with rules and known facts to officers of an agency on the case."""
        case, version, assessment = self._open(pk, program)
        audit.record_read(by=self.user, objects=[case], case_id=case.pk)
        return self._page(case, version, self._form(case, version, assessment))

    def post(self, request: HttpRequest, pk: uuid.UUID, program: str) -> HttpResponse:
        """Keep what this officer changed; a wrong answer brings the page back with what was typed."""
        case, version, assessment = self._open(pk, program)
        form = self._form(case, version, assessment, request.POST)
        if not form.is_valid():
            return self._page(case, version, form, status=422)

        def perform() -> str:
            assessments.record_answers(case=case, criteria=version, by=self.user, answers=form.answers())
            return reverse("alerts:criteria-desk", args=[case.pk])

        return act_once(request, perform, _("The answers were saved."))

    def _open(self, pk: uuid.UUID, code: str) -> tuple[Case, CriteriaVersion, Assessment | None]:
        case = find_case(self.user, pk)
        if not permissions.can_assess(self.user, case):
            raise NotPermitted
        program: AlertProgram = get_object_or_404(
            AlertProgram.objects.select_related("subdivision"), code=code, is_active=True
        )
        version = CriteriaVersion.in_force_for(program)
        if version is None:
            raise Http404
        return case, version, open_assessment(case, version, self.user)

    def _form(self, case: Case, version: CriteriaVersion, assessment: Assessment | None, data: Any = None) -> Any:
        kept = assessment.answers.all() if assessment else ()
        return AssessmentForm(data, case=case, version=version, kept=kept, prefix="criteria")

    def _page(self, case: Case, version: CriteriaVersion, form: AssessmentForm, status: int = 200) -> HttpResponse:
        context = {"case": case, "version": version, "form": form, "nav_section": "cases",
                   "is_exercise": case.is_exercise}  # fmt: skip
        return render(self.request, "alerts/criteria_answer.html", with_nonce(context), status=status)


def open_assessment(case: Case, version: CriteriaVersion, user: User) -> Assessment | None:
    """Return the not yet frozen answers of the agency for which this person would answer."""
    agency = assessments.agency_for(user, case, version.program)
    return Assessment.objects.filter(case=case, criteria=version, agency=agency, frozen_at=None).first()


def decision_checklist(item: ExtensionRequest, user: User, data: Any = None) -> AssessmentForm | None:
    """Return the receiver's own questions for the page of a decision; None without criteria in force."""
    version = CriteriaVersion.in_force_for(item.program)
    if version is None:
        return None
    assessment = open_assessment(item.case, version, user)
    kept = assessment.answers.all() if assessment else ()
    return AssessmentForm(data, case=item.case, version=version, kept=kept, prefix="criteria")


def find_case(user: User, pk: uuid.UUID) -> Case:
    """Return a visible case with what the questions look at, or answer 404."""
    rows: QuerySet[Case] = with_facts(Case.objects.visible_to(user))  # type: ignore[attr-defined, assignment]
    return audit.noted(get_object_or_404(rows, pk=pk), by=user)
