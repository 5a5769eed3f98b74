"""Recipients: whom a program tells."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Sequence
from typing import Any, ClassVar

from django.contrib import admin, messages
from django.db.models import Max, QuerySet
from django.http import HttpRequest
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _

from agencies import access
from agencies.admin.acting import acting
from agencies.admin.programs import own_agencies
from agencies.admin.reference_data import ReferenceDataAdmin, answers_for
from agencies.choices import Capability
from agencies.models import AlertProgram, User
from agencies.refusals import ActRefused, NotPermitted
from alerts.choices import Channel
from alerts.models import Recipient, RecipientDesk
from alerts.services import numbers, webhook_acts
from alerts.webhooks import secret_of

from .numbers import RecipientForm, standing_of


class OfOwnPrograms(ReferenceDataAdmin):
    """What belongs to one program: its own staff keep it, and it never changes to another one."""

    records_reads = True
    fixed_fields = ("program",)

    def scope(self, rows: QuerySet, user: User) -> QuerySet:
        """The rows of the programs that this person answers for."""
        if user.is_superuser:
            return rows
        return rows.filter(program__agency_id__in=access.agency_ids(user, Capability.MANAGE_REFERENCE_DATA))

    def answers(self, user: User, obj: Any) -> bool:
        """The staff of the program's own agency."""
        return answers_for(user, obj.program.agency_id)

    def formfield_for_foreignkey(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        """Add only to programs that the person answers for."""
        if db_field.name == "program":
            kwargs["queryset"] = AlertProgram.objects.filter(agency__in=own_agencies(request))
        return super().formfield_for_foreignkey(db_field, request, **kwargs)


@admin.register(Recipient)
class RecipientAdmin(OfOwnPrograms):
    """The contacts of one's own programs; a recipient is retired by making it inactive."""

    list_display = ("name", "desk", "kind", "role", "program", "language", "is_active", "is_exercise_only")
    list_filter = ("kind", "role", "language", "is_active", "is_exercise_only")
    list_select_related = ("program", "desk__agency")
    filter_horizontal = ("areas",)
    form = RecipientForm
    search_fields = ("name", "email", "webhook_url")
    readonly_fields = ("webhook_secret", "webhook_test", "sms_standing", "email_standing")
    actions = ("send_code", "new_webhook_secret", "test_webhook", "replay_webhook")
    fieldsets: ClassVar[Any] = [
        (None, {"fields": ("program", "name", "desk", "position", "kind", "role", "language", "second_language")}),
        (_("Which alerts"), {"fields": ("areas", "wants_case_kinds", "wants_every_update", "chosen_channels")}),
        (
            _("Addresses"),
            {"fields": ("email", "email_standing", "is_shared", "webhook_url", "webhook_secret", "webhook_test")},
        ),
        (_("Text messages"), {"fields": ("sms_number", "sms_code", "sms_standing")}),
        (_("Use"), {"fields": ("is_active", "is_exercise_only")}),
    ]

    def reference_of(self, obj: Any) -> str:
        """Return the id: a contact's name does not stay in the log."""
        return str(obj.pk)

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        """Save; a code that was typed verifies the number that stands there now."""
        super().save_model(request, obj, form, change)
        if code := form.cleaned_data.get("sms_code"):
            try:
                numbers.enter_code(recipient=obj, code=code, by=acting(request))
            except ActRefused as refusal:
                self.message_user(request, str(refusal.message), messages.WARNING)

    @admin.display(description=_("state of the e-mail address"))
    def email_standing(self, obj: Recipient) -> str:
        """Return when somebody last acknowledged by a link that came to this address: so it is known to be read."""
        if not obj.email:
            return ""
        rows = obj.deliveries.filter(channel=Channel.EMAIL, address=obj.email, acknowledged_via="")
        at = rows.aggregate(at=Max("acknowledged_at"))["at"]
        if at is None:
            return gettext("Never confirmed: nobody has acknowledged anything that was sent to it.")
        return gettext("Confirmed: last acknowledged %(moment)s.") % {
            "moment": date_format(timezone.localtime(at), "DATETIME_FORMAT")
        }

    @admin.display(description=_("state of the number"))
    def sms_standing(self, obj: Recipient) -> str:
        """Return whether text messages are sent to the number."""
        return standing_of(obj)

    @admin.action(description=_("Send a code to the number for text messages"), permissions=["change"])
    def send_code(self, request: HttpRequest, chosen: QuerySet) -> None:
        """Ask for a code to each chosen number."""
        if count := self._each(request, chosen, "number_code_asked", numbers.ask_code, ["sms_number"]):
            words = ngettext(
                "A code was asked for. It comes in seconds; have it read out and enter it on the recipient's page.",
                "%(count)s codes were asked for. They come in some seconds; have them read out and enter them on the recipients' pages.",  # noqa: E501
                count,
            )
            self.message_user(request, words % {"count": count}, messages.SUCCESS)

    @admin.display(description=_("webhook secret"))
    def webhook_secret(self, obj: Recipient) -> str:
        """Return the secret with which the recipient's system checks our signature."""
        return secret_of(obj) if obj.webhook_url else ""

    @admin.display(description=_("last test of the webhook"))
    def webhook_test(self, obj: Recipient) -> str:
        """Return how the last test went; a failure in the technical words of the attempt."""
        if obj.test_asked_at:
            return gettext("Asked for, no answer yet. Load this page again in some seconds.")
        if not obj.tested_at:
            return gettext("Never tested")
        result = obj.test_result or gettext("accepted")
        return f"{result} – {date_format(timezone.localtime(obj.tested_at), 'DATETIME_FORMAT')}"

    @admin.action(description=_("Send a test to the webhook"), permissions=["change"])
    def test_webhook(self, request: HttpRequest, chosen: QuerySet) -> None:
        """Ask for a test of each chosen webhook."""
        if count := self._each(request, chosen, "webhook_tested", webhook_acts.ask_test):
            words = ngettext(
                "A test was asked for. Its answer stands on the recipient's page in some seconds.",
                "%(count)s tests were asked for. Their answers stand on the recipients' pages in some seconds.", count,
            )  # fmt: skip
            self.message_user(request, words % {"count": count}, messages.SUCCESS)

    @admin.action(description=_("Send again to the webhook what is in force"), permissions=["change"])
    def replay_webhook(self, request: HttpRequest, chosen: QuerySet) -> None:
        """Send each chosen webhook again what it got of alerts in force."""
        count = self._each(request, chosen, "webhook_replayed", webhook_acts.replay)
        words = ngettext("%(count)s message is sent again.", "%(count)s messages are sent again.", count)
        self.message_user(request, words % {"count": count}, messages.SUCCESS)

    def _each(
        self,
        request: HttpRequest,
        chosen: QuerySet,
        what: str,
        act: Callable[..., int | None],
        fields: Sequence[str] = ("webhook_url",),
    ) -> int:
        """Do one act for each chosen recipient; say which are refused. Return the sum of what the acts returned."""
        total = 0
        for recipient in chosen.select_related("program"):
            try:
                done = act(recipient=recipient, by=acting(request))
            except NotPermitted:
                continue
            except ActRefused as refusal:
                self.message_user(request, f"{recipient}: {refusal.message}", messages.WARNING)
                continue
            total += 1 if done is None else done
            self.record_change(request, recipient, list(fields), what)
        return total

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
        """Choose among the desks of programs that the person answers for."""
        if db_field.name == "desk":
            desks = RecipientDesk.objects.filter(program__agency__in=own_agencies(request))
            kwargs["queryset"] = desks.select_related("agency")
        return super().formfield_for_foreignkey(db_field, request, **kwargs)


@admin.register(RecipientDesk)
class RecipientDeskAdmin(OfOwnPrograms):
    """The desks at which the contacts of one's own programs work."""

    list_display = ("name", "agency", "organization", "country", "program")
    list_filter = ("country",)
    list_select_related = ("program", "agency")
    search_fields = ("name", "organization")
    fieldsets: ClassVar[Any] = [(None, {"fields": ("program", "name", "agency", "organization", "country")})]
