"""The coded facts of a case on one page; two people's changes go together field by field (U31)."""

from __future__ import annotations

import uuid
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.datastructures import MultiValueDict
from django.utils.translation import gettext_lazy as _

from agencies import audit
from agencies.identifiers import uuid7
from agencies.refusals import ActRefused, NotPermitted
from agencies.views.acting import act_once, with_nonce
from cases import permissions
from cases.forms.conflicts import read_base, sent_values
from cases.forms.facts import FactsForms
from cases.forms.intake import DraftKeyForm
from cases.forms.kind_of_change import KindOfChangeForm
from cases.models import Case, FactsDraft
from cases.services import facts
from cases.services.facts import ChangeUnsaid
from cases.services.facts_drafts import send_facts_draft
from cases.views.acts import CaseAct

from .merging import PageState, put_together, who_changed


class FactsPage(CaseAct):
    """What the page of the facts and its drafts share."""

    def editable(self, pk: uuid.UUID) -> Case:
        """Return the case for those who change its facts; for everybody else it does not exist here."""
        case = self.find(pk)
        if not permissions.can_edit_case(self.user, case):
            raise NotPermitted
        return case

    def draft_key(self) -> dict[str, Any]:
        """Return which draft the sent page belongs to, as the services take it."""
        form = DraftKeyForm(self.request.POST)
        told = form.cleaned_data if form.is_valid() else {"draft": uuid7(), "draft_version": 0}
        page = self.request.POST.get("nonce", "")[:80].replace("\0", "")
        return {"draft_id": told["draft"], "seen_version": told["draft_version"], "page": page}


class CaseFacts(FactsPage):
    """The coded facts on one page."""

    def get(self, request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
        """Show the facts for editing to the lead agency, with what was typed and not sent."""
        case = self.editable(pk)
        audit.record_read(by=self.user, objects=[case], case_id=case.pk)
        kept = FactsDraft.objects.newest(self.user, case)  # type: ignore[attr-defined]
        audit.record_read(by=self.user, objects=kept, case_id=case.pk)
        if typed := self.typed_before():
            seen = typed.get("facts_version", "")
            version = int(seen) if seen.isdigit() else case.facts_version
            return self._page(case, FactsForms(case, typed), PageState(read_base(typed), version), drafts=kept)
        if (draft := self._continued(kept)) is not None:
            return self._with_draft(case, draft, kept)
        shown = FactsForms(case)
        return self._page(case, shown, PageState(sent_values(shown.all), case.facts_version), drafts=kept)

    def post(self, request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
        """Save all or nothing; on an error everything typed stays on the page.

        Over a newer version the fields that only one side changed go together; where both changed one, the page
        comes back with both values and nothing is saved yet.
        """
        case = self.editable(pk)
        told = request.POST.get("facts_version", "")
        seen = int(told) if told.isascii() and told.isdigit() else 0
        typed: MultiValueDict[str, str] = request.POST
        base = read_base(request.POST)
        if base is not None:
            now = FactsForms(case)
            typed, conflicts = put_together(request.POST, now.all, base, who_changed(case))
            base = sent_values(now.all)
            if conflicts:
                state = PageState(base, case.facts_version, tuple(conflicts))
                return self._page(case, FactsForms(case, typed), state, status=422)
            seen = case.facts_version
        shown = FactsForms(case, typed)
        if not shown.is_valid():
            return self._page(case, shown, PageState(base, seen), status=422)
        if not seen:
            raise ActRefused(_("This form has no valid key. Load the page again."))

        kind = KindOfChangeForm(request.POST)

        def perform() -> str:
            facts.record_facts(
                case=case, by=self.user, items=shown.items(), seen_version=seen, is_correction=kind.is_correction,
                is_asked=True,
            )  # fmt: skip
            send_facts_draft(case=case, by=self.user, **self.draft_key())
            return reverse("cases:case-detail", args=[case.pk])

        try:
            return act_once(request, perform, _("The facts were saved."))
        except ChangeUnsaid as unsaid:
            kind.refuse(unsaid.message)
        case = self.editable(pk)
        return self._page(case, FactsForms(case, typed), PageState(base, seen), status=422, kind=kind)

    def _continued(self, kept: list[FactsDraft]) -> FactsDraft | None:
        """Return the draft that the address names, else the reader's own newest one."""
        wanted = self.request.GET.get("draft", "")
        if wanted:
            return next((draft for draft in kept if str(draft.pk) == wanted), None)
        return next((draft for draft in kept if draft.saved_by_id == self.user.pk), None)

    def _with_draft(self, case: Case, draft: FactsDraft, kept: list[FactsDraft]) -> HttpResponse:
        """Show what was typed over the facts as they are now; what somebody changed since has to be chosen."""
        now = FactsForms(case)
        base, present = draft.base, sent_values(now.all)
        typed, conflicts = put_together(MultiValueDict(draft.content), now.all, base, who_changed(case))
        state = PageState(present, case.facts_version, tuple(conflicts))
        return self._page(case, FactsForms(case, typed), state, draft=draft, drafts=kept)

    def _page(
        self, case: Case, shown: FactsForms, state: PageState, *, status: int = 200, draft: FactsDraft | None = None,
        drafts: list[FactsDraft] | None = None, kind: KindOfChangeForm | None = None,
    ) -> HttpResponse:  # fmt: skip
        told = self.draft_key() if self.request.method == "POST" else {"draft_id": uuid7(), "seen_version": 0}
        context = {
            "case": case,
            "kind_of_change": kind or KindOfChangeForm(self.request.POST or None),
            "forms": shown,
            "base": state.base_as_json,
            "version": state.version,
            "conflicts": state.conflicts,
            "draft": draft,
            "draft_id": draft.pk if draft else told["draft_id"],
            "draft_version": draft.version if draft else told["seen_version"],
            "other_drafts": [item for item in drafts or () if item != draft],
            "originals": case.documents.filter(kind="partner_cap"),
            "nav_section": "cases",
            "is_exercise": case.is_exercise,
        }
        return render(self.request, "cases/case_facts.html", with_nonce(context), status=status)
