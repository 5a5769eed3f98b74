"""Forms about a found child."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from agencies.models import Agency
from cases.access import working_on
from cases.models import Case, Child, Recovery
from cases.models.code import code_choices

from .facts import subdivisions
from .place_time import PlaceTimeField, PlaceTimeForm


class LocatedForm(PlaceTimeForm):
    """A child was located."""

    moment = "located_at"
    located_at = PlaceTimeField(label=_("Located, date and time at the place"))
    child = forms.ModelChoiceField(label=_("Child"), queryset=Child.objects.none())
    holding_agency: forms.ModelChoiceField[Agency] = forms.ModelChoiceField(
        label=_("Agency holding the child"), queryset=Agency.objects.none()
    )

    class Meta:
        model = Recovery
        fields = ("child", "located_at", "time_zone", "place", "subdivision", "condition", "holding_agency")

    def __init__(self, *args: Any, case: Case, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["subdivision"].queryset = subdivisions()  # type: ignore[attr-defined]
        missing = case.children.filter(status="missing")
        self.fields["child"].queryset = missing  # type: ignore[attr-defined]
        self.fields["child"].initial = missing.first()
        self.fields["child"].label_from_instance = lambda child: child.name or str(child)  # type: ignore[attr-defined]
        self.fields["holding_agency"].queryset = Agency.objects.filter(pk__in=working_on(case))  # type: ignore[attr-defined]


class IdentityForm(forms.Form):
    """One officer's word that this is the child."""

    method = forms.ChoiceField(
        label=_("How identity was established"),
        choices=lambda: code_choices("identity_method", blank_label=_("Choose how")),
    )


class RejectIdentityForm(forms.Form):
    """Why the child who was found is not the one who is missed."""

    reason = forms.ChoiceField(
        label=_("Reason"), choices=lambda: code_choices("recovery_end_reason", blank_label=_("Choose a reason"))
    )
