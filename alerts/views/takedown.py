"""The page on which one officer takes something out of the public, and the act that prepares putting it back."""

from __future__ import annotations

import uuid

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from django.views import View

from agencies import audit
from agencies.refusals import NotPermitted
from agencies.views.acting import SignedIn, act_once, with_nonce
from alerts import permissions
from alerts.forms.updates import WithdrawForm
from alerts.models import Alert
from alerts.services import takedown


class Withdraw(SignedIn, View):
    """Withdraws a photo, a name, a suspect or the whole public alert at once (U18)."""

    def get(self, request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
        """Show what is public and can be withdrawn, to the program's approvers."""
        alert = self._alert(pk)
        return self._page(alert, WithdrawForm(alert=alert))

    def post(self, request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
        """Withdraw once; a missing choice brings the page back."""
        alert = self._alert(pk)
        form = WithdrawForm(request.POST, alert=alert)
        if not form.is_valid():
            return self._page(alert, form, status=422)

        def perform() -> str:
            takedown.withdraw(
                alert=alert,
                by=self.user,
                kind=form.cleaned_data["kind"],
                reason=form.cleaned_data["reason"],
                child=form.cleaned_data["child"],
                person=form.cleaned_data["person"],
            )
            return reverse("alerts:alert-detail", args=[alert.pk])

        return act_once(request, perform, _("Withdrawn from everything public."))

    def _alert(self, pk: uuid.UUID) -> Alert:
        alert = _find(self, pk)
        if not permissions.can_withdraw_public(self.user, alert):
            raise NotPermitted
        return alert

    def _page(self, alert: Alert, form: WithdrawForm, status: int = 200) -> HttpResponse:
        context = {"alert": alert, "form": form, "nav_section": "alerts", "is_exercise": alert.is_exercise}
        return render(self.request, "alerts/alert_withdraw.html", with_nonce(context), status=status)


class Restore(SignedIn, View):
    """Prepares the Update that puts back what was withdrawn; a second officer issues it."""

    http_method_names = ["post"]

    def post(self, request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
        """Prepare it once, from the withdrawals that were ticked."""
        alert = _find(self, pk)
        if not permissions.can_compose(self.user, alert):
            raise NotPermitted
        keys = [int(key) for key in request.POST.getlist("redaction") if key.isdigit()]

        def perform() -> str:
            chosen = list(alert.redactions.filter(pk__in=keys))
            takedown.prepare_restoration(alert=alert, by=self.user, redactions=chosen)
            return reverse("alerts:alert-detail", args=[alert.pk])

        return act_once(request, perform, _("The update was prepared."))


def _find(view: SignedIn, pk: uuid.UUID) -> Alert:
    rows = Alert.objects.visible_to(view.user).select_related("program__agency", "case", "public")  # type: ignore[attr-defined]
    return audit.noted(get_object_or_404(rows, pk=pk), by=view.user)
