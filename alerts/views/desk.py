"""The first page after sign-in: what needs me now."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from django.views import View
from django.views.generic import TemplateView

from agencies import access, audit
from agencies.choices import Capability
from agencies.models import Agency, User
from agencies.refusals import NotPermitted
from agencies.views.acting import SignedIn, act_once, with_nonce
from alerts.cap.receive import CapRefused
from alerts.desk_items import what_needs, what_rests
from alerts.forms.requests import ImportCapForm
from alerts.services.cap_import import AlreadyImported, import_cap
from alerts.statistics import corridors
from cases.models import CaseAccess, CaseDraft
from cases.views.correction_cards import corrections_on_desk


class Desk(SignedIn, TemplateView):
    """What waits for this person, the most urgent first; drafts; open cases; the corridor table."""

    template_name = "alerts/desk.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Return what waits, one query for each kind; what is shown of cases is recorded as read."""
        page = CaseAccess.page(self.user, limit=10, statuses=("intake", "active", "located"))
        drafts = CaseDraft.objects.newest(self.user)  # type: ignore[attr-defined]
        audit.record_read(by=self.user, objects=page.cases)
        audit.record_read(by=self.user, objects=drafts)
        now, later = what_needs(self.user), what_rests(self.user)
        audit.record_read(by=self.user, objects=[item.row for item in (*now, *later)])
        return super().get_context_data(
            now_items=now,
            later_items=later,
            page=page,
            drafts=drafts,
            **corrections_on_desk(self.user),
            corridors=corridors(self.user),
            can_import=bool(access.agency_ids(self.user, Capability.IMPORT_CASES)),
            can_open=bool(access.agency_ids(self.user, Capability.EDIT_CASES)),
            has_board=bool(access.agency_ids(self.user, Capability.SUPERVISE_PROGRAM)),
            has_shifts=hands_over_shifts(self.user),
            nav_section="desk",
            **kwargs,
        )


def hands_over_shifts(user: User) -> bool:
    """Say whether a desk at which this person may answer requests goes by a roster, so that its shifts hand over."""
    ids = access.agency_ids(user, Capability.ANSWER_REQUESTS)
    return bool(ids) and Agency.objects.filter(pk__in=ids, keeps_roster=True).exists()


class ImportCap(SignedIn, View):
    """A partner's CAP alert becomes a draft case."""

    def get(self, request: HttpRequest) -> HttpResponse:
        """Show the form to those who may import."""
        return self._page(ImportCapForm(agency_ids=self._agency_ids()))

    def post(self, request: HttpRequest) -> HttpResponse:
        """Import once, then go to the facts; a refused file leaves nothing behind and says why."""
        form = ImportCapForm(request.POST, request.FILES, agency_ids=self._agency_ids())
        if not form.is_valid():
            return self._page(form, status=422)

        def perform() -> str:
            case = import_cap(raw=form.cleaned_data["file"].read(), by=self.user, agency=form.cleaned_data["agency"])
            return reverse("cases:case-facts", args=[case.pk])

        try:
            return act_once(request, perform, _("The message was imported. Now record its facts, coded."))
        except (CapRefused, AlreadyImported) as refusal:
            form.add_error("file", str(refusal.message))
            return self._page(form, status=422)

    def _agency_ids(self) -> frozenset[int]:
        ids = access.agency_ids(self.user, Capability.IMPORT_CASES)
        if not ids:
            raise NotPermitted
        return ids

    def _page(self, form: ImportCapForm, status: int = 200) -> HttpResponse:
        context = with_nonce({"form": form, "nav_section": "cases"})
        return render(self.request, "alerts/cap_import.html", context, status=status)
