"""Pages of requests: the list, one request, and the acts on it."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from typing import Any, ClassVar

from django import forms
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from django.views import View
from django.views.generic import TemplateView

from agencies import audit
from agencies.models import User
from agencies.refusals import NotPermitted
from agencies.views.acting import SignedIn, act_once, page_or_404
from alerts import permissions
from alerts.forms.alerts import AgreeForm
from alerts.forms.requests import (
    AcknowledgeForm,
    AnswerForm,
    CancellationForm,
    DecisionForm,
    QuestionForm,
    RefusalForm,
    WithdrawForm,
)
from alerts.models import ExtensionRequest, KeptRequest
from alerts.services import cancellations, lower_levels, questions
from alerts.services import requests as service
from alerts.views.criteria import decision_checklist
from alerts.views.request_page import agree_form, find_request, request_context
from cases.services.showing import rows_in


class RequestList(SignedIn, TemplateView):
    """Requests sent by and to the person's agencies."""

    template_name = "alerts/request_list.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Return one page, newest first."""
        rows = (
            ExtensionRequest.objects.visible_to(self.user)
            .select_related(  # type: ignore[attr-defined]
                "program", "requesting_agency", "case"
            )
            .prefetch_related("outside_answers")
        )
        page = page_or_404(rows, self.request)
        audit.record_read(by=self.user, objects=page.rows)
        return super().get_context_data(page=page, nav_section="requests", **kwargs)


class RequestDetail(SignedIn, TemplateView):
    """One request with its clocks, and what can be done now."""

    template_name = "alerts/request_detail.html"

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """Show the request, or lead to what stays of it with an agency whose sight of the case has ended (U35)."""
        try:
            return super().get(request, *args, **kwargs)
        except Http404:
            kept = KeptRequest.objects.visible_to(self.user).filter(request_id=kwargs["pk"])  # type: ignore[attr-defined]
            if found := kept.order_by("pk").values_list("pk", flat=True).first():
                return HttpResponseRedirect(reverse("alerts:request-kept", args=[found]))
            raise

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Return the request with the facts the receiver decides on; the read is recorded."""
        item = find_request(self.user, kwargs.pop("pk"))
        context = request_context(item, self.user)
        audit.record_read(by=self.user, objects=[item, *rows_in(context)], case_id=item.case_id)
        return super().get_context_data(**context, **kwargs)


class RequestAct(SignedIn, View):
    """Base of acts on one request."""

    http_method_names = ["post"]

    def act(self, pk: uuid.UUID, perform: Callable[[], object], success: Any) -> HttpResponse:
        """Perform once and show the request again."""

        def and_go_back() -> str:
            perform()
            return reverse("alerts:request-detail", args=[pk])

        return act_once(self.request, and_go_back, success)


class FormAct(RequestAct):
    """An act with a form: done once, or the page comes back with everything typed and the error beside its field."""

    form_class: type[forms.Form]
    prefix: str
    success: Any

    def may(self, item: ExtensionRequest) -> bool:
        """Say whether this person acts for the side whose act it is."""
        return permissions.can_answer(self.user, item)

    def form(self, item: ExtensionRequest, data: Any) -> forms.Form:
        """Return the bound form."""
        return self.form_class(data, prefix=self.prefix)

    def values(self, form: forms.Form) -> dict[str, Any]:
        """Return what was typed, as the service takes it."""
        return form.cleaned_data

    def done(self, item: ExtensionRequest) -> Any:
        """Return the words that confirm the act."""
        return self.success

    def perform(self, item: ExtensionRequest, values: dict[str, Any]) -> object:
        """Do it with what was typed."""
        raise NotImplementedError

    def post(self, request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
        """Act once, or show what is wrong."""
        item = find_request(self.user, pk)
        if not self.may(item):
            raise NotPermitted
        form = self.form(item, request.POST)
        if not form.is_valid():
            context = request_context(item, self.user, **{f"{self.prefix}_form": form})
            return render(request, "alerts/request_detail.html", context, status=422)
        return self.act(pk, lambda: self.perform(fresh(item, self.user), self.values(form)), self.done(item))


class Acknowledge(FormAct):
    """Acknowledges receipt (acuse de recibo): officer, position, time and own folio."""

    form_class, prefix, success = AcknowledgeForm, "acknowledge", _("Receipt was acknowledged.")

    def perform(self, item: ExtensionRequest, values: dict[str, Any]) -> object:
        """Acknowledge."""
        return service.acknowledge(request=item, by=self.user, **values)


class Decide(FormAct):
    """Records the receiving program's decision."""

    form_class, prefix, success = DecisionForm, "decision", _("The decision was recorded.")

    def form(self, item: ExtensionRequest, data: Any) -> forms.Form:
        """Return the form with the decisions that this kind of request allows."""
        return DecisionForm(data, prefix=self.prefix, item=item)

    def post(self, request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
        """Decide once, with the answers to the program's own criteria; wrong fields bring the page back."""
        item = find_request(self.user, pk)
        if not self.may(item):
            raise NotPermitted
        form, checklist = self.form(item, request.POST), decision_checklist(item, self.user, request.POST)
        if not all([form.is_valid(), checklist is None or checklist.is_valid()]):
            context = request_context(item, self.user, decision_form=form, checklist=checklist)
            return render(request, "alerts/request_detail.html", context, status=422)
        answers = checklist.answers() if checklist else None
        return self.act(
            pk,
            lambda: service.decide(request=fresh(item, self.user), by=self.user, answers=answers, **form.cleaned_data),
            self.success,
        )


class Ask(FormAct):
    """Asks the requesting agency; the decision clock stands still."""

    form_class, prefix, success = QuestionForm, "question", _("The question was sent. Your decision clock is paused.")

    def perform(self, item: ExtensionRequest, values: dict[str, Any]) -> object:
        """Ask."""
        return questions.ask(request=item, by=self.user, **values)


class Answer(FormAct):
    """Answers the open round of questions."""

    form_class, prefix, success = AnswerForm, "answer", _("The answer was sent.")

    def may(self, item: ExtensionRequest) -> bool:
        """The asking side answers."""
        return permissions.can_ask(self.user, item)

    def form(self, item: ExtensionRequest, data: Any) -> forms.Form:
        """Return the form of the open round."""
        rounds = [row for row in item.rounds.all() if row.answered_at is None]
        return AnswerForm(data, prefix=self.prefix, questions=rounds[-1].questions if rounds else [])

    def perform(self, item: ExtensionRequest, values: dict[str, Any]) -> object:
        """Answer."""
        return questions.answer(request=item, by=self.user, **values)


class AskCancellation(FormAct):
    """Asks the program to cancel its active alert."""

    form_class, prefix, success = CancellationForm, "cancellation", _("The program was asked to cancel.")

    def may(self, item: ExtensionRequest) -> bool:
        """The asking side asks."""
        return permissions.can_ask(self.user, item)

    def perform(self, item: ExtensionRequest, values: dict[str, Any]) -> object:
        """Ask for the cancellation."""
        return cancellations.ask_cancellation(request=item, by=self.user, **values)


class AgreeToCancel(FormAct):
    """Cancels the alert as asked; before the program's shortest duration it is explained in writing (U12)."""

    form_class, prefix, success = AgreeForm, "agree", _("The cancellation was recorded.")

    def form(self, item: ExtensionRequest, data: Any) -> forms.Form:
        """Return the form with what the program's rules want now."""
        return agree_form(item, data)

    def perform(self, item: ExtensionRequest, values: dict[str, Any]) -> object:
        """Agree."""
        return cancellations.agree(request=item, by=self.user, **values)


class RefuseCancellation(FormAct):
    """Keeps the alert running, with a reason."""

    form_class, prefix, success = RefusalForm, "refusal", _("The refusal was recorded. The alert keeps running.")

    def perform(self, item: ExtensionRequest, values: dict[str, Any]) -> object:
        """Refuse."""
        return cancellations.refuse(request=item, by=self.user, **values)


class PlainAct(RequestAct):
    """Acts without anything to type: one button each."""

    acts: ClassVar[dict[str, tuple[Callable[..., object], Any]]] = {
        "send": (service.send_draft, _("The request was sent.")),
        "take": (service.take_charge, _("You are in charge of this request.")),
        "raise": (lower_levels.raise_to_alert, _("The alert was prepared from the facts.")),
        "end": (lower_levels.end_accepted, _("What was accepted was ended.")),
        "cancel": (cancellations.agree, _("The cancellation was recorded.")),
        "confirm": (cancellations.confirm, _("The cancellation was confirmed.")),
    }

    def post(self, request: HttpRequest, pk: uuid.UUID, step: str) -> HttpResponse:
        """Act once."""
        item = find_request(self.user, pk)
        if step not in self.acts:
            raise Http404
        perform, success = self.acts[step]
        return self.act(pk, lambda: perform(request=fresh(item, self.user), by=self.user), success)


class Withdraw(FormAct):
    """Takes a request back before activation; a draft is discarded the same way."""

    form_class, prefix, success = WithdrawForm, "withdraw", _("The request was withdrawn.")

    def may(self, item: ExtensionRequest) -> bool:
        """The asking side takes back."""
        return permissions.can_ask(self.user, item)

    def done(self, item: ExtensionRequest) -> Any:
        """Return the words that confirm the act."""
        return self.success if item.sent_at else _("The draft was discarded.")

    def perform(self, item: ExtensionRequest, values: dict[str, Any]) -> object:
        """Withdraw."""
        return service.withdraw(request=item, by=self.user, **values)


def fresh(item: ExtensionRequest, user: User) -> ExtensionRequest:
    """Return the row anew: the one on the page knows its alert only as far as this person may see it."""
    return (
        ExtensionRequest.objects.visible_to(user)
        .select_related(  # type: ignore[attr-defined]
            "program__agency", "requesting_agency", "case__lead_agency"
        )
        .get(pk=item.pk)
    )
