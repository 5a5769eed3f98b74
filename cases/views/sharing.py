"""Sharing a case: the list of shares, a preview as the other agency will see it, sharing, withdrawing."""

from __future__ import annotations

import uuid
from copy import copy
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from agencies import audit
from agencies.models import Agency, User
from agencies.refusals import NotPermitted
from agencies.views.acting import act_once, with_nonce
from cases import permissions
from cases.forms.sharing import ShareForm
from cases.models import Case, CaseAccess
from cases.services import sharing
from cases.services.parts import police_only_parts
from cases.views.acts import CaseAct
from cases.views.pages import CaseDetail


class Shares(CaseAct):
    """Which agencies are on the case, who put them there and until when; and the form that adds one."""

    def shared(self, pk: uuid.UUID) -> Case:
        """Return the case for those who may share it; for everybody else this page does not exist."""
        case = self.find(pk)
        if not permissions.can_share(self.user, case):
            raise NotPermitted
        return case

    def form(self, case: Case, data: Any = None) -> ShareForm:
        """Return the form with what this person may give."""
        levels = sharing.levels_offered(self.user, case)
        held = police_only_parts(case) if permissions.can_mark_parts(self.user, case) else []
        return ShareForm(data, partners=sharing.possible_partners(case), levels=levels, parts=held)

    def page(self, case: Case, form: ShareForm, status: int = 200) -> HttpResponse:
        """Show list and form; the read of the shares is recorded."""
        shares = sharing.shares_of(case)
        audit.record_read(by=self.user, objects=shares, case_id=case.pk)
        rows = [(share, share.is_valid and permissions.can_end_share(self.user, share)) for share in shares]
        context = {
            "case": case, "form": form, "rows": rows, "nav_section": "cases", "is_exercise": case.is_exercise,
        }  # fmt: skip
        return render(self.request, "cases/shares.html", with_nonce(context), status=status)

    def get(self, request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
        """Show the page."""
        case = self.shared(pk)
        return self.page(case, self.form(case))

    def post(self, request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
        """Share once, or show what the agency would see."""
        case = self.shared(pk)
        form = self.form(case, request.POST)
        if not form.is_valid():
            return self.page(case, form, status=422)
        values = form.cleaned_data
        if "preview" in request.POST:
            return preview(request, case, by=self.user, **values)

        def perform() -> str:
            sharing.share_by_hand(case=case, by=self.user, **values)
            return reverse("cases:share-list", args=[case.pk])

        return act_once(request, perform, _("The case was shared."))


def preview(request: HttpRequest, case: Case, *, by: User, agency: Agency, **values: Any) -> HttpResponse:
    """Return the page of the case as somebody of that agency who only reads will see it. Nothing of it is kept.

    The share is made, the page is drawn for a reader of that agency, and both are rolled back: what is shown comes
    from the same gateway as later. Only that somebody looked at the preview is recorded.
    """
    as_they = copy(request)
    with sharing.as_they_will_see(case=case, by=by, agency=agency, **values) as reader:
        as_they.method, as_they.user = "GET", reader
        view = CaseDetail()
        view.setup(as_they, pk=case.pk)
        # An answer of its own, so that its event is rolled back with it and names nobody in ours.
        content = audit.as_one_answer(lambda: view.get(as_they, pk=case.pk, preview_of=agency)).content
    audit.record("case.share_previewed", by=by, objects=[agency], case_id=case.pk)
    return HttpResponse(content)


class EndShare(Shares):
    """Takes a share back."""

    http_method_names = ["post"]

    def post(self, request: HttpRequest, pk: uuid.UUID, share: int) -> HttpResponse:  # type: ignore[override]
        """Withdraw once; from the next request on the agency does not find the case any more."""
        case = self.shared(pk)
        found = get_object_or_404(CaseAccess.objects.select_related("case"), pk=share, case=case)

        def perform() -> str:
            sharing.end_share(share=found, by=self.user)
            return reverse("cases:share-list", args=[case.pk])

        return act_once(request, perform, _("The share was withdrawn."))
