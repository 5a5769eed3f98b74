"""Reading cases: the list and the file."""

from __future__ import annotations

from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.views.generic import TemplateView, View

from agencies import access, audit
from agencies.choices import Capability
from agencies.views.acting import SignedIn, with_nonce
from cases import permissions, workflow
from cases.forms.acts import PhotoForm
from cases.forms.listing import CaseFilterForm
from cases.models import Case, CaseAccess, CaseDraft, CaseEvent, CasePage, Document, FactsDraft, Photo
from cases.services.showing import facts_to_show, notices_to_show, rows_in
from cases.timeline import describe
from cases.views.correction_cards import proposals_on_page, with_indication_forms
from cases.views.recovery_cards import closure_context, recovery_context

from .publication import publication_context


class CaseList(SignedIn, TemplateView):
    """The cases of the person's agencies, newest first, by key."""

    template_name = "cases/case_list.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Return one page; a choice that no page offers or a malformed key is an address that does not exist."""
        form = CaseFilterForm(self.request.GET)
        is_told = form.is_valid()
        if form.is_foreign:
            raise Http404
        try:
            page = (
                CaseAccess.page(self.user, after=self.request.GET.get("after", ""), chosen=form.chosen())
                if is_told
                else CasePage([], "", 0, False)
            )
        except (ValueError, OverflowError) as error:
            raise Http404 from error
        drafts = CaseDraft.objects.newest(self.user)  # type: ignore[attr-defined]
        audit.record_read(by=self.user, objects=page.cases)
        audit.record_read(by=self.user, objects=drafts)
        return super().get_context_data(
            page=page,
            form=form,
            drafts=drafts,
            can_open=bool(access.agency_ids(self.user, Capability.EDIT_CASES)),
            can_import=bool(access.agency_ids(self.user, Capability.IMPORT_CASES)),
            nav_section="cases",
            **kwargs,
        )


class CaseDetail(SignedIn, TemplateView):
    """One case: facts, people, photos, timeline, and the acts that are possible now."""

    template_name = "cases/case_detail.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Return everything that this person may see of the case; the read is recorded with its ids."""
        case = get_object_or_404(
            Case.objects.visible_to(self.user).select_related(  # type: ignore[attr-defined]
                "lead_agency", "origin", "abduction__subdivision"
            ),
            pk=kwargs.pop("pk"),
        )
        events = CaseEvent.objects.visible_to(self.user).filter(case=case).select_related("actor", "agency")  # type: ignore[attr-defined]
        shown = facts_to_show(case)
        documents = list(case.documents.defer("content"))
        audit.record_read(by=self.user, objects=[case, *rows_in(shown), *documents], case_id=case.pk)
        context: dict[str, Any] = {
            "case": case,
            **shown,
            **notices_to_show(case, shown["children"], shown["people"]),
            "documents": documents,
            "accesses": CaseAccess.objects.valid().filter(case=case).select_related("agency"),  # type: ignore[attr-defined]
            "timeline": [describe(item) for item in events],
            "nav_section": "cases",
            "is_exercise": case.is_exercise,
            **publication_context(case, self.user),
        }
        context |= recovery_context(case, self.user) | closure_context(case, self.user) | self._acts(case)
        context |= proposals_on_page(self.user, case) | with_indication_forms(self.user, case, shown["sightings"])
        return super().get_context_data(**with_nonce(context), **kwargs)

    def _acts(self, case: Case) -> dict[str, Any]:
        steps = [step for step in workflow.CASE.available(case, self.user) if step.name in PAGE_STEPS]
        can_edit = permissions.can_edit_case(self.user, case)
        parts = reverse("cases:photo-upload-begin", args=[case.pk])
        return {
            "steps": steps,
            "can_contribute": permissions.can_contribute(self.user, case) and case.is_open,
            "can_edit": can_edit and case.is_open,
            "can_mark_parts": can_edit,
            "can_share": permissions.can_share(self.user, case),
            "can_read_history": permissions.can_read_history(self.user, case),
            "can_offer": permissions.can_offer_case(self.user, case),
            "can_seal": permissions.can_seal(self.user, case),
            "is_sealed": case.is_sealed,
            "can_read_accesses": permissions.can_read_accesses(self.user, case),
            "can_explain_sight": permissions.can_explain_sight(self.user, case),
            "uploads": list(case.photouploads.all()) if can_edit else [],
            "facts_drafts": FactsDraft.objects.newest(self.user, case) if can_edit and case.is_open else [],  # type: ignore[attr-defined]
            "photo_form": PhotoForm(prefix="photo", upload_url=parts),
        }


# Steps that need nothing but the decision; the others have forms of their own.
PAGE_STEPS = {"activate"}


ENDINGS = {"application/pdf": "pdf", "image/jpeg": "jpg", "image/png": "png"}


class PhotoFile(SignedIn, View):
    """A picture of a case, for the agencies on it."""

    def get(self, request: HttpRequest, pk: Any) -> HttpResponse:
        """Return the picture; never cached, never rendered as anything but a picture."""
        photo = get_object_or_404(Photo.objects.visible_to(self.user), pk=pk)  # type: ignore[attr-defined]
        audit.record_read(by=self.user, objects=[photo], case_id=photo.case_id)
        return file_answer(bytes(photo.jpeg), "image/jpeg", f"{photo.pk}.jpg", inline=True)


class DocumentFile(SignedIn, View):
    """A document of a case, byte for byte, as a download."""

    def get(self, request: HttpRequest, pk: Any) -> HttpResponse:
        """Return the file as an attachment."""
        document = get_object_or_404(Document.objects.visible_to(self.user), pk=pk)  # type: ignore[attr-defined]
        audit.record_read(by=self.user, objects=[document], case_id=document.case_id)
        return file_answer(
            bytes(document.content),
            document.mime_type,
            f"{document.pk}.{ENDINGS.get(document.mime_type, 'xml')}",
            inline=False,
        )


def file_answer(content: bytes, mime_type: str, name: str, *, inline: bool) -> HttpResponse:
    """Return a file as an answer that a browser neither guesses about nor runs."""
    response = HttpResponse(content, content_type=mime_type)
    response["Content-Disposition"] = f'{"inline" if inline else "attachment"}; filename="{name}"'
    response["X-Content-Type-Options"] = "nosniff"
    response["Content-Security-Policy"] = "sandbox; default-src 'none'"
    response["Cross-Origin-Resource-Policy"] = "same-origin"
    return response
