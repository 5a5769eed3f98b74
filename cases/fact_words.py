"""Values of facts in the reader's words: codes by their labels, moments with the zone of their place."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any
from zoneinfo import ZoneInfo

from django.db import models
from django.utils import formats, timezone
from django.utils.text import capfirst
from django.utils.translation import gettext

from agencies.phones import show_phone
from cases.countries import country_name
from cases.models import Child
from cases.models.code import CodeField, CodeListField, code_label
from cases.zones import zone_name

# Which column holds the zone of a moment; every other moment is shown by the reader's own clock.
ZONES = {
    "happened_at": "time_zone", "observed_at": "time_zone", "seen_at": "time_zone", "since": "time_zone",
    "until": "time_zone", "departs_at": "departure_zone", "arrives_at": "arrival_zone",
}  # fmt: skip
COUNTRIES = {"issuing_country", "country", "nationalities", "custody_country"}
PHONES = {"phone", "contact_phone", "contact_fax"}
# What stands for "nobody has said".
EMPTY: tuple[object, ...] = (None, "", [], {}, False, "unknown", "U")


def fact_in_words(field: models.Field, values: dict[str, Any], named: Callable[[models.Field, Any], str]) -> str:
    """Return one value of a row in the reader's words, "" for nothing.

    `values` is the row by column, as JSON holds it; `named` gives the name of what a foreign key leads to.
    """
    value = values.get(field.attname)
    if value in (None, "", []):
        return ""
    if isinstance(field, models.ForeignKey):
        return named(field, value)
    if isinstance(field, models.DateTimeField):
        return _moment(field.to_python(value), values.get(ZONES.get(field.name, "")) or "")
    return _plain(field, value)


def court_of(child: Child) -> str:
    """Return where the court of the custody order sits: the state, entity or province, else the country."""
    return str(child.custody_subdivision or country_name(child.custody_country))


def _plain(field: models.Field, value: Any) -> str:
    listed = value if isinstance(value, list) else [value]
    if isinstance(field, (CodeField, CodeListField)):
        return _labels(field.list_name, listed)
    if field.name in COUNTRIES:
        return ", ".join(country_name(code) for code in listed)
    if isinstance(field, models.JSONField):
        return list_in_words(field.name, listed)
    return _single(field, value)


def _single(field: models.Field, value: Any) -> str:
    if isinstance(field, models.BooleanField):
        return gettext("Yes") if value else gettext("No")
    if isinstance(field, models.DateField):
        return formats.date_format(field.to_python(value), "DATE_FORMAT")
    if isinstance(field, models.DecimalField):
        return str(formats.localize(field.to_python(str(value))))
    if field.name.endswith("zone"):
        return str(capfirst(zone_name(str(value))))
    return show_phone(str(value)) if field.name in PHONES else str(dict(field.flatchoices).get(value, value))


def list_in_words(name: str, rows: list[Any]) -> str:
    """Return clothing, marks or languages, which are lists of codes, by the name of their column."""
    if name == "clothing":
        return "; ".join(_detailed("garment", row.get("item", ""), "color", row.get("colors", ())) for row in rows)
    if name == "marks":
        places = ((row.get("kind", ""), [row.get("location", "")]) for row in rows)
        return "; ".join(_detailed("mark_kind", kind, "body_location", where) for kind, where in places)
    return _labels("spoken_language", rows)


def _detailed(list_name: str, code: str, detail_list: str, details: Iterable[str]) -> str:
    more = _labels(detail_list, details)
    return f"{code_label(list_name, code)} ({more})" if more else code_label(list_name, code)


def _labels(list_name: str, codes: Iterable[str]) -> str:
    return ", ".join(filter(None, (code_label(list_name, str(code)) for code in codes)))


def _moment(at: Any, zone: str) -> str:
    there = timezone.localtime(at, ZoneInfo(zone) if zone else None)
    return f"{formats.date_format(there, 'DATETIME_FORMAT')} ({there:%Z})"
