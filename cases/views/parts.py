"""What of a case is police-only and what is released, part by part; and who was given a police-only part."""

from __future__ import annotations

import uuid
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from agencies import audit
from agencies.refusals import NotPermitted
from agencies.views.acting import act_once, with_nonce
from cases import permissions
from cases.forms.parts import GiveForm, MarkForm
from cases.models import Case, PartRelease
from cases.services import parts
from cases.services.parts import Part
from cases.views.acts import CaseAct


class Parts(CaseAct):
    """The parts with their standing, and the form that marks them."""

    def led(self, pk: uuid.UUID) -> Case:
        """Return the case for its lead agency; for everybody else this page does not exist."""
        case = self.find(pk)
        if not permissions.can_mark_parts(self.user, case):
            raise NotPermitted
        return case

    def page(
        self, case: Case, shown: list[Part], *, mark: MarkForm | None = None, give: GiveForm | None = None
    ) -> HttpResponse:
        """Show all parts, what was given to whom, and both forms; the read is recorded."""
        given = parts.releases_of(case)
        audit.record_read(by=self.user, objects=[*{part.row.pk: part.row for part in shown}.values(), *given],
                          case_id=case.pk)  # fmt: skip
        by_key = {(part.row.pk, part.group): part for part in shown}
        agencies = parts.agencies_to_give(case)
        mark_form = mark or MarkForm(parts=shown)
        context = {
            "case": case, "rows": _by_row(shown), "mark_form": mark_form, "ticked": mark_form["parts"].value() or [],
            "give_form": give or GiveForm(agencies=agencies, parts=shown),
            "can_give": any(part.is_police_only for part in shown) and agencies.exists(),
            "given": [(row, by_key.get((row.subject_id, row.group))) for row in given],
            "nav_section": "cases", "is_exercise": case.is_exercise,
        }  # fmt: skip
        return render(self.request, "cases/parts.html", with_nonce(context), status=422 if mark or give else 200)

    def get(self, request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
        """Show the page."""
        case = self.led(pk)
        return self.page(case, parts.parts_of(case))

    def post(self, request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
        """Mark the chosen parts once."""
        case = self.led(pk)
        shown = parts.parts_of(case)
        form = MarkForm(request.POST, parts=shown)
        if not form.is_valid():
            return self.page(case, shown, mark=form)
        told = form.cleaned_data

        def perform() -> str:
            parts.mark_parts(
                case=case, by=self.user, keys=told["parts"], is_police_only=told["standing"] == "police_only",
                reason=told["reason"],
            )  # fmt: skip
            return reverse("cases:part-list", args=[case.pk])

        return act_once(request, perform, _("The parts were marked."))


def _by_row(shown: list[Part]) -> list[tuple[str, list[Part]]]:
    rows: dict[uuid.UUID, list[Part]] = {}
    for part in shown:
        rows.setdefault(part.row.pk, []).append(part)
    return [(found[0].of_what, found) for found in rows.values()]


class GiveParts(Parts):
    """Gives police-only parts to one agency."""

    http_method_names = ["post"]

    def post(self, request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
        """Give once."""
        case = self.led(pk)
        shown = parts.parts_of(case)
        form = GiveForm(request.POST, agencies=parts.agencies_to_give(case), parts=shown)
        if not form.is_valid():
            return self.page(case, shown, give=form)
        told: dict[str, Any] = form.cleaned_data

        def perform() -> str:
            parts.give_parts(case=case, by=self.user, agency=told["agency"], keys=told["parts"], reason=told["reason"])
            return reverse("cases:part-list", args=[case.pk])

        return act_once(request, perform, _("The agency reads these parts now."))


class TakeBackPart(Parts):
    """Takes one part back from an agency."""

    http_method_names = ["post"]

    def post(self, request: HttpRequest, pk: uuid.UUID, release: uuid.UUID) -> HttpResponse:  # type: ignore[override]
        """Take it back once; from the next request on the agency does not find it any more."""
        case = self.led(pk)
        found = PartRelease.objects.filter(case=case, pk=release)
        if not found.exists():
            raise NotPermitted

        def perform() -> str:
            parts.take_back_parts(case=case, by=self.user, releases=[release])
            return reverse("cases:part-list", args=[case.pk])

        return act_once(request, perform, _("The part was withdrawn."))
