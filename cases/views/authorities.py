"""Recording and taking back the authority to publish, on the page of a case."""

from __future__ import annotations

import uuid

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from agencies.refusals import NotPermitted
from agencies.views.acting import act_once
from cases import permissions
from cases.forms.publication import AuthorityForm
from cases.models import PublicationAuthority
from cases.services import publication
from cases.services.facts import keep_authority_document

from .acts import CaseAct


class RecordAuthority(CaseAct):
    """The lead agency records for which items an authority was given."""

    http_method_names = ["post"]

    def post(self, request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
        """Record several items for several countries in one act."""
        case = self.find(pk)
        if not permissions.can_edit_case(self.user, case):
            raise NotPermitted
        form = AuthorityForm(request.POST, request.FILES, case=case, prefix="authority")
        if not form.is_valid():
            return self.refuse(case, form, _("Record an authority to publish"))

        def perform() -> str:
            publication.record_authority(
                case=case,
                by=self.user,
                items=form.chosen(),
                countries=form.cleaned_data["jurisdictions"],
                document=keep_authority_document(case=case, by=self.user, file=form.cleaned_data["document"]),
                **form.given(),
            )
            return reverse("cases:case-detail", args=[case.pk])

        return act_once(request, perform, _("The authority was recorded."))


class RevokeAuthority(CaseAct):
    """An authority is taken back."""

    http_method_names = ["post"]

    def post(self, request: HttpRequest, pk: uuid.UUID, authority: uuid.UUID) -> HttpResponse:
        """Take it back; nothing that rests on it can be activated any more."""
        case = self.find(pk)
        found = get_object_or_404(PublicationAuthority, pk=authority, case=case)

        def perform() -> str:
            publication.revoke_authority(authority=found, by=self.user)
            return reverse("cases:case-detail", args=[case.pk])

        return act_once(request, perform, _("The authority was revoked."))
