"""Pages of alerts: wording, approving, activating."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from django.views import View
from django.views.generic import TemplateView

from agencies import audit
from agencies.models import AlertProgram
from agencies.refusals import NotPermitted
from agencies.views.acting import SignedIn, act_once, page_or_404, with_nonce
from alerts import permissions, workflow
from alerts.forms.alerts import AlertForms, CancelForm
from alerts.gathering import content_hash
from alerts.models import Alert, AlertMessage
from alerts.services import approvals, drafts, fallbacks, issuing
from alerts.terms import wireless_until
from alerts.texts import previews
from alerts.views.confirmations import confirmations_of
from alerts.views.coverage import coverage_context
from alerts.views.deliveries import delivery_context
from alerts.views.merging import MERGED, WordsState, fresh_state, who_worded, words_together
from alerts.views.updates import update_context
from cases.models import Case

from .approval_page import deciding_context
from .approving import approving_context, chosen_languages
from .audience import audience_context, told_in_words
from .finding import find_alert
from .open_cases import open_case_context
from .publishing import publishing_context
from .text_reviews import text_rows


class AlertList(SignedIn, TemplateView):
    """Alerts of the person's programs and published alerts of their cases."""

    template_name = "alerts/alert_list.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Return one page, newest first."""
        rows = Alert.objects.visible_to(self.user).select_related("program", "case")  # type: ignore[attr-defined]
        page = page_or_404(rows, self.request)
        audit.record_read(by=self.user, objects=page.rows)
        return super().get_context_data(page=page, nav_section="alerts", **kwargs)


class AlertDetail(SignedIn, TemplateView):
    """One alert: words in three languages, approval, messages, deliveries."""

    template_name = "alerts/alert_detail.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Return the alert with the acts that are possible now; the read is recorded."""
        alert = find_alert(self.user, kwargs.pop("pk"))
        audit.record_read(by=self.user, objects=[alert], case_id=alert.case_id)
        names = {step.name for step in workflow.ALERT.available(alert, self.user)}
        is_own = permissions.can_see_deliveries(self.user, alert)
        # The reader's own language first: it is the one they can answer for.
        texts = sorted(
            alert.texts.select_related("author", "reviewer", "approved_by"),
            key=lambda text: text.language != self.user.language,
        )
        context = {
            "alert": alert,
            "case": alert.case,
            "text_rows": text_rows(alert, self.user, texts, with_reviews=is_own),
            "text_messages": previews(alert, texts) if is_own and alert.status in fallbacks.BEFORE_ACTIVATION else [],
            "wireless_until": wireless_until(alert),
            "areas": list(alert.areas.select_related("subdivision")),
            "messages_sent": list(alert.messages.defer("xml")),
            **(delivery_context(alert, self.user) | audience_context(alert) if is_own else {}),
            "duties": list(alert.duties.open().select_related("program")) if is_own else [],
            "confirmations": confirmations_of(alert, self.user) if is_own else None,
            "public": getattr(alert, "public", None),
            **coverage_context(alert, self.user),
            "names": names,
            "content_hash": content_hash(alert),
            "approving": approving_context(alert, self.user),
            **deciding_context(alert, self.user),
            "can_edit": permissions.can_compose(self.user, alert)
            and alert.status in ("draft", "submitted", "approved"),
            "cancel_form": CancelForm(prefix="cancel", alert=alert) if "cancel" in names else None,
            "is_own": is_own,
            "publishing": publishing_context(alert, self.user) if is_own else {},
            "nav_section": "alerts",
            "is_exercise": alert.is_exercise,
            **(update_context(alert, self.user) if is_own else {}),
            **(open_case_context(alert, self.user) if is_own else {}),
        }
        return super().get_context_data(**with_nonce(context), **kwargs)


class AlertEdit(SignedIn, View):
    """Changes words, term, picture and area of a draft."""

    def get(self, request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
        """Show the forms to the program's officers."""
        alert = self._editable(pk)
        forms = AlertForms(alert)
        return self._page(alert, forms, fresh_state(forms, content_hash(alert)))

    def post(self, request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
        """Save once; a wrong field brings the page back with what was typed, a colleague's change both values."""
        alert = self._editable(pk)
        typed, state = words_together(request.POST, AlertForms(alert), content_hash(alert), who_worded(alert))
        forms = AlertForms(alert, typed)
        if not forms.is_valid() or state.conflicts:
            return self._page(alert, forms, state, status=422)

        def perform() -> str:
            drafts.edit_alert(
                alert=alert,
                by=self.user,
                texts=forms.words(),
                duration_hours=forms.settings.cleaned_data["duration_hours"],
                photo=forms.settings.cleaned_data["photo"],
                areas=forms.settings.chosen_area,
                seen_hash=state.content_hash,
            )
            return reverse("alerts:alert-detail", args=[alert.pk])

        return act_once(request, perform, MERGED if state.is_merged else _("The alert was saved."))

    def _editable(self, pk: uuid.UUID) -> Alert:
        alert = find_alert(self.user, pk)
        if not permissions.can_compose(self.user, alert):
            raise NotPermitted
        return alert

    def _page(self, alert: Alert, forms: AlertForms, state: WordsState, status: int = 200) -> HttpResponse:
        context = {"alert": alert, "forms": forms, "state": state, "nav_section": "alerts",
                   "is_exercise": alert.is_exercise}  # fmt: skip
        return render(self.request, "alerts/alert_edit.html", with_nonce(context), status=status)


class AlertStep(SignedIn, View):
    """Submitting, approving, activating, returning, discarding."""

    http_method_names = ["post"]
    success = {
        "submit": _("The alert was submitted for approval."),
        "approve": _("Your approval was recorded."),
        "activate": _("The alert is active."),
        "revise": _("The alert is a draft again."),
        "discard": _("The draft was discarded."),
        "recompose": _("The words were composed again from the facts."),
    }

    def post(self, request: HttpRequest, pk: uuid.UUID, step: str) -> HttpResponse:
        """Take one step once."""
        alert = find_alert(self.user, pk)
        perform = self._act(alert, step)
        said: list[Any] = [self.success[step]] if step in self.success else []

        def and_go_back() -> str:
            done = perform()
            if isinstance(done, AlertMessage):
                said.append(told_in_words(done, request.POST.get("audience", ""), said[0]))
            return reverse("alerts:alert-detail", args=[pk])

        return act_once(request, and_go_back, lambda: said[-1])

    def _act(self, alert: Alert, step: str) -> Callable[[], object]:
        user, post = self.user, self.request.POST
        acts: dict[str, Callable[[], object]] = {
            "submit": lambda: drafts.submit(alert=alert, by=user),
            "approve": lambda: approvals.approve(
                alert=alert,
                by=user,
                seen_hash=post.get("content_hash", ""),
                languages=chosen_languages(post),
                typed_words_read="typed_words_read" in post,
            ),
            "activate": lambda: issuing.activate(alert=alert, by=user),
            "revise": lambda: drafts.revise(alert=alert, by=user),
            "discard": lambda: workflow.apply(alert, "discard", by=user),
            "recompose": lambda: self._recompose(alert),
        }
        if step not in acts:
            raise NotPermitted
        return acts[step]

    def _recompose(self, alert: Alert) -> None:
        if not permissions.can_compose(self.user, alert):
            raise NotPermitted
        drafts.write_from_facts(alert=alert, by=self.user)


class StartAlert(SignedIn, View):
    """Starts the home program's own alert for a case."""

    http_method_names = ["post"]

    def post(self, request: HttpRequest, pk: uuid.UUID, program: str) -> HttpResponse:
        """Prepare the draft from the facts."""
        case = get_object_or_404(Case.objects.visible_to(self.user), pk=pk)  # type: ignore[attr-defined]
        found = get_object_or_404(AlertProgram, code=program, is_active=True)

        def perform() -> str:
            alert = drafts.start_alert(program=found, case=case, by=self.user)
            return reverse("alerts:alert-detail", args=[alert.pk])

        return act_once(request, perform, _("The draft was prepared from the facts."))
