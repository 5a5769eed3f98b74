"""The form that says for which of a program's recipients an alert is."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from alerts.choices import RecipientKind, RecipientRole
from alerts.models import Alert


class AudienceForm(forms.Form):
    """Kinds and roles; at least one of each, all of them at first."""

    kinds = forms.MultipleChoiceField(
        label=_("Kinds of recipients"), choices=RecipientKind.choices, widget=forms.CheckboxSelectMultiple
    )
    roles = forms.MultipleChoiceField(
        label=_("What they do with an alert"), choices=RecipientRole.choices, widget=forms.CheckboxSelectMultiple,
        help_text=_("Recipients of whom no role is recorded are never left out by it."),
    )  # fmt: skip

    def __init__(self, *args: Any, alert: Alert, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["kinds"].initial = alert.audience_kinds or RecipientKind.values
        self.fields["roles"].initial = alert.audience_roles or RecipientRole.values
