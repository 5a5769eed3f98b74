"""Forms of what happens outside the portal: activations in a program's own system, answers by telephone or fax."""

from __future__ import annotations

from datetime import datetime
from typing import Any, ClassVar
from zoneinfo import ZoneInfo

from django import forms
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from agencies.choices import Language
from agencies.models import User
from agencies.refusals import ActRefused
from alerts import permissions, terms, workflow
from alerts.models import ExtensionRequest
from alerts.services.lower_levels import LEVELS_OF_AN_ALERT
from alerts.services.outside import Informant, OutsideAlert, answers_possible
from alerts.services.outside_changes import rules_for_outside
from cases.forms.place_time import PlaceTimeField, join_zone
from cases.models.code import code_choices, code_label
from cases.zones import zone_choices

SHORT = forms.Textarea(attrs={"rows": 3})
# What a correction offers; the end of the term is changed by a renewal.
CORRECTED = (
    "number", "area", "area_language", "channels", "starts_at", "time_zone", "text", "text_language", "link",
)  # fmt: skip


class MomentsForm(forms.Form):
    """Base of forms with clocks that share one zone, that of the program unless another is chosen."""

    moments: ClassVar[tuple[str, ...]] = ()
    time_zone = forms.ChoiceField(label=_("Time zone of these times"), choices=zone_choices)

    def __init__(self, *args: Any, item: ExtensionRequest, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.item = item
        self.fields["time_zone"].initial = item.program.time_zone

    def clean(self) -> dict[str, Any]:
        """Join every clock with the zone; what has not come yet is refused beside its field."""
        cleaned = super().clean() or {}
        zone = cleaned.get("time_zone")
        for name in self.moments:
            local = cleaned.get(name)
            cleaned[name] = None  # a clock without its zone is no moment
            if local is None or not zone:
                continue
            try:
                cleaned[name] = join_zone(local, zone)
            except forms.ValidationError as error:
                self.add_error(name, error)
        return cleaned

    def refuse_future(self, cleaned: dict[str, Any], name: str) -> None:
        """Refuse a moment that has not come yet."""
        if cleaned.get(name) and cleaned[name] > timezone.now():
            self.add_error(name, _("This moment is in the future."))


class OutsideActivationForm(MomentsForm):
    """An alert in the program's own system, as its officer records it."""

    moments: ClassVar[tuple[str, ...]] = ("starts_at", "expires_at")
    number = forms.CharField(label=_("Own alert number"), max_length=60)
    area = forms.CharField(label=_("Area"), max_length=300)
    area_language = forms.ChoiceField(label=_("Language of the area"), choices=Language.choices, required=False)
    channels = forms.MultipleChoiceField(
        label=_("Channels"), choices=lambda: code_choices("outside_channel", blank=False),
        widget=forms.CheckboxSelectMultiple,
    )  # fmt: skip
    starts_at = PlaceTimeField(label=_("Start"))
    expires_at = PlaceTimeField(label=_("Expiry"), required=False, help_text=_("Left empty: until it is canceled."))
    link = forms.URLField(label=_("Link to the alert"), required=False, max_length=500, assume_scheme="https")
    text = forms.CharField(label=_("Text of the alert"), required=False, max_length=4000, widget=SHORT)
    text_language = forms.ChoiceField(label=_("Language of the text"), choices=Language.choices)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name in ("area_language", "text_language"):
            self.fields[name].initial = (get_language() or "en")[:2]
        self.order_fields(["number", "area", "area_language", "channels", "starts_at", "expires_at", "time_zone"])

    def clean(self) -> dict[str, Any]:
        """Ask for text or link; refuse an end before the start and a start that has not come."""
        cleaned = super().clean()
        self.refuse_future(cleaned, "starts_at")
        start, end = cleaned.get("starts_at"), cleaned.get("expires_at")
        if start and end and end <= start:
            self.add_error("expires_at", _("The alert must end after it starts."))
        if not cleaned.get("text", "").strip() and not cleaned.get("link") and "link" not in self.errors:
            self.add_error("text", _("Give the text of the alert or a link to it."))
        return cleaned

    def values(self) -> dict[str, Any]:
        """Return what the service takes."""
        names = (
            "number", "area", "area_language", "channels", "starts_at", "expires_at", "time_zone", "text",
            "text_language", "link",
        )  # fmt: skip
        return {"alert": OutsideAlert(**{name: self.cleaned_data[name] for name in names})}


class InformantForm(MomentsForm):
    """Who answered for a program without people in the portal, when, and how it came."""

    moments: ClassVar[tuple[str, ...]] = ("answered_at",)
    name = forms.CharField(label=_("Name of the officer who answered"), max_length=120)
    position = forms.CharField(label=_("Position of that officer"), max_length=80)
    channel = forms.ChoiceField(
        label=_("How the answer was received"),
        choices=lambda: code_choices("answer_channel", blank_label=_("Choose how")),
    )
    answered_at = PlaceTimeField(label=_("Time of the answer"))

    def clean(self) -> dict[str, Any]:
        """Refuse an answer that has not come yet or is older than the request."""
        cleaned = super().clean()
        self.refuse_future(cleaned, "answered_at")
        at: datetime | None = cleaned.get("answered_at")
        if at and self.item.sent_at and at < self.item.sent_at.replace(second=0, microsecond=0):
            self.add_error("answered_at", _("The answer cannot be earlier than the request."))
        return cleaned

    def informant(self) -> Informant:
        """Return who gave the answer."""
        names = ("name", "position", "answered_at", "channel")
        return Informant(**{name: self.cleaned_data[name] for name in names})


class OutsideAnswerForm(InformantForm):
    """What a program without people answered; what each answer needs is asked for beside its field."""

    step = forms.ChoiceField(label=_("What was answered"), widget=forms.RadioSelect)
    receiver_reference = forms.CharField(label=_("Folio or file number of the program"), max_length=60, required=False)
    level = forms.ChoiceField(
        label=_("Level, if accepted at a lower one"), required=False,
        choices=lambda: [
            ("", _("No level chosen")),
            *((code, code_label("notice_level", code)) for code in LEVELS_OF_AN_ALERT),
        ],
    )  # fmt: skip
    area_words = forms.CharField(label=_("Changed area, in words"), required=False, max_length=300)
    reason = forms.ChoiceField(label=_("Reason, if declined or refused"), required=False)
    alternative = forms.ChoiceField(
        label=_("Alternative offered"), required=False,
        choices=lambda: code_choices("alternative", blank_label=_("No alternative")),
    )  # fmt: skip
    note = forms.CharField(label=_("What else was said"), required=False, max_length=2000, widget=SHORT)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        steps = answers_possible(self.item)
        self.fields["step"].choices = [(name, workflow.REQUEST.by_name[name].label) for name in steps]  # type: ignore[attr-defined]
        is_deciding = "decline" in steps
        reasons = "decline_reason" if is_deciding else "cancellation_refusal"
        self.fields["reason"].choices = code_choices(reasons, blank_label=_("No reason chosen"))  # type: ignore[attr-defined]
        if not is_deciding:
            for name in ("receiver_reference", "level", "area_words", "alternative"):
                del self.fields[name]
            if "refuse_cancellation_outside" not in steps:
                del self.fields["reason"]
        elif "accept_lower_level" not in steps:
            del self.fields["level"], self.fields["area_words"]
        self.order_fields(["step", "name", "position", "channel", "answered_at", "time_zone"])

    def clean(self) -> dict[str, Any]:
        """Ask for what the answer needs beside its field."""
        cleaned = super().clean()
        step = cleaned.get("step")
        if step in {"decline", "refuse_cancellation_outside"} and not cleaned.get("reason"):
            self.add_error("reason", _("This answer needs a reason."))
        if step == "accept_lower_level" and not cleaned.get("level"):
            self.add_error("level", _("Accepting at a lower level needs the level."))
        if step == "accept_changed_area" and not cleaned.get("area_words", "").strip():
            self.add_error("area_words", _("Accepting with a changed area needs the area."))
        return cleaned

    def values(self) -> dict[str, Any]:
        """Return what the service takes."""
        names = ("step", "receiver_reference", "level", "area_words", "reason", "alternative", "note")
        given = {name: self.cleaned_data.get(name, "") for name in names}
        return {**given, "informant": self.informant()}


class ReportedActivationForm(OutsideActivationForm, InformantForm):
    """An activation that a program without people reported: the alert, and who said so."""

    moments: ClassVar[tuple[str, ...]] = ("starts_at", "expires_at", "answered_at")

    def values(self) -> dict[str, Any]:
        """Return what the service takes."""
        return {**super().values(), "informant": self.informant()}


class OutsideCorrectionForm(OutsideActivationForm):
    """What is recorded of an alert that runs, with why it is corrected; its end is changed by a renewal."""

    moments: ClassVar[tuple[str, ...]] = ("starts_at",)
    reason = forms.ChoiceField(
        label=_("Reason of the correction"),
        choices=lambda: code_choices("outside_correction", blank_label=_("No reason chosen")),
    )

    def __init__(self, *args: Any, item: ExtensionRequest, **kwargs: Any) -> None:
        super().__init__(*args, item=item, **kwargs)
        del self.fields["expires_at"]
        recorded = item.outside_activation
        for name in ("number", "area", "channels", "time_zone", "text", "link"):
            self.fields[name].initial = getattr(recorded, name)
        for name in ("area_language", "text_language"):
            self.fields[name].initial = getattr(recorded, name) or self.fields[name].initial
        self.fields["starts_at"].initial = local_clock(recorded.starts_at, recorded.time_zone)
        self.order_fields(CORRECTED)

    def clean(self) -> dict[str, Any]:
        """Refuse a start after the end that is recorded."""
        cleaned = super().clean()
        start, end = cleaned.get("starts_at"), self.item.outside_activation.expires_at
        if start and end and end <= start:
            self.add_error("starts_at", _("The alert must end after it starts."))
        return cleaned

    def values(self) -> dict[str, Any]:
        """Return what the service takes."""
        given = {name: self.cleaned_data[name] for name in CORRECTED}
        if not {"starts_at", "time_zone"} & set(self.changed_data):
            # The clock shows minutes, and an hour in autumn twice: what nobody touched stays the very moment.
            given["starts_at"] = self.item.outside_activation.starts_at
        return {"alert": OutsideAlert(**given), "reason": self.cleaned_data["reason"]}


class ReportedCorrectionForm(OutsideCorrectionForm, InformantForm):
    """A correction that a program without people reported, and who said so."""

    moments: ClassVar[tuple[str, ...]] = ("starts_at", "answered_at")

    def values(self) -> dict[str, Any]:
        """Return what the service takes."""
        return {**super().values(), "informant": self.informant()}


class OutsideRenewalForm(MomentsForm):
    """The new end of an alert that runs outside the portal, and why."""

    moments: ClassVar[tuple[str, ...]] = ("expires_at", "renewed_at")
    expires_at = PlaceTimeField(label=_("New expiry"))
    renewed_at = PlaceTimeField(
        label=_("Renewed at"), required=False,
        help_text=_("Only if it was renewed earlier than now: the rules count from that moment."),
    )  # fmt: skip
    reason = forms.ChoiceField(
        label=_("Reason of the renewal"),
        choices=lambda: code_choices("renewal_reason", blank_label=_("No reason chosen")),
    )

    def __init__(self, *args: Any, item: ExtensionRequest, **kwargs: Any) -> None:
        super().__init__(*args, item=item, **kwargs)
        recorded = item.outside_activation
        zone = recorded.time_zone
        self.fields["time_zone"].initial = zone
        self.fields["expires_at"].initial = recorded.expires_at and local_clock(recorded.expires_at, zone)
        latest = terms.latest_renewed_end(
            rules_for_outside(recorded), activated_at=recorded.starts_at, at=timezone.now()
        )
        self.fields["expires_at"].help_text = _("At the latest %(end)s, by the rules of the program.") % {
            "end": date_format(local_clock(latest, zone), "DATETIME_FORMAT")
        }
        self.order_fields(["expires_at", "time_zone", "renewed_at", "reason"])

    def clean(self) -> dict[str, Any]:
        """Refuse, beside its field, an end that is not later than the present one."""
        cleaned = super().clean()
        end, present = cleaned.get("expires_at"), self.item.outside_activation.expires_at
        if end and present and end <= present and "expires_at" not in self.errors:
            self.add_error("expires_at", _("The new end must be later than the present one."))
        renewed = cleaned.get("renewed_at")
        if renewed and not self.item.outside_activation.starts_at <= renewed <= timezone.now():
            self.add_error("renewed_at", _("A renewal must be between the start of the alert and now."))
        if end and present and not self.errors:
            self._check_limits(present, end, at=cleaned.get("answered_at") or renewed or timezone.now())
        return cleaned

    def _check_limits(self, present: datetime, end: datetime, *, at: datetime) -> None:
        """Say beside the field what the program's rules forbid; what else was typed stays."""
        recorded = self.item.outside_activation
        try:
            terms.check_renewed_end(
                rules_for_outside(recorded), activated_at=recorded.starts_at, expires_at=present, at=at, end=end,
                reason=self.cleaned_data["reason"],
            )  # fmt: skip
        except ActRefused as refusal:
            self.add_error("expires_at", str(refusal.message))

    def values(self) -> dict[str, Any]:
        """Return what the service takes."""
        return {name: self.cleaned_data.get(name) for name in ("expires_at", "reason", "renewed_at")}


class ReportedRenewalForm(OutsideRenewalForm, InformantForm):
    """A renewal that a program without people reported, and who said so."""

    moments: ClassVar[tuple[str, ...]] = ("expires_at", "answered_at")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        del self.fields["renewed_at"]  # the moment of the answer counts

    def values(self) -> dict[str, Any]:
        """Return what the service takes."""
        return {**super().values(), "informant": self.informant()}


def local_clock(at: datetime, zone: str) -> datetime:
    """Return a moment as the clock of a zone shows it, to the minute."""
    return at.astimezone(ZoneInfo(zone)).replace(tzinfo=None, second=0, microsecond=0)


def correction_form(item: ExtensionRequest, user: User, data: Any = None) -> OutsideCorrectionForm:
    """Return the form of the side that corrects: the program itself, or the asker with who told them."""
    form_class = OutsideCorrectionForm if permissions.can_answer(user, item) else ReportedCorrectionForm
    return form_class(data, prefix="outside", item=item)


def renewal_form(item: ExtensionRequest, user: User, data: Any = None) -> OutsideRenewalForm:
    """Return the form of the side that renews, in the same way."""
    form_class = OutsideRenewalForm if permissions.can_answer(user, item) else ReportedRenewalForm
    return form_class(data, prefix="outside", item=item)
