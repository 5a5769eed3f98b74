"""Sealing a case: who goes on seeing it, what follows for others, naming and removing readers, lifting the seal."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from typing import Any

from django.forms import Form
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from agencies import audit
from agencies.refusals import NotPermitted
from agencies.views.acting import act_once, with_nonce
from cases import permissions
from cases.forms.seals import ReaderForm, SealForm, UnsealForm
from cases.models import Case, CaseReader
from cases.services import seals
from cases.views.acts import CaseAct


class Seal(CaseAct):
    """The seal of a case: what sealing means before it is done, and the readers while it holds."""

    def sealable(self, pk: uuid.UUID) -> Case:
        """Return the case for those who may seal it; for everybody else this page does not exist."""
        case = self.find(pk)
        if not permissions.can_seal(self.user, case):
            raise NotPermitted
        return case

    def page(self, case: Case, status: int = 200, **forms: Form) -> HttpResponse:
        """Show the page; the read of the readers is recorded."""
        readers = seals.readers_now(case)
        audit.record_read(by=self.user, objects=[case, *readers], case_id=case.pk)
        context = {
            "case": case, "readers": readers, "seal": case.seals.filter(lifted_at__isnull=True).first(),
            "form": SealForm(people=seals.possible_readers(case).exclude(pk=self.user.pk)),
            "reader_form": ReaderForm(), "unseal_form": UnsealForm(), "nav_section": "cases",
            "is_exercise": case.is_exercise, **forms,
        }  # fmt: skip
        return render(self.request, "cases/seal.html", with_nonce(context), status=status)

    def get(self, request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
        """Show the page."""
        return self.page(self.sealable(pk))

    def post(self, request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
        """Seal once."""
        case = self.sealable(pk)
        form = SealForm(request.POST, people=seals.possible_readers(case).exclude(pk=self.user.pk))
        if not form.is_valid():
            return self.page(case, status=422, form=form)
        values = form.cleaned_data
        return self.once(
            case, lambda: seals.seal_case(
                case=case, by=self.user, reason=values["reason"], readers=values["readers"]
            ),
            _("The case is sealed: only the named people see it."),
        )  # fmt: skip

    def once(self, case: Case, act: Callable[[], Any], done: Any) -> HttpResponse:
        """Act once and come back to the page of the seal."""

        def perform() -> str:
            act()
            return reverse("cases:seal", args=[case.pk])

        return act_once(self.request, perform, done)


class NameReader(Seal):
    """One reader more."""

    http_method_names = ["post"]

    def post(self, request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
        """Name once."""
        case = self.sealable(pk)
        form = ReaderForm(request.POST)
        if not form.is_valid():
            return self.page(case, status=422, reader_form=form)
        reader = form.cleaned_data["email"]
        return self.once(
            case, lambda: seals.name_reader(case=case, by=self.user, reader=reader), _("The reader was named.")
        )  # fmt: skip


class RemoveReader(Seal):
    """Takes one reader off the list."""

    http_method_names = ["post"]

    def post(self, request: HttpRequest, pk: uuid.UUID, reader: int) -> HttpResponse:  # type: ignore[override]
        """Remove once; somebody who removes themselves is led to the list of cases."""
        case = self.sealable(pk)
        found = get_object_or_404(CaseReader.objects.select_related("case"), pk=reader, case=case)

        def perform() -> str:
            seals.remove_reader(reader=found, by=self.user)
            is_own = found.user_id == self.user.pk
            return reverse("cases:case-list") if is_own else reverse("cases:seal", args=[case.pk])

        return act_once(request, perform, _("The reader was removed."))


class Unseal(Seal):
    """Lifts the seal."""

    http_method_names = ["post"]

    def post(self, request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
        """Lift once."""
        case = self.sealable(pk)
        form = UnsealForm(request.POST)
        if not form.is_valid():
            return self.page(case, status=422, unseal_form=form)
        reason = form.cleaned_data["reason"]
        return self.once(
            case, lambda: seals.unseal_case(case=case, by=self.user, reason=reason), _("The seal was lifted.")
        )  # fmt: skip
