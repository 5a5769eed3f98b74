"""The form that puts up the page of an open case."""

from __future__ import annotations

from django import forms
from django.utils.translation import gettext_lazy as _

from cases.models.code import code_choices


class OpenCaseForm(forms.Form):
    """Why the public may go on reading of the case."""

    reason = forms.ChoiceField(
        label=_("Reason"), choices=lambda: code_choices("open_case_reason", blank_label=_("No reason chosen"))
    )
