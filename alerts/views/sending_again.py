"""Sending again what failed: a page that says what will go, and the act."""

from __future__ import annotations

import uuid

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext
from django.views import View

from agencies import audit
from agencies.refusals import NotPermitted
from agencies.views.acting import SignedIn, act_once, with_nonce
from alerts import permissions
from alerts.models import Alert, Delivery
from alerts.services import sending_again

from .finding import find_alert


class SendAllAgain(SignedIn, View):
    """Every failed delivery of one alert in one act."""

    def get(self, request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
        """Say how many go, how many cannot and why; changes nothing."""
        alert = self._alert(pk)
        context = {
            "alert": alert, "failed": sending_again.failed_of(alert, self.user), "nav_section": "alerts",
            "is_running": sending_again.is_running(alert), "is_exercise": alert.is_exercise,
        }  # fmt: skip
        return render(request, "alerts/send_again.html", with_nonce(context))

    def post(self, request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
        """Queue them once, and say how many it were."""
        alert, sent = self._alert(pk), [0]

        def perform() -> str:
            sent[0] = sending_again.send_failed_again(alert=alert, by=self.user)
            return reverse("alerts:alert-told", args=[pk])

        def said() -> str:
            words = ngettext("%(count)s delivery is sent again.", "%(count)s deliveries are sent again.", sent[0])
            return words % {"count": sent[0]}

        return act_once(request, perform, said)

    def _alert(self, pk: uuid.UUID) -> Alert:
        alert = find_alert(self.user, pk)
        if not permissions.can_send_again(self.user, alert):
            raise NotPermitted
        return alert


class SendOneAgain(SignedIn, View):
    """One failed delivery."""

    def get(self, request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
        """Say what goes to whom; changes nothing."""
        row, alert = self._row(pk)
        context = {"row": row, "alert": alert, "refused": sending_again.why_not(row),
                   "nav_section": "alerts", "is_exercise": alert.is_exercise}  # fmt: skip
        return render(request, "alerts/send_one_again.html", with_nonce(context))

    def post(self, request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
        """Queue it once."""
        row, alert = self._row(pk)

        def perform() -> str:
            sending_again.send_one_again(row=row, by=self.user)
            return reverse("alerts:alert-told", args=[alert.pk])

        return act_once(request, perform, _("The delivery is sent again."))

    def _row(self, pk: uuid.UUID) -> tuple[Delivery, Alert]:
        rows = Delivery.objects.visible_to(self.user).select_related(  # type: ignore[attr-defined]
            "message__alert__program__agency", "message__alert__case", "recipient__desk__agency", "sent_again_by"
        ).defer("message__xml", "message__texts", "message__facts")  # fmt: skip
        row: Delivery = get_object_or_404(rows, pk=pk)
        assert row.message is not None  # noqa: S101  only deliveries of alerts are visible
        alert = row.message.alert
        if not permissions.can_send_again(self.user, alert):
            raise NotPermitted
        audit.record_read(by=self.user, objects=[row, alert], case_id=alert.case_id)
        return row, alert
