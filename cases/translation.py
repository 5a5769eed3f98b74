"""Labels of code lists, which staff edit in three languages."""

from __future__ import annotations

from modeltranslation.translator import TranslationOptions, register

from .models import CodeValue


@register(CodeValue)
class CodeValueTranslation(TranslationOptions):
    """Labels of code values."""

    fields = ("label",)
