"""Coded values: a code of a list, rows of clothing, rows of marks."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext_lazy as _
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from agencies.api.serializers import RowSerializer, StrictSerializer
from agencies.phones import MOST_TYPED, read_phone
from cases.models.code import CodeField, CodeListField, code_choices

MOST_ROWS = 20


@extend_schema_field({"type": "string"})
class CodeValueField(serializers.CharField):
    """A code of one list, or an empty string. A value retired later may stay where it already stands."""

    default_error_messages = {"unknown": _("“{code}” is not a code of the list “{list_name}”.")}

    def __init__(self, *, list_name: str, **kwargs: Any) -> None:
        self.list_name = list_name
        super().__init__(max_length=40, **kwargs)

    def to_internal_value(self, data: Any) -> str:
        """Return the code. Refuses what the list does not hold now."""
        code: str = super().to_internal_value(data)
        if code and code not in self._kept() and code not in dict(code_choices(self.list_name, blank=False)):
            self.fail("unknown", code=code, list_name=self.list_name)
        return code

    def _kept(self) -> list[str]:
        column = self.parent if isinstance(self.parent, serializers.ListField) else self
        row = getattr(self.root, "instance", None)
        if row is None or column.parent is not self.root:
            return []
        value = getattr(row, column.source, "")
        return value if isinstance(value, list) else [value]


class CodedSerializer(RowSerializer):
    """A row whose coded columns accept codes of their own list only."""

    def build_standard_field(self, field_name: str, model_field: Any) -> tuple[Any, dict[str, Any]]:
        """Return the field for a column, by what the column holds."""
        if isinstance(model_field, CodeField):
            keywords = {"list_name": model_field.list_name, "allow_blank": model_field.blank}
            return CodeValueField, {**keywords, "required": not model_field.blank}
        if isinstance(model_field, CodeListField):
            child = CodeValueField(list_name=model_field.list_name, allow_blank=False)
            return serializers.ListField, {"child": child, "required": False, "max_length": MOST_ROWS}
        built: tuple[Any, dict[str, Any]] = super().build_standard_field(field_name, model_field)
        return built


class GarmentSerializer(StrictSerializer):
    """A garment and its colors."""

    item = CodeValueField(list_name="garment")
    colors = serializers.ListField(child=CodeValueField(list_name="color"), default=list, max_length=5)


class MarkSerializer(StrictSerializer):
    """A distinguishing mark and where it is."""

    kind = CodeValueField(list_name="mark_kind")
    location = CodeValueField(list_name="body_location", allow_blank=True, default="")


@extend_schema_field({"type": "string"})
class PhoneValueField(serializers.CharField):
    """A telephone number, perhaps with an extension, as a person writes it.

    Without + it is read as it is dialed in the country of the case's lead agency, as in the boxes of the pages.
    """

    def __init__(self, **kwargs: Any) -> None:
        kwargs.setdefault("help_text", "Without + it is read as it is dialed in the country of the case's lead agency.")
        super().__init__(max_length=MOST_TYPED, required=False, allow_blank=True, **kwargs)

    def to_internal_value(self, data: Any) -> tuple[str, str]:  # type: ignore[override]
        """Return number (E.164) and extension. Refuses what is no number."""
        case = self.context.get("case") or getattr(self.root.instance, "case", None)
        try:
            return read_phone(super().to_internal_value(data), case.lead_agency.country if case else "")
        except ValueError as error:
            raise serializers.ValidationError(str(error.args[0])) from error
