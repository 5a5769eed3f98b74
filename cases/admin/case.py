"""Cases: looked up by reference; their status changes in the portal only."""

from __future__ import annotations

from typing import Any, ClassVar

from django.contrib import admin
from django.db import models
from django.http import HttpRequest
from django.template.loader import render_to_string
from django.utils.translation import gettext_lazy as _

from agencies import audit
from agencies.admin.acting import acting
from cases import permissions
from cases.accesses import HISTORY_READ
from cases.history import history_of
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
        (_("History of the fields"), {"fields": ("versions",)}),
    ]

    def get_object(self, request: HttpRequest, object_id: str, from_field: str | None = None) -> models.Model | None:
        """Return the case with who asks for it, whose rights its history depends on."""
        case: Any = super().get_object(request, object_id, from_field)
        if case is not None:
            case.reader = acting(request)
        return case

    @admin.display(description=_("newest changes"))
    def versions(self, obj: Any) -> str:
        """Return the newest versions of the facts as a table; the portal shows the earlier ones page by page."""
        if not permissions.can_read_history(obj.reader, obj):
            return ""
        page = history_of(obj, reader=obj.reader)
        audit.record_read(by=obj.reader, objects=[obj, *page.shown()], case_id=obj.pk, action=HISTORY_READ)
        return render_to_string("cases/_history.html", {"rows": page.rows})

    def reference_of(self, obj: Any) -> str:
        """Return the reference, which is public among agencies."""
        return str(obj.reference)
