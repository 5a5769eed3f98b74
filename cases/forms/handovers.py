"""Forms of the handoff of a case."""

from __future__ import annotations

from typing import Any

from django import forms
from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from agencies.models import Agency
from cases.forms.sharing import PERIODS
from cases.models.code import code_choices
from cases.services.handovers import recipient_named

OFFERED_FOR = [(hours, label) for hours, label in PERIODS if hours <= 168]
KEEPS = [
    ("look", _("It reads the case and changes nothing.")),
    ("contribute", _("It also adds sightings, numbers and notices, and proposes corrections.")),
    ("", _("Nothing: from that moment on it can no longer find the case.")),
]


class OfferForm(forms.Form):
    """To whom, why, until when, and what the own agency keeps seeing. `recipients` are the agencies to choose from."""

    agency: forms.ModelChoiceField[Agency] = forms.ModelChoiceField(
        label=_("Agency"), queryset=Agency.objects.none(), empty_label=_("Choose"),  # type: ignore[arg-type]
        help_text=_("Nothing changes until it accepts. Then it leads the case and answers for everything open in it."),
    )  # fmt: skip
    person = forms.EmailField(
        label=_("Person in that agency"), required=False, max_length=254,
        help_text=_("E-mail address. Only this person can then accept or refuse. Empty: everybody there who edits cases."),  # noqa: E501
    )  # fmt: skip
    reason = forms.ChoiceField(
        label=_("Reason"), choices=lambda: code_choices("handover_reason", blank_label=_("Choose a reason"))
    )
    note = forms.CharField(
        label=_("Note to the recipient"), required=False, max_length=1000, widget=forms.Textarea(attrs={"rows": 3}),
        help_text=_("It is read before the case is accepted: write no names and no plates."),
    )  # fmt: skip
    hours = forms.TypedChoiceField(label=_("The offer is open for"), choices=OFFERED_FOR, coerce=int, initial=72)
    keeps_level = forms.ChoiceField(
        label=_("What your agency keeps afterwards"), choices=KEEPS, required=False, widget=forms.RadioSelect,
        initial="look",
    )  # fmt: skip
    keeps_hours = forms.TypedChoiceField(label=_("It keeps that for"), choices=PERIODS, coerce=int, initial=72)

    def __init__(self, *args: Any, recipients: QuerySet[Agency], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["agency"].queryset = recipients  # type: ignore[attr-defined]

    def clean(self) -> dict[str, Any]:
        """Turn the address into the person, and refuse one that cannot take a case over for that agency."""
        values = super().clean() or {}
        agency, address = values.get("agency"), values.get("person")
        values["person"] = recipient_named(agency, address) if agency and address else None
        if agency and address and values["person"] is None:
            self.add_error("person", _("Nobody with this address can take a case over for that agency."))
        return values


class AcceptForm(forms.Form):
    """Taking a case over needs a word, because everything open in it goes along."""

    is_meant = forms.BooleanField(label=_("We lead this case from now on, and answer for everything open in it."))


class RefuseForm(forms.Form):
    """Why a case is not taken over."""

    refusal = forms.ChoiceField(
        label=_("Reason"), choices=lambda: code_choices("handover_refusal", blank_label=_("Choose a reason"))
    )
    note = forms.CharField(
        label=_("Note to the agency"), required=False, max_length=1000, widget=forms.Textarea(attrs={"rows": 3})
    )
