"""A recipient acknowledges by the link in the mail: it shows the approved text and can only acknowledge."""

from __future__ import annotations

from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import translation
from django.views import View

from agencies import audit, scope
from alerts import delivery
from alerts.choices import MessageType
from alerts.forms.alerts import AcknowledgementForm
from alerts.models import AlertMessage, Delivery, PublicAlert
from alerts.presenting import present
from alerts.tokens import hash_of
from alerts.views.public import HEADERS, ended, public_alerts


class AcknowledgeDelivery(View):
    """The page behind the token; opening it changes nothing, only the POST acknowledges."""

    def get(self, request: HttpRequest, token: str) -> HttpResponse:
        """Show the approved public text, or the neutral page once the alert has ended."""
        found = self._find(token)
        return self._page(request, found, _form_of(found))

    def post(self, request: HttpRequest, token: str) -> HttpResponse:
        """Record the receipt; a repeat gets the same answer."""
        found = self._find(token)
        form = _form_of(found, request.POST)
        if not form.is_valid():
            return self._page(request, found, form, status=422)
        alert = _message_of(found).alert
        who = {"name": form.cleaned_data["name"], "position": form.cleaned_data.get("position", "")}
        if delivery.acknowledge(found, **who):
            audit.record("delivery.acknowledged", by=None, objects=[found], case_id=alert.case_id)
        if request.POST.get("answer") == "charge" and delivery.take_charge(found, **who):
            audit.record("delivery.charge_taken", by=None, objects=[found], case_id=alert.case_id)
        found.refresh_from_db(fields=["acknowledged_at", "charge_taken_at"])
        with translation.override(found.language):
            public = alert.public
            context = {
                "acknowledged_at": found.acknowledged_at,
                "charge_taken_at": found.charge_taken_at,
                "alert": {
                    "number": alert.number,
                    "time_zone": public.time_zone,
                    "tip_phone": public.program.tip_phone,
                    "tip_phone_display": public.program.tip_phone_display,
                    "abroad_phone": public.program.abroad_phone,
                },
            }
            return self._with_headers(render(request, "public/acknowledged.html", context))

    @staticmethod
    def _find(token: str) -> Delivery:
        with scope.through_door("acknowledging"):
            found = (
                Delivery.objects.select_related("message__alert__public__program", "recipient")
                .filter(token_hash=hash_of(token), message__isnull=False)
                .first()
            )
        if found is None:
            raise Http404
        scope.widen(_message_of(found).alert.case_id)
        return found

    def _page(
        self, request: HttpRequest, found: Delivery, form: AcknowledgementForm, status: int = 200
    ) -> HttpResponse:
        message = _message_of(found)
        public = public_alerts().get(alert=message.alert)
        with translation.override(found.language):
            if message.msg_type == MessageType.CANCEL:
                shown: Any = _without_trace(public, message.texts[found.language])
            elif not public.is_live:
                return ended(request, public, found.language)
            else:
                shown = present(public, found.language)
            context = {"alert": shown, "form": form, "is_cancel": message.msg_type == MessageType.CANCEL}
            return self._with_headers(render(request, "public/acknowledge.html", context, status=status))

    @staticmethod
    def _with_headers(response: HttpResponse) -> HttpResponse:
        for name, value in {**HEADERS, "Cache-Control": "no-store"}.items():
            response[name] = value
        return response


def _form_of(found: Delivery, *data: Any) -> AcknowledgementForm:
    """Return the form in the recipient's language; of the shared address of a desk it asks who answers."""
    with translation.override(found.language):
        return AcknowledgementForm(*data, is_shared=found.recipient is not None and found.recipient.is_shared)


def _message_of(found: Delivery) -> AlertMessage:
    assert found.message is not None  # noqa: S101  `_find` takes messages only
    return found.message


def _without_trace(public: PublicAlert, text: dict[str, str]) -> dict[str, Any]:
    """Return what the page of a Cancel shows: its own neutral words, nothing of the alert before it."""
    return {
        "number": public.number,
        "text": text,
        "tip_phone": public.program.tip_phone,
        "tip_phone_display": public.program.tip_phone_display,
        "abroad_phone": public.program.abroad_phone,
    }
