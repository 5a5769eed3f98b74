"""What the empty choice of a list says: that nothing is known, instead of a row of dashes."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext

DASHES = "---------"  # Django's own


def say_blank_choices(form: forms.BaseForm) -> None:
    """Put words into every empty choice: "Choose" where one is required, else what it means to leave it."""
    for name, field in form.fields.items():
        choose = gettext("Choose")
        if isinstance(field, forms.ModelChoiceField):
            if field.empty_label == DASHES:
                field.empty_label = choose if field.required else gettext("Not known")
        elif isinstance(field, forms.TypedChoiceField):
            is_taken = name.endswith("zone") and field.help_text  # the help says that the place tells it
            unknown = gettext("From the place") if is_taken else gettext("Not known")
            _say(field, choose if field.required else unknown)
        elif type(field) is forms.ChoiceField and field.required:
            _say(field, choose)


def _say(field: forms.ChoiceField, words: str) -> None:
    choices: Any = list(field.choices)  # type: ignore[arg-type]
    field.choices = [("", words) if value == "" else (value, label) for value, label in choices]
