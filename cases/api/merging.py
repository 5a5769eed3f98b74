"""Changes made on an older version: what goes together by itself, and both values of what does not (U31)."""

from __future__ import annotations

from typing import Any

from django.db import models
from django.utils.translation import gettext_lazy as _
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from agencies.refusals import EditConflict

UNMERGED = {"base", "version", "is_correction"}
PHONES = {"phone": "phone_extension", "contact_phone": "contact_extension", "contact_fax": ""}


@extend_schema_field({"type": "object", "additionalProperties": True})
class BaseField(serializers.DictField):
    """The values that a client had read of the fields it changes."""

    def __init__(self, **kwargs: Any) -> None:
        kwargs.setdefault("help_text", "The values read of the changed fields: what nobody else changed is merged.")
        super().__init__(write_only=True, required=False, **kwargs)


def refuse_differences(serializer: Any, row: models.Model) -> None:
    """Refuse, with both values of each field, what somebody else changed to another value since it was read.

    A field goes through where the row still holds the value of `base`, or holds the new value already. Without a
    base nothing tells who changed what, so every field that would change is shown.
    """
    base: dict[str, Any] = serializer.validated_data.get("base") or {}
    shown = serializer.to_representation(row)
    conflicts = {}
    for name in serializer.validated_data:
        if name in UNMERGED or name not in serializer.initial_data:
            continue
        mine, theirs = _read(serializer, name, serializer.initial_data[name]), _held(row, name)
        if mine == theirs or (name in base and _read(serializer, name, base[name]) == theirs):
            continue
        conflicts[name] = {"mine": serializer.initial_data[name], "theirs": shown.get(name)}
    if conflicts:
        raise EditConflict(_("A colleague changed the same fields"), conflicts)


def _read(serializer: Any, name: str, value: Any) -> Any:
    """Return a sent value as the row would hold it; a base that no field could hold differs from everything."""
    try:
        found = serializer.fields[name].run_validation(value)
        if isinstance(found, tuple):
            return found if any(found) else ""
        check = getattr(serializer, f"validate_{name}", None)
        return check(found) if check else found
    except serializers.ValidationError:
        return serializers.empty


def _held(row: models.Model, name: str) -> Any:
    value = getattr(row, name)
    if name in PHONES and value:
        return (value, getattr(row, PHONES[name], "") if PHONES[name] else "")
    return value
