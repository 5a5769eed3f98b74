"""The intake on one page, and the drafts in which it is kept until it is a case."""

from __future__ import annotations

import uuid
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse, JsonResponse, QueryDict
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils import timezone
from django.utils.datastructures import MultiValueDict
from django.utils.translation import gettext_lazy as _
from django.views import View

from agencies import access, audit
from agencies.choices import Capability
from agencies.identifiers import uuid7
from agencies.models import Agency
from agencies.refusals import ActRefused
from agencies.views.acting import SignedIn, act_once, clock, with_nonce
from cases.forms.conflicts import Conflict, apply_choices, describe_conflict
from cases.forms.intake import DraftKeyForm, IntakeForms
from cases.models import CaseDraft
from cases.services import drafts, intake
from cases.services.merging import Typed


def key_of(typed: QueryDict) -> tuple[uuid.UUID, int]:
    """Return the id of the page's draft and the version that the page began with."""
    form = DraftKeyForm(typed)
    if form.is_valid():
        return form.cleaned_data["draft"], form.cleaned_data["draft_version"]
    return uuid7(), 0


class IntakePage(SignedIn, View):
    """What a fresh intake and a continued draft share."""

    def agency_ids(self) -> frozenset[int]:
        """Return the agencies for which this person may open cases; without any the page does not exist."""
        ids = access.agency_ids(self.user, Capability.EDIT_CASES)
        if not ids:
            raise Http404
        return ids

    def agency_of(self, forms: IntakeForms) -> Agency:
        """Return the agency chosen on the page, else the first for which the person may open cases."""
        chosen = forms.opening.data.get("agency", "")
        ids = sorted(self.agency_ids())
        wanted = int(chosen) if chosen.isdigit() and int(chosen) in ids else ids[0]
        return Agency.objects.get(pk=wanted)

    def page(
        self, forms: IntakeForms, draft_id: uuid.UUID, version: int, *, status: int = 200,
        conflicts: list[Conflict] | None = None, draft: CaseDraft | None = None,
    ) -> HttpResponse:  # fmt: skip
        """Show the page, with both values of what two people changed."""
        context = {
            "forms": forms, "draft_id": draft_id, "draft_version": version, "conflicts": conflicts or [],
            "draft": draft, "nav_section": "cases", "is_exercise": False,
        }  # fmt: skip
        return render(self.request, "cases/intake.html", with_nonce(context), status=status)


class OpenCase(IntakePage):
    """A fresh intake; sent, it becomes a case or a draft."""

    def get(self, request: HttpRequest) -> HttpResponse:
        """Show the page to those who may open cases, with what is likely filled in."""
        self.agency_ids()
        if typed := self.typed_before():
            forms = IntakeForms(self.user, typed)
            return self.page(IntakeForms(self.user, draft=forms.content(typed)), *key_of(typed))
        return self.page(IntakeForms(self.user), uuid7(), 0)

    def post(self, request: HttpRequest) -> HttpResponse:
        """Open the case once, or keep the draft; what two people changed is shown side by side."""
        self.agency_ids()
        return self._merged(*key_of(request.POST))

    def _merged(self, draft_id: uuid.UUID, seen: int) -> HttpResponse:
        forms = IntakeForms(self.user, self.request.POST)
        content = forms.content(self.request.POST)
        draft = CaseDraft.objects.visible_to(self.user).select_for_update(of=("self",)).filter(pk=draft_id).first()  # type: ignore[attr-defined]
        if draft is not None:
            audit.record_read(by=self.user, objects=[draft])
            merged = drafts.merge_with(draft, content, seen)
            values, unsolved = apply_choices(self.request.POST, merged.values, draft.content)
            names = sorted({*merged.conflicts, *unsolved})
            if names:
                shown = conflicts_of(draft, forms, content, names)
                return self.page(
                    IntakeForms(self.user, draft=merged.values), draft_id, draft.version, status=422, conflicts=shown,
                    draft=draft,
                )  # fmt: skip
            content, seen = values, draft.version
            forms = IntakeForms(self.user, MultiValueDict(content))
        if "save_draft" in self.request.POST:
            return self._keep(forms, draft_id, seen, content)
        return self._open(forms, draft_id, seen)

    def _keep(self, forms: IntakeForms, draft_id: uuid.UUID, seen: int, content: Typed) -> HttpResponse:
        def perform() -> str:
            drafts.save_draft(
                draft_id=draft_id, by=self.user, agency=self.agency_of(forms), content=content, seen_version=seen
            )
            return reverse("cases:draft-detail", args=[draft_id])

        return act_once(self.request, perform, _("The draft was saved; everybody in your agency can continue it."))

    def _open(self, forms: IntakeForms, draft_id: uuid.UUID, seen: int) -> HttpResponse:
        if not forms.is_valid():
            return self.page(forms, draft_id, seen, status=422)

        def perform() -> str:
            case = intake.open_from_intake(
                by=self.user, items=forms.items(), draft_id=draft_id, **forms.opening.cleaned_data
            )
            return reverse("cases:case-detail", args=[case.pk])

        success: Any = _("The case was opened.")
        if forms.event.zone_is_assumed:
            zone = forms.event.cleaned_data["time_zone"]
            success = _(
                "The case was opened. The portal does not know the time zone of the place and took that of your agency"
                " (%(zone)s): check it in the facts."
            ) % {"zone": zone}
        return act_once(self.request, perform, success)


class DraftDetail(IntakePage):
    """A kept draft, for any colleague of its agency."""

    http_method_names = ["get"]

    def get(self, request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
        """Show the page as it was left."""
        draft = get_object_or_404(CaseDraft.objects.visible_to(self.user).select_related("agency", "saved_by"), pk=pk)  # type: ignore[attr-defined]
        audit.record_read(by=self.user, objects=[draft])
        return self.page(IntakeForms(self.user, draft=draft.content), draft.pk, draft.version, draft=draft)


class SaveDraft(IntakePage):
    """Saves what is being typed, by itself; answers the page's script."""

    http_method_names = ["post"]

    def post(self, request: HttpRequest) -> HttpResponse:
        """Keep the draft and say when; a conflict is named, and nothing is written."""
        self.agency_ids()
        key = DraftKeyForm(request.POST)
        if not key.is_valid():
            return JsonResponse({"error": "key"}, status=422)
        forms = IntakeForms(self.user, request.POST)
        try:
            saved = drafts.save_draft(
                draft_id=key.cleaned_data["draft"], by=self.user, agency=self.agency_of(forms),
                content=forms.content(request.POST), seen_version=key.cleaned_data["draft_version"],
            )  # fmt: skip
        except ActRefused as refusal:
            return JsonResponse({"message": str(refusal.message)}, status=409)
        if saved.merged.conflicts:
            return JsonResponse({"conflicts": saved.merged.conflicts}, status=409)
        draft = saved.draft
        return JsonResponse({
            "version": draft.version, "at": clock(timezone.now()),
            "url": reverse("cases:draft-detail", args=[draft.pk]),
            "taken": {name: draft.content.get(name, []) for name in saved.merged.taken},
        })  # fmt: skip


class DiscardDraft(SignedIn, View):
    """Throws a draft away, after asking."""

    def get(self, request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
        """Ask."""
        draft = self._find(pk)
        audit.record_read(by=self.user, objects=[draft])
        back = reverse("cases:draft-detail", args=[draft.pk])
        context = with_nonce({"draft": draft, "back": back, "nav_section": "cases"})
        return render(request, "cases/draft_discard.html", context)

    def post(self, request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
        """Remove it."""
        draft = self._find(pk)

        def perform() -> str:
            drafts.discard_draft(draft=draft, by=self.user)
            return reverse("cases:case-list")

        return act_once(request, perform, _("The draft was discarded."))

    def _find(self, pk: uuid.UUID) -> CaseDraft:
        found: CaseDraft = get_object_or_404(
            CaseDraft.objects.visible_to(self.user).select_related("agency", "saved_by"),
            pk=pk,  # type: ignore[attr-defined]
        )
        return found


def conflicts_of(draft: CaseDraft, forms: IntakeForms, mine: Typed, names: list[str]) -> list[Conflict]:
    """Return both values of each field, with who wrote the colleague's and when."""
    versions = list(draft.versions.select_related("saved_by").order_by("-number"))
    fields = {field.html_name: field for form in forms.all for field in form}
    shown = []
    for name in names:
        author = next(
            (new for new, old in zip(versions, [*versions[1:], None], strict=True)
             if name in drafts.changed_names(old.content if old else {}, new.content)),
            versions[0],
        )  # fmt: skip
        theirs = draft.content.get(name, [])
        shown.append(
            describe_conflict(fields[name], mine.get(name, []), theirs, author.saved_by.full_name, author.saved_at)
        )
    return shown
