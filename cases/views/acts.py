"""Acting on cases: facts, photos, steps, recovery."""

from __future__ import annotations

import uuid
from typing import Any

from django.forms import BaseForm
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from django.views import View

from agencies import audit
from agencies.refusals import ActRefused, NotPermitted
from agencies.views.acting import SignedIn, act_once, with_nonce
from cases import permissions, workflow
from cases.forms.acts import PhotoForm
from cases.imaging import PhotoRefused
from cases.models import Case, PhotoUpload
from cases.services import facts, uploads
from cases.views.pages import PAGE_STEPS


class CaseAct(SignedIn, View):
    """Base of acts on one visible case."""

    def find(self, pk: uuid.UUID) -> Case:
        """Return the case or answer 404, the same for a foreign one and for none."""
        case = get_object_or_404(Case.objects.visible_to(self.user), pk=pk)  # type: ignore[attr-defined]
        return audit.noted(case, by=self.user)

    def refuse(self, case: Case, form: BaseForm, title: Any) -> HttpResponse:
        """Show one form again on a page of its own, with what was typed and the errors beside it."""
        context = {"case": case, "form": form, "title": title, "action": self.request.path, "nav_section": "cases",
                   "is_exercise": case.is_exercise}  # fmt: skip
        return render(self.request, "cases/act_form.html", with_nonce(context), status=422)


class AddPhoto(CaseAct):
    """Takes a picture of the child."""

    http_method_names = ["post"]

    def post(self, request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
        """Keep the re-encoded picture; a refused file leaves nothing behind."""
        case = self.find(pk)
        if not permissions.can_edit_case(self.user, case):
            raise NotPermitted
        parts = reverse("cases:photo-upload-begin", args=[case.pk])
        form = PhotoForm(request.POST, request.FILES, prefix="photo", upload_url=parts)
        if not form.is_valid():
            return self.refuse(case, form, _("Add a photo"))
        arrived = self._arrived(case, form.cleaned_data["upload"])
        told = {"by": self.user, "child": case.children.first(), "basis": form.cleaned_data["publication_basis"]}

        def perform() -> str:
            if arrived is not None:
                uploads.add_arrived_photo(upload=arrived, **told)
            else:
                facts.add_photo(case=case, raw=form.cleaned_data["photo"].read(), **told)
            return reverse("cases:case-detail", args=[case.pk])

        try:
            return act_once(request, perform, _("The photo was added."))
        except PhotoRefused as refusal:
            if arrived is not None:
                uploads.discard_upload(upload=arrived, by=self.user)
                form.forget_upload()
            form.add_error("photo", str(refusal.message))
            return self.refuse(case, form, _("Add a photo"))

    def _arrived(self, case: Case, upload: uuid.UUID | None) -> PhotoUpload | None:
        """Return the file that came in parts before; one that became a photo or ran out is refused."""
        if upload is None:
            return None
        found: PhotoUpload | None = PhotoUpload.objects.visible_to(self.user).filter(pk=upload, case=case).first()
        if found is None:
            raise ActRefused(_("This photo is no longer on its way. Choose the file again."))
        return found


DONE = {"activate": _("The case was activated.")}


class CaseStep(CaseAct):
    """Steps of the case that need nothing but the decision."""

    http_method_names = ["post"]

    def post(self, request: HttpRequest, pk: uuid.UUID, step: str) -> HttpResponse:
        """Take the step, or say what is possible now."""
        case = self.find(pk)
        if step not in PAGE_STEPS:
            raise Http404

        def perform() -> str:
            workflow.apply(case, step, by=self.user, agency=case.lead_agency)
            return reverse("cases:case-detail", args=[case.pk])

        return act_once(request, perform, DONE[step])
