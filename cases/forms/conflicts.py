"""Shows two people's values of one field side by side, and reads which of them was chosen (U31)."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django import forms
from django.utils.datastructures import MultiValueDict
from django.utils.translation import gettext as _

from cases.services.merging import Typed

CHOICE = "choose-"


@dataclass(frozen=True)
class Conflict:
    """One field that two people changed to different values, in words; `who` and `at` belong to `theirs`.

    `language` is that of the values, where they are words of an alert and not of the page.
    """

    name: str
    label: str
    mine: str
    theirs: str
    who: str = ""
    at: datetime | None = None
    language: str = ""


def describe_conflict(
    field: forms.BoundField, mine: list[str], theirs: list[str], who: str = "", at: datetime | None = None
) -> Conflict:
    """Return both values of a field as its reader would see them, codes by their labels."""
    label = str(field.label)
    return Conflict(field.html_name, label, in_words(field, mine), in_words(field, theirs), who, at)


def in_words(field: forms.BoundField, values: list[str]) -> str:
    """Return typed values in words: labels of choices, "Empty" for nothing."""
    found = [value for value in values if value.strip()]
    if not found:
        return _("Empty")
    if isinstance(field.field, forms.BooleanField):
        return _("Yes")
    choices: Any = getattr(field.field, "choices", None)
    if choices is not None:
        labels = {str(value): str(label) for value, label in choices}
        found = [labels.get(value, value) for value in found]
    return ", ".join(value.replace("T", " ") if field.widget_type == "datetime" else value for value in found)


def apply_choices(typed: MultiValueDict[str, str], content: Typed, theirs: Typed) -> tuple[Typed, list[str]]:
    """Put the chosen values into what was typed; return it with the names for which nothing was chosen."""
    chosen, open_names = dict(content), []
    for name in typed.getlist("conflict"):
        choice = typed.get(CHOICE + name, "")
        if choice == "theirs":
            chosen[name] = list(theirs.get(name, []))
        elif choice != "mine":
            open_names.append(name)
    return {name: values for name, values in chosen.items() if values}, open_names


def sent_values(shown: Iterable[forms.BaseForm]) -> Typed:
    """Return what a browser would send back if nobody touched these forms."""
    sent = {field.html_name: _as_sent(field.value()) for form in shown for field in form}
    return {name: values for name, values in sent.items() if values}


def _as_sent(value: Any) -> list[str]:
    if value in (None, "", False):
        return []
    if isinstance(value, datetime):
        return [f"{value:%Y-%m-%dT%H:%M}"]
    if isinstance(value, date):
        return [value.isoformat()]
    if isinstance(value, (list, tuple)):
        return [str(item) for item in value]
    return ["on"] if value is True else [str(value)]


def typed_values(typed: MultiValueDict[str, str], names: Iterable[str]) -> Typed:
    """Return what was typed into the named fields, without empty ones."""
    kept = {name: [value.replace("\0", "") for value in typed.getlist(name)] for name in names}
    return {name: values for name, values in kept.items() if any(value.strip() for value in values)}


def read_base(typed: MultiValueDict[str, str]) -> Typed | None:
    """Return the values that a page began with, from its own hidden field; None where it is missing or broken."""
    try:
        base = json.loads(typed.get("base", ""))
    except ValueError:
        return None
    if not isinstance(base, dict):
        return None
    return {str(name): [str(value) for value in values] for name, values in base.items() if isinstance(values, list)}
