"""Going on after twelve hours: the same person gives the password again, without leaving the page (U36)."""

from __future__ import annotations

import time
from datetime import UTC, datetime
from typing import Any

from django import forms
from django.conf import settings
from django.contrib.auth import authenticate
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, JsonResponse
from django.shortcuts import render, resolve_url
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext_lazy as _
from django.views import View

from agencies import audit

from .acting import SignedIn


class RenewForm(forms.Form):
    """The password of whoever is signed in."""

    password = forms.CharField(
        label=_("Your password"), strip=False, widget=forms.PasswordInput(attrs={"autocomplete": "current-password"})
    )


class RenewSession(SignedIn, View):
    """Begins the twelve hours anew for the person who is signed in, and for nobody else."""

    needs_agency = False
    keeps_typed = False

    def get(self, request: HttpRequest) -> HttpResponse:
        """Show the form on a page of its own, for browsers without our script."""
        return self._page(RenewForm(), self._target(request.GET.get("next", "")))

    def post(self, request: HttpRequest) -> HttpResponse:
        """Check the password as a sign-in does, wrong ones counted; go back to the page, or tell our script."""
        target, form = self._target(request.POST.get("next", "")), RenewForm(request.POST)
        if form.is_valid():
            found = authenticate(request, username=self.user.email, password=form.cleaned_data["password"])
            if found is not None and found.pk == self.user.pk:
                return self._renewed(target)
            request.refused_action = "session.refused"  # type: ignore[attr-defined]
            form.add_error("password", _("This is not your password."))
        if request.headers.get("X-Act") == "fetch":
            return JsonResponse({"errors": form.errors}, status=422)
        return self._page(form, target, status=422)

    def _renewed(self, target: str) -> HttpResponse:
        session = self.request.session
        session.cycle_key()
        session["started_at"] = session["seen_at"] = time.time()
        audit.record("session.renewed", by=self.user)
        if self.request.headers.get("X-Act") == "fetch":
            return JsonResponse({"ends_at": ends_at(session["started_at"]).isoformat()})
        return HttpResponseRedirect(target)

    def _target(self, wanted: str) -> str:
        is_ours = url_has_allowed_host_and_scheme(
            wanted, {self.request.get_host()}, require_https=self.request.is_secure()
        )
        return wanted if is_ours else resolve_url(settings.LOGIN_REDIRECT_URL)

    def _page(self, form: RenewForm, target: str, status: int = 200) -> HttpResponse:
        context: dict[str, Any] = {"form": form, "next": target, "is_renewal": True}
        return render(self.request, "registration/renew.html", context, status=status)


def ends_at(started_at: float) -> datetime:
    """Return when a session that began then ends, whatever is done in it."""
    return datetime.fromtimestamp(started_at + settings.SESSION_ABSOLUTE_SECONDS, UTC)
