"""One's own second factor: see it, set it up, replace it, print new recovery codes, remove it (ADR 70)."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from typing import Any

import segno
from django import forms
from django.conf import settings
from django.contrib.auth import authenticate
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render, resolve_url
from django.urls import reverse
from django.utils.decorators import method_decorator
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views import View
from django.views.decorators.debug import sensitive_post_parameters

from agencies import ciphers, half_signed_in, one_time_codes, second_factor

from .acting import SignedIn, act_once, first_answer, with_nonce
from .second_step import LONGEST_CODE

OFFERED = "factor_offered"
TO_SHOW = "recovery_codes"
SHOWN_SECONDS = 10 * 60


class ProofForm(forms.Form):
    """The password, and a code by whoever has a second factor, before anything of it is changed (ASVS 7.5.1)."""

    password = forms.CharField(
        label=gettext_lazy("Your password"), strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "current-password"}),
    )  # fmt: skip
    present_code = forms.CharField(
        label=gettext_lazy("Code of your present app, or a recovery code"), max_length=LONGEST_CODE,
        widget=forms.TextInput(attrs={"autocomplete": "off", "spellcheck": "false"}),
    )  # fmt: skip

    def __init__(self, *args: Any, has_factor: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if not has_factor:
            del self.fields["present_code"]


class EnrolForm(ProofForm):
    """The same, and the first code of the app that has just read the key."""

    code = forms.CharField(
        label=gettext_lazy("Code that the app shows now"), max_length=LONGEST_CODE,
        widget=forms.TextInput(attrs={"autocomplete": "one-time-code", "inputmode": "numeric"}),
    )  # fmt: skip
    field_order = ["code", "password", "present_code"]


@method_decorator(sensitive_post_parameters("password", "present_code", "code"), name="dispatch")
class OwnFactor(SignedIn, View):
    """What the pages share: the proof, and where one goes on."""

    needs_agency = False
    keeps_typed = False

    def proves(self, form: ProofForm) -> bool:
        """Say whether password and code are right, with the errors in the form; wrong ones count as at the sign-in."""
        found = authenticate(self.request, username=self.user.email, password=form.cleaned_data["password"])
        if found is None or found.pk != self.user.pk:
            self.request.refused_action = "session.refused"  # type: ignore[attr-defined]
            form.add_error("password", _("This is not your password."))
        elif "present_code" in form.fields and not self._proves_factor(form.cleaned_data["present_code"]):
            self.request.refused_action = "session.code_refused"  # type: ignore[attr-defined]
            form.add_error("present_code", _("This code is wrong, or it was used already. Wait for the next one."))
        return form.is_valid() and not form.errors

    def answer_of_twin(self) -> HttpResponse | None:
        """Return the answer of the same form sent at the same moment, None for the only or the first of them.

        Asked before the proof: the first has used its code up, and the second is no wrong try (U31). Another form
        that changed the factor at that moment ended this session: it leads to the sign-in.
        """
        person = second_factor.hold(self.user)
        if answer := first_answer(self.request):
            return answer
        is_same = person is not None and person.second_factor_id == self.user.second_factor_id
        return None if is_same else HttpResponseRedirect(reverse("agencies:factor"))

    def _proves_factor(self, typed: str) -> bool:
        kind = "recovery_code" if one_time_codes.read_recovery_code(typed) else "code"
        return bool(second_factor.prove(request=self.request, user=self.user, **{kind: typed}))

    def target(self, wanted: str) -> str:
        """Return this address if it is ours, else the first page of the portal."""
        is_ours = url_has_allowed_host_and_scheme(
            wanted, {self.request.get_host()}, require_https=self.request.is_secure()
        )
        return wanted if wanted and is_ours else resolve_url(settings.LOGIN_REDIRECT_URL)

    @property
    def has_factor(self) -> bool:
        """Say whether the person has a second factor."""
        return self.user.second_factor_id is not None

    def keep_to_show(self, codes: list[str], target: str) -> str:
        """Keep new recovery codes, encrypted, for the one page that shows them; return its address."""
        kept = ciphers.encrypt(json.dumps(codes).encode(), bound_to=f"{TO_SHOW}:{self.user.pk}")
        self.request.session[TO_SHOW] = {"codes": kept, "at": time.time(), "target": target}
        return reverse("agencies:factor-codes")


class FactorState(OwnFactor):
    """Shows whether one has a second factor, and what may be done about it."""

    def get(self, request: HttpRequest) -> HttpResponse:
        """Show the page."""
        context = {
            "factor": self.user.second_factor,
            "codes_left": second_factor.codes_left(self.user),
            "is_required": second_factor.is_required_of(self.user),
        }
        return render(request, "registration/factor.html", context)


class EnrolFactor(OwnFactor):
    """Sets an authenticator app up, or another one in place of the present one."""

    def get(self, request: HttpRequest) -> HttpResponse:
        """Show the key as a picture and in letters; a reload shows the same one."""
        return self._page(EnrolForm(has_factor=self.has_factor), self.target(request.GET.get("next", "")))

    def post(self, request: HttpRequest) -> HttpResponse:
        """Take the app if it shows the right code; then the recovery codes are shown."""
        if answer := self.answer_of_twin():
            return answer
        target, form = self.target(request.POST.get("next", "")), EnrolForm(request.POST, has_factor=self.has_factor)
        seed = self._offered()
        # Before the proof: a code of the present app is used up by it.
        if form.is_valid() and one_time_codes.step_of(seed, form.cleaned_data["code"], moment=time.time()) is None:
            form.add_error("code", _("This code does not belong to the key. Enter the six digits shown now."))
        if not form.is_valid() or not self.proves(form):
            return self._page(form, target, status=422)

        def perform() -> str:
            codes = second_factor.enrol(user=self.user, seed=seed, code=form.cleaned_data["code"])
            request.session.cycle_key()
            request.session.pop(OFFERED, None)
            half_signed_in.mark(request, self.user)
            return self.keep_to_show(codes, target)

        return act_once(request, perform, _("Your authenticator app is set up."))

    def _offered(self) -> bytes:
        """Return the secret offered in this session; it is stored with the person only once an app has shown it."""
        bound_to = f"{OFFERED}:{self.user.pk}"
        if kept := self.request.session.get(OFFERED):
            return ciphers.decrypt(kept, bound_to=bound_to)
        seed = one_time_codes.new_seed()
        self.request.session[OFFERED] = ciphers.encrypt(seed, bound_to=bound_to)
        return seed

    def _page(self, form: EnrolForm, target: str, status: int = 200) -> HttpResponse:
        seed = self._offered()
        size, path = drawn(one_time_codes.address_for_app(seed, self.user.email))
        context = {
            "form": form, "next": target, "key": one_time_codes.key_to_type(seed), "qr_size": size, "qr_path": path,
            "has_factor": self.has_factor,
            "must_enrol": not self.has_factor and second_factor.is_required_of(self.user),
        }  # fmt: skip
        return render(self.request, "registration/factor_enrol.html", with_nonce(context), status=status)


def drawn(text: str) -> tuple[int, str]:
    """Return a QR code as the side of its square in modules and the path of its dark modules, for an inline SVG."""
    rows = [list(row) for row in segno.make(text, error="m", micro=False).matrix_iter(border=4)]
    dark = (f"M{x} {y}h1v1h-1z" for y, row in enumerate(rows) for x, is_dark in enumerate(row) if is_dark)
    return len(rows), "".join(dark)


class RecoveryCodes(OwnFactor):
    """Shows new recovery codes until the person says that they are kept, at most ten minutes."""

    def get(self, request: HttpRequest) -> HttpResponse:
        """Show them; nobody sees them again afterwards."""
        kept = request.session.get(TO_SHOW)
        if not kept or not 0 <= time.time() - kept["at"] <= SHOWN_SECONDS:
            request.session.pop(TO_SHOW, None)
            return HttpResponseRedirect(reverse("agencies:factor"))
        codes = json.loads(ciphers.decrypt(kept["codes"], bound_to=f"{TO_SHOW}:{self.user.pk}"))
        return render(request, "registration/factor_codes.html", {"codes": codes})

    def post(self, request: HttpRequest) -> HttpResponse:
        """Forget them and go on. Sent twice it leads to the page of the second factor."""
        kept = request.session.pop(TO_SHOW, None)
        return HttpResponseRedirect(kept["target"] if kept else reverse("agencies:factor"))


class _Proven(OwnFactor):
    """A form that asks for the proof alone, and the act behind it."""

    template_name = ""

    def get(self, request: HttpRequest) -> HttpResponse:
        """Show the form; without a second factor there is nothing to change."""
        return self._page(ProofForm(has_factor=True)) if self.has_factor else self._away()

    def post(self, request: HttpRequest) -> HttpResponse:
        """Do it once, after the proof."""
        if not self.has_factor:
            return self._away()
        if answer := self.answer_of_twin():
            return answer
        form = ProofForm(request.POST, has_factor=True)
        if not form.is_valid() or not self.proves(form):
            return self._page(form, status=422)
        perform, success = self.act()
        return act_once(request, perform, success)

    def act(self) -> tuple[Callable[[], str], str]:
        """Return what is done, which returns where it leads, and the message that confirms it."""
        raise NotImplementedError

    def _away(self) -> HttpResponse:
        return HttpResponseRedirect(reverse("agencies:factor"))

    def _page(self, form: ProofForm, status: int = 200) -> HttpResponse:
        context = {"form": form, "is_required": second_factor.is_required_of(self.user)}
        return render(self.request, self.template_name, with_nonce(context), status=status)


class RenewCodes(_Proven):
    """Makes ten new recovery codes in place of the former ones."""

    template_name = "registration/factor_renew_codes.html"

    def act(self) -> tuple[Callable[[], str], str]:
        """Make them and show them once."""
        return self._renew, _("The former recovery codes no longer work.")

    def _renew(self) -> str:
        return self.keep_to_show(second_factor.renew_recovery_codes(user=self.user), reverse("agencies:factor"))


class RemoveFactor(_Proven):
    """Takes the second factor away, where none is required."""

    template_name = "registration/factor_remove.html"

    def act(self) -> tuple[Callable[[], str], str]:
        """Remove it; this session goes on as one without."""
        return self._remove, _("Your second factor was removed.")

    def _remove(self) -> str:
        second_factor.remove(user=self.user)
        half_signed_in.mark(self.request, self.user)
        return reverse("agencies:factor")
