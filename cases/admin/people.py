"""Children, other people and vehicles. Lists show no name and no plate; pictures are not shown here at all."""

from __future__ import annotations

from typing import Any, ClassVar

from django.contrib import admin
from django.utils.translation import gettext_lazy as _

from agencies.phones import show_phone
from cases.countries import country_name
from cases.fact_words import court_of
from cases.models import Child, Person, Vehicle
from cases.models.code import code_label

from .case_data import CaseDataAdmin

NAMES = ("given_names", "first_surname", "second_surname", "name_on_document", "also_known_as")
LOOKS = (
    "sex", "birth_date", "age_years", "height_cm", "weight_kg", "hair_label", "eyes_label", "skin_label", "worn",
    "marked",
)  # fmt: skip


class DescribedAdmin(CaseDataAdmin):
    """People with their descriptions."""

    @admin.display(description=_("clothing"))
    def worn(self, obj: Any) -> str:
        """Return the garments with their colors."""
        return "; ".join(_with_detail("garment", row["item"], "color", row.get("colors", ())) for row in obj.clothing)

    @admin.display(description=_("distinguishing marks"))
    def marked(self, obj: Any) -> str:
        """Return the marks with their places on the body."""
        return "; ".join(
            _with_detail("mark_kind", row["kind"], "body_location", [row.get("location", "")]) for row in obj.marks
        )


def _with_detail(list_name: str, code: str, detail_list: str, details: Any) -> str:
    label = code_label(list_name, code)
    more = ", ".join(filter(None, (code_label(detail_list, detail) for detail in details)))
    return f"{label} ({more})" if more else label


@admin.register(Child)
class ChildAdmin(DescribedAdmin):
    """The children of a case."""

    list_display = ("case", "status", "sex", "age_years")
    list_filter = ("status",)
    sortable_by = ("case", "status")
    fieldsets: ClassVar[Any] = [
        (None, {"fields": ("case", "status")}),
        (_("Name"), {"fields": NAMES}),
        (_("Description"), {"fields": LOOKS}),
        (_("Care"), {"fields": ("medical_label", "spoken", "nationality")}),
        (_("Custody"), {"fields": ("custody_label", "custody_holder_label", "court")}),
    ]

    @admin.display(description=_("court of the custody order"))
    def court(self, obj: Child) -> str:
        """Return where the court sits."""
        return court_of(obj)

    @admin.display(description=_("languages spoken"))
    def spoken(self, obj: Child) -> str:
        """Return the languages."""
        return ", ".join(code_label("spoken_language", code) for code in obj.languages_spoken)

    @admin.display(description=_("nationalities"))
    def nationality(self, obj: Child) -> str:
        """Return the nationalities."""
        return ", ".join(country_name(code) for code in obj.nationalities)


@admin.register(Person)
class PersonAdmin(DescribedAdmin):
    """Suspects, companions and reporting parties."""

    list_display = ("case", "role", "relationship_label", "sex")
    list_filter = ("role",)
    sortable_by = ("case", "role")
    fieldsets: ClassVar[Any] = [
        (None, {"fields": ("case", "role", "relationship_label")}),
        (_("Name"), {"fields": NAMES}),
        (_("Description"), {"fields": LOOKS}),
        (_("Cautions"), {"fields": ("cautions_label",)}),
        (_("Known by"), {"fields": ("online_handle", "online_platform_label", "telephone")}),
    ]

    @admin.display(description=_("phone"))
    def telephone(self, obj: Person) -> str:
        """Return the number as its country writes it."""
        return show_phone(obj.phone, obj.phone_extension)


@admin.register(Vehicle)
class VehicleAdmin(CaseDataAdmin):
    """Vehicles."""

    list_display = ("case", "style_label", "color_label", "year")
    sortable_by = ("case",)
    fieldsets: ClassVar[Any] = [
        (None, {"fields": ("case", "make", "model", "year", "style_label", "color_label", "second_color_label")}),
        (_("License plate"), {"fields": ("plate", "plate_issuer", "is_plate_partial", "has_no_plates")}),
    ]
