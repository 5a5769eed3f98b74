"""Rows of two codes in a form: a garment beside its color, a distinguishing mark beside its place on the body."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

from django import forms
from django.utils.datastructures import MultiValueDict
from django.utils.translation import gettext_lazy as _

from cases.models.code import code_choices

ROWS = 4


@dataclass(frozen=True)
class CodedRows:
    """One JSON column of a person as numbered pairs of fields; `read` and `write` know how a row is stored."""

    column: str
    first: str
    second: str
    lists: tuple[str, str]
    labels: tuple[Any, Any]
    read: Callable[[dict[str, Any]], tuple[str, str]]
    write: Callable[[str, str, dict[str, Any]], dict[str, Any]]

    def add_to(self, form: Any) -> None:
        """Give a form its pairs of fields, filled from the row it edits."""
        kept = list(getattr(form.instance, self.column) or [])
        for number in range(1, ROWS + 1):
            values = self.read(kept[number - 1]) if number <= len(kept) else ("", "")
            for prefix, label, list_name, value in zip(
                (self.first, self.second), self.labels, self.lists, values, strict=True
            ):
                form.fields[f"{prefix}_{number}"] = forms.ChoiceField(
                    label=label % {"number": number}, required=False, choices=_choices_of(list_name), initial=value
                )

    def names(self, form: Any) -> list[tuple[str, str]]:
        """Return the names of the pairs that a form has."""
        pairs = ((f"{self.first}_{number}", f"{self.second}_{number}") for number in range(1, ROWS + 1))
        return [pair for pair in pairs if pair[0] in form.fields]

    def bound(self, form: Any) -> list[tuple[forms.BoundField, forms.BoundField]]:
        """Return the pairs as a page shows them."""
        return [(form[first], form[second]) for first, second in self.names(form)]

    def chosen(self, form: Any) -> list[dict[str, Any]]:
        """Return the column's value as chosen; rows beyond those of the page, which came by API, stay."""
        kept = list(getattr(form.instance, self.column) or [])
        pairs = [(form.cleaned_data.get(first), form.cleaned_data.get(second)) for first, second in self.names(form)]
        before = [*kept, *({} for _pair in pairs)]
        rows = [self.write(first, second or "", before[at]) for at, (first, second) in enumerate(pairs) if first]
        return [*rows, *kept[ROWS:]]

    def sent(self, typed: MultiValueDict[str, str], prefix: str) -> list[str]:
        """Return the pairs that a browser sent, each as one value: "scar left_cheek"."""
        numbers = range(1, ROWS + 1)
        pairs = (tuple(typed.get(f"{prefix}{name}_{n}", "") for name in (self.first, self.second)) for n in numbers)
        return [f"{first} {second}".rstrip() for first, second in pairs if first or second]

    def typed(self, values: Iterable[str], prefix: str) -> dict[str, list[str]]:
        """Return such values as the fields of a form, the opposite of `sent`."""
        found: dict[str, list[str]] = {}
        for number, value in enumerate(values, start=1):
            first, _space, second = value.partition(" ")
            found |= {f"{prefix}{self.first}_{number}": [first], f"{prefix}{self.second}_{number}": [second]}
        return found

    def stored(self, values: Iterable[str]) -> list[dict[str, Any]]:
        """Return such values as the column holds them."""
        pairs = (value.partition(" ") for value in values)
        return [self.write(first, second, {}) for first, _space, second in pairs]


def _choices_of(list_name: str) -> Callable[[], list[tuple[str, str]]]:
    return lambda: code_choices(list_name)


def _garment(item: str, color: str, before: dict[str, Any]) -> dict[str, Any]:
    """Return a row of clothing; further colors of the same garment stay, the page asks for the first alone."""
    further = before.get("colors", [])[1:] if before.get("item") == item else []
    return {"item": item, "colors": [color, *(other for other in further if other != color)] if color else []}


CLOTHING = CodedRows(
    column="clothing", first="garment", second="color", lists=("garment", "color"),
    labels=(_("Garment %(number)s"), _("Color %(number)s")),
    read=lambda row: (row.get("item", ""), next(iter(row.get("colors") or []), "")), write=_garment,
)  # fmt: skip
MARKS = CodedRows(
    column="marks", first="mark", second="location", lists=("mark_kind", "body_location"),
    labels=(_("Distinguishing mark %(number)s"), _("Place on the body %(number)s")),
    read=lambda row: (row.get("kind", ""), row.get("location", "")),
    write=lambda kind, location, _before: {"kind": kind, "location": location},
)  # fmt: skip
ALL = (CLOTHING, MARKS)
BY_COLUMN = {rows.column: rows for rows in ALL}
PREFIXES = tuple(f"{prefix}_" for rows in ALL for prefix in (rows.first, rows.second))


def column_of(name: str) -> str:
    """Return the column that a field fills: `clothing` for `garment_2`, every other name as it is."""
    found = (rows.column for rows in ALL if name.startswith((f"{rows.first}_", f"{rows.second}_")))
    return next(found, name)


def columns_of(names: Iterable[str]) -> list[str]:
    """Return the columns that fields fill, each once, in their order."""
    return list(dict.fromkeys(column_of(name) for name in names))


def keep_rows(form: forms.BaseForm, rows: CodedRows, count: int) -> None:
    """Leave the first pairs in a form; the others are asked for on the page of the facts."""
    for first, second in rows.names(form)[count:]:
        del form.fields[first], form.fields[second]
