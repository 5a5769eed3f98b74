"""The second step of signing in: the code of the authenticator app, or a recovery code (ADR 70)."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.decorators import method_decorator
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views import View
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters

from agencies import half_signed_in, second_factor

LONGEST_CODE = 40  # six digits, or a recovery code with any spaces


class CodeForm(forms.Form):
    """One of two: the app's six digits, or a recovery code."""

    code = forms.CharField(
        label=gettext_lazy("Code of your authenticator app"), required=False, max_length=LONGEST_CODE,
        help_text=gettext_lazy("The six digits that the app shows for AMBER Bridge now."),
        widget=forms.TextInput(attrs={"autocomplete": "one-time-code", "inputmode": "numeric", "autofocus": True}),
    )  # fmt: skip
    recovery_code = forms.CharField(
        label=gettext_lazy("Recovery code"), required=False, max_length=LONGEST_CODE,
        help_text=gettext_lazy("One of the ten codes you printed or wrote down. Each works once."),
        widget=forms.TextInput(attrs={"autocomplete": "off", "autocapitalize": "characters", "spellcheck": "false"}),
    )  # fmt: skip

    def clean(self) -> dict[str, Any]:
        """Refuse a form without any code; with both the app's is looked at alone."""
        cleaned = super().clean() or {}
        if not self.errors and not cleaned.get("code") and not cleaned.get("recovery_code"):
            self.add_error("code", _("Enter the code."))
        return cleaned


@method_decorator([never_cache, sensitive_post_parameters("code", "recovery_code")], name="dispatch")
class SecondStep(View):
    """Asks whoever has given the right password for the code; signs in nobody else."""

    http_method_names = ["get", "post", "options"]

    def get(self, request: HttpRequest) -> HttpResponse:
        """Show the form; whoever has not given a password within five minutes begins there."""
        return self._page(CodeForm()) if half_signed_in.current(request) else self._begin_again()

    def post(self, request: HttpRequest) -> HttpResponse:
        """Sign in with a right code. A wrong one is counted like a wrong password; the fifth locks the login."""
        half = half_signed_in.current(request)
        if half is None:
            return self._begin_again()
        form = CodeForm(request.POST)
        if not form.is_valid():
            return self._page(form, status=422)
        proven_by = second_factor.prove(request=request, user=half.user, **form.cleaned_data)
        if proven_by:
            half_signed_in.finish(request, half, proven_by=proven_by)
            if proven_by == second_factor.BY_RECOVERY_CODE:
                left = second_factor.codes_left(half.user)
                messages.warning(request, _("You used a recovery code. Unused ones: %(left)d.") % {"left": left})
            return HttpResponseRedirect(half.target)
        # The outermost middleware records it: this transaction may roll back.
        request.refused_action = "session.code_refused"  # type: ignore[attr-defined]
        request.refused_accounts = [half.user.pk]  # type: ignore[attr-defined]
        if getattr(request, "axes_locked_out", False):
            half_signed_in.forget(request)
        used = "code" if form.cleaned_data["code"] else "recovery_code"
        form.add_error(used, _("This code is wrong, or it was used already. Wait for the next one."))
        return self._page(form, status=422)

    def _begin_again(self) -> HttpResponse:
        if self.request.user.is_authenticated:
            return HttpResponseRedirect(reverse("alerts:desk"))
        if self.request.method == "POST":
            messages.warning(self.request, _("More than five minutes have passed. Enter your password again."))
        return HttpResponseRedirect(reverse("agencies:login"))

    def _page(self, form: CodeForm, status: int = 200) -> HttpResponse:
        return render(self.request, "registration/second_step.html", {"form": form}, status=status)
