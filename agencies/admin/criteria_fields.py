"""The parameters of criteria as staff fill them in: choices in words in place of codes, and what each one means."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

from django import forms
from django.utils import timezone
from django.utils.text import capfirst
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from agencies.choices import AlertReach, Database, FallbackAlert, InfoPart, InfoRule
from agencies.models import CriteriaVersion

from .branch_rows import branches_formfield
from .fields import WIDTH

# By the parameter's name without its language (domain §1.3).
HELP = {
    "program": _("Only programs of your own agency."),
    "effective_from": _("First day on which this version rules. The version before it ends the day before."),
    "effective_to": _("Last day on which it rules. Empty: until another version begins."),
    "max_age": _("Whole years on the day of the event: 17 means under 18."),
    "vulnerable_adult_allowed": _("Adults with a proven mental or physical disability."),
    "abduction_test": _("How sure the program must be that the child was abducted."),
    "danger_test": _("The danger that the program asks for, in its own words, in each language."),
    "parental_policy": _("On which condition a child taken by a parent is covered."),
    "runaway_policy": _("What the program does for a child who left on their own."),
    "max_hours_since_event": _("The alert must go out within so many hours. Empty: no such rule was found."),
    "min_duration_hours": _("An end before it needs a written reason. Empty: no such rule was found."),
    "max_duration_hours": _("The composer proposes and caps the term by it. Empty: no such rule was found."),
    "renewal_deadline_hours": _("Later than that no renewal can be asked for. Empty: no such rule was found."),
    "max_total_hours": _("The term with all its renewals. Empty: no such rule was found."),
    "single_officer_after_minutes": _("Counts only where the program allows activation by a single officer."),
    "is_legal_review_required": _("An alert is not activated before a legal advisor of the program gave an opinion."),
    "activating_bodies": _("In words, for readers. The rows below say whose members approve and activate."),
    "public_fields": _("A name or a picture needs an authority of its own besides."),
    "source": _("The law, protocol or plan as it is cited, with its article."),
    "notes": _("What readers of the rules should know, in each language."),
}


class ParameterFields(forms.ModelForm):
    """The two parameters that are kept as JSON, as fields of their own."""

    info_rule = forms.ChoiceField(label=_("information test"), choices=InfoRule.choices)
    info_of = forms.MultipleChoiceField(
        label=_("description of"), choices=InfoPart.choices, required=False, widget=forms.CheckboxSelectMultiple,
        help_text=_("Nothing chosen: officers are not asked for descriptions."),
    )  # fmt: skip
    info_photo = forms.BooleanField(label=_("a recent photo is required too"), required=False)
    limit_wea_short = forms.IntegerField(label=_("WEA, short text"), min_value=1, max_value=10000, required=False)
    limit_wea_long = forms.IntegerField(
        label=_("WEA, long text"), min_value=1, max_value=10000, required=False,
        help_text=_("With a limit here, the wireless message lasts at most 24 hours."),
    )  # fmt: skip
    limit_alert_ready = forms.IntegerField(label=_("Alert Ready"), min_value=1, max_value=10000, required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name, value in parameters_of(self.instance if self.instance.pk else None, self.initial).items():
            self.initial.setdefault(name, value)
        for name, field in self.fields.items():
            if text := HELP.get(name) or HELP.get(name.rpartition("_")[0]):
                field.help_text = field.help_text or text
            if name.startswith(("info_", "limit_")):
                field.label = capfirst(str(field.label))

    def _post_clean(self) -> None:
        """Put the fields together before anything looks at the version; limits of other systems stay."""
        super()._post_clean()  # type: ignore[misc]
        values = self.cleaned_data
        if "info_rule" in self.fields and "info_rule" in values:
            self.instance.info_test = (
                {"rule": values["info_rule"], "of": values.get("info_of", []), "photo_required": values["info_photo"]}
                if values.get("info_of")
                else {}
            )
        typed = {name.removeprefix("limit_"): values.get(name) for name in self.fields if name.startswith("limit_")}
        if typed:
            before = self.instance.message_limits or {}
            kept = {name: limit for name, limit in before.items() if name not in typed}
            self.instance.message_limits = kept | {name: limit for name, limit in typed.items() if limit}


def parameters_of(version: CriteriaVersion | None, initial: Mapping[str, Any]) -> dict[str, Any]:
    """Return the values of those fields, of a stored version or of what a new one begins with."""
    test = (version.info_test if version else initial.get("info_test")) or {}
    limits = (version.message_limits if version else initial.get("message_limits")) or {}
    return {
        "info_rule": test.get("rule", InfoRule.ALL_OF), "info_of": test.get("of", []),
        "info_photo": test.get("photo_required", False), "limit_wea_short": limits.get("wea_short"),
        "limit_wea_long": limits.get("wea_long"), "limit_alert_ready": limits.get("alert_ready"),
    }  # fmt: skip


def parameter_formfield(db_field: Any) -> forms.Field | None:
    """Return choices in words for a parameter that is kept as codes, None for any other."""
    if db_field.name == "branches":
        return branches_formfield(db_field)
    label = capfirst(str(db_field.verbose_name))
    if db_field.name == "db_entry_required":
        return forms.ChoiceField(
            label=label, required=False, choices=[("", pgettext_lazy("database", "None")), *Database.choices],
            help_text=_("Where the entry of the child must be made first."),
        )  # fmt: skip
    chosen = {
        "levels": (AlertReach.choices, _("How far an alert of this program may reach.")),
        "fallback_alert_types": (FallbackAlert.choices, _("What the program uses where its criteria are not met.")),
    }.get(db_field.name)
    if chosen is None:
        return None
    return forms.MultipleChoiceField(
        label=label, required=False, choices=chosen[0], help_text=chosen[1], widget=forms.CheckboxSelectMultiple
    )


class ConfirmationForm(forms.Form):
    """Who at the program confirmed that these are its rules, and when."""

    person = forms.CharField(
        label=_("Confirmed by"),
        max_length=160,
        help_text=_("Name and position of the person at the program."),
        widget=WIDTH,
    )
    on = forms.DateField(label=_("Confirmed on"), initial=timezone.localdate, widget=forms.DateInput)

    def clean_on(self) -> date:
        """Refuse a day that has not come."""
        day: date = self.cleaned_data["on"]
        if day > timezone.localdate():
            raise forms.ValidationError(_("This day has not come yet."))
        return day
