"""Form fields that the administration asks for in its own way."""

from __future__ import annotations

import zoneinfo
from typing import Any

from django import forms
from django.contrib.postgres.fields import ArrayField
from django.core.exceptions import ValidationError
from django.utils.text import capfirst
from django.utils.translation import gettext_lazy as _

WIDTH = forms.TextInput(attrs={"class": "vTextField"})


def existing_zone(name: str) -> None:
    """Refuse a time zone that does not exist: pages of its person or agency could not be shown."""
    if name not in zoneinfo.available_timezones():
        raise ValidationError(
            _("“%(name)s” is not the name of a time zone. An example: America/Tijuana."), params={"name": name}
        )


def portal_formfield(db_field: Any) -> forms.Field | None:
    """Return our own form field for a list of choices or a time zone, None where Django's own serves."""
    if isinstance(db_field, ArrayField) and db_field.base_field.choices:
        return forms.MultipleChoiceField(
            label=capfirst(db_field.verbose_name),
            help_text=db_field.help_text,
            required=not db_field.blank,
            choices=db_field.base_field.choices,
            widget=forms.CheckboxSelectMultiple,
        )
    if db_field.name == "time_zone":
        return forms.CharField(
            label=capfirst(db_field.verbose_name),
            help_text=_("A name of the IANA time zone database, for instance America/Tijuana."),
            max_length=db_field.max_length,
            initial=db_field.get_default(),
            validators=[existing_zone],
            widget=WIDTH,
        )
    return None
