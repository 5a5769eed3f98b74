"""What stands beside the facts: numbers in other systems, notices to other bodies."""

from __future__ import annotations

from typing import Any, ClassVar

from django.contrib import admin
from django.utils.translation import gettext_lazy as _

from agencies.phones import show_phone
from cases.countries import country_name
from cases.models import ExternalReference, ParallelNotice

from .case_data import CaseDataAdmin


@admin.register(ExternalReference)
class ExternalReferenceAdmin(CaseDataAdmin):
    """Numbers of cases in other systems."""

    list_display = ("case", "kind", "agency", "recorded_at")
    list_filter = ("kind",)
    list_select_related = ("case", "agency")
    sortable_by = ("case", "kind", "recorded_at")
    fieldsets: ClassVar[Any] = [(None, {"fields": ("case", "kind", "number", "agency", "recorded_at", "recorded_by")})]


@admin.register(ParallelNotice)
class ParallelNoticeAdmin(CaseDataAdmin):
    """Notices to bodies outside the alert programs."""

    list_display = ("case", "body", "outcome", "agency", "noted_at")
    list_filter = ("body", "outcome")
    list_select_related = ("case", "agency")
    sortable_by = ("case", "body", "noted_at")
    fieldsets: ClassVar[Any] = [
        (None, {"fields": ("case", "body", "nation", "outcome", "withheld_for_label", "reference")}),
        (_("Who"), {"fields": ("contact_name", "phone", "fax", "agency", "noted_at", "recorded_by")}),
    ]

    @admin.display(description=_("country"))
    def nation(self, obj: ParallelNotice) -> str:
        """Return the country's name."""
        return country_name(obj.country)

    @admin.display(description=_("phone"))
    def phone(self, obj: ParallelNotice) -> str:
        """Return the number as its country writes it."""
        return show_phone(obj.contact_phone, obj.contact_extension)

    @admin.display(description=_("fax"))
    def fax(self, obj: ParallelNotice) -> str:
        """Return the number as its country writes it."""
        return show_phone(obj.contact_fax)
