"""Labels of codes that stand inside lists, in the reader's language."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django import template
from django.utils.translation import gettext

from cases.fact_words import court_of
from cases.models.code import code_label

register = template.Library()


@register.filter
def label(code: str, list_name: str) -> str:
    """Return the label of one code."""
    return code_label(list_name, code)


@register.filter
def labels(codes: Iterable[str], list_name: str) -> str:
    """Return the labels of several codes, separated by commas."""
    return ", ".join(code_label(list_name, code) for code in codes or ())


@register.filter
def clothing(rows: Iterable[dict[str, Any]]) -> str:
    """Return what somebody wears as short labels, garment and colors."""
    worn = []
    for row in rows or ():
        colors = ", ".join(code_label("color", color).lower() for color in row.get("colors", ()))
        garment = code_label("garment", row["item"])
        worn.append(gettext("%(garment)s (%(colors)s)") % {"garment": garment, "colors": colors} if colors else garment)
    return "; ".join(worn)


@register.filter
def custody_court(child: Any) -> str:
    """Return where the court of a child's custody order sits, "" where that is not known."""
    return court_of(child)


@register.filter
def marks(rows: Iterable[dict[str, Any]]) -> str:
    """Return distinguishing marks as short labels, each with its place on the body."""
    listed = []
    for row in rows or ():
        kind, place = code_label("mark_kind", row["kind"]), code_label("body_location", row.get("location", ""))
        listed.append(f"{kind} ({place.lower()})" if place else kind)
    return "; ".join(listed)
