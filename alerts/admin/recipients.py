"""Recipients: whom a program tells."""

from __future__ import annotations

import uuid
from typing import Any, ClassVar

from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from agencies import access
from agencies.admin.acting import acting
from agencies.admin.programs import own_agencies
from agencies.admin.reference_data import ReferenceDataAdmin, answers_for
from agencies.choices import Capability
from agencies.models import AlertProgram, User
from alerts.models import Recipient
from alerts.webhooks import secret_of


@admin.register(Recipient)
class RecipientAdmin(ReferenceDataAdmin):
    """The contacts of one's own programs; a recipient is retired by making it inactive."""

    records_reads = True
    list_display = ("name", "kind", "program", "language", "is_active", "is_exercise_only")
    list_filter = ("kind", "language", "is_active", "is_exercise_only")
    list_select_related = ("program",)
    search_fields = ("name", "email", "webhook_url")
    readonly_fields = ("webhook_secret",)
    actions = ("new_webhook_secret",)
    fixed_fields = ("program",)
    fieldsets: ClassVar[Any] = [
        (None, {"fields": ("program", "name", "kind", "language")}),
        (_("Addresses"), {"fields": ("email", "webhook_url", "webhook_secret")}),
        (_("Use"), {"fields": ("is_active", "is_exercise_only")}),
    ]

    def scope(self, rows: QuerySet, user: User) -> QuerySet:
        """The recipients of the programs that this person answers for."""
        if user.is_superuser:
            return rows
        return rows.filter(program__agency_id__in=access.agency_ids(user, Capability.MANAGE_REFERENCE_DATA))

    def answers(self, user: User, obj: Any) -> bool:
        """The staff of the program's own agency."""
        return answers_for(user, obj.program.agency_id)

    def reference_of(self, obj: Any) -> str:
        """Return the id: a contact's name does not stay in the log."""
        return str(obj.pk)

    @admin.display(description=_("webhook secret"))
    def webhook_secret(self, obj: Recipient) -> str:
        """Return the secret with which the recipient's system checks our signature."""
        return secret_of(obj) if obj.webhook_url else ""

    @admin.action(description=_("Make a new webhook secret"), permissions=["change"])
    def new_webhook_secret(self, request: HttpRequest, chosen: QuerySet) -> None:
        """Replace the key of the chosen recipients; the old secret is worth nothing from now on."""
        for recipient in chosen.select_related("program"):
            if not self.answers(acting(request), recipient):
                continue
            recipient.webhook_key = uuid.uuid4()
            recipient.save(update_fields=["webhook_key"])
            self.record_change(request, recipient, ["webhook_key"], "changed")
        self.message_user(request, _("The old secrets no longer work."), messages.SUCCESS)

    def formfield_for_foreignkey(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        """Add recipients only to programs that the person answers for."""
        if db_field.name == "program":
            kwargs["queryset"] = AlertProgram.objects.filter(agency__in=own_agencies(request))
        return super().formfield_for_foreignkey(db_field, request, **kwargs)
