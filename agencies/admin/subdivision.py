"""States, entidades, provinces and territories: their names may be corrected, their codes are the law's."""

from __future__ import annotations

from typing import Any, ClassVar

from django.contrib import admin
from django.utils.translation import gettext_lazy as _

from agencies.models import Subdivision, User

from .reference_data import TranslatedAdmin, language_fieldsets

CODES = ("code", "country", "kind", "fips", "sgc", "inegi", "ncic", "latitude", "longitude", "neighbors")


@admin.register(Subdivision)
class SubdivisionAdmin(TranslatedAdmin):
    """Subdivisions: only the names are editable."""

    list_display = ("code", "name", "country", "kind")
    list_filter = ("country", "kind")
    search_fields = ("code", "name_en", "name_es", "name_fr")
    readonly_fields = CODES
    fieldsets: ClassVar[Any] = [(_("Codes"), {"fields": CODES}), *language_fieldsets("name")]

    def may_add(self, user: User) -> bool:
        """The list is complete: the three countries are divided by law."""
        return False
