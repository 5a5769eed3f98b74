"""The one page that holds everything to approve, for a phone at night; and the acts when nobody answers (U7, U9)."""

from __future__ import annotations

import uuid
from typing import Any

from django import forms
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from django.views import View

from agencies import audit
from agencies.models import Agency, AlertProgram, User
from agencies.program_agencies import agencies_of
from agencies.refusals import ActRefused, NotPermitted
from agencies.views.acting import SignedIn, act_once, with_nonce
from alerts import alert_guards, permissions, publication
from alerts.choices import AlertStatus
from alerts.forms.approvals import AloneForm, FallbackForm, RefuseApprovalForm
from alerts.gathering import content_hash
from alerts.models import Alert
from alerts.services import approval_calls, approvals, fallbacks, single_officer
from alerts.texts import previews
from cases.choices import AUTHORING_EVENTS
from cases.services.showing import facts_to_show

from .approving import approving_context, language_labels
from .audience import audience_context, told_in_words
from .finding import find_alert
from .publishing import publishing_context

REFUSE, TYPED_READ = "refuse", "typed_words_read"


class ApprovalPage(SignedIn, View):
    """What the link in the mail opens after sign-in. The link grants nothing: who may not approve finds no page."""

    def get(self, request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
        """Show everything that an approval covers, in the languages that this person reads."""
        return _approval_page(request, self.user, _to_approve(self.user, pk), RefuseApprovalForm(prefix=REFUSE))


class RefuseApproval(SignedIn, View):
    """Answers that the alert is not approved as it stands."""

    http_method_names = ["post"]

    def post(self, request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
        """Record the answer once; a missing reason brings the page back."""
        alert = _to_approve(self.user, pk)
        form = RefuseApprovalForm(request.POST, prefix=REFUSE)
        if not form.is_valid():
            return _approval_page(request, self.user, alert, form, status=422)

        def perform() -> str:
            approval_calls.refuse(alert=alert, by=self.user, **form.cleaned_data)
            return reverse("alerts:alert-approval", args=[pk])

        return act_once(request, perform, _("Your answer was recorded, and the officers of your program were told."))


class AskApproval(SignedIn, View):
    """Asks the approvers once more."""

    http_method_names = ["post"]

    def post(self, request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
        """Ask once, then go back to the alert."""
        alert = find_alert(self.user, pk)
        if not permissions.can_compose(self.user, alert):
            raise NotPermitted

        def perform() -> str:
            approval_calls.ask_again(alert=alert, by=self.user)
            return reverse("alerts:alert-detail", args=[pk])

        return act_once(request, perform, _("The approvers of your program were asked."))


class ActivateAlone(SignedIn, View):
    """Puts an alert in force without a second officer, when the program allows it and nobody has answered."""

    def get(self, request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
        """Show what it means, and ask for the reason."""
        alert = self._alert(pk)
        return self._page(alert, AloneForm(prefix="alone"))

    def post(self, request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
        """Activate once; a missing reason or tick brings the page back with what was typed."""
        alert = self._alert(pk)
        form = AloneForm(request.POST, prefix="alone")
        if not form.is_valid() or self._refuses_unread(alert, form):
            return self._page(alert, form, status=422)

        said: list[str] = []

        def perform() -> str:
            seen = request.POST.get("content_hash", "")
            message = single_officer.activate_alone(
                alert=alert, by=self.user, seen_hash=seen, typed_words_read=TYPED_READ in request.POST,
                **form.cleaned_data,
            )  # fmt: skip
            active = _("The alert is active. Your supervisor was told.")
            said.append(told_in_words(message, request.POST.get("audience", ""), active))
            return reverse("alerts:alert-detail", args=[pk])

        return act_once(request, perform, lambda: said[0])

    def _alert(self, pk: uuid.UUID) -> Alert:
        alert = find_alert(self.user, pk)
        if not permissions.can_activate(self.user, alert):
            raise NotPermitted
        return alert

    def _typed(self, alert: Alert) -> list[str]:
        """Return the languages this officer reads in which words were typed by hand."""
        return [
            text.language for text in alert.texts.all() if text.is_typed and text.language in self.user.languages_read
        ]

    def _refuses_unread(self, alert: Alert, form: forms.Form) -> bool:
        try:
            approvals.refuse_unread([] if TYPED_READ in self.request.POST else self._typed(alert))
        except ActRefused as refusal:
            form.add_error(None, str(refusal.message))
        return bool(form.errors)

    def _page(self, alert: Alert, form: forms.Form, status: int = 200) -> HttpResponse:
        context = _around(
            alert, form, call=alert_guards.last_call(alert), content_hash=content_hash(alert),
            is_possible=single_officer.is_possible(alert, self.user), hub_to_call=_hub_to_call(alert),
            typed=language_labels(self._typed(alert)), is_typed_read=TYPED_READ in self.request.POST,
            seal_refusal=_seal_refusal(alert, self.user), **_audience(alert, self.user),
        )  # fmt: skip
        return render(self.request, "alerts/alert_alone.html", context, status=status)


class UseFallback(SignedIn, View):
    """Takes the decision over under the program's fallback rule."""

    def get(self, request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
        """Show the rules that this person's agency may use, and ask for the reason."""
        alert, rules = self._alert(pk)
        return self._page(alert, FallbackForm(prefix="fallback", fallbacks=rules))

    def post(self, request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
        """Take over once; a missing reason brings the page back."""
        alert, rules = self._alert(pk)
        form = FallbackForm(request.POST, prefix="fallback", fallbacks=rules)
        if not form.is_valid():
            return self._page(alert, form, status=422)

        def perform() -> str:
            fallbacks.use_fallback(alert=alert, by=self.user, **form.cleaned_data)
            return reverse("alerts:alert-detail", args=[pk])

        return act_once(request, perform, _("Your agency decides on this alert. The program's approvers were told."))

    def _alert(self, pk: uuid.UUID) -> tuple[Alert, list[Any]]:
        alert = find_alert(self.user, pk)
        rules = permissions.fallbacks_for(self.user, alert)
        if not rules:
            raise NotPermitted
        return alert, rules

    def _page(self, alert: Alert, form: forms.Form, status: int = 200) -> HttpResponse:
        context = _around(alert, form, bodies=bodies_of(alert))
        return render(self.request, "alerts/alert_fallback.html", context, status=status)


class EndFallback(SignedIn, View):
    """Gives the decision back to the program."""

    http_method_names = ["post"]

    def post(self, request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
        """Give it back once."""
        alert = find_alert(self.user, pk)
        if not permissions.can_end_fallback(self.user, alert):
            raise NotPermitted

        def perform() -> str:
            fallbacks.end_fallback(alert=alert, by=self.user)
            return reverse("alerts:alert-detail", args=[pk])

        return act_once(request, perform, _("The program's own approvers decide on this alert again."))


def deciding_context(alert: Alert, user: User) -> dict[str, Any]:
    """Return what the alert's page says about who decides: the bodies, the approvers asked, and the exceptions."""
    is_waiting = alert.status in fallbacks.BEFORE_ACTIVATION
    drafts = is_waiting and permissions.can_compose(user, alert)
    decides = drafts and (permissions.can_approve(user, alert) or permissions.can_activate(user, alert))
    call = alert_guards.last_call(alert) if drafts and alert.status == AlertStatus.SUBMITTED else None
    may_take_over = drafts and not alert.exception and bool(permissions.fallbacks_for(user, alert))
    return {
        "call": call,
        "call_minutes": approval_calls.minutes_to_answer(alert) if call else None,
        "hub_to_call": _hub_to_call(alert) if call and not call.asked else None,
        "seal_refusal": _seal_refusal(alert, user) if call and call.answered_at is None else None,
        "may_ask_again": drafts and alert.status == AlertStatus.SUBMITTED and (
            call is None or call.answered_at is not None or call.is_overdue
        ),
        "may_activate_alone": drafts and single_officer.is_possible(alert, user),
        "deciding_bodies": bodies_of(alert) if drafts and not decides else [],
        "may_take_over": may_take_over,
        "may_give_back": bool(is_waiting and alert.fallback_id and permissions.can_end_fallback(user, alert)),
        "exception_review": alert.duties.filter(kind="review_single_officer").select_related("discharged_by").first()
        if alert.exception == "single_officer"
        else None,
    }  # fmt: skip


def _hub_to_call(alert: Alert) -> AlertProgram | None:
    """Return whom to turn to where the program does not let one officer activate alone, else None."""
    return None if alert.program.single_officer_activation else alert_guards.whom_to_turn_to(alert.program)


def _seal_refusal(alert: Alert, user: User) -> Any:
    """Return what the seal of the case asks for before anybody activates alone, None where nothing."""
    refusal = alert_guards.seal_forbids_alone(alert, user)
    return refusal.message if refusal is not None else None


def bodies_of(alert: Alert) -> list[Agency]:
    """Return the agencies that approve and activate the alerts of this program."""
    return list(Agency.objects.filter(pk__in=agencies_of(alert.program).bodies).order_by("name"))


def _to_approve(user: User, pk: uuid.UUID) -> Alert:
    alert = find_alert(user, pk)
    if not permissions.can_approve(user, alert):
        raise NotPermitted
    return alert


def _approval_page(
    request: HttpRequest, user: User, alert: Alert, form: RefuseApprovalForm, status: int = 200
) -> HttpResponse:
    audit.record_read(by=user, objects=[alert], case_id=alert.case_id)
    texts = list(alert.texts.select_related("author", "reviewer", "approved_by"))
    read = [text for text in texts if text.language in user.languages_read]
    events = alert.case.events.filter(kind__in=AUTHORING_EVENTS, actor__isnull=False).select_related("actor", "agency")
    wrote = {(event.actor_id, event.agency_id): (event.actor, event.agency) for event in events}
    is_waiting = alert.status == AlertStatus.SUBMITTED
    may_answer = is_waiting and user.pk != alert.submitted_by_id and user.pk not in alert.authors
    context = {
        "alert": alert,
        "case": alert.case,
        "call": alert_guards.last_call(alert),
        "text_rows": [{"text": text} for text in read],
        "text_messages": previews(alert, read) if alert.status in fallbacks.BEFORE_ACTIVATION else [],
        **_audience(alert, user),
        "unread_texts": [text for text in texts if text.language not in user.languages_read],
        "is_own": True,
        "ends_if_now": publication.term_end(alert) if is_waiting else None,
        "areas": list(alert.areas.select_related("subdivision")),
        "content_hash": content_hash(alert),
        "approving": approving_context(alert, user),
        "refuse_form": form if may_answer else None,
        "publishing": {**publishing_context(alert, user), "authority_form": None},
        "recorded_by": list(wrote.values()),
        **facts_to_show(alert.case),
        "can_edit": False,
        "nav_section": "alerts",
        "is_exercise": alert.is_exercise,
    }
    return render(request, "alerts/alert_approval.html", with_nonce(context), status=status)


def _audience(alert: Alert, user: User) -> dict[str, Any]:
    """Return who will get the alert, for those who may see whom the program tells."""
    return audience_context(alert) if permissions.can_see_deliveries(user, alert) else {}


def _around(alert: Alert, form: forms.Form, **context: Any) -> dict[str, Any]:
    """Return what the pages of the two exceptions hold."""
    shown = {"alert": alert, "form": form, "nav_section": "alerts", "is_exercise": alert.is_exercise}
    return with_nonce({**shown, **context})
