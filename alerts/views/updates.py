"""Pages of Updates: what changed, the prepared words, submitting, issuing, refusing; acknowledging changed facts."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from datetime import datetime
from typing import Any

from django.apps import apps
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.views import View
from django.views.generic import TemplateView

from agencies import audit
from agencies.models import Subdivision
from agencies.refusals import ActRefused, NotPermitted
from agencies.templatetags.punctuation import colon
from agencies.views.acting import SignedIn, act_once, with_nonce
from alerts import permissions, workflow
from alerts.choices import OPEN_UPDATE_STATUSES, AlertStatus, DutyKind, DutyStatus, TextSource, TextStanding
from alerts.differences import differences
from alerts.forms.alerts import AreaForm
from alerts.forms.updates import RefuseForm, RenewForm, UpdateForms
from alerts.models import Alert, AlertUpdate, Duty, ExtensionRequest
from alerts.services import changes, updates
from alerts.services.facts_read import before_and_now, facts_before
from alerts.services.updates import update_hash
from alerts.views.approval_page import bodies_of
from alerts.views.approving import language_labels
from alerts.views.merging import MERGED, WordsState, fresh_state, nobody_known, words_together

MOST_UPDATES_SHOWN = 30
WAITING_FOR_PROGRAM = (AlertStatus.DRAFT, AlertStatus.SUBMITTED, AlertStatus.APPROVED)


class UpdateDetail(SignedIn, TemplateView):
    """One Update: the difference since the program last issued, the words, and what can be done now."""

    template_name = "alerts/update_detail.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Return the Update with its differences in the reader's language; the read is recorded."""
        update = _find(self.user, kwargs.pop("pk"))
        audit.record_read(by=self.user, objects=[update], case_id=update.case.pk)
        names = {step.name for step in workflow.UPDATE.available(update, self.user)}
        context = {
            "update": update,
            "alert": update.alert,
            "case": update.case,
            "differences": differences(facts_before(update), update.facts),
            "texts": texts_for(update, self.user.language),
            "names": names,
            "typed_to_read": language_labels(updates.typed_to_read(update, self.user)) if "issue" in names else [],
            "content_hash": update_hash(update),
            "ends_at": _end_of_renewal(update),
            "areas": areas_of(update),
            "can_edit": update.status in OPEN_UPDATE_STATUSES and permissions.can_word_update(self.user, update),
            "refuse_form": RefuseForm(prefix="refuse") if "refuse" in names else None,
            "lifted": list(update.alert.redactions.filter(pk__in=update.lifts).select_related("child", "person")),
            "duties": list(update.alert.duties.open().filter(kind=DutyKind.ISSUE_UPDATE)),
            "deciding_bodies": [] if permissions.can_decide_update(self.user, update) else bodies_of(update.alert),
            "nav_section": "alerts",
            "is_exercise": update.alert.is_exercise,
        }
        return super().get_context_data(**with_nonce(context), **kwargs)


class UpdateEdit(SignedIn, View):
    """Changes the words of an open Update."""

    def get(self, request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
        """Show the words to the program's officers."""
        update = self._editable(pk)
        forms = UpdateForms(update)
        return self._page(update, forms, fresh_state(forms, update_hash(update)))

    def post(self, request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
        """Save once; a wrong field brings the page back with what was typed, a colleague's change both values."""
        update = self._editable(pk)
        typed, state = words_together(request.POST, UpdateForms(update), update_hash(update), nobody_known)
        forms = UpdateForms(update, typed)
        if not forms.is_valid() or state.conflicts:
            return self._page(update, forms, state, status=422)

        def perform() -> str:
            updates.edit(update=update, by=self.user, texts=forms.words(), seen_hash=state.content_hash)
            return update.url

        return act_once(request, perform, MERGED if state.is_merged else _("The update was saved."))

    def _editable(self, pk: uuid.UUID) -> AlertUpdate:
        update = _find(self.user, pk)
        if not permissions.can_word_update(self.user, update):
            raise NotPermitted
        return update

    def _page(self, update: AlertUpdate, forms: UpdateForms, state: WordsState, status: int = 200) -> HttpResponse:
        context = {"update": update, "alert": update.alert, "forms": forms, "state": state,
                   "nav_section": "alerts", "is_exercise": update.alert.is_exercise}  # fmt: skip
        return render(self.request, "alerts/update_edit.html", with_nonce(context), status=status)


class UpdateStep(SignedIn, View):
    """Submitting, issuing, refusing, returning to preparation."""

    http_method_names = ["post"]
    success = {
        "submit": _("The update was submitted for approval."),
        "revise": _("The update can be changed again."),
        "issue": _("The update was issued."),
        "refuse": _("The update was refused."),
    }

    def post(self, request: HttpRequest, pk: uuid.UUID, step: str) -> HttpResponse:
        """Take one step once."""
        update = _find(self.user, pk)
        perform = self._act(update, step)

        def and_go_back() -> str:
            perform()
            return update.url

        return act_once(request, and_go_back, self.success[step])

    def _act(self, update: AlertUpdate, step: str) -> Callable[[], object]:
        user, seen_hash = self.user, self.request.POST.get("content_hash", "")
        acts: dict[str, Callable[[], object]] = {
            "submit": lambda: updates.submit(update=update, by=user),
            "revise": lambda: updates.revise(update=update, by=user),
            "issue": lambda: updates.issue(
                update=update, by=user, seen_hash=seen_hash, typed_words_read="typed_words_read" in self.request.POST
            ),
            "refuse": lambda: updates.refuse(update=update, by=user, reason=self._reason()),
        }
        if step not in acts:
            raise NotPermitted
        return acts[step]

    def _reason(self) -> str:
        form = RefuseForm(self.request.POST, prefix="refuse")
        return str(form.cleaned_data["reason"]) if form.is_valid() else ""


class AcknowledgeChange(SignedIn, View):
    """A receiving program says that it has read changed facts."""

    http_method_names = ["post"]

    def post(self, request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
        """Record it once, then go to the request."""
        duty = get_object_or_404(Duty.objects.visible_to(self.user), pk=pk)
        told = request.POST.get("facts_version", "")
        seen = int(told) if told.isascii() and told.isdigit() else None

        def perform() -> str:
            changes.acknowledge_change(duty=duty, by=self.user, seen_version=seen)
            return duty.url

        return act_once(request, perform, _("The change was acknowledged."))


def texts_for(update: AlertUpdate, language: str) -> list[dict[str, str]]:
    """Return the words of an Update, the reader's own language first."""
    order = sorted(update.texts, key=lambda code: (code != language, code))
    sources = {**dict(TextStanding.choices), **dict(TextSource.choices)}
    return [
        {**update.texts[code], "language": code, "source_label": str(sources.get(update.texts[code].get("source"), ""))}
        for code in order
    ]


def update_context(alert: Alert, user: Any) -> dict[str, Any]:
    """Return what the page of the program's own alert shows of its Updates and of what is withdrawn."""
    rows = list(alert.updates.defer("texts", "facts")[:MOST_UPDATES_SHOWN])  # type: ignore[attr-defined]
    redactions = alert.redactions.filter(lifted_at__isnull=True).select_related("child", "person", "by")
    is_draft = alert.status in WAITING_FOR_PROGRAM
    is_running = alert.status == AlertStatus.ACTIVE and permissions.can_compose(user, alert)
    return {
        "updates": rows,
        "open_update": next((row for row in rows if row.status in OPEN_UPDATE_STATUSES), None),
        "is_stale": is_draft and changes.stale_since_wording(alert),
        "redactions": list(redactions),
        "can_withdraw_public": permissions.can_withdraw_public(user, alert),
        "can_restore": is_running,
        "renew_form": RenewForm(prefix="renew", alert=alert) if is_running else None,
        "area_form": AreaForm(prefix="area", alert=alert) if is_running and not alert.program.subdivision_id else None,
        "term_duty": alert.duties.open().filter(kind=DutyKind.DECIDE_TERM).first() if is_running else None,  # type: ignore[attr-defined]
    }


def change_of_request(request: ExtensionRequest, user: Any) -> dict[str, Any]:
    """Return the open duty to acknowledge changed facts, with old and new values, for the asked side's page (U20)."""
    duty = request.duties.filter(kind=DutyKind.ACKNOWLEDGE_CHANGE, status=DutyStatus.OPEN).first()
    if duty is None or not permissions.can_discharge(user, duty):
        return {}
    alert: Alert | None = getattr(request, "alert", None)
    compared = before_and_now(request, alert)
    is_running = alert is not None and alert.status == AlertStatus.ACTIVE
    return {
        "change_duty": duty,
        "changed_fields": [field_label(name) for name in duty.detail.get("fields", [])],
        "changed_values": differences(*compared) if compared else [],
        "is_since_issue": is_running,
        "prepared_update": AlertUpdate.objects.filter(alert=alert).open().first() if is_running else None,  # type: ignore[attr-defined]
    }


def field_label(name: str) -> str:
    """Return "Vehicle: license plate" for "vehicle.plate", in the reader's language; the name itself if unknown."""
    model_name, _dot, field_name = name.partition(".")
    try:
        model = apps.get_model("cases", model_name)
        label = model._meta.get_field(field_name).verbose_name  # type: ignore[union-attr]
    except LookupError:
        return name
    return f"{colon(str(model._meta.verbose_name).capitalize())} {label}"


def areas_of(update: AlertUpdate) -> dict[str, list[str]]:
    """Return which places an Update that changes the area covers, adds and leaves out, by name; {} for any other."""
    if not update.areas:
        return {}
    covered = list(Subdivision.objects.filter(pk__in=update.areas))
    if update.status not in OPEN_UPDATE_STATUSES:  # the alert may have changed again since
        return {"covered": [place.name for place in covered]}
    present = [area.subdivision for area in update.alert.areas.select_related("subdivision")]
    return {
        "covered": [place.name for place in covered],
        "added": [place.name for place in covered if place not in present],
        "left_out": [place.name for place in present if place not in covered],
    }


def _end_of_renewal(update: AlertUpdate) -> datetime | None:
    """Return when the alert ends once an open renewal is issued now; None for anything else."""
    if not update.hours or update.status not in OPEN_UPDATE_STATUSES or update.alert.status != AlertStatus.ACTIVE:
        return None
    try:
        return updates.end_if_issued(update.alert, update, at=timezone.now())
    except ActRefused:
        return None


def _find(user: Any, pk: uuid.UUID) -> AlertUpdate:
    rows = AlertUpdate.objects.visible_to(user).select_related(  # type: ignore[attr-defined]
        "alert__program__agency", "alert__case__lead_agency", "alert__request", "alert__criteria", "photo", "message",
        "created_by", "submitted_by", "decided_by",
    )  # fmt: skip
    return audit.noted(get_object_or_404(rows.defer("photo__jpeg", "message__xml"), pk=pk), by=user)
