"""Height and weight in metric and imperial side by side."""

from __future__ import annotations

from django import template
from django.utils.translation import gettext as _

register = template.Library()
CENTIMETERS_PER_INCH, KILOGRAMS_PER_POUND = 2.54, 0.45359237


@register.filter
def height(centimeters: int) -> str:
    """Return for instance "120 cm (3 ft 11 in)"."""
    feet, inches = divmod(round(centimeters / CENTIMETERS_PER_INCH), 12)
    return _("%(cm)s cm (%(feet)s ft %(inches)s in)") % {"cm": centimeters, "feet": feet, "inches": inches}


@register.filter
def weight(kilograms: int) -> str:
    """Return for instance "23 kg (51 lb)"."""
    return _("%(kg)s kg (%(pounds)s lb)") % {"kg": kilograms, "pounds": round(kilograms / KILOGRAMS_PER_POUND)}
