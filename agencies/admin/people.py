"""People: made with their first membership, edited by the agency they act for, never deleted."""

from __future__ import annotations

import uuid
from typing import Any, ClassVar

from axes.models import AccessAttempt
from django import forms
from django.contrib import admin, messages
from django.contrib.auth.admin import UserAdmin
from django.contrib.auth.forms import AdminUserCreationForm
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.html import format_html
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from agencies import audit, permissions
from agencies.choices import AuditOutcome, Role
from agencies.models import Agency, Membership, User
from agencies.phones import read_phone
from agencies.reach import managed_agencies, managed_agency_ids, may_edit_account, people_of
from agencies.services import grant_role
from agencies.staffing import cases_left_by_person, gaps_without_person

from .acting import acting
from .factor_reset import FactorReset, HasFactor
from .people_import import PeopleImport
from .scoped import ReadOnlyRows, ScopedAdmin


class NewPersonForm(AdminUserCreationForm):
    """A person with a first password and a first role; `acting` is set on the class that is made per request."""

    acting: User
    agency: Any = forms.ModelChoiceField(Agency.objects.none(), label=_("Agency"))
    role = forms.ChoiceField(choices=Role.choices, label=_("Role"))

    class Meta:
        model = User
        fields = ("email", "full_name", "language", "reads_languages", "time_zone")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        """Offer the agencies whose people the acting person manages."""
        super().__init__(*args, **kwargs)
        agency: Any = self.fields["agency"]
        agency.queryset = managed_agencies(self.acting)

    def clean_email(self) -> str:
        """Return the login in small letters: it is the same whatever the case of its letters."""
        return str(self.cleaned_data["email"]).lower()


class PersonForm(forms.ModelForm):
    """A person's account without anything of the password."""

    def clean_is_active(self) -> bool:
        """Refuse to suspend the last approver or duty contact of a program (U36), or the last to lift a seal."""
        is_active = bool(self.cleaned_data["is_active"])
        if is_active or not self.instance.is_active:
            return is_active
        if gaps := gaps_without_person(self.instance):
            raise forms.ValidationError(
                _("Name a successor first, or end the roles with a second administrator: %(programs)s."),
                params={"programs": "; ".join(str(gap.words) for gap in gaps)},
            )
        if left := cases_left_by_person(self.instance):
            raise forms.ValidationError(
                _("This person is the last who can lift the seal of %(cases)s. Let them name another reader who can, or an operator of the portal do it with the command name_reader; or end the roles with a second administrator."),  # noqa: E501
                params={"cases": ", ".join(left)},
            )  # fmt: skip
        return is_active

    def clean_email(self) -> str:
        """Return the login in small letters: it is the same whatever the case of its letters."""
        return str(self.cleaned_data["email"]).lower()

    def clean_sms_number(self) -> str:
        """Return the number as E.164; only the person can verify it. Refuses an extension: text messages have none."""
        try:
            number, extension = read_phone(self.cleaned_data["sms_number"])
        except ValueError as error:
            raise forms.ValidationError(error.args[0]) from error
        if extension:
            raise forms.ValidationError(_("A number for text messages has no extension."))
        return number


class MembershipRows(ReadOnlyRows):
    """The person's roles in the agencies that the reader manages."""

    model = Membership
    fk_name = "user"
    fields = ("agency", "role", "valid_from", "valid_until", "is_on_call")
    readonly_fields = fields

    def get_queryset(self, request: HttpRequest) -> QuerySet:
        """Leave out memberships in agencies of others."""
        mine = managed_agency_ids(acting(request))
        return super().get_queryset(request).filter(agency_id__in=mine).select_related("agency")


LINKS = ("set_password_link", "factor_link")


@admin.register(User)
class PersonAdmin(PeopleImport, FactorReset, ScopedAdmin, UserAdmin):
    """The people of one's own agencies. Roles come from memberships; nobody is made a superuser here."""

    records_reads = True
    form = PersonForm
    add_form = NewPersonForm
    inlines = (MembershipRows,)
    list_display = ("email", "full_name", "language", "has_factor", "is_staff", "is_active", "last_login")
    list_filter = ("is_active", HasFactor, "is_staff", "language")
    search_fields = ("email", "full_name")
    ordering = ("email",)
    filter_horizontal = ()
    actions = ("release_lock",)
    readonly_fields = ("is_staff", "last_login", "date_joined", "set_password_link", "factor_link", "sms_standing")
    fieldsets: ClassVar[Any] = [
        (None, {"fields": ("email", "full_name", "is_active", "is_staff", "set_password_link", "factor_link")}),
        (_("Languages and time"), {"fields": ("language", "reads_languages", "time_zone")}),
        (_("Text messages"), {"fields": ("sms_number", "sms_standing")}),
        (_("Dates"), {"fields": ("date_joined", "last_login")}),
    ]
    add_fieldsets: Any = [
        (None, {"fields": ("email", "full_name")}),
        (_("Languages and time"), {"fields": ("language", "reads_languages", "time_zone")}),
        (_("First role"), {"fields": ("agency", "role")}),
        (_("Password"), {"fields": ("usable_password", "password1", "password2")}),
    ]

    def may_look(self, user: User) -> bool:
        """Those who manage people of an agency."""
        return permissions.can_manage_people(user)

    def may_add(self, user: User) -> bool:
        """The same people."""
        return permissions.can_manage_people(user)

    def may_change(self, user: User, obj: Any) -> bool:
        """Ask how far the acting person reaches."""
        return permissions.can_manage_people(user) if obj is None else may_edit_account(user, obj)

    def scope(self, rows: QuerySet, user: User) -> QuerySet:
        """The people of the agencies that this person manages, former ones too."""
        return people_of(rows, user)

    def reference_of(self, obj: Any) -> str:
        """Return the id: Django's log must not keep a name after the person is gone."""
        return str(obj.pk)

    @admin.display(description=_("state of the number"))
    def sms_standing(self, obj: User) -> Any:
        """Say whether urgent notices go to the number as well."""
        if not obj.sms_number:
            return _("None")
        if obj.is_number_stale:
            return _("Not verified for more than a month; still in use")
        return _("Verified and in use") if obj.has_verified_number else _("Not verified: nothing is sent to it")

    @admin.display(description=_("password"))
    def set_password_link(self, obj: User) -> str:
        """Return the link to the form that sets a new password; the hash is shown nowhere."""
        return format_html(
            '<a href="{}">{}</a>', reverse("admin:auth_user_password_change", args=[obj.pk]), _("Set a new password")
        )

    def get_form(self, request: HttpRequest, obj: Any = None, change: bool = False, **kwargs: Any) -> Any:
        """Tell the form of a new person who acts."""
        form: Any = super().get_form(request, obj, change=change, **kwargs)
        form.acting = acting(request)
        return form

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        """Without the links to password and second factor where they would lead to a 404."""
        names = super().get_readonly_fields(request, obj)
        return names if obj is not None else [name for name in names if name not in LINKS]

    def get_fieldsets(self, request: HttpRequest, obj: Any = None) -> Any:
        """Leave the links to password and second factor out for whoever may not change them."""
        fieldsets = super().get_fieldsets(request, obj)
        if obj is None or self.has_change_permission(request, obj):
            return fieldsets
        return [
            (name, {**options, "fields": [item for item in options["fields"] if item not in LINKS]})
            for name, options in fieldsets
        ]

    def get_inlines(self, request: HttpRequest, obj: Any) -> Any:
        """Show roles only of somebody who exists."""
        return self.inlines if obj is not None else ()

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        """Store the account; a new one gets its first role in the same transaction."""
        super().save_model(request, obj, form, change)
        if not change:
            chosen = form.cleaned_data
            grant_role(user=obj, agency=chosen["agency"], role=chosen["role"], by=acting(request), valid_until=None)

    def record_change(self, request: HttpRequest, obj: Any, field_names: Any, what: str) -> None:
        """Name the password once, whatever its form calls its fields."""
        names = [name for name in field_names if name not in {"password1", "password2", "usable_password"}]
        super().record_change(request, obj, names, what)

    def user_change_password(self, request: HttpRequest, id: str, form_url: str = "") -> HttpResponse:
        """Set somebody's password, and record that it was set."""
        response = super().user_change_password(request, id, form_url)
        if request.method == "POST":
            audit.record(
                "user.password_set", by=acting(request), object_type="agencies.user", object_ids=[uuid.UUID(id)],
                field_names=["password"],
                outcome=AuditOutcome.DONE if response.status_code == 302 else AuditOutcome.DENIED,
            )  # fmt: skip
        return response

    @admin.action(description=_("Release the lock after failed sign-ins"), permissions=["change"])
    def release_lock(self, request: HttpRequest, chosen: QuerySet) -> None:
        """Forget the failed sign-ins of the chosen people (CJIS AC-7: an administrator releases)."""
        released = [person for person in chosen if may_edit_account(acting(request), person)]
        for person in released:
            AccessAttempt.objects.filter(username__iexact=person.email).delete()
            audit.record("user.lock_released", by=acting(request), objects=[person])
        count = len(released)
        self.message_user(
            request,
            ngettext("%(count)d lock was released.", "%(count)d locks were released.", count) % {"count": count},
            messages.SUCCESS if released else messages.WARNING,
        )
