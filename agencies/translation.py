"""Labels of agencies, programs and criteria that staff edit in three languages."""

from __future__ import annotations

from modeltranslation.translator import TranslationOptions, register

from .models import ActivationFallback, Agency, AlertProgram, CriteriaVersion, Holiday, Subdivision


@register(Subdivision)
class SubdivisionTranslation(TranslationOptions):
    """Names of subdivisions."""

    fields = ("name",)


@register(Agency)
class AgencyTranslation(TranslationOptions):
    """Names of agencies."""

    fields = ("name",)


@register(AlertProgram)
class AlertProgramTranslation(TranslationOptions):
    """Names of programs, and the words by which others hand a decision up to them."""

    fields = ("name", "escalation_label")


@register(CriteriaVersion)
class CriteriaVersionTranslation(TranslationOptions):
    """Legal texts: no fallback, an untranslated rule must not pose as a translated one.

    Rules are written in every language: who reads one that lacks them would not be asked the question at all.
    """

    fields = ("danger_test", "activating_bodies", "notes")
    fallback_languages = {"default": ()}
    required_languages = {"default": ("danger_test", "activating_bodies")}


@register(ActivationFallback)
class ActivationFallbackTranslation(TranslationOptions):
    """Legal texts: no fallback to another language."""

    fields = ("condition",)
    fallback_languages = {"default": ()}


@register(Holiday)
class HolidayTranslation(TranslationOptions):
    """Names of holidays."""

    fields = ("name",)
