"""Names of countries on pages."""

from __future__ import annotations

from collections.abc import Iterable

from django import template

from cases.countries import country_name

register = template.Library()


@register.filter
def country(code: str) -> str:
    """Return the country's name in the reader's language."""
    return country_name(code)


@register.filter
def country_list(codes: Iterable[str]) -> str:
    """Return the names of several countries, separated by commas."""
    return ", ".join(country_name(code) for code in codes or ())
