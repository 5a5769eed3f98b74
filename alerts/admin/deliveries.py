"""Deliveries: whether everybody got the message, and when."""

from __future__ import annotations

from typing import Any, ClassVar

from django.contrib import admin
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from agencies import permissions
from agencies.admin.acting import acting
from agencies.admin.scoped import ReadOnlyRows
from agencies.choices import Capability
from alerts.models import Delivery, DeliveryAttempt
from cases.admin.case_data import CaseDataAdmin

CONTACT = (
    "recipient",
    "address",
    "acknowledged_name",
    "acknowledged_position",
    "charge_taken_by",
    "acknowledged_via",
    "recorded_by",
    "sent_again_at",
    "sent_again_by",
    "error",
)


class AttemptRows(ReadOnlyRows):
    """Every try to send it."""

    model = DeliveryAttempt
    fields = ("number", "at", "outcome", "detail")
    readonly_fields = fields


@admin.register(Delivery)
class DeliveryAdmin(CaseDataAdmin):
    """Deliveries of alerts. Who the recipient is, only the program that chose them reads."""

    case_path = "message.alert.case_id"
    inlines = (AttemptRows,)
    list_display = (
        "alert_number", "message_type", "recipient_kind", "channel", "language", "state", "attempts", "sent_at",
        "acknowledged_at",
    )  # fmt: skip
    list_filter = ("state", "may_have_arrived", "language")
    list_select_related = False
    search_fields = ("message__alert__number", "message__alert__case__reference")
    search_help_text = _("Search by the number of the alert or by the reference of the case.")
    sortable_by = ("state", "sent_at", "acknowledged_at")
    fieldsets: ClassVar[Any] = [
        (None, {"fields": ("alert_number", "message_type", "recipient_kind", "channel", "language")}),
        (_("Recipient"), {"fields": CONTACT}),
        (
            _("Sending"),
            {
                "fields": (
                    "state",
                    "attempts",
                    "may_have_arrived",
                    "created_at",
                    "next_attempt_at",
                    "sent_at",
                    "acknowledged_at",
                )
            },
        ),
    ]

    def scope(self, rows: Any, user: Any) -> Any:
        """The deliveries of alerts that this person may see, with their alerts, without the messages' bytes."""
        return (
            super()
            .scope(rows, user)
            .select_related("message__alert__program", "recipient")
            .defer("message__xml", "message__texts")
        )

    def get_fieldsets(self, request: HttpRequest, obj: Any = None) -> Any:
        """Keep a program's contacts inside the program."""
        fieldsets = super().get_fieldsets(request, obj)
        return fieldsets if self.is_own(request, obj) else [item for item in fieldsets if item[1]["fields"] != CONTACT]

    def get_inlines(self, request: HttpRequest, obj: Any) -> Any:
        """Keep the answers of mail servers inside the program too: they repeat the address."""
        return self.inlines if self.is_own(request, obj) else ()

    @staticmethod
    def is_own(request: HttpRequest, obj: Any) -> bool:
        """Say whether the delivery belongs to a program of the reader's agencies."""
        return obj is not None and permissions.may(
            acting(request), Capability.LOOK_UP_CASES, obj.message.alert.program.agency_id
        )

    @admin.display(description=_("alert"))
    def alert_number(self, obj: Delivery) -> str:
        """Return the number of the alert."""
        return str(obj.message.alert.number) if obj.message else ""

    @admin.display(description=_("type"))
    def message_type(self, obj: Delivery) -> str:
        """Return what was sent: the alert, an update or the end."""
        return str(obj.message.get_msg_type_display()) if obj.message else ""

    @admin.display(description=_("kind of recipient"))
    def recipient_kind(self, obj: Delivery) -> str:
        """Return who was told, without a name."""
        return str(obj.recipient.get_kind_display()) if obj.recipient else ""
