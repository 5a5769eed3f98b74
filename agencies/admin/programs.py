"""Alert programs."""

from __future__ import annotations

from typing import Any, ClassVar

from django.contrib import admin
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from agencies import access
from agencies.choices import Capability
from agencies.models import Agency, AlertProgram, User

from .acting import acting
from .phones import NumbersToMend, ProgramForm
from .reference_data import TranslatedAdmin, answers_for, language_fieldsets
from .rows import DeskRows, LadderRows, RouteRows


def own_agencies(request: HttpRequest) -> Any:
    """Return the agencies whose reference data this person changes."""
    if acting(request).is_superuser:
        return Agency.objects.all()
    return Agency.objects.filter(pk__in=access.agency_ids(acting(request), Capability.MANAGE_REFERENCE_DATA))


HELP = {
    "agency": _("Its staff change this program and its criteria."),
    "number_prefix": _("Begins the number of every alert; it never changes."),
    "cap_sender": _("Names the program in every CAP message."),
    "languages_required": _("An alert is activated only with approved words in these languages."),
    "single_officer_activation": _("Where nobody answers in time, one officer may activate with a written reason."),
    "is_active": _("A program that is not active is not offered, and what is asked of its place goes to the hub."),
    "tip_phone_display": _("As it is written on posters and pages, for instance *4141."),
}


@admin.register(AlertProgram)
class AlertProgramAdmin(TranslatedAdmin):
    """Programs: each is changed by the staff of its own agency."""

    list_display = ("name", "code", "country", "subdivision", "agency", "is_active")
    form = ProgramForm
    list_filter = ("country", "is_active", NumbersToMend)
    list_select_related = ("agency", "subdivision")
    search_fields = ("code", "name_en", "name_es", "name_fr")
    fixed_fields = ("code", "number_prefix")
    inlines = (DeskRows, RouteRows, LadderRows)
    fieldsets: ClassVar[Any] = [
        (None, {"fields": ("code", "agency", "country", "subdivision", "time_zone", "is_hub", "is_active")}),
        *language_fieldsets("name"),
        *language_fieldsets("escalation_label"),
        (_("Messages"), {"fields": ("number_prefix", "cap_sender", "languages_required")}),
        (_("Phones"), {"fields": ("tip_phone", "tip_phone_display", "abroad_phone")}),
        (_("Authority"), {"fields": ("cancel_on_recovery", "single_officer_activation")}),
    ]

    def formfield_for_dbfield(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        """Say under each parameter what it does."""
        field = super().formfield_for_dbfield(db_field, request, **kwargs)
        if field is not None and not field.help_text:
            field.help_text = HELP.get(db_field.name, "")
        return field

    def answers(self, user: User, obj: Any) -> bool:
        """The staff of the program's own agency."""
        return answers_for(user, obj.agency_id)

    def formfield_for_foreignkey(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        """Give a program only to an agency that the person answers for."""
        if db_field.name == "agency":
            kwargs["queryset"] = own_agencies(request)
        return super().formfield_for_foreignkey(db_field, request, **kwargs)
