"""Telephone numbers on pages."""

from __future__ import annotations

from django import template

from agencies.phones import show_phone

register = template.Library()


@register.filter
def phone(number: str, extension: str = "") -> str:
    """Return an E.164 number as its own country writes it."""
    return show_phone(number, extension)
