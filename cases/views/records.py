"""What any agency on a case adds: sightings, numbers in other systems, notices to other bodies."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from dataclasses import replace
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from agencies import audit
from agencies.refusals import NotPermitted
from agencies.views.acting import act_once, with_nonce
from cases import permissions
from cases.choices import EventAction
from cases.forms.blank_choices import say_blank_choices
from cases.forms.conflicts import read_base, sent_values
from cases.forms.movement import SightingForm
from cases.forms.records import NoticeForm, ReferenceForm
from cases.models import Case, ParallelNotice, Sighting
from cases.services import records
from cases.services.sightings import add_sighting

from .acts import CaseAct
from .merging import PageState, put_together, who_noted


class ContributionPage(CaseAct):
    """Base of pages with one form, for every agency on the case that may contribute."""

    title: Any = ""

    def contributed(self, pk: uuid.UUID) -> Case:
        """Return the case for those who may add to it; for everybody else it does not exist here."""
        case = self.find(pk)
        if not permissions.can_contribute(self.user, case):
            raise NotPermitted
        return case

    def show(self, case: Case, form: Any, status: int = 200, state: PageState | None = None) -> HttpResponse:
        """Show the form, with the values that it began with where a colleague may change them meanwhile."""
        say_blank_choices(form)
        context = {
            "case": case, "form": form, "title": self.title, "nav_section": "cases", "is_exercise": case.is_exercise,
            "state": state,
        }  # fmt: skip
        return render(self.request, "cases/row_form.html", with_nonce(context), status=status)

    def save(self, case: Case, form: Any, perform: Callable[[], object], success: Any) -> HttpResponse:
        """Perform once and go back to the case; on an error everything typed stays on the page."""
        if not form.is_valid():
            return self.show(case, form, status=422)

        def and_go_back() -> str:
            perform()
            return reverse("cases:case-detail", args=[case.pk])

        return act_once(self.request, and_go_back, success)


class AddSighting(ContributionPage):
    """A sighting; whoever searches is told at once."""

    title = _("Add a sighting")

    def get(self, request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
        """Show the empty form."""
        case = self.contributed(pk)
        return self.show(case, SightingForm(instance=Sighting(case=case)))

    def post(self, request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
        """Keep the sighting and tell the others."""
        case = self.contributed(pk)
        form = SightingForm(request.POST, instance=Sighting(case=case))
        return self.save(
            case, form, lambda: add_sighting(case=case, by=self.user, sighting=form.save(commit=False)),
            _("The sighting was added. The lead agency and every asked program are told."),
        )  # fmt: skip


class AddReference(ContributionPage):
    """A number in another system."""

    title = _("Add a number from another system")

    def get(self, request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
        """Show the empty form."""
        return self.show(self.contributed(pk), ReferenceForm())

    def post(self, request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
        """Record the number."""
        case = self.contributed(pk)
        form = ReferenceForm(request.POST)
        return self.save(
            case, form, lambda: records.add_reference(case=case, by=self.user, **form.cleaned_data),
            _("The number was recorded."),
        )  # fmt: skip


class AddNotice(ContributionPage):
    """A notice to another body."""

    title = _("Record a parallel notice")

    def get(self, request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
        """Show the empty form."""
        case = self.contributed(pk)
        return self.show(case, NoticeForm(instance=ParallelNotice(case=case)))

    def post(self, request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
        """Record the notice."""
        case = self.contributed(pk)
        form = NoticeForm(request.POST, instance=ParallelNotice(case=case))
        return self.save(
            case, form, lambda: records.record_notice(case=case, by=self.user, notice=form.save(commit=False)),
            _("The notice was recorded."),
        )  # fmt: skip


class ChangeNotice(ContributionPage):
    """How a notice stands now."""

    title = _("Status of the notice")

    def get(self, request: HttpRequest, pk: uuid.UUID, notice: uuid.UUID) -> HttpResponse:
        """Show the notice; the read is recorded."""
        case, found = self._asked(pk, notice)
        audit.record_read(by=self.user, objects=[found], case_id=case.pk)
        form = NoticeForm(instance=found)
        return self.show(case, form, state=PageState(sent_values([form]), case.facts_version))

    def post(self, request: HttpRequest, pk: uuid.UUID, notice: uuid.UUID) -> HttpResponse:
        """Record how it stands; what a colleague recorded meanwhile goes together field by field."""
        case, found = self._asked(pk, notice)
        typed: Any = request.POST
        now, who = NoticeForm(instance=found), who_noted(case, EventAction.PARALLEL_NOTICE, found)
        state = PageState(sent_values([now]), case.facts_version)
        if (base := read_base(request.POST)) is not None:
            typed, conflicts = put_together(request.POST, [now], base, who)
            state = replace(state, conflicts=tuple(conflicts))
        form = NoticeForm(typed, instance=found)
        if state.conflicts or not form.is_valid():
            return self.show(case, form, status=422, state=state)
        return self.save(
            case, form, lambda: records.record_notice(case=case, by=self.user, notice=form.save(commit=False)),
            _("The notice was recorded."),
        )  # fmt: skip

    def _asked(self, pk: uuid.UUID, notice: uuid.UUID) -> tuple[Case, ParallelNotice]:
        case = self.contributed(pk)
        return case, get_object_or_404(ParallelNotice, pk=notice, case=case)
