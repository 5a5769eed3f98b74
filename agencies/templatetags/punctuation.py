"""Punctuation that differs by language: French puts a space before a colon (U27); numbers that no line end may cut."""

from __future__ import annotations

import re

from django import template
from django.utils.html import conditional_escape
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext

register = template.Library()
# Telephone numbers as people write them, numbers of cases, requests and alerts, and models such as F-150. Groups of
# digits only, or letters and a hyphen: no date in figures, no part of an address, no entity of HTML.
UNBROKEN = re.compile(
    r"(?<![\w/.&#-])(?:\+\d{1,3}[ \u00a0-]?)?(?:\(\d{2,3}\)|\d{2,3})(?:[ \u00a0-]\d{2,4}){1,4}(?![\w/-])"
    r"|(?<![\w/.-])[A-Z]{1,3}(?:-[A-Z]{2,3})?-\d{2,10}(?:-\d{3,6})?(?![\w-])"
)


@register.filter
def colon(label: object) -> str:
    """Return a label with the colon of the reader's language; a question ends with its own mark."""
    if str(label).rstrip().endswith("?"):
        return str(label)
    return gettext("%(label)s:") % {"label": label}


@register.filter
def unbroken(text: object) -> SafeString:
    """Return text in which no line ends within a telephone number or the number of an alert; its signs stay the same.

    A request's number, which is its case's with the program behind a slash, may be parted after the slash.
    """
    return mark_safe(UNBROKEN.sub(r'<span class="nowrap">\g<0></span>', conditional_escape(str(text))))
