"""One's own number for text messages: kept, verified by a code, taken away (U39, U40)."""

from __future__ import annotations

from typing import Any

from django import forms
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from django.views import View

from agencies.phones import show_phone
from agencies.views.acting import SignedIn, act_once, with_nonce
from alerts.choices import TEXTED
from alerts.forms.numbers import CodeForm, OwnNumberForm
from alerts.models import NumberProof
from alerts.number_codes import simulated_code
from alerts.services import numbers


class OwnNumber(SignedIn, View):
    """The page of one's number."""

    needs_agency = False

    def get(self, request: HttpRequest) -> HttpResponse:
        """Show the number, whether it is verified, and what goes to it."""
        return self.page(OwnNumberForm(number=self.user.sms_number), CodeForm())

    def post(self, request: HttpRequest) -> HttpResponse:
        """Keep the number once and ask for a code; what is no number brings the page back."""
        form = OwnNumberForm(request.POST, number=self.user.sms_number)
        if not form.is_valid():
            return self.page(form, CodeForm(), status=422)
        number = form.cleaned_data["number"]

        def perform() -> str:
            numbers.keep_own_number(user=self.user, number=number)
            return reverse("alerts:own-number")

        kept = _("The number was saved. Enter the code that comes to it.")
        return act_once(request, perform, kept if number else _("You get no more text messages."))

    def page(self, form: forms.Form, code_form: forms.Form, status: int = 200) -> HttpResponse:
        """Return the page with both forms."""
        open_rows = NumberProof.objects.open().filter(user=self.user, number=self.user.sms_number)
        is_verified = self.user.has_verified_number and not self.user.is_number_stale
        proof = None if is_verified else open_rows.first()
        context: dict[str, Any] = {
            "form": form,
            "code_form": code_form if proof else None,
            "number": show_phone(self.user.sms_number),
            "is_verified": is_verified,
            "is_stale": self.user.is_number_stale,
            "simulated_code": simulated_code(proof) if proof else "",
            "kinds": [kind.label for kind in TEXTED],
        }
        return render(self.request, "alerts/own_number.html", with_nonce(context), status=status)


class ProveOwnNumber(OwnNumber):
    """Takes the code."""

    http_method_names = ["post"]
    keeps_typed = False

    def post(self, request: HttpRequest) -> HttpResponse:
        """Verify the number once; a wrong code brings the page back, and counts."""
        form = CodeForm(request.POST)
        number_form = OwnNumberForm(number=self.user.sms_number)
        if form.is_valid() and not numbers.prove_own_number(user=self.user, code=form.cleaned_data["code"]):
            form.add_error("code", numbers.WRONG_CODE)
        if not form.is_valid():
            return self.page(number_form, form, status=422)
        return act_once(request, lambda: reverse("alerts:own-number"), _("The number is verified and in use."))
