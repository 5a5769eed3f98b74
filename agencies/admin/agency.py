"""Agencies, and the table of what each role may do."""

from __future__ import annotations

from typing import Any, ClassVar

from django.contrib import admin
from django.contrib.auth.models import Group
from django.core.exceptions import PermissionDenied
from django.db.models import Q
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.urls import path
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from agencies import access
from agencies.choices import CAPABILITY_MEANINGS, Capability, Role
from agencies.desk_checks import numbers_changed
from agencies.models import Agency, User
from agencies.permissions import ROLE_CAPABILITIES
from agencies.services import ensure_role_groups
from agencies.spreadsheets import csv_answer

from .acting import acting
from .phones import AgencyForm, NumbersToMend
from .reference_data import TranslatedAdmin, answers_for, language_fieldsets

# Groups stand for roles in an agency and are written by `ensure_role_groups` alone.
if admin.site.is_registered(Group):
    admin.site.unregister(Group)


@admin.register(Agency)
class AgencyAdmin(TranslatedAdmin):
    """The directory. An agency is changed by its own staff, by its parent's, or by a superuser."""

    list_display = ("name", "code", "kind", "country", "subdivision", "numbers_verified", "is_active")
    form = AgencyForm
    list_filter = ("country", "kind", "is_active", NumbersToMend)
    list_select_related = ("subdivision",)
    search_fields = ("code", "name_en", "name_es", "name_fr")
    fixed_fields = ("code",)
    readonly_fields = ("numbers_verified", "desk_verified_at")
    fieldsets: ClassVar[Any] = [
        (None, {"fields": ("code", "kind", "country", "subdivision", "parent", "is_active")}),
        *language_fieldsets("name"),
        (
            _("Desk"),
            {
                "fields": (
                    "time_zone",
                    "languages",
                    "desk_phone",
                    "desk_fax",
                    "desk_email",
                    "numbers_verified",
                    "desk_verified_at",
                )
            },
        ),
        (_("Sharing"), {"fields": ("sight_hours",)}),
        (_("Sign-in"), {"fields": ("requires_second_factor",)}),
    ]

    def answers(self, user: User, obj: Any) -> bool:
        """Its own staff, those of the agency above it, or a superuser."""
        return answers_for(user, obj.pk) or answers_for(user, obj.parent_id)

    def formfield_for_foreignkey(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        """Put an agency only below one that the person answers for; what stands may stay."""
        if db_field.name == "parent" and not acting(request).is_superuser:
            mine = access.agency_ids(acting(request), Capability.MANAGE_REFERENCE_DATA)
            number = request.resolver_match.kwargs.get("object_id", "") if request.resolver_match else ""
            present = Q(agency=int(number)) if number.isdecimal() else Q(pk__in=())
            kwargs["queryset"] = Agency.objects.filter(Q(pk__in=mine) | present)
        return super().formfield_for_foreignkey(db_field, request, **kwargs)

    def get_form(self, request: HttpRequest, obj: Any = None, change: bool = False, **kwargs: Any) -> Any:
        """Ask for the agency above a new one, unless a superuser adds it: it would belong to nobody here."""
        form = super().get_form(request, obj, change=change, **kwargs)
        if obj is None and not acting(request).is_superuser:
            form.base_fields["parent"].required = True
        return form

    @admin.display(description=_("Numbers of the desk"))
    def numbers_verified(self, obj: Agency) -> Any:
        """Say whether the desk has confirmed its numbers within a month (U42)."""
        return obj.get_desk_standing_display()

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        """Store the agency; a new one gets its role groups at once. Changed numbers are nobody's verified ones."""
        super().save_model(request, obj, form, change)
        if not change:
            ensure_role_groups(obj)
        elif set(form.changed_data) & {"desk_phone", "desk_extension", "desk_fax", "desk_email"}:
            numbers_changed(obj)

    def get_urls(self) -> list[Any]:
        """Add the table of roles before the addresses of agencies."""
        door = self.admin_site.admin_view
        return [
            path("roles/", door(self.roles_view), name="agencies_agency_roles"),
            path("roles/table.csv", door(self.roles_file), name="agencies_agency_roles_file"),
            *super().get_urls(),
        ]

    def roles_view(self, request: HttpRequest) -> HttpResponse:
        """Show what each role may do; the table is code, reviewed like code."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        context = {
            **self.admin_site.each_context(request),
            "title": _("What each role may do"),
            "opts": self.opts,
            "roles": [role.label for role in ROLES],
            "rows": [(right.label, meaning, held) for right, meaning, held in table_of_rights()],
        }
        return TemplateResponse(request, "admin/agencies/agency/roles.html", context)

    def roles_file(self, request: HttpRequest) -> HttpResponse:
        """Return the same table as CSV, in the reader's language, with the code of every right."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        head = [gettext("Code"), gettext("Right"), gettext("What it allows"), *(role.label for role in ROLES)]
        yes, no = gettext("Yes"), gettext("No")
        body = [
            [right.value, right.label, meaning, *(yes if has else no for has in held)]
            for right, meaning, held in table_of_rights()
        ]
        return csv_answer([head, *body], "amber-bridge-roles.csv")


ROLES = tuple(Role(value) for value in ROLE_CAPABILITIES)


def table_of_rights() -> list[tuple[Capability, Any, list[bool]]]:
    """Return each right, what it allows in words, and for each of `ROLES` whether the role holds it."""
    return [
        (right, CAPABILITY_MEANINGS[right], [right in ROLE_CAPABILITIES[role] for role in ROLES])
        for right in Capability
    ]
