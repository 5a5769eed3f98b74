"""Who will get an alert: counts on its page, the list behind each count, and for whom it is (ADR 82)."""

from __future__ import annotations

import uuid
from typing import Any

from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views import View

from agencies import audit
from agencies.refusals import NotPermitted
from agencies.views.acting import SignedIn, act_once, with_nonce
from alerts import permissions
from alerts.audience import KEYS, Audience, audience_of, tag_of
from alerts.choices import Channel
from alerts.forms.audience import AudienceForm
from alerts.models import Alert, AlertMessage
from alerts.services.audiences import choose_audience
from alerts.services.fallbacks import BEFORE_ACTIVATION

from .finding import find_alert

ROWS_ON_A_PAGE = 100
BY: dict[str, Any] = {
    "channel": gettext_lazy("By channel"), "country": gettext_lazy("By country"),
    "language": gettext_lazy("By language"), "kind": gettext_lazy("By kind"),
    "agency": gettext_lazy("By agency or organization"),
}  # fmt: skip


class AudiencePage(SignedIn, View):
    """Everybody who would get the alert now, and the form that narrows it before the activation."""

    def get(self, request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
        """Show the counts and the list, or of it what is behind one count (`by` and `value`)."""
        alert = self._alert(pk)
        return self._page(alert, AudienceForm(alert=alert, prefix="audience"))

    def post(self, request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
        """Choose once; without a kind or a role the page comes back."""
        alert = self._alert(pk)
        if not permissions.can_compose(self.user, alert):
            raise NotPermitted
        form = AudienceForm(request.POST, alert=alert, prefix="audience")
        if not form.is_valid():
            return self._page(alert, form, status=422)

        def perform() -> str:
            choose_audience(alert=alert, by=self.user, **form.cleaned_data)
            return reverse("alerts:alert-audience", args=[pk])

        return act_once(request, perform, gettext_lazy("The alert is for the recipients that you chose."))

    def _alert(self, pk: uuid.UUID) -> Alert:
        alert = find_alert(self.user, pk)
        if not permissions.can_see_deliveries(self.user, alert):
            raise NotPermitted
        return alert

    def _page(self, alert: Alert, form: AudienceForm, status: int = 200) -> HttpResponse:
        audit.record_read(by=self.user, objects=[alert], case_id=alert.case_id)
        context: dict[str, Any] = {"alert": alert, "nav_section": "alerts", "is_exercise": alert.is_exercise}
        if alert.status in BEFORE_ACTIVATION:
            audience = audience_of(alert)
            rows, shown = self._behind(audience)
            page = Paginator(rows, ROWS_ON_A_PAGE).get_page(self.request.GET.get("page"))
            context |= {
                **audience_context(alert, audience), "shown": shown, "page": page, "channels": dict(Channel.choices),
                "form": form if permissions.can_compose(self.user, alert) else None,
                "voids": bool(alert.submitted_at),
            }  # fmt: skip
        return render(self.request, "alerts/alert_audience.html", with_nonce(context), status=status)

    def _behind(self, audience: Audience) -> tuple[list[Any], str]:
        """Return the recipients that the address asks for, and which they are in words; nothing for everybody."""
        by, value = self.request.GET.get("by", ""), self.request.GET.get("value", "")
        if not by:
            return audience.told, ""
        part = next((part for part in audience.parts.get(by, []) if part.key == value), None) if by in KEYS else None
        if part is None:
            raise Http404
        return audience.within(by, value), part.label


def audience_context(alert: Alert, audience: Audience | None = None) -> dict[str, Any]:
    """Return what the pages before the activation say of who will get the alert; nothing afterwards."""
    if alert.status not in BEFORE_ACTIVATION:
        return {}
    found = audience or audience_of(alert)
    return {"audience": found, "audience_parts": [(by, BY[by], found.parts[by]) for by in BY if found.parts[by]]}


def told_in_words(message: AlertMessage, seen_tag: str, sentence: Any) -> str:
    """Return what confirms an activation: to how many it goes by how many messages, and whether the page had said so.

    `seen_tag` is the tag of the audience that the officer had before them, "" where the form named none.
    """
    sent = [(int(row[0]), str(row[1]), str(row[2]))
            for row in message.deliveries.values_list("recipient_id", "channel", "address")]  # fmt: skip
    return " ".join(filter(None, (str(sentence), _how_many(sent), _changed(sent, seen_tag))))


def _how_many(sent: list[tuple[int, str, str]]) -> str:
    people = len({recipient for recipient, _channel, _address in sent})
    to = ngettext("It goes to %(count)s recipient", "It goes to %(count)s recipients", people) % {"count": people}
    by = ngettext("by %(count)s message.", "by %(count)s messages.", len(sent)) % {"count": len(sent)}
    return f"{to} {by}"


def _changed(sent: list[tuple[int, str, str]], seen_tag: str) -> str:
    if not seen_tag or seen_tag == tag_of(sent):
        return ""
    return _("Recipients were changed after your page was shown: compare with the deliveries below.")
