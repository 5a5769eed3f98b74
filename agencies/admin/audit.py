"""The audit trail of one's own agencies."""

from __future__ import annotations

from typing import Any, ClassVar

from django.contrib import admin
from django.db.models import OuterRef, QuerySet, Subquery
from django.utils.translation import gettext_lazy as _

from agencies import access, permissions
from agencies.choices import AuditPurpose, Capability
from agencies.models import AuditEvent, User

from .scoped import ReadOnlyAdmin


@admin.register(AuditEvent)
class AuditEventAdmin(ReadOnlyAdmin):
    """What people of the reader's agencies did, read or were refused; reading it is recorded too."""

    records_reads = True
    read_purpose = AuditPurpose.OVERSIGHT
    list_display = ("at", "action", "outcome", "channel", "person", "object_type")
    list_filter = ("outcome", "channel")
    search_fields = ("=action",)
    search_help_text = _("Search by the whole name of an action, for instance case.read.")
    sortable_by = ("at",)
    ordering = ("-at", "-id")
    fieldsets: ClassVar[Any] = [
        (None, {"fields": ("at", "action", "outcome", "channel", "person", "actor_id", "agency_ids")}),
        (_("Objects"), {"fields": ("object_type", "object_ids", "also_shown", "case_id", "case_ids", "purpose",
                                  "field_names", "detail", "request_id")}),
    ]  # fmt: skip

    def may_look(self, user: User) -> bool:
        """Those who may read an agency's audit."""
        return permissions.can_read_audit(user)

    def scope(self, rows: QuerySet, user: User) -> QuerySet:
        """Events of people who acted for an agency whose audit this person may read."""
        mine = sorted(access.agency_ids(user, Capability.READ_AUDIT))
        name = User.objects.filter(pk=OuterRef("actor_id")).values("full_name")[:1]
        return rows.filter(agency_ids__overlap=mine).annotate(person_name=Subquery(name))

    @admin.display(description=_("name of the person"))
    def person(self, obj: Any) -> str:
        """Return the name of who acted."""
        return obj.person_name or ""
