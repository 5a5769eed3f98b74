"""What is typed into the facts saves itself; it is continued on the page of the facts, or thrown away here (U31)."""

from __future__ import annotations

import uuid

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from agencies import audit
from agencies.refusals import ActRefused
from agencies.views.acting import act_once, clock, with_nonce
from cases.forms.conflicts import read_base, sent_values, typed_values
from cases.forms.facts import FactsForms
from cases.models import FactsDraft
from cases.services.facts_drafts import discard_facts_draft, save_facts_draft

from .facts import FactsPage


class SaveFactsDraft(FactsPage):
    """Called by the page itself while somebody types."""

    http_method_names = ["post"]

    def post(self, request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
        """Keep what the page holds and say when; a refusal is named, and nothing is written."""
        case = self.editable(pk)
        now = FactsForms(case)
        names = [field.html_name for form in now.all for field in form]
        base = read_base(request.POST)
        if base is None:
            return JsonResponse({"error": "base"}, status=422)
        try:
            draft = save_facts_draft(
                case=case, by=self.user, base={name: base[name] for name in names if name in base},
                content=typed_values(request.POST, names), now=sent_values(now.all), **self.draft_key(),
            )  # fmt: skip
        except ActRefused as refusal:
            return JsonResponse({"message": str(refusal.message)}, status=409)
        key = {"draft": str(draft.pk), "version": draft.version} if draft else {"version": 0}
        return JsonResponse({**key, "at": clock(timezone.now()), "taken": {}})


class DiscardFactsDraft(FactsPage):
    """Throws away what was typed and not sent, after asking."""

    def get(self, request: HttpRequest, pk: uuid.UUID, draft: uuid.UUID) -> HttpResponse:
        """Ask."""
        found = self._asked(pk, draft)
        audit.record_read(by=self.user, objects=[found], case_id=found.case_id)
        context = {"draft": found, "back": reverse("cases:case-facts", args=[pk]), "nav_section": "cases",
                   "is_exercise": found.case.is_exercise}  # fmt: skip
        return render(request, "cases/draft_discard.html", with_nonce(context))

    def post(self, request: HttpRequest, pk: uuid.UUID, draft: uuid.UUID) -> HttpResponse:
        """Remove it."""
        found = self._asked(pk, draft)

        def perform() -> str:
            discard_facts_draft(draft=found, by=self.user)
            return reverse("cases:case-facts", args=[pk])

        return act_once(request, perform, _("The draft was discarded."))

    def _asked(self, pk: uuid.UUID, draft: uuid.UUID) -> FactsDraft:
        case = self.editable(pk)
        rows = FactsDraft.objects.visible_to(self.user).select_related("case", "agency", "saved_by")  # type: ignore[attr-defined]
        found: FactsDraft = get_object_or_404(rows, pk=draft, case=case)
        return found
