"""The form by which a request is handed to another program."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from agencies.models import AlertProgram
from agencies.routing import Handing


class EscalateForm(forms.Form):
    """A note to who decides; what the case holds goes along by itself."""

    note = forms.CharField(
        label=_("Note on handing on"), required=False, max_length=2000, widget=forms.Textarea(attrs={"rows": 2})
    )


class HandOnForm(forms.Form):
    """To which program; what is asked, facts, questions and answers go along by themselves."""

    program: forms.ModelChoiceField[AlertProgram] = forms.ModelChoiceField(
        label=_("Program that decides from now on"), queryset=AlertProgram.objects.none(), to_field_name="code"
    )
    note = forms.CharField(
        label=_("Note on handing on"), required=False, max_length=2000, widget=forms.Textarea(attrs={"rows": 2})
    )

    def __init__(self, *args: Any, targets: Sequence[Handing], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field: Any = self.fields["program"]
        field.queryset = AlertProgram.objects.filter(pk__in=[item.program.pk for item in targets]).order_by(
            "country", "code"
        )
        field.label_from_instance = lambda program: f"{program.name} ({program.get_country_display()})"
        if len(targets) == 1:
            field.initial, field.widget = targets[0].program.code, forms.HiddenInput()
