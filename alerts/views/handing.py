"""The act that hands a request to another program (U5)."""

from __future__ import annotations

import uuid

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from agencies.refusals import NotPermitted
from agencies.views.acting import act_once
from alerts import permissions
from alerts.services.handing_on import hand_on

from .handing_page import ways_on
from .request_page import find_request, request_context
from .requests import RequestAct, fresh


class HandOn(RequestAct):
    """Hands the request on: one press, one confirmation, nothing typed again."""

    def post(self, request: HttpRequest, pk: uuid.UUID, way: str) -> HttpResponse:
        """Hand on once; without a program the page comes back. The old request's page says where it went."""
        item = find_request(self.user, pk)
        if not permissions.can_answer(self.user, item):
            raise NotPermitted
        ways = ways_on(item, request.POST)
        chosen = next((one for one in ways if one.key == way), None)
        if chosen is None:
            raise Http404
        if not chosen.form.is_valid():
            shown = [one if one is chosen else fresh_way for one, fresh_way in zip(ways, ways_on(item), strict=True)]
            context = request_context(item, self.user, ways_on=shown)
            return render(request, "alerts/request_detail.html", context, status=422)

        def perform() -> str:
            hand_on(request=fresh(item, self.user), by=self.user, **chosen.form.cleaned_data)
            return reverse("alerts:request-detail", args=[pk])

        return act_once(request, perform, _("The request was handed on."))
