"""Places in detail, as the API checks them: postal codes of the three countries, both coordinates or none (U25)."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext_lazy as _
from rest_framework import serializers

from cases.forms.movement import PLACE_PARTS, read_postal_code

__all__ = ["PLACE_PARTS", "PlaceParts"]


class PlaceParts:
    """What rows with a place share."""

    def validate_postal_code(self, typed: str) -> str:
        """Keep a postal code as its country writes it. Refuses what is one in none of the three."""
        try:
            return read_postal_code(typed)
        except ValueError as error:
            raise serializers.ValidationError(str(error.args[0])) from error

    def check_place(self, values: dict[str, Any], row: Any = None) -> None:
        """Refuse one coordinate without the other."""
        after = {name: values.get(name, getattr(row, name, None)) for name in ("latitude", "longitude")}
        missing = [name for name, value in after.items() if value is None]
        if len(missing) == 1:
            raise serializers.ValidationError({missing[0]: [_("Enter both coordinates.")]})
