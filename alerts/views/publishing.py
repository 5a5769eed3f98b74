"""The authority to publish on the page of an alert: present, missing or expiring, and the form to record it."""

from __future__ import annotations

import uuid
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from django.views import View

from agencies.models import User
from agencies.refusals import NotPermitted
from agencies.views.acting import SignedIn, act_once, with_nonce
from alerts import permissions, publication
from alerts.models import Alert
from alerts.services import open_cases, publishing
from cases.forms.publication import AuthorityForm, item_label
from cases.services.facts import keep_authority_document
from cases.services.publication import public_items

from .finding import find_alert

OPEN_STATUSES = ("draft", "submitted", "approved", "active")


class RecordForAlert(SignedIn, View):
    """Officers of a program record what they were authorized to publish."""

    http_method_names = ["post"]

    def post(self, request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
        """Record several items for the alert's program in one act."""
        alert = find_alert(self.user, pk)
        if not permissions.can_compose(self.user, alert):
            raise NotPermitted
        form = AuthorityForm(request.POST, request.FILES, case=alert.case, program=alert.program, prefix="authority")
        if not form.is_valid():
            context = {"alert": alert, "form": form, "action": request.path, "nav_section": "alerts",
                       "is_exercise": alert.is_exercise}  # fmt: skip
            return render(request, "alerts/act_form.html", with_nonce(context), status=422)

        def perform() -> str:
            document = keep_authority_document(case=alert.case, by=self.user, file=form.cleaned_data["document"])
            publishing.record_for_alert(
                alert=alert, by=self.user, items=list(form.chosen()), document=document, **form.given()
            )
            return reverse("alerts:alert-detail", args=[pk])

        return act_once(request, perform, _("The authority was recorded."))


def publishing_context(alert: Alert, user: User) -> dict[str, Any]:
    """Return the standing of each item for the alert's program, what forbids the alert, and the form."""
    # After the broadcast the authorities still count where the open case may be shown (U13).
    if alert.status not in OPEN_STATUSES and not (alert.status == "expired" and open_cases.is_allowed(alert)):
        return {}
    items = public_items(alert.case)
    granted = publication.granted_to(alert.program, alert.case)
    rows = publication.standings(items, granted, needed_until=publication.term_end(alert))
    # Once everything public is withdrawn, nobody publishes the words of a recovered child: no objection.
    public = getattr(alert, "public", None)
    is_withdrawn = public is not None and not (public.is_live or public.is_open_case)
    may_record = bool(items) and permissions.can_compose(user, alert)
    return {
        "public_items": [{"label": item_label(row.item, row.subject), "row": row} for row in rows],
        "objections": publication.objections(alert) if may_record and not is_withdrawn else [],
        "authority_form": AuthorityForm(case=alert.case, program=alert.program, prefix="authority")
        if may_record and any(row.state != "present" for row in rows)
        else None,
    }
