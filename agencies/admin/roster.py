"""Holidays, which staff of a country add to, and the shifts of one's own agencies, for looking only."""

from __future__ import annotations

from typing import Any, ClassVar

from django.contrib import admin
from django.db import models
from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from agencies import access
from agencies.choices import Capability
from agencies.models import Agency, Holiday, RosterShift, ShiftOverride, User
from agencies.permissions import can_manage_people

from .reference_data import TranslatedAdmin, language_fieldsets
from .scoped import ReadOnlyAdmin, ReadOnlyRows


@admin.register(Holiday)
class HolidayAdmin(TranslatedAdmin):
    """Holidays: staff of a country's agencies change those of their country; none is deleted, some are retired."""

    list_display = ("day", "name", "country", "subdivision", "is_active")
    list_filter = ("country", "is_active")
    list_select_related = ("subdivision",)
    search_fields = ("name_en", "name_es", "name_fr")
    fixed_fields = ("country", "subdivision", "day")
    fieldsets: ClassVar[Any] = [
        (None, {"fields": ("country", "subdivision", "day", "is_active")}),
        *language_fieldsets("name"),
    ]

    def answers(self, user: User, obj: models.Model) -> bool:
        """Staff of an agency in that country, or a superuser."""
        assert isinstance(obj, Holiday)  # noqa: S101  this is their page
        ids = access.agency_ids(user, Capability.MANAGE_REFERENCE_DATA)
        return user.is_superuser or Agency.objects.filter(pk__in=ids, country=obj.country).exists()

    def get_form(self, request: Any, obj: Any = None, change: bool = False, **kwargs: Any) -> Any:
        """Offer for a new one only the countries whose holidays the person answers for."""
        form = super().get_form(request, obj, change=change, **kwargs)
        if obj is None and not request.user.is_superuser:
            ids = access.agency_ids(request.user, Capability.MANAGE_REFERENCE_DATA)
            own = set(Agency.objects.filter(pk__in=ids).values_list("country", flat=True))
            field: Any = form.base_fields["country"]
            field.choices = [(code, label) for code, label in field.choices if not code or code in own]
        return form

    def reference_of(self, obj: models.Model) -> str:
        """Return the place and the day."""
        assert isinstance(obj, Holiday)  # noqa: S101  this is their page
        return f"{obj.subdivision_id or obj.country} {obj.day:%Y-%m-%d}"


class OverrideRows(ReadOnlyRows):
    """What was changed of a shift."""

    model = ShiftOverride
    fields = ("kind", "starts_at", "ends_at", "replacement", "created_by", "removed_at")
    readonly_fields = fields

    def get_queryset(self, request: Any) -> QuerySet:
        """Load what every row names with the rows."""
        return super().get_queryset(request).select_related("replacement", "created_by")


@admin.register(RosterShift)
class RosterShiftAdmin(ReadOnlyAdmin):
    """The shifts of the agencies whose people one manages; they are planned on the roster's own page."""

    list_display = ("starts_at", "ends_at", "person", "agency", "removed_at")
    list_filter = ("agency__country",)
    list_select_related = ("person", "agency")
    search_fields = ("person__email", "person__full_name")
    inlines = (OverrideRows,)
    records_reads = True
    fieldsets: ClassVar[Any] = [
        (None, {"fields": ("agency", "person", "starts_at", "ends_at", "time_zone")}),
        (_("What was done"), {"fields": ("created_by", "created_at", "removed_by", "removed_at")}),
    ]

    def may_look(self, user: User) -> bool:
        """Whoever manages people."""
        return can_manage_people(user)

    def scope(self, rows: models.QuerySet, user: User) -> models.QuerySet:
        """Return the shifts of the agencies whose people the person manages."""
        return rows.filter(agency__in=access.agency_ids(user, Capability.MANAGE_PEOPLE))
