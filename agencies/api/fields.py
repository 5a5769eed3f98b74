"""Kinds of values that several resources share."""

from __future__ import annotations

import datetime
import re
from typing import Any

from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from agencies import access
from agencies.models import Agency, AlertProgram, Subdivision, User

_CODE = re.compile(r"[-A-Za-z0-9_]{1,40}")


class InstantField(serializers.DateTimeField):
    """A moment with its offset; answered in UTC, because a reader's own zone says nothing about the place."""

    default_error_messages = {"naive": _("Write the moment with its offset, for example 2026-11-23T17:40:00-08:00.")}

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(default_timezone=datetime.UTC, **kwargs)

    def enforce_timezone(self, value: datetime.datetime) -> datetime.datetime:
        """Refuse a moment without an offset: it would be read in the wrong zone."""
        if timezone.is_naive(value):
            self.fail("naive")
        instant: datetime.datetime = super().enforce_timezone(value)
        return instant


@extend_schema_field({"type": "string"})
class DirectoryField(serializers.SlugRelatedField):
    """A row of the public directory by its code; never a row of case data."""

    default_error_messages = {"does_not_exist": _("“{value}” is not known here.")}

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(slug_field="code", **kwargs)

    def to_internal_value(self, data: Any) -> Any:
        """Return the row. Refuses what cannot be a code before the database is asked."""
        if not isinstance(data, str) or not _CODE.fullmatch(data):
            raise serializers.ValidationError(_("This is not a code."), code="invalid")
        return super().to_internal_value(data)


class SubdivisionField(DirectoryField):
    """A state, entity or province by its ISO 3166-2 code."""

    def __init__(self, **kwargs: Any) -> None:
        if not kwargs.get("read_only"):
            kwargs["queryset"] = Subdivision.objects.all()
        super().__init__(**kwargs)

    def use_pk_only_optimization(self) -> bool:
        """The code is the key, so that showing it needs no row."""
        return True

    def to_representation(self, obj: Any) -> str:
        """Return the code."""
        return str(obj.pk)


class ProgramField(DirectoryField):
    """An alert program that works in the portal."""

    def get_queryset(self) -> QuerySet[AlertProgram]:
        """Return the programs of the directory."""
        return AlertProgram.objects.filter(is_active=True).select_related("agency", "subdivision")

    def __init__(self, **kwargs: Any) -> None:
        if not kwargs.get("read_only"):
            kwargs["queryset"] = AlertProgram.objects.none()
        super().__init__(**kwargs)


class ActingAgencyField(DirectoryField):
    """The agency that a person acts for. Left out, it is their only one; others do not exist for them."""

    default_error_messages = {"several": _("Name the agency: you act for several.")}

    def __init__(self, *, capability: str, **kwargs: Any) -> None:
        self.capability = capability
        super().__init__(queryset=Agency.objects.none(), required=False, **kwargs)

    def get_queryset(self) -> QuerySet[Agency]:
        """Return the agencies for which the person has the capability now."""
        user: User = self.context["request"].user
        return Agency.objects.filter(pk__in=access.agency_ids(user, self.capability)).select_related("subdivision")

    def only_one(self) -> Agency:
        """Return the person's only agency. Refuses a choice between several."""
        found = list(self.get_queryset()[:2])
        if len(found) != 1:
            raise serializers.ValidationError({self.field_name: [self.error_messages["several"]]})
        return found[0]
