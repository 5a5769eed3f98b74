"""Pages that word one request: a draft of the agency (U31), and asking again after an end (U19)."""

from __future__ import annotations

import uuid
from typing import Any

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.views import View

from agencies.refusals import ActRefused, NotPermitted
from agencies.views.acting import SignedIn, act_once, clock, with_nonce
from alerts import permissions
from alerts.forms.requests import DraftForm, RequestWordsForm
from alerts.models import ExtensionRequest
from alerts.services import requests as service
from alerts.services.asking_again import changes_since, may_be_asked_again
from alerts.services.request_drafts import FIELDS, ColleagueChangedIt, edit_draft
from alerts.views.request_page import find_request, request_context, unread_words
from alerts.views.requests import fresh
from cases.services.merging import Merge


class DraftPage(SignedIn, View):
    """What saving by a press and saving by itself share."""

    http_method_names = ["post"]

    def find(self, pk: uuid.UUID) -> ExtensionRequest:
        """Return the draft for the agency that asks; for everybody else it does not exist here."""
        item = find_request(self.user, pk)
        if not permissions.can_ask(self.user, item):
            raise NotPermitted
        return item

    def edit(self, item: ExtensionRequest, form: DraftForm, *, and_send: bool = False) -> Merge:
        """Write what the form holds, field by field beside what a colleague wrote since the page was read."""
        values = form.cleaned_data
        return edit_draft(
            request=fresh(item, self.user), by=self.user, values={name: values[name] for name in FIELDS},
            seen={name: values[f"seen_{name}"] for name in FIELDS}, and_send=and_send,
        )  # fmt: skip


class SaveDraft(DraftPage):
    """Saves a draft of the agency, or saves and sends it."""

    def post(self, request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
        """Act once; where a colleague changed the same words, show both and let the officer choose."""
        item = self.find(pk)
        form = DraftForm(request.POST, prefix="draft")
        if not form.is_valid():
            return self._again(item, form)
        and_send = "send" in request.POST

        def perform() -> str:
            self.edit(item, form, and_send=and_send)
            return reverse("alerts:request-detail", args=[pk])

        try:
            return act_once(request, perform, _("The request was sent.") if and_send else _("The draft was saved."))
        except ColleagueChangedIt as found:
            return self._again(item, both_values(form, found), is_compared=True)

    def _again(self, item: ExtensionRequest, form: DraftForm, *, is_compared: bool = False) -> HttpResponse:
        # A page that shows both values saves nothing by itself: an officer says first which words stay.
        context = request_context(item, self.user, draft_form=form, is_compared=is_compared)
        return render(self.request, "alerts/request_detail.html", context, status=422)


class KeepDraft(DraftPage):
    """Saves what is being typed, by itself; answers the page's script."""

    def post(self, request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
        """Keep the words and say when; a conflict or a refusal is named, and nothing is written."""
        item = self.find(pk)
        form = DraftForm(request.POST, prefix="draft")
        if not form.is_valid():
            return JsonResponse({"message": next(iter(form.errors.values()))[0]}, status=422)
        try:
            merged = self.edit(item, form)
        except ColleagueChangedIt as found:
            return JsonResponse({"conflicts": [form.add_prefix(name) for name in found.merged.conflicts]}, status=409)
        except ActRefused as refusal:
            return JsonResponse({"message": str(refusal.message)}, status=409)
        # What stands in the draft now is what the page has seen from here on.
        seen = {form.add_prefix(f"seen_{name}"): merged.values.get(name, []) for name in FIELDS}
        taken = {form.add_prefix(name): merged.values.get(name, []) for name in merged.taken}
        return JsonResponse({"at": clock(timezone.now()), "taken": seen | taken})


def both_values(form: DraftForm, found: ColleagueChangedIt) -> DraftForm:
    """Return the form with mine in its fields and the colleague's beside them; sending it again keeps what it holds."""
    data: Any = form.data.copy()  # type: ignore[attr-defined]
    for name in FIELDS:
        theirs = (found.theirs.get(name) or [""])[0]
        data[form.add_prefix(f"seen_{name}")] = theirs
        if name in found.merged.taken:
            data[form.add_prefix(name)] = theirs
    shown = DraftForm(data, prefix="draft")
    for name in found.merged.conflicts:
        theirs = (found.theirs.get(name) or [""])[0]
        words = dict(shown.fields[name].choices).get(theirs, theirs) if name == "kind" else theirs  # type: ignore[attr-defined]
        shown.add_error(
            name, _("A colleague changed this meanwhile to: “%(theirs)s”. What you send now stays.") % {"theirs": words}
        )
    return shown


class AskAgain(SignedIn, View):
    """Asks a program again after its request has ended; the page opens with what has changed since."""

    def get(self, request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
        """Show the earlier request, what is new, and what is asked for this time."""
        earlier = self._find(pk)
        typed = self.typed_before()
        initial = {"kind": typed.get("kind"), "note": typed.get("note")} if typed else {"kind": earlier.kind}
        return self._page(earlier, RequestWordsForm(initial=initial))

    def post(self, request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
        """Send the linked request, or save it as a draft, once."""
        earlier = self._find(pk)
        form = RequestWordsForm(request.POST)
        if not form.is_valid():
            return self._page(earlier, form, status=422)
        is_draft = "save_draft" in request.POST
        perform = service.save_draft if is_draft else service.send_request

        def and_go_there() -> str:
            made = perform(
                case=earlier.case, program=earlier.program, by=self.user, follows=earlier, **form.cleaned_data
            )
            return reverse("alerts:request-detail", args=[made.pk])

        return act_once(request, and_go_there, _("The draft was saved.") if is_draft else _("The request was sent."))

    def _find(self, pk: uuid.UUID) -> ExtensionRequest:
        earlier = find_request(self.user, pk)
        if not permissions.can_send_requests(self.user, earlier.case):
            raise NotPermitted
        if not may_be_asked_again(earlier, earlier.program):
            raise ActRefused(_("Only a request that has ended can be asked again."))
        return earlier

    def _page(self, earlier: ExtensionRequest, form: RequestWordsForm, status: int = 200) -> HttpResponse:
        context: dict[str, Any] = {
            "earlier": earlier, "case": earlier.case, "form": form, "changes": changes_since(earlier),
            "unread": unread_words(earlier), "nav_section": "requests", "is_exercise": earlier.case.is_exercise,
        }  # fmt: skip
        return render(self.request, "alerts/request_again.html", with_nonce(context), status=status)
