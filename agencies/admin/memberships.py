"""Memberships: granted and ended through the services, never edited, never deleted."""

from __future__ import annotations

from typing import Any, ClassVar

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import ValidationError
from django.db.models import Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from agencies import permissions
from agencies.models import Membership, User
from agencies.reach import managed_agencies, managed_agency_ids, people_of
from agencies.refusals import ActRefused
from agencies.services import ask_for_end, end_membership, grant_role, set_on_call
from agencies.staffing import endings_of

from .acting import acting
from .scoped import ScopedAdmin


class MembershipForm(forms.ModelForm):
    """A role for one person in one agency, from now on."""

    def clean(self) -> dict[str, Any] | None:
        """Refuse an end in the past and a role that the person already has."""
        cleaned = super().clean() or {}
        until = cleaned.get("valid_until")
        if until is not None and until <= timezone.now():
            self.add_error("valid_until", ValidationError(_("The end must lie in the future.")))
        if {"user", "agency", "role"} <= cleaned.keys():
            open_ended = Q(valid_until__isnull=True) | Q(valid_until__gt=timezone.now())
            if Membership.objects.filter(
                open_ended, user=cleaned["user"], agency=cleaned["agency"], role=cleaned["role"]
            ).exists():
                self.add_error("role", ValidationError(_("This person already has this role in this agency.")))
        return cleaned


@admin.register(Membership)
class MembershipAdmin(ScopedAdmin):
    """Who acts for the reader's agencies, in which role, from when until when."""

    records_reads = True
    form = MembershipForm
    list_display = ("user", "agency", "role", "valid_from", "valid_until", "is_on_call")
    list_filter = ("role", "is_on_call")
    list_select_related = ("user", "agency")
    search_fields = ("user__email", "user__full_name")
    sortable_by = ("role", "valid_from", "valid_until")
    actions = ("put_on_call", "take_off_call", "end_chosen")
    fieldsets: ClassVar[Any] = [
        (
            None,
            {
                "fields": (
                    "user",
                    "agency",
                    "role",
                    "valid_from",
                    "valid_until",
                    "is_on_call",
                    "end_asked_at",
                    "end_asked_by",
                )
            },
        )
    ]
    add_fieldsets: ClassVar[Any] = [(None, {"fields": ("user", "agency", "role", "valid_until")})]

    def may_look(self, user: User) -> bool:
        """Those who manage people of an agency."""
        return permissions.can_manage_people(user)

    def may_add(self, user: User) -> bool:
        """The same people."""
        return permissions.can_manage_people(user)

    def scope(self, rows: QuerySet, user: User) -> QuerySet:
        """The memberships in agencies whose people this person manages."""
        return rows.filter(agency_id__in=managed_agency_ids(user))

    def get_fieldsets(self, request: HttpRequest, obj: Any = None) -> Any:
        """Ask for less than is shown later."""
        return self.fieldsets if obj is not None else self.add_fieldsets

    def reference_of(self, obj: Any) -> str:
        """Return the id."""
        return str(obj.pk)

    def has_end_permission(self, request: HttpRequest) -> bool:
        """Those who grant roles end them."""
        return self.may_add(acting(request))

    def formfield_for_foreignkey(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        """Offer the reader's own agencies, and their people without the reader: nobody gives rights to themselves."""
        if db_field.name == "agency":
            kwargs["queryset"] = managed_agencies(acting(request))
        if db_field.name == "user":
            kwargs["queryset"] = people_of(User.objects.filter(is_active=True), acting(request)).exclude(
                pk=acting(request).pk
            )
        return super().formfield_for_foreignkey(db_field, request, **kwargs)

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        """Grant through the service, which writes the row and its audit event."""
        granted = grant_role(
            user=obj.user, agency=obj.agency, role=obj.role, by=acting(request), valid_until=obj.valid_until
        )  # fmt: skip
        obj.__dict__.update(granted.__dict__)

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        """Show the list; above it, which program will lose its last approver or duty contact on which day (U36)."""
        if request.method == "GET" and self.has_view_permission(request):
            for ending in endings_of(managed_agency_ids(acting(request))):
                day = date_format(timezone.localtime(ending.ends_at), "DATETIME_FORMAT")
                said = _("%(who)s – until %(moment)s, and nobody after. Name a successor without an end date.")
                self.message_user(request, said % {"who": ending.gap.words, "moment": day}, messages.WARNING)
        return super().changelist_view(request, extra_context)

    @admin.action(description=_("Put the chosen on call"), permissions=["end"])
    def put_on_call(self, request: HttpRequest, chosen: QuerySet) -> None:
        """Ask these people first when an alert waits for an approval."""
        self._set_on_call(request, chosen, is_on_call=True)

    @admin.action(description=_("Take the chosen off call"), permissions=["end"])
    def take_off_call(self, request: HttpRequest, chosen: QuerySet) -> None:
        """Wait for their answer no more."""
        self._set_on_call(request, chosen, is_on_call=False)

    def _set_on_call(self, request: HttpRequest, chosen: QuerySet, *, is_on_call: bool) -> None:
        current = Membership.objects.current()
        changed = chosen.filter(pk__in=current.values("pk")).exclude(is_on_call=is_on_call)
        count = 0
        for membership in changed:
            set_on_call(membership=membership, is_on_call=is_on_call, by=acting(request))
            count += 1
        self.message_user(
            request,
            ngettext("%(count)d membership was changed.", "%(count)d memberships were changed.", count)
            % {"count": count},
            messages.SUCCESS if count else messages.WARNING,
        )

    @admin.action(description=_("End the chosen memberships now"), permissions=["end"])
    def end_chosen(self, request: HttpRequest, chosen: QuerySet) -> None:
        """End what is running; the reader's own memberships are for a colleague to end."""
        now = timezone.now()
        running = chosen.filter(Q(valid_until__isnull=True) | Q(valid_until__gt=now), valid_from__lt=now)
        ended = 0
        for membership in running.exclude(user=acting(request)).select_related("user"):
            try:
                end_membership(membership=membership, by=acting(request))
                ended += 1
            except ActRefused as refusal:
                ask_for_end(membership=membership, by=acting(request))
                self.message_user(request, str(refusal.message), messages.ERROR)
        self.message_user(
            request,
            ngettext("%(count)d membership was ended.", "%(count)d memberships were ended.", ended) % {"count": ended},
            messages.SUCCESS if ended else messages.WARNING,
        )
