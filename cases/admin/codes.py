"""Code lists: staff add and retire values and correct their labels in three languages."""

from __future__ import annotations

from typing import Any, ClassVar

from django import forms
from django.contrib import admin
from django.core.exceptions import ValidationError
from django.db import transaction
from django.http import HttpRequest
from django.utils.text import capfirst
from django.utils.translation import gettext_lazy as _

from agencies.admin.reference_data import TranslatedAdmin, language_fieldsets
from cases.code_lists import CodeList
from cases.models import CodeValue
from cases.models.code import forget_codes


def object_of_json(value: Any) -> None:
    """Refuse JSON that is not an object: composing looks words up by name."""
    if not isinstance(value, dict):
        raise ValidationError(_("Enter a JSON object, for instance {}."))


@admin.register(CodeValue)
class CodeValueAdmin(TranslatedAdmin):
    """Values of all lists. A value that records may hold is retired, never deleted; its code never changes."""

    list_display = ("list_name", "code", "label", "position", "is_retired")
    list_display_links = ("code",)
    list_filter = ("list_name", "is_retired")
    search_fields = ("code", "label_en", "label_es", "label_fr")
    fixed_fields = ("list_name", "code")
    fieldsets: ClassVar[Any] = [
        (None, {"fields": ("list_name", "code", "position", "is_retired")}),
        *language_fieldsets("label"),
        (_("Words for composing"), {"fields": ("grammar",)}),
    ]

    def reference_of(self, obj: Any) -> str:
        """Return the list and the code."""
        return f"{obj.list_name} {obj.code}"

    def formfield_for_dbfield(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        """Add values to lists that the code knows; ask for all three languages."""
        if db_field.name == "list_name":
            return forms.ChoiceField(
                label=capfirst(db_field.verbose_name), choices=[("", "---------"), *CodeList.choices]
            )
        field = super().formfield_for_dbfield(db_field, request, **kwargs)
        if db_field.name in {"label_en", "label_es", "label_fr"}:
            field.required = True  # an alert in a language without the word would lack the fact
        if db_field.name == "grammar":
            field.validators = [*field.validators, object_of_json]
        return field

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        """Store the value; this process reads the lists anew, the others within a minute."""
        super().save_model(request, obj, form, change)
        transaction.on_commit(forget_codes)
