"""Blind questions to other agencies: asking, the answer, and who has asked (ADR 66)."""

from __future__ import annotations

import uuid

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils.translation import gettext_lazy as _
from django.views import View

from agencies import access, audit
from agencies.choices import Capability
from agencies.refusals import NotPermitted
from agencies.views.acting import SignedIn, act_once, with_nonce
from cases.choices import BlindSubject
from cases.forms.blind_questions import BlindQuestionForm
from cases.models import BlindQuestion
from cases.services import blind_questions

SHOWN = 50


class BlindQuestions(SignedIn, View):
    """The form, and the newest questions of and to the person's agencies."""

    def page(self, form: BlindQuestionForm, status: int = 200) -> HttpResponse:
        """Show the page; the read of the questions is recorded."""
        rows = BlindQuestion.objects.visible_to(self.user)  # type: ignore[attr-defined]
        found = list(rows.select_related("from_agency", "to_agency", "asked_by")[:SHOWN])
        audit.record_read(by=self.user, objects=found)
        context = {"form": form, "rows": found, "nav_section": "cases"}
        return render(self.request, "cases/blind_questions.html", with_nonce(context), status=status)

    def form(self, *data: object) -> BlindQuestionForm:
        """Return the form to those who may ask; for everybody else this page does not exist."""
        if not blind_questions.may_ask(self.user):
            raise NotPermitted
        return BlindQuestionForm(*data, agencies=blind_questions.possible_agencies(self.user))

    def get(self, request: HttpRequest) -> HttpResponse:
        """Show the page."""
        return self.page(self.form())

    def post(self, request: HttpRequest) -> HttpResponse:
        """Ask once; the answer stands on the page of the question."""
        form = self.form(request.POST)
        if not form.is_valid():
            return self.page(form, status=422)
        values = form.cleaned_data
        told = {"by": self.user, **{name: values[name] for name in ("agency", "reason", "is_exercise")}}

        def perform() -> str:
            if values["subject"] == BlindSubject.PLATE:
                return blind_questions.ask_about_plate(plate=values["plate"], **told).url
            return blind_questions.ask_about_child(names=values["names"], birth_date=values["birth_date"], **told).url

        return act_once(request, perform, _("The question was asked."))


class BlindQuestionPage(SignedIn, View):
    """One question: who asked whom, why, and the answer."""

    def get(self, request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
        """Show the page; a question between other agencies is answered like none."""
        rows = BlindQuestion.objects.visible_to(self.user)  # type: ignore[attr-defined]
        found = get_object_or_404(rows.select_related("from_agency", "to_agency", "asked_by"), pk=pk)
        audit.record_read(by=self.user, objects=[found])
        is_asked = found.to_agency_id in access.agency_ids(self.user, Capability.EDIT_CASES)
        context = {
            "question": found, "nav_section": "cases", "is_exercise": found.is_exercise, "is_asked": is_asked,
        }  # fmt: skip
        return render(request, "cases/blind_question.html", context)
