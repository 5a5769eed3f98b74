"""How cases ended; a death is not shown here before the family was informed."""

from __future__ import annotations

from typing import Any, ClassVar

from django.contrib import admin
from django.utils.translation import gettext_lazy as _

from cases.disclosure import result_shown
from cases.models import Closure

from .case_data import CaseDataAdmin


@admin.register(Closure)
class ClosureAdmin(CaseDataAdmin):
    """Results of cases; they are recorded in the portal only."""

    list_display = ("case", "category_label", "closed_at", "reopened_at")
    list_select_related = ("case",)
    sortable_by = ("case", "closed_at")
    fieldsets: ClassVar[Any] = [
        (None, {"fields": ("case", "result", "alert_effect_label", "category_label")}),
        (_("Who"), {"fields": ("closed_at", "closed_by", "reopened_at", "reopened_by")}),
    ]

    @admin.display(description=_("result"))
    def result(self, obj: Closure) -> str:
        """Return the result, without a death that the family does not know of."""
        return result_shown(obj, None)
