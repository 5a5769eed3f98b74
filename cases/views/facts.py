"""The coded facts of a case on one page; two people's changes go together field by field (U31)."""

from __future__ import annotations

import json
import uuid
from dataclasses import dataclass
from typing import Any

from django import forms
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.datastructures import MultiValueDict
from django.utils.translation import gettext_lazy as _

from agencies import audit
from agencies.refusals import ActRefused, NotPermitted
from agencies.views.acting import act_once, with_nonce
from cases import permissions
from cases.choices import EventAction
from cases.forms.conflicts import (
    Conflict,
    apply_choices,
    describe_conflict,
    read_base,
    sent_values,
    typed_values,
)
from cases.forms.facts import FactsForms
from cases.forms.kind_of_change import KindOfChangeForm
from cases.models import Case
from cases.services import facts
from cases.services.facts import ChangeUnsaid
from cases.services.merging import Typed, merge
from cases.views.acts import CaseAct


@dataclass(frozen=True)
class PageState:
    """What a page of facts began with, and what two people changed to different values."""

    base: Typed | None
    version: int
    conflicts: tuple[Conflict, ...] = ()


class CaseFacts(CaseAct):
    """The coded facts on one page."""

    def get(self, request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
        """Show the facts for editing to the lead agency."""
        case = self._editable(pk)
        audit.record_read(by=self.user, objects=[case], case_id=case.pk)
        if typed := self.typed_before():
            seen = typed.get("facts_version", "")
            version = int(seen) if seen.isdigit() else case.facts_version
            return self._page(case, FactsForms(case, typed), PageState(read_base(typed), version))
        shown = FactsForms(case)
        return self._page(case, shown, PageState(sent_values(shown.all), case.facts_version))

    def post(self, request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
        """Save all or nothing; on an error everything typed stays on the page.

        Over a newer version the fields that only one side changed go together; where both changed one, the page
        comes back with both values and nothing is saved yet.
        """
        case = self._editable(pk)
        told = request.POST.get("facts_version", "")
        seen = int(told) if told.isascii() and told.isdigit() else 0
        typed: MultiValueDict[str, str] = request.POST
        base = read_base(request.POST)
        if base is not None:
            now = FactsForms(case)
            typed, conflicts = self._merged(case, now, base)
            if conflicts:
                state = PageState(sent_values(now.all), case.facts_version, tuple(conflicts))
                return self._page(case, FactsForms(case, typed), state, status=422)
            base, seen = sent_values(now.all), case.facts_version
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
            return reverse("cases:case-detail", args=[case.pk])

        try:
            return act_once(request, perform, _("The facts were saved."))
        except ChangeUnsaid as unsaid:
            kind.refuse(unsaid.message)
        case = self._editable(pk)
        return self._page(case, FactsForms(case, typed), PageState(base, seen), status=422, kind=kind)

    def _merged(self, case: Case, now: FactsForms, base: Typed) -> tuple[MultiValueDict[str, str], list[Conflict]]:
        """Put what was typed together with the facts as they are now; return it with what has to be chosen."""
        theirs = sent_values(now.all)
        fields = {field.html_name: field for form in now.all for field in form}
        mine = typed_values(self.request.POST, fields)
        together = merge(base=base, mine=mine, theirs=theirs)
        values, unsolved = apply_choices(self.request.POST, together.values, theirs)
        names = [name for name in sorted({*together.conflicts, *unsolved}) if name in fields]
        conflicts = [
            describe_conflict(fields[name], mine.get(name, []), theirs.get(name, []), *who_changed(case, fields[name]))
            for name in names
        ]
        return MultiValueDict(values), conflicts

    def _editable(self, pk: uuid.UUID) -> Case:
        case = self.find(pk)
        if not permissions.can_edit_case(self.user, case):
            raise NotPermitted
        return case

    def _page(
        self, case: Case, shown: FactsForms, state: PageState, status: int = 200, kind: KindOfChangeForm | None = None
    ) -> HttpResponse:
        context = {
            "case": case,
            "kind_of_change": kind or KindOfChangeForm(self.request.POST or None),
            "forms": shown,
            "base": json.dumps(state.base, ensure_ascii=False),
            "version": state.version,
            "conflicts": state.conflicts,
            "originals": case.documents.filter(kind="partner_cap"),
            "nav_section": "cases",
            "is_exercise": case.is_exercise,
        }
        return render(self.request, "cases/case_facts.html", with_nonce(context), status=status)


def who_changed(case: Case, field: forms.BoundField) -> tuple[str, Any]:
    """Return who last changed this fact, and when, as far as the timeline knows."""
    form: Any = field.form
    name = "clothing" if field.name.startswith(("garment_", "color_")) else field.name
    key = f"{form._meta.model._meta.model_name}.{name}"
    changes = case.events.filter(kind=EventAction.FACTS_CHANGED).select_related("actor").order_by("-at")  # type: ignore[attr-defined]
    event = changes.filter(detail__fields__contains=[key]).first() or changes.first()
    return (event.actor.full_name, event.at) if event and event.actor else ("", None)
