"""Choosing the agency that one acts for (U36)."""

from __future__ import annotations

from typing import Any

from django import forms
from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render, resolve_url
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.views import View

from agencies import access, audit
from agencies.acting_choice import choose
from agencies.models import Agency

from .acting import SignedIn


class ChosenAgency(forms.Form):
    """One of the agencies in which a person holds a role now."""

    agency: forms.ModelChoiceField[Agency] = forms.ModelChoiceField(queryset=Agency.objects.none())

    def __init__(self, data: Any, *, agency_ids: frozenset[int]) -> None:
        super().__init__(data)
        self.fields["agency"].queryset = Agency.objects.filter(pk__in=agency_ids)  # type: ignore[attr-defined]


class ActingAgency(SignedIn, View):
    """Shows one's agencies, and keeps the chosen one for the session."""

    needs_agency = False

    def get(self, request: HttpRequest) -> HttpResponse:
        """Show the choice on a page of its own: after the sign-in, and when the chosen role has ended."""
        return self._page(self._target(request.GET.get("next", "")))

    def post(self, request: HttpRequest) -> HttpResponse:
        """Act for the chosen agency from now on. Sent twice it is the same choice. Refuses an agency of others."""
        target = self._target(request.POST.get("next", ""))
        form = ChosenAgency(request.POST, agency_ids=access.all_agency_ids(self.user))
        if not form.is_valid():
            return self._page(target, status=422)
        agency = form.cleaned_data["agency"]
        choose(request, agency.pk)
        with access.acting_only_for(self.user, [agency.pk]):
            audit.record("session.acts_for", by=self.user, objects=[agency])
        messages.success(request, _("You act for %(agency)s from now on.") % {"agency": agency})
        return HttpResponseRedirect(target)

    def _target(self, wanted: str) -> str:
        is_ours = url_has_allowed_host_and_scheme(
            wanted, {self.request.get_host()}, require_https=self.request.is_secure()
        )
        return wanted if is_ours else resolve_url(settings.LOGIN_REDIRECT_URL)

    def _page(self, target: str, status: int = 200) -> HttpResponse:
        context = {"next": target, "is_refused": status == 422}
        return render(self.request, "registration/acting_agency.html", context, status=status)
