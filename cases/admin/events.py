"""What happened: the abduction and the recovery."""

from __future__ import annotations

from typing import Any, ClassVar

from django.contrib import admin
from django.utils.translation import gettext_lazy as _

from cases.disclosure import condition_shown
from cases.models import Abduction, Recovery

from .case_data import CaseDataAdmin, moment_there
from .movement import PLACE


@admin.register(Abduction)
class AbductionAdmin(CaseDataAdmin):
    """The event of a case."""

    list_display = ("case", "kind", "happened", "subdivision", "category_at_intake_label")
    list_filter = ("kind",)
    list_select_related = ("case", "subdivision")
    fieldsets: ClassVar[Any] = [
        (None, {"fields": ("case", "kind", "happened", "time_zone")}),
        (_("Place"), {"fields": (*PLACE, "place_kind_label")}),
        (
            _("How"),
            {
                "fields": (
                    "how_taken_label", "force", "weapon_label", "threats", "dangers_label", "circumstances",
                    "circumstances_language",
                )
            },
        ),
        (_("Category"), {"fields": ("category_at_intake_label", "category_at_closure_label")}),
    ]  # fmt: skip

    @admin.display(description=_("date and time there"), ordering="happened_at")
    def happened(self, obj: Abduction) -> str:
        """Return the moment in the time of the place."""
        return moment_there(obj.happened_at, obj.time_zone)


@admin.register(Recovery)
class RecoveryAdmin(CaseDataAdmin):
    """Reports that a child was located."""

    list_display = ("case", "located", "holding_agency", "reported_at", "confirmed_at")
    list_select_related = ("case", "holding_agency")
    fieldsets: ClassVar[Any] = [
        (None, {"fields": ("case", "child", "located", "time_zone", "place", "subdivision", "condition_known")}),
        (
            _("Who"),
            {
                "fields": (
                    "holding_agency", "reported_at", "reported_by", "confirmed_at", "ended_at", "ended_by",
                    "end_reason_label",
                )
            },
        ),
    ]  # fmt: skip

    @admin.display(description=_("condition of the child"))
    def condition_known(self, obj: Recovery) -> str:
        """Return the condition, without a death that the family does not know of."""
        return condition_shown(obj, None)

    @admin.display(description=_("located, time there"), ordering="located_at")
    def located(self, obj: Recovery) -> str:
        """Return the moment in the time of the place."""
        return moment_there(obj.located_at, obj.time_zone)
