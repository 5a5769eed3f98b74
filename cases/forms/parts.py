"""Forms about what of a case is police-only."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django import forms
from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from agencies.models import Agency
from cases.choices import PartReason
from cases.services.parts import Part

STANDINGS = [
    ("police_only", _("Police only: other agencies get it only where it is given to them")),
    ("released", _("Released: every agency on the case reads it")),
]
HOLDING = (PartReason.LAW, PartReason.PROTECTION, PartReason.WITNESS, PartReason.INVESTIGATION)
LETTING = (PartReason.SEARCH, PartReason.OWN_LAW, PartReason.MISTAKE)


class MarkForm(forms.Form):
    """Which parts, as what, why. The page draws the boxes of the parts beside their standing."""

    parts = forms.MultipleChoiceField(
        label=_("Parts"), widget=forms.CheckboxSelectMultiple, error_messages={"required": _("Choose parts.")}
    )
    standing = forms.ChoiceField(label=_("Mark the selected parts as"), choices=STANDINGS, widget=forms.RadioSelect)
    reason = forms.ChoiceField(
        label=_("Reason"), choices=[("", _("Choose")), *((value, PartReason(value).label) for value in PartReason)]
    )

    def __init__(self, *args: Any, parts: Iterable[Part], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["parts"].choices = [(part.key, str(part)) for part in parts]  # type: ignore[attr-defined]


class GiveForm(forms.Form):
    """Which police-only parts, to which agency on the case, why."""

    agency: forms.ModelChoiceField[Agency] = forms.ModelChoiceField(
        label=_("Agency"), queryset=Agency.objects.none(), empty_label=_("Choose")  # type: ignore[arg-type]
    )  # fmt: skip
    parts = forms.MultipleChoiceField(
        label=_("Police-only parts"), widget=forms.CheckboxSelectMultiple,
        error_messages={"required": _("Choose parts.")},
    )  # fmt: skip
    reason = forms.ChoiceField(
        label=_("Reason"), choices=[(value, PartReason(value).label) for value in LETTING], initial=PartReason.OWN_LAW
    )

    def __init__(self, *args: Any, agencies: QuerySet[Agency], parts: Iterable[Part], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["agency"].queryset = agencies  # type: ignore[attr-defined]
        held = [(part.key, str(part)) for part in parts if part.is_police_only]
        self.fields["parts"].choices = held  # type: ignore[attr-defined]
