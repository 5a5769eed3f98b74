"""Who of the recipients has confirmed a Cancel or received an alert, and writing down what the others say."""

from __future__ import annotations

import uuid
from dataclasses import dataclass

from django.db.models import Count, Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from django.views import View

from agencies.models import User
from agencies.refusals import NotPermitted
from agencies.views.acting import SignedIn, act_once, with_nonce
from alerts import permissions
from alerts.choices import MessageType
from alerts.forms.duties import ConfirmationForm
from alerts.models import Alert, Delivery
from alerts.services.confirmations import awaited, record_confirmation, spoken_of

from .finding import find_alert

MOST_NAMED = 50


@dataclass(frozen=True)
class Confirmations:
    """How many got the Cancel, how many confirmed, who is missing (at most 50 named), and how to write it down."""

    told: int
    confirmed: int
    missing: list[Delivery]
    is_cancel: bool
    form: ConfirmationForm | None


def confirmations_of(alert: Alert, user: User) -> Confirmations | None:
    """Return who confirmed the Cancel of an alert, or received its last message while it runs; None before the first.

    Recipients count, not messages: who got it by mail and by webhook has confirmed with one of the two.
    """
    message = spoken_of(alert)
    if message is None:
        return None
    rows: QuerySet[Delivery] = Delivery.objects.visible_to(user).filter(  # type: ignore[attr-defined]
        message__alert=alert, message__msg_type=MessageType.CANCEL
    )
    is_cancel = message.msg_type == MessageType.CANCEL
    if not is_cancel:
        rows = Delivery.objects.visible_to(user).filter(message=message)  # type: ignore[attr-defined]
    counts = rows.aggregate(
        told=Count("recipient", distinct=True),
        confirmed=Count("recipient", distinct=True, filter=Q(acknowledged_at__isnull=False)),
    )
    if not counts["told"]:
        return None
    missing = list(awaited(alert).select_related("recipient").order_by("recipient__name", "channel")[:MOST_NAMED])
    may_record = missing and permissions.can_record_confirmation(user, alert)
    form = ConfirmationForm(prefix="confirmation", alert=alert) if may_record else None
    return Confirmations(counts["told"], counts["confirmed"], missing, is_cancel, form)


class RecordConfirmation(SignedIn, View):
    """Writes down what a recipient said by telephone or fax."""

    http_method_names = ["post"]

    def post(self, request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
        """Record it once; what is missing comes back."""
        alert = find_alert(self.user, pk)
        if not permissions.can_record_confirmation(self.user, alert):
            raise NotPermitted
        form = ConfirmationForm(request.POST, prefix="confirmation", alert=alert)
        if not form.is_valid():
            context = {"alert": alert, "form": form, "action": request.path, "nav_section": "alerts",
                       "submit_label": _("Record the confirmation"), "is_exercise": alert.is_exercise}  # fmt: skip
            return render(request, "alerts/act_form.html", with_nonce(context), status=422)

        def perform() -> str:
            record_confirmation(alert=alert, by=self.user, **form.cleaned_data)
            return reverse("alerts:alert-detail", args=[alert.pk])

        return act_once(request, perform, _("The confirmation of the recipient was recorded."))
