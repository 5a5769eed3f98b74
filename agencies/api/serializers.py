"""Bases of what is read and written, and the directory of agencies and programs."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.db import models
from django.utils.translation import gettext_lazy as _
from rest_framework import serializers

from agencies.models import Agency, AlertProgram

from .fields import InstantField, SubdivisionField


class Strict:
    """Refuses names that are unknown or cannot be written: a misspelled field must not be lost in silence."""

    def to_internal_value(self, data: Any) -> Any:
        """Return the validated values. Refuses unknown names beside the other errors' shape."""
        if isinstance(data, Mapping):
            writable = {field.field_name for field in self._writable_fields}  # type: ignore[attr-defined]
            unknown = sorted(str(name)[:60] for name in data if name not in writable)
            if unknown:
                message = _("This field is not known or cannot be written.")
                raise serializers.ValidationError({name: [message] for name in unknown})
        return super().to_internal_value(data)  # type: ignore[misc]


class StrictSerializer(Strict, serializers.Serializer):
    """The body of an act."""


class RowSerializer(Strict, serializers.ModelSerializer):
    """A row. Moments carry their offset."""

    serializer_field_mapping = {
        **serializers.ModelSerializer.serializer_field_mapping,
        models.DateTimeField: InstantField,
    }


class NoBody(StrictSerializer):
    """An act that needs no words."""


class Step(serializers.Serializer):
    """A step that this person may take now."""

    step = serializers.CharField(source="name")
    label = serializers.CharField()


class AgencySerializer(RowSerializer):
    """An agency as named beside other things."""

    class Meta:
        model = Agency
        fields = ("code", "name", "kind", "country")
        read_only_fields = fields


class ProgramSerializer(RowSerializer):
    """An alert program in the directory."""

    agency = AgencySerializer(read_only=True)
    subdivision = SubdivisionField(read_only=True)
    desk_phone = serializers.CharField(source="agency.desk_phone", read_only=True)
    desk_extension = serializers.CharField(source="agency.desk_extension", read_only=True)
    desk_fax = serializers.CharField(source="agency.desk_fax", read_only=True)
    languages_required = serializers.ListField(child=serializers.CharField(), read_only=True)

    class Meta:
        model = AlertProgram
        fields = (
            "code", "name", "country", "subdivision", "agency", "time_zone", "number_prefix", "cap_sender",
            "desk_phone", "desk_extension", "desk_fax", "tip_phone", "tip_phone_display", "abroad_phone",
            "languages_required", "cancel_on_recovery",
        )  # fmt: skip
        read_only_fields = fields
