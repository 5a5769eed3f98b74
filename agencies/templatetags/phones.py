"""Telephone numbers on pages."""

from __future__ import annotations

from typing import Any

from django import template
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from agencies.models import Agency
from agencies.phones import phone_address, show_phone

register = template.Library()


@register.filter
def phone(number: str, extension: str = "") -> str:
    """Return an E.164 number as its own country writes it for readers of another."""
    return show_phone(number, extension)


@register.filter("phone_address")
def dialed(number: str) -> str:
    """Return the address that dials a number of a tip line."""
    return phone_address(number)


@register.simple_tag(takes_context=True)
def phone_link(context: Any, number: str, extension: str = "") -> SafeString:
    """Return a number as a link that dials it, extension and all, written for the country of whoever reads."""
    shown = show_phone(number, extension, _country_of_reader(context))
    return format_html('<a class="nowrap" href="{}">{}</a>', phone_address(number, extension), shown)


@register.simple_tag(takes_context=True)
def fax_number(context: Any, number: str) -> SafeString:
    """Return a fax number with the word before it: nobody wants to hear it, so it is no link."""
    shown = show_phone(number, reader=_country_of_reader(context))
    return format_html('{} <span class="nowrap">{}</span>', _("Fax"), shown)


@register.simple_tag(takes_context=True)
def desk_lines(context: Any, agency: Agency, before: str = "") -> SafeString:
    """Return telephone and fax of an agency's desk, a line each; nothing where neither is known.

    With `before` = "br" the first of them starts a line of its own.
    """
    lines = []
    if agency.desk_phone:
        lines.append(phone_link(context, agency.desk_phone, agency.desk_extension))
    if agency.desk_fax:
        lines.append(fax_number(context, agency.desk_fax))
    joined = format_html_join(SafeString("<br>"), "{}", ((line,) for line in lines))
    return format_html("<br>{}", joined) if lines and before == "br" else joined


def _country_of_reader(context: Any) -> str:
    """Return the country for whose agency the person acts; none while there are several, or none at all."""
    acting = {agency.country for agency in context.get("acting_choices") or () if agency.is_acting}
    return acting.pop() if len(acting) == 1 else ""
