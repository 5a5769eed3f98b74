"""The page that sends requests: any number of programs, one act (U21)."""

from __future__ import annotations

import uuid
from collections.abc import Collection
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.http import urlencode
from django.utils.translation import gettext, ngettext
from django.views import View

from agencies.models import Agency, AlertProgram
from agencies.views.acting import SignedIn, act_once, with_nonce
from alerts.forms.requests import SendRequestForm
from alerts.permissions import asking_agency_id
from alerts.services.asking import Outcome, ask_programs
from alerts.services.choosing import Selection
from alerts.services.reading import free_texts, languages_read, unread_by
from alerts.services.writing import written_language
from alerts.views.finding import case_to_ask
from cases.models import Case


class SendRequest(SignedIn, View):
    """Asks programs for an alert, or for something else."""

    def get(self, request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
        """Show the form to the lead agency; no program is preselected."""
        case = case_to_ask(self.user, pk)
        typed = self.typed_before()
        return self._page(case, self._form(case, initial=as_typed(typed) if typed else None))

    def post(self, request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
        """Tick a group, warn of words that a program cannot read, or send once; then say what became of each."""
        case = case_to_ask(self.user, pk)
        if "choose" in request.POST or "back" in request.POST:
            return self._choose(case)
        form = self._form(case, request.POST)
        if not form.is_valid():
            return self._page(case, form, status=422)
        is_draft = "save_draft" in request.POST
        if not is_draft and "confirmed" not in request.POST and (unread := self._unread(case, form)):
            return self._warn(case, form, unread)
        return self._send(case, form, is_draft)

    def _form(self, case: Case, *args: Any, **kwargs: Any) -> SendRequestForm:
        return SendRequestForm(*args, case=case, asker_id=asking_agency_id(self.user, case), **kwargs)

    def _selection(self, case: Case, chosen: Collection[str] = ()) -> Selection:
        asker = Agency.objects.filter(pk=asking_agency_id(self.user, case) or case.lead_agency_id).first()
        return Selection(case, chosen, asker=asker)

    def _choose(self, case: Case) -> HttpResponse:
        """Tick the programs of a group beside those that are ticked; nothing that was typed is lost."""
        typed = as_typed(self.request.POST)
        for group in self._selection(case).groups:
            if group.code == self.request.POST.get("choose"):
                typed["program"] = [*typed["program"], *group.programs.split()]
        return self._page(case, self._form(case, initial=typed))

    def _unread(self, case: Case, form: SendRequestForm) -> list[dict[str, Any]]:
        """Return which words which of the chosen programs cannot read; programs in the same position together (U11)."""
        note = form.cleaned_data["note"]
        texts = free_texts(case, note, written_language(note))
        programs = list(form.cleaned_data["program"])
        languages = languages_read(programs)
        found: dict[Any, list[AlertProgram]] = {}
        for program in programs:
            if unread := unread_by(languages[program.pk], texts):
                found.setdefault((tuple(unread), languages[program.pk]), []).append(program)
        return [{"texts": key[0], "languages": key[1], "programs": together} for key, together in found.items()]

    def _warn(self, case: Case, form: SendRequestForm, unread: list[dict[str, Any]]) -> HttpResponse:
        context = {
            "case": case, "form": form, "unread": unread, "nav_section": "requests", "is_exercise": case.is_exercise,
            "nonce": self.request.POST.get("nonce", ""),
        }  # fmt: skip
        return render(self.request, "alerts/request_unread.html", context)

    def _send(self, case: Case, form: SendRequestForm, is_draft: bool) -> HttpResponse:
        outcomes: list[Outcome] = []

        def perform() -> dict[str, Any]:
            values = form.cleaned_data
            outcomes.extend(
                ask_programs(
                    case=case, programs=values["program"], by=self.user, kind=values["kind"], note=values["note"],
                    as_drafts=is_draft,
                )
            )  # fmt: skip
            return {**result_of_act("request-send", case, outcomes, self.request), "are_drafts": is_draft}

        return act_once(self.request, perform, lambda: _saved(outcomes) if is_draft else _sent(outcomes))

    def _page(self, case: Case, form: SendRequestForm, status: int = 200) -> HttpResponse:
        chosen = form.chosen
        context = {
            "case": case, "form": form, "selection": self._selection(case, chosen), "chosen": chosen,
            "now": timezone.now(), "nav_section": "requests", "is_exercise": case.is_exercise,
        }  # fmt: skip
        return render(self.request, "alerts/request_send.html", with_nonce(context), status=status)


def as_typed(typed: Any) -> dict[str, Any]:
    """Return what was chosen and typed, without judging it."""
    return {"program": typed.getlist("program"), "kind": typed.get("kind", ""), "note": typed.get("note", "")}


def result_of_act(act: str, case: Case, outcomes: list[Outcome], request: HttpRequest) -> dict[str, Any]:
    """Return what is kept of an act, named by its address: where it leads, and per program what became of it.

    One request alone leads to its own page; several lead to the requests of the case, where each says what became
    of it. The reasons are kept in the words that the officer read.
    """
    if len(outcomes) == 1 and outcomes[0].request is not None:
        return {"url": reverse("alerts:request-detail", args=[outcomes[0].request.pk])}
    query = urlencode({"of": act, "act": request.POST.get("nonce", "")})
    return {
        "url": f"{reverse('alerts:case-requests', args=[case.pk])}?{query}",
        "outcomes": [
            {"program": item.program.pk, "request": str(item.request.pk) if item.request else None,
             "refusal": item.refusal}
            for item in outcomes
        ],
    }  # fmt: skip


def _sent(outcomes: list[Outcome]) -> str:
    done = sum(item.is_done for item in outcomes)
    if len(outcomes) == 1:
        return gettext("The request was sent.")
    return ngettext("%(count)s request was sent.", "%(count)s requests were sent.", done) % {"count": done}


def _saved(outcomes: list[Outcome]) -> str:
    done = sum(item.is_done for item in outcomes)
    if len(outcomes) == 1:
        return gettext("The draft was saved.")
    return ngettext("%(count)s draft was saved.", "%(count)s drafts were saved.", done) % {"count": done}
