"""Proposed corrections: an agency that may not edit proposes, the lead agency decides in one act (U31)."""

from __future__ import annotations

import uuid
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from agencies import audit
from agencies.refusals import NotPermitted
from agencies.views.acting import act_once, with_nonce
from cases import permissions
from cases.forms.blank_choices import say_blank_choices
from cases.forms.corrections import (
    SHAPES,
    ReasonForm,
    RefusalForm,
    RowReasonForm,
    correction_form,
    facts_of,
    fields_of,
    label_of,
    sent_value,
    value_now,
)
from cases.forms.new_rows import TITLES, new_row_form, typed_row
from cases.forms.proposals import corrected, read_seen
from cases.models import Case, CorrectionProposal
from cases.models.correction import NEW_ROWS
from cases.services import corrections
from cases.views.acts import CaseAct


class Corrections(CaseAct):
    """Every fact of a case, each with a way to propose another value."""

    http_method_names = ["get"]

    def get(self, request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
        """Show the facts to those who may propose."""
        case = self.allowed(pk)
        audit.record_read(by=self.user, objects=[case], case_id=case.pk)
        context = {"case": case, "rows": facts_of(case), "nav_section": "cases", "is_exercise": case.is_exercise}
        return render(request, "cases/corrections.html", context)

    def allowed(self, pk: uuid.UUID) -> Case:
        """Return the case to those who may propose; for everybody else it does not exist."""
        case = self.find(pk)
        if not permissions.can_propose_correction(self.user, case):
            raise NotPermitted
        return case


class ProposeCorrection(Corrections):
    """Another value for one fact."""

    http_method_names = ["get", "post"]

    def get(self, request: HttpRequest, pk: uuid.UUID, kind: str = "", row: Any = None, name: str = "") -> HttpResponse:
        """Show the field as it is."""
        case = self.allowed(pk)
        found = self._row(case, kind, row)
        audit.record_read(by=self.user, objects=[found], case_id=case.pk)
        return self._page(case, correction_form(found, name), name, ReasonForm())

    def post(self, request: HttpRequest, pk: uuid.UUID, kind: str, row: uuid.UUID, name: str) -> HttpResponse:
        """Propose once; what is wrong comes back beside its field."""
        case = self.allowed(pk)
        found = self._row(case, kind, row)
        before, value = value_now(found, name), sent_value(request.POST, kind, name)  # the form writes into its row
        form, reason = correction_form(found, name, value), ReasonForm(request.POST)
        if not (form.is_valid() & reason.is_valid()):
            return self._page(case, form, name, reason, status=422)
        if not form.has_changed():
            form.add_error(fields_of(form, name)[0].name, _("This is the value recorded now."))
            return self._page(case, form, name, reason, status=422)

        def perform() -> str:
            corrections.propose_correction(
                case=case, by=self.user, subject=found, field_name=name, before=before, value=value,
                reason=reason.cleaned_data["reason"],
            )  # fmt: skip
            return reverse("cases:case-detail", args=[case.pk])

        return act_once(request, perform, _("Your proposal was sent to the lead agency."))

    def _row(self, case: Case, kind: str, row: Any) -> Any:
        if kind not in SHAPES:
            raise Http404
        return get_object_or_404(SHAPES[kind].Meta.model.objects.visible_to(self.user), pk=row, case=case)

    def _page(self, case: Case, form: Any, name: str, reason: ReasonForm, status: int = 200) -> HttpResponse:
        say_blank_choices(form)
        context = {
            "case": case, "fields": fields_of(form, name), "label": label_of(form.instance, name), "form": form,
            "reason_form": reason, "nav_section": "cases", "subject": form.instance._meta.verbose_name,
            "is_exercise": case.is_exercise,
        }  # fmt: skip
        return render(self.request, "cases/correction_propose.html", with_nonce(context), status=status)


class ProposeRow(Corrections):
    """A new travel leg, or a new link of who is with whom and in what."""

    http_method_names = ["get", "post"]

    def get(self, request: HttpRequest, pk: uuid.UUID, kind: str = "") -> HttpResponse:
        """Show the form of the new row."""
        case = self.allowed(pk)
        audit.record_read(by=self.user, objects=[case], case_id=case.pk)
        return self._new(case, kind, self._form(case, kind), RowReasonForm())

    def post(self, request: HttpRequest, pk: uuid.UUID, kind: str) -> HttpResponse:
        """Propose once; what is wrong comes back beside its field."""
        case = self.allowed(pk)
        form, reason = self._form(case, kind, request.POST), RowReasonForm(request.POST)
        if not (form.is_valid() & reason.is_valid()):
            return self._new(case, kind, form, reason, status=422)

        def perform() -> str:
            corrections.propose_row(
                case=case, by=self.user, kind=kind, row=typed_row(kind, request.POST),
                reason=reason.cleaned_data["reason"],
            )  # fmt: skip
            return reverse("cases:case-detail", args=[case.pk])

        return act_once(request, perform, _("Your proposal was sent to the lead agency."))

    def _form(self, case: Case, kind: str, data: Any = None) -> Any:
        if kind not in NEW_ROWS:
            raise Http404
        return new_row_form(case, kind, data)

    def _new(self, case: Case, kind: str, form: Any, reason: ReasonForm, status: int = 200) -> HttpResponse:
        say_blank_choices(form)
        context = {
            "case": case, "fields": list(form), "label": TITLES[kind], "form": form, "reason_form": reason,
            "nav_section": "cases", "is_new": True, "is_exercise": case.is_exercise,
        }  # fmt: skip
        return render(self.request, "cases/correction_propose.html", with_nonce(context), status=status)


class DecideCorrection(CaseAct):
    """The lead agency takes a proposal over, or refuses it."""

    http_method_names = ["post"]

    def post(self, request: HttpRequest, pk: uuid.UUID, proposal: uuid.UUID, decision: str) -> HttpResponse:
        """Decide; a refusal needs a reason from the list, taking over that nobody changed the fact meanwhile."""
        case = self.find(pk)
        if not permissions.can_edit_case(self.user, case) or decision not in ("accept", "refuse"):
            raise NotPermitted
        found = get_object_or_404(CorrectionProposal.objects.visible_to(self.user), pk=proposal, case=case)  # type: ignore[attr-defined]
        form = RefusalForm(request.POST, prefix="refusal")
        if decision == "refuse" and not form.is_valid():
            return self.refuse(case, form, _("Refuse the proposed correction"))

        def perform() -> str:
            if decision == "accept":
                row, names = corrected(found, read_seen(request.POST.get("seen", "")))
                corrections.accept_correction(
                    proposal=found, by=self.user, row=row, names=names, seen_version=case.facts_version
                )
            else:
                corrections.refuse_correction(proposal=found, by=self.user, refusal=form.cleaned_data["refusal"])
            return reverse("cases:case-detail", args=[case.pk])

        done = _("The correction was taken over.") if decision == "accept" else _("The correction was refused.")
        return act_once(request, perform, done)
