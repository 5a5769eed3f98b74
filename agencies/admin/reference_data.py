"""Pages of reference data: everybody on staff reads it, those who answer for a row change it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.conf import settings
from django.db import models
from django.http import HttpRequest
from modeltranslation.admin import TranslationAdmin
from modeltranslation.utils import build_localized_fieldname

from agencies import permissions
from agencies.choices import Capability
from agencies.models import User

from .scoped import ScopedAdmin


def answers_for(user: User, agency_id: int | None) -> bool:
    """Say whether this person changes the reference data of this agency: its own staff, or a superuser.

    An agency of one country must not edit another's programs or criteria (design §3.1).
    """
    return user.is_superuser or permissions.may(user, Capability.MANAGE_REFERENCE_DATA, agency_id)


class ReferenceDataAdmin(ScopedAdmin):
    """Reference data. `fixed_fields` are asked for once and stand for ever: other systems know them."""

    fixed_fields: Sequence[str] = ()

    def may_look(self, user: User) -> bool:
        """Those who manage reference data anywhere read all of it."""
        return permissions.can_manage_reference_data(user)

    def may_add(self, user: User) -> bool:
        """The same people add to it; which agency they may name is a matter of the form's choices."""
        return permissions.can_manage_reference_data(user)

    def may_change(self, user: User, obj: models.Model | None) -> bool:
        """Ask for the agency that answers for the row; rows without one belong to everybody on staff."""
        return obj is None or self.answers(user, obj)

    def answers(self, user: User, obj: models.Model) -> bool:
        """Say whether the person answers for this row."""
        return permissions.can_manage_reference_data(user)

    def get_readonly_fields(self, request: HttpRequest, obj: models.Model | None = None) -> list[str]:
        """Return what never changes once it stands."""
        return [*super().get_readonly_fields(request, obj), *(self.fixed_fields if obj is not None else ())]


class TranslatedAdmin(ReferenceDataAdmin, TranslationAdmin):
    """Reference data with labels in three languages: one fieldset per language.

    modeltranslation's tabbed admin is not used: it loads its scripts from other hosts.
    """


def language_fieldsets(*names: str) -> list[tuple[Any, dict[str, Any]]]:
    """Return one fieldset per language, each with these fields in that language."""
    return [
        (language, {"fields": [build_localized_fieldname(name, code) for name in names]})
        for code, language in settings.LANGUAGES
    ]
