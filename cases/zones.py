"""Time zones by the names that people know, with a city of each: never the identifiers of the zone database (U25)."""

from __future__ import annotations

from functools import cache

from babel.core import Locale, get_global
from babel.dates import get_timezone_location, get_timezone_name
from django import forms
from django.utils.text import capfirst
from django.utils.translation import get_language

from cases.choices import TIME_ZONES
from cases.countries import locale_of


@cache
def _named(zone: str, language: str) -> str:
    locale = Locale.parse(locale_of(language))
    city = get_timezone_location(zone, locale=locale, return_city=True)
    if get_global("meta_zones").get(zone) not in locale.meta_zones:
        return city  # its clock has no name of its own; what CLDR puts together instead is no help to anybody
    clock = get_timezone_name(zone, width="long", locale=locale, zone_variant="generic")
    return f"{clock} ({city})".replace("\u2019", "'")


def zone_name(zone: str) -> str:
    """Return for instance "Pacific Time (Tijuana)" in the reader's language; what is no zone of the portal as it is."""
    return _named(zone, get_language() or "en") if zone in TIME_ZONES else zone


def zone_choices() -> list[tuple[str, str]]:
    """Return every zone of the three countries by name, from east to west; what is stored stays the identifier."""
    return [(zone, str(capfirst(zone_name(zone)))) for zone in TIME_ZONES]


def name_zones(form: forms.BaseForm) -> None:
    """Show the zones in every list of zones of this form by their names; its empty choice stays."""
    names = dict(zone_choices())
    for name, field in form.fields.items():
        if name.endswith("zone") and isinstance(field, forms.ChoiceField):
            choices = list(field.choices)  # type: ignore[arg-type]
            field.choices = [(value, names.get(value, label)) for value, label in choices]
