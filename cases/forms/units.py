"""Height and weight as people say them: metric or imperial, stored in centimeters and kilograms."""

from __future__ import annotations

import re
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

CENTIMETERS_PER_INCH, KILOGRAMS_PER_POUND = 2.54, 0.45359237
NUMBER = r"(\d+(?:[.,]\d+)?)"
FEET = re.compile(
    rf"^{NUMBER}\s*(?:ft|feet|foot|pies?|pieds?|pi|'|′)\s*(?:{NUMBER}\s*(?:in|inch(?:es)?|pulg(?:adas?)?|pouces?|po|\"|″|'')?)?$"
)
INCHES = re.compile(rf"^{NUMBER}\s*(?:in|inch(?:es)?|pulg(?:adas?)?|pouces?|po|\"|″)$")
METERS = re.compile(rf"^{NUMBER}\s*m(?:\s*(\d{{1,2}}))?$")
CENTIMETERS = re.compile(rf"^{NUMBER}\s*(?:cm)?$")
POUNDS = re.compile(rf"^{NUMBER}\s*(?:lbs?|pounds?|libras?|livres?)$")
KILOGRAMS = re.compile(rf"^{NUMBER}\s*(?:kgs?|kilos?)?$")


def number(text: str) -> float:
    """Return a number written with a decimal point or comma."""
    return float(text.replace(",", "."))


def read_height(typed: str) -> int:
    """Return centimeters from 120, 1.20 m, 1 m 20, 3 ft 11 in, 47 in. Refuses anything else with ValueError."""
    text = typed.strip().casefold()
    if found := FEET.match(text):
        return round((number(found[1]) * 12 + number(found[2] or "0")) * CENTIMETERS_PER_INCH)
    if found := INCHES.match(text):
        return round(number(found[1]) * CENTIMETERS_PER_INCH)
    if found := METERS.match(text):
        return round(number(found[1]) * 100) + int(found[2] or 0)
    if found := CENTIMETERS.match(text):
        return round(number(found[1]))
    raise ValueError(typed)


def read_weight(typed: str) -> int:
    """Return kilograms from 23, 23 kg, 51 lb. Refuses anything else with ValueError."""
    text = typed.strip().casefold()
    if found := POUNDS.match(text):
        return round(number(found[1]) * KILOGRAMS_PER_POUND)
    if found := KILOGRAMS.match(text):
        return round(number(found[1]))
    raise ValueError(typed)


class HeightField(forms.IntegerField):
    """A height; what is not understood comes back as typed."""

    widget = forms.TextInput
    default_error_messages = {"invalid": _("Enter a height such as 120, 1.20 m or 3 ft 11 in.")}

    def __init__(self, **kwargs: Any) -> None:
        kwargs |= {"label": _("Height"), "help_text": _("Centimeters, or with its unit: 1.20 m, 3 ft 11 in.")}
        super().__init__(**kwargs)

    def to_python(self, value: Any) -> int | None:
        """Return centimeters."""
        return _read(self, value, read_height)


class WeightField(forms.IntegerField):
    """A weight; what is not understood comes back as typed."""

    widget = forms.TextInput
    default_error_messages = {"invalid": _("Enter a weight such as 23, 23 kg or 51 lb.")}

    def __init__(self, **kwargs: Any) -> None:
        kwargs |= {"label": _("Weight"), "help_text": _("Kilograms, or with its unit: 51 lb.")}
        super().__init__(**kwargs)

    def to_python(self, value: Any) -> int | None:
        """Return kilograms."""
        return _read(self, value, read_weight)


class YearField(forms.IntegerField):
    """A model year. In Mexico *modelo* is the year: a name that was typed here is refused by that name (U27)."""

    def to_python(self, value: Any) -> int | None:
        """Return the year."""
        try:
            return super().to_python(value)
        except forms.ValidationError as error:
            message = _("“%(typed)s” is not a year. Enter four digits here and the name under Model.")
            raise forms.ValidationError(message, code="invalid", params={"typed": str(value).strip()[:60]}) from error


def _read(field: forms.IntegerField, value: Any, read: Any) -> int | None:
    if value in field.empty_values:
        return None
    try:
        found: int = read(str(value))
    except ValueError as error:
        raise forms.ValidationError(field.error_messages["invalid"], code="invalid") from error
    return found
