"""Where a provider of text messages calls back. It has no session: its signature is what lets it in."""

from __future__ import annotations

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.utils.decorators import method_decorator
from django.views import View
from django.views.decorators.csrf import csrf_exempt

from agencies import scope
from alerts.channels import providers, twilio
from alerts.services import receipts, replies


@method_decorator(csrf_exempt, name="dispatch")
class Receipts(View):
    """What became of a message."""

    def post(self, request: HttpRequest, provider: str) -> HttpResponse:
        """Keep a receipt that is signed; anything else is not found. A repeat gets the same answer."""
        refuse_unsigned(request, provider)
        with scope.through_door("receipts"):
            receipts.keep_receipt(
                provider=provider, fields=request.POST.dict(), delivery_key=request.GET.get("delivery", "")
            )
        return HttpResponse(status=204)


@method_decorator(csrf_exempt, name="dispatch")
class Replies(View):
    """What somebody replied to a message."""

    def post(self, request: HttpRequest, provider: str) -> HttpResponse:
        """Take a reply that is signed, and answer it as the account wants to be told what to send back."""
        refuse_unsigned(request, provider)
        with scope.through_door("receipts"):
            answer = replies.take_reply(provider=provider, fields=request.POST.dict())
        return HttpResponse(twilio.answer_with(answer), content_type="text/xml; charset=utf-8")


def refuse_unsigned(request: HttpRequest, provider: str) -> None:
    """Refuse (404) a call that no account of this name signed.

    The address that was signed is the one we gave, under our own name, whatever a proxy made of it.
    """
    token = providers.token_of(provider)
    signature = request.headers.get("X-Twilio-Signature", "")
    url, fields = settings.SITE_URL + request.get_full_path(), dict(request.POST.lists())
    if not token or not twilio.is_signed(token, url, fields, signature):
        raise Http404
