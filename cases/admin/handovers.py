"""Offers of cases, to be looked up."""

from __future__ import annotations

from typing import Any, ClassVar

from django.contrib import admin
from django.utils.translation import gettext_lazy as _

from agencies import access
from agencies.choices import Capability
from agencies.models import User
from cases.models import Case, CaseHandover

from .case_data import CaseDataAdmin


@admin.register(CaseHandover)
class CaseHandoverAdmin(CaseDataAdmin):
    """Which agency offered which case to which, and how it ended."""

    list_display = ("reference", "from_agency", "to_agency", "status", "offered_at", "expires_at")
    list_filter = ("status",)
    list_select_related = ("from_agency", "to_agency")
    search_fields: ClassVar[Any] = ("reference",)
    sortable_by = ("reference", "status", "offered_at", "expires_at")
    fieldsets: ClassVar[Any] = [
        (None, {"fields": ("reference", "is_exercise", "status", "from_agency", "to_agency", "to_person")}),
        (_("Offer"), {"fields": ("reason_label", "note", "keeps_level", "keeps_hours", "offered_at", "offered_by",
                                 "expires_at")}),
        (_("End"), {"fields": ("decided_at", "decided_by", "refusal_label", "refusal_note")}),
    ]  # fmt: skip

    def scope(self, rows: Any, user: User) -> Any:
        """Those of cases that this person may look up, and those that the person's agencies offered or were offered."""
        mine = access.agency_ids(user, Capability.LOOK_UP_CASES)
        seen = rows.filter(case__in=Case.objects.visible_to(user), from_agency__in=mine)
        return seen | rows.filter(case__in=Case.objects.visible_to(user), to_agency__in=mine)
