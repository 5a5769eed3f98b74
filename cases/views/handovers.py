"""Handing a case over: the offer, its page for both sides, and the acts that end it (ADR 64)."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from typing import Any

from django.forms import Form
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from django.views import View

from agencies import audit
from agencies.refusals import NotPermitted
from agencies.views.acting import SignedIn, act_once, with_nonce
from cases import permissions
from cases.choices import HandoverStatus
from cases.forms.handovers import AcceptForm, OfferForm, RefuseForm
from cases.models import Case, CaseHandover
from cases.services import handovers
from cases.views.acts import CaseAct


class OfferCase(CaseAct):
    """The lead agency offers its case to another one."""

    def offered(self, pk: uuid.UUID) -> Case:
        """Return the case for those who may hand it over; for everybody else this page does not exist."""
        case = self.find(pk)
        if not permissions.can_offer_case(self.user, case):
            raise NotPermitted
        return case

    def page(self, case: Case, form: OfferForm, status: int = 200) -> HttpResponse:
        """Show the form, and what was offered before; the read is recorded."""
        earlier = list(CaseHandover.objects.visible_to(self.user).filter(case=case).select_related("to_agency"))  # type: ignore[attr-defined]
        audit.record_read(by=self.user, objects=[case, *earlier], case_id=case.pk)
        context = {
            "case": case, "form": form, "earlier": earlier, "nav_section": "cases", "is_exercise": case.is_exercise,
            "open": next((item for item in earlier if item.status == HandoverStatus.OFFERED), None),
        }  # fmt: skip
        return render(self.request, "cases/handover_offer.html", with_nonce(context), status=status)

    def get(self, request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
        """Show the page."""
        case = self.offered(pk)
        return self.page(case, OfferForm(recipients=handovers.possible_recipients(case)))

    def post(self, request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
        """Offer once."""
        case = self.offered(pk)
        form = OfferForm(request.POST, recipients=handovers.possible_recipients(case))
        if not form.is_valid():
            return self.page(case, form, status=422)

        def perform() -> str:
            return handovers.offer_case(case=case, by=self.user, **form.cleaned_data).url

        return act_once(request, perform, _("The case was offered. Your agency leads it until the offer is accepted."))


class HandoverPage(SignedIn, View):
    """One offer, for both sides."""

    def find(self, pk: uuid.UUID) -> CaseHandover:
        """Return the offer or answer 404, the same for a foreign one and for none."""
        rows = CaseHandover.objects.visible_to(self.user).select_related(  # type: ignore[attr-defined]
            "from_agency", "to_agency", "to_person", "offered_by", "decided_by"
        )
        found: CaseHandover = get_object_or_404(rows, pk=pk)
        return found

    def page(self, offer: CaseHandover, status: int = 200, **forms: Form) -> HttpResponse:
        """Show the offer; to whoever may accept it also what state the case is in, without a word about a person."""
        audit.record_read(by=self.user, objects=[offer], case_id=offer.case_id)
        handovers.open_to_recipient(offer, self.user)
        can_decide = offer.is_open and permissions.can_decide_handover(self.user, offer)
        can_read = Case.objects.visible_to(self.user).filter(pk=offer.case_id).exists()  # type: ignore[attr-defined]
        context = {
            "offer": offer, "accept_form": AcceptForm(), "refuse_form": RefuseForm(), "nav_section": "cases",
            "is_exercise": offer.is_exercise, "can_decide": can_decide, "can_read": can_read,
            "can_withdraw": offer.is_open and permissions.can_withdraw_handover(self.user, offer),
            "case": Case.objects.filter(pk=offer.case_id).first() if can_decide else None, **forms,
        }  # fmt: skip
        return render(self.request, "cases/handover.html", with_nonce(context), status=status)

    def get(self, request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
        """Show the page."""
        return self.page(self.find(pk))


class EndHandover(HandoverPage):
    """Base of the acts that end an offer. `permitted` is asked before anything of the form is looked at."""

    http_method_names = ["post"]
    permitted: Callable[..., bool]
    form_class: type[Form] = Form
    form_name = ""
    done: Any = ""

    def perform(self, offer: CaseHandover, values: dict[str, Any]) -> str:
        """Act, and return where it leads."""
        raise NotImplementedError

    def post(self, request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
        """Act once; what is wrong comes back on the page of the offer."""
        offer = self.find(pk)
        if not type(self).permitted(self.user, offer):
            raise NotPermitted
        form = self.form_class(request.POST)
        if not form.is_valid():
            return self.page(offer, status=422, **{self.form_name: form})
        return act_once(request, lambda: self.perform(offer, form.cleaned_data), self.done)


class AcceptHandover(EndHandover):
    """The named recipient takes the case over."""

    permitted = staticmethod(permissions.can_decide_handover)
    form_class, form_name = AcceptForm, "accept_form"
    done = _("Your agency leads this case from now on.")

    def perform(self, offer: CaseHandover, values: dict[str, Any]) -> str:
        """Accept, and go to the case."""
        case = handovers.accept_handover(handover=offer, by=self.user)
        return reverse("cases:case-detail", args=[case.pk])


class RefuseHandover(EndHandover):
    """The named recipient refuses."""

    permitted = staticmethod(permissions.can_decide_handover)
    form_class, form_name = RefuseForm, "refuse_form"
    done = _("The case was refused; it stays with the agency that offered it.")

    def perform(self, offer: CaseHandover, values: dict[str, Any]) -> str:
        """Refuse, and stay on the page of the offer."""
        handovers.refuse_handover(handover=offer, by=self.user, **values)
        return offer.url


class WithdrawHandover(EndHandover):
    """The sender takes the offer back."""

    permitted = staticmethod(permissions.can_withdraw_handover)
    done = _("The offer was withdrawn.")

    def perform(self, offer: CaseHandover, values: dict[str, Any]) -> str:
        """Withdraw, and stay on the page of the offer."""
        handovers.withdraw_handover(handover=offer, by=self.user)
        return offer.url
