"""Cases: looked up by reference; their status changes in the portal only."""

from __future__ import annotations

from typing import Any, ClassVar

from django.contrib import admin
from django.utils.translation import gettext_lazy as _

from cases.models import Case

from .case_data import CaseDataAdmin


@admin.register(Case)
class CaseAdmin(CaseDataAdmin):
    """The file of a case."""

    case_path = "pk"
    list_display = (
        "reference", "status", "origin_country", "destination_country", "lead_agency", "is_exercise", "opened_at",
    )  # fmt: skip
    list_filter = ("status", "origin_country", "destination_country", "is_exercise")
    list_select_related = ("lead_agency",)
    search_fields = ("reference",)
    sortable_by = ("reference", "status", "opened_at")
    fieldsets: ClassVar[Any] = [
        (None, {"fields": ("reference", "agency_reference", "status", "is_exercise", "lead_agency")}),
        (_("Countries"), {"fields": ("origin_country", "origin", "destination_country")}),
        (_("History"), {"fields": ("opened_at", "opened_by", "facts_version", "facts_changed_at")}),
    ]

    def reference_of(self, obj: Any) -> str:
        """Return the reference, which is public among agencies."""
        return str(obj.reference)
