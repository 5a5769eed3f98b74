"""Punctuation that differs by language: French puts a space before a colon (U27)."""

from __future__ import annotations

from django import template
from django.utils.translation import gettext

register = template.Library()


@register.filter
def colon(label: object) -> str:
    """Return a label with the colon of the reader's language; a question ends with its own mark."""
    if str(label).rstrip().endswith("?"):
        return str(label)
    return gettext("%(label)s:") % {"label": label}
