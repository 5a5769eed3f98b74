"""Taking a sighting over as an indication of crossing, or proposing that the lead agency does (U2)."""

from __future__ import annotations

import uuid

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from agencies import audit
from agencies.refusals import NotPermitted
from agencies.views.acting import act_once, with_nonce
from cases import permissions
from cases.forms.blank_choices import say_blank_choices
from cases.forms.corrections import ReasonForm
from cases.forms.indications import IndicationForm
from cases.models import Case, Sighting
from cases.services.indications import propose_indication, take_over

from .acts import CaseAct


class SightingToIndication(CaseAct):
    """One form for both sides: the lead agency records, any other agency on the case proposes with a reason."""

    def get(self, request: HttpRequest, pk: uuid.UUID, sighting: uuid.UUID) -> HttpResponse:
        """Show what the sighting says, to be completed."""
        case, found = self._asked(pk, sighting)
        audit.record_read(by=self.user, objects=[found], case_id=case.pk)
        return self._page(case, IndicationForm(sighting=found), None if self._leads(case) else ReasonForm())

    def post(self, request: HttpRequest, pk: uuid.UUID, sighting: uuid.UUID) -> HttpResponse:
        """Record or propose once; what is wrong comes back beside its field."""
        case, found = self._asked(pk, sighting)
        form = IndicationForm(request.POST, sighting=found)
        reason = None if self._leads(case) else ReasonForm(request.POST)
        if not (form.is_valid() & (reason is None or reason.is_valid())):
            return self._page(case, form, reason, status=422)

        def perform() -> str:
            if reason is None:
                take_over(indication=form.save(commit=False), by=self.user)
            else:
                propose_indication(
                    indication=form.save(commit=False), by=self.user, reason=reason.cleaned_data["reason"]
                )
            return reverse("cases:case-detail", args=[case.pk])

        recorded = _("The sighting is an indication of crossing now. Asked programs are told.")
        return act_once(
            request, perform, recorded if reason is None else _("Your proposal was sent to the lead agency.")
        )

    def _leads(self, case: Case) -> bool:
        return permissions.can_edit_case(self.user, case)

    def _asked(self, pk: uuid.UUID, sighting: uuid.UUID) -> tuple[Case, Sighting]:
        case = self.find(pk)
        if not (self._leads(case) or permissions.can_propose_correction(self.user, case)):
            raise NotPermitted
        rows = Sighting.objects.select_related("case", "subdivision", "toward_subdivision", "agency", "reported_by")
        return case, get_object_or_404(rows, pk=sighting, case=case)

    def _page(self, case: Case, form: IndicationForm, reason: ReasonForm | None, status: int = 200) -> HttpResponse:
        say_blank_choices(form)
        context = {
            "case": case, "form": form, "reason_form": reason, "sighting": form.instance.sighting,
            "nav_section": "cases", "is_exercise": case.is_exercise,
        }  # fmt: skip
        return render(self.request, "cases/sighting_indication.html", with_nonce(context), status=status)
