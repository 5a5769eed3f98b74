"""Who is told, and the row that proves it: our own queue, whatever happens to any broker."""

from __future__ import annotations

import uuid
from collections.abc import Iterable
from typing import TYPE_CHECKING

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Exists, F, OuterRef, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from agencies.choices import Language
from agencies.identifiers import uuid7
from agencies.models.agency import VERIFIED_FOR, is_fresh
from alerts.choices import UNSENT_STATES, Channel, DeliveryState, NoticeKind, RecipientKind, RecipientRole
from alerts.hosts import validate_webhook_url
from cases.models import Abduction
from cases.models.code import CodeField, CodeListField

from .alert import Alert

if TYPE_CHECKING:
    from agencies.models import User


def in_area_of(alert: Alert) -> Q:
    """Return the condition for recipients who named no area, or one that the alert covers."""
    named = Recipient.areas.through.objects.filter(recipient=OuterRef("pk"))
    return ~Exists(named) | Exists(named.filter(subdivision__in=alert.areas.values("subdivision")))


def wants_case_of(alert: Alert) -> Q:
    """Return the condition for recipients who named no kind of case, or the one that the case had at its intake."""
    kinds = Abduction.objects.filter(case=alert.case_id).values_list("category_at_intake", flat=True)
    kind = next(iter(kinds), "")
    return Q(wants_case_kinds=[]) | Q(wants_case_kinds__contains=[kind]) if kind else Q()


class RecipientQuerySet(models.QuerySet["Recipient"]):
    """Recipients by whom they hear."""

    def kept_for(self, alert: Alert) -> RecipientQuerySet:
        """Return whoever its program has for it: an exercise reaches those who stand by for exercises, nobody else."""
        return self.filter(program=alert.program_id, is_exercise_only=alert.is_exercise)

    def told_by(self, alert: Alert) -> RecipientQuerySet:
        """Return who is told when this alert is put in force: its audience by area, kind and role (ADR 82).

        Without areas of its own a recipient gets the alerts of every area; without a role it is left out by none.
        """
        rows = self.kept_for(alert).filter(in_area_of(alert), wants_case_of(alert), is_active=True)
        if alert.audience_kinds:
            rows = rows.filter(kind__in=alert.audience_kinds)
        return rows.filter(role__in=[*alert.audience_roles, ""]) if alert.audience_roles else rows

    def with_stale_number(self) -> RecipientQuerySet:
        """Return those whose number is in use and was not verified within a month (U42)."""
        rows = self.filter(is_active=True, sms_number=F("sms_verified_number")).exclude(sms_number="")
        return rows.exclude(sms_verified_at__gt=timezone.now() - VERIFIED_FOR)

    def with_verified_number(self) -> RecipientQuerySet:
        """Return those who get text messages."""
        by_text = Q(chosen_channels=[]) | Q(chosen_channels__contains=[Channel.SMS])
        return self.exclude(sms_number="").filter(by_text, sms_number=F("sms_verified_number"))


class Recipient(models.Model):
    """Somebody outside the portal who gets a program's alerts, in their language."""

    program = models.ForeignKey(
        "agencies.AlertProgram", models.PROTECT, related_name="recipients", verbose_name=_("alert program")
    )
    name = models.CharField(_("name"), max_length=160)
    kind = models.CharField(_("kind"), max_length=10, choices=RecipientKind.choices)
    desk = models.ForeignKey(
        "alerts.RecipientDesk", models.PROTECT, null=True, blank=True, related_name="recipients", verbose_name=_("desk")
    )
    role = models.CharField(
        _("role"), max_length=10, choices=RecipientRole.choices, blank=True,
        help_text=_("What they do with an alert. Without one, no choice of roles leaves them out."),
    )  # fmt: skip
    areas = models.ManyToManyField(
        "agencies.Subdivision", blank=True, related_name="+", verbose_name=_("areas"),
        help_text=_("Alerts of other areas are not sent to them. None chosen: alerts of every area."),
    )  # fmt: skip
    position = models.CharField(
        _("position of the person"), max_length=80, blank=True,
        help_text=_("Where it is one person at the desk. Empty: the person on duty."),
    )  # fmt: skip
    wants_case_kinds = CodeListField(
        _("kinds of cases"), list_name="case_category",
        help_text=_("None chosen: alerts of every kind of case. A case without a kind reaches everybody."),
    )  # fmt: skip
    wants_every_update = models.BooleanField(
        _("wants every update"), default=True,
        help_text=_("Otherwise none that only prolongs an alert or adds languages; what is new or wrong always."),
    )  # fmt: skip
    chosen_channels = ArrayField(
        models.CharField(max_length=10, choices=Channel.choices), verbose_name=_("chosen channels"), default=list,
        blank=True, help_text=_("None chosen: every channel with an address."),
    )  # fmt: skip
    email = models.EmailField(_("e-mail address"), blank=True)
    webhook_url = models.URLField(
        _("webhook address"), max_length=254, blank=True, validators=[validate_webhook_url],
        help_text=_("Receives every message as signed JSON, beside the e-mail or in its place. HTTPS only."),
    )  # fmt: skip
    sms_number = models.CharField(
        _("number for text messages"),
        max_length=16,
        blank=True,
        help_text=_("Used once a code sent to it was entered."),
    )
    sms_verified_number = models.CharField(_("number that was verified"), max_length=16, blank=True, editable=False)
    sms_verified_at = models.DateTimeField(_("number last verified"), null=True, blank=True, editable=False)
    webhook_key = models.UUIDField(_("key of the webhook secret"), default=uuid.uuid4, editable=False)
    test_asked_at = models.DateTimeField(_("test requested"), null=True, blank=True, editable=False)
    tested_at = models.DateTimeField(_("tested"), null=True, blank=True, editable=False)
    test_result = models.CharField(_("answer to the test"), max_length=200, blank=True, editable=False)
    language = models.CharField(_("language"), max_length=2, choices=Language.choices)
    second_language = models.CharField(
        _("second language"), max_length=2, choices=Language.choices, blank=True,
        help_text=_("A shared desk that works in two languages gets both texts in one mail, this one second."),
    )  # fmt: skip
    is_shared = models.BooleanField(
        _("shared address of a desk"), default=False,
        help_text=_("The person who acknowledges from it says who they are, by name and position."),
    )  # fmt: skip
    is_active = models.BooleanField(_("active"), default=True)
    is_exercise_only = models.BooleanField(_("for exercises only"), default=False)

    objects = RecipientQuerySet.as_manager()

    class Meta:
        verbose_name = _("recipient")
        verbose_name_plural = _("recipients")
        ordering = ["program", "name"]
        constraints = [
            models.UniqueConstraint(
                fields=["program", "email"], condition=~Q(email=""), name="one_recipient_per_address"
            ),
            models.UniqueConstraint(
                fields=["program", "webhook_url"], condition=~Q(webhook_url=""), name="one_recipient_per_webhook"
            ),
            models.UniqueConstraint(
                fields=["program", "sms_number"], condition=~Q(sms_number=""), name="one_recipient_per_number"
            ),
            models.CheckConstraint(
                condition=~Q(email="") | ~Q(webhook_url="") | ~Q(sms_number=""), name="recipient_can_be_reached"
            ),
            models.CheckConstraint(
                condition=~Q(second_language=F("language")),
                name="second_language_is_another",
                violation_error_message=_("The second language must be another one."),
            ),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def addresses(self) -> list[tuple[str, str]]:
        """Return every channel that the recipient chose, of all without a choice, with the address to use for it."""
        number = self.sms_number if self.has_verified_number else ""
        every = ((Channel.EMAIL, self.email), (Channel.WEBHOOK, self.webhook_url), (Channel.SMS, number))
        chosen = self.chosen_channels or Channel.values
        return [(str(channel), address) for channel, address in every if address and channel in chosen]

    @property
    def channel_labels(self) -> list[str]:
        """Return the channels by which it is reached, in the reader's language."""
        return [str(Channel(channel).label) for channel, _address in self.addresses]

    @property
    def has_verified_number(self) -> bool:
        """Say whether whoever answers at the present number has shown it; another number has to be shown anew."""
        return bool(self.sms_number) and self.sms_number == self.sms_verified_number

    @property
    def is_number_stale(self) -> bool:
        """Say whether a number in use was not verified within a month; it goes on being used (U42)."""
        return self.has_verified_number and not is_fresh(self.sms_verified_at)


def _exactly_one(*names: str) -> Q:
    """Return the condition that one of these columns is set and no other."""
    one = Q()
    for set_one in names:
        one |= Q(**{f"{name}__isnull": name != set_one for name in names})
    return one


class Notice(models.Model):
    """Something portal users are told about a case, request, alert, role, shift or desk: codes and ids only."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    kind = models.CharField(_("kind"), max_length=20, choices=NoticeKind.choices)
    case = models.ForeignKey(
        "cases.Case", models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("case")
    )
    request = models.ForeignKey(
        "alerts.ExtensionRequest", models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("request")
    )
    alert = models.ForeignKey(
        "alerts.Alert", models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("alert")
    )
    text_review = models.ForeignKey(
        "alerts.TextReview", models.CASCADE, null=True, blank=True, related_name="+", verbose_name=_("review of words")
    )
    handover = models.ForeignKey(
        "cases.CaseHandover", models.CASCADE, null=True, blank=True, related_name="+",
        verbose_name=_("handoff of a case"),
    )  # fmt: skip
    hub = models.ForeignKey(
        "agencies.AlertProgram", models.PROTECT, null=True, blank=True, related_name="+",
        verbose_name=_("program that is told by reference only"),
    )  # fmt: skip
    role_ending = models.ForeignKey(
        "alerts.RoleEnding", models.CASCADE, null=True, blank=True, related_name="notices",
        verbose_name=_("end of a last role"),
    )  # fmt: skip
    shift = models.ForeignKey(
        "alerts.ShiftNote", models.CASCADE, null=True, blank=True, related_name="notices",
        verbose_name=_("handoff of a shift"),
    )  # fmt: skip
    desk_warning = models.ForeignKey(
        "alerts.DeskWarning", models.CASCADE, null=True, blank=True, related_name="notices",
        verbose_name=_("warning of a desk"),
    )  # fmt: skip
    created_at = models.DateTimeField(_("created"), default=timezone.now)

    class Meta:
        verbose_name = _("notice")
        verbose_name_plural = _("notices")
        ordering = ["-created_at"]
        default_permissions = ("view",)
        constraints = [
            models.CheckConstraint(
                condition=_exactly_one("case", "role_ending", "shift", "desk_warning"),
                name="notice_is_of_one_thing",
            )
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} – {self.subject}"

    @property
    def subject(self) -> str:
        """Return what it is about: a reference, a program or an agency."""
        if self.role_ending is not None:
            return self.role_ending.subject
        of_desk = self.shift or self.desk_warning
        return str(of_desk.agency if of_desk is not None else self.case)


class DeliveryQuerySet(models.QuerySet["Delivery"]):
    """Deliveries by what is due, and by who may look."""

    def visible_to(self, user: User) -> DeliveryQuerySet:
        """Return the deliveries of alerts that this person may see; notices to colleagues stay out."""
        return self.filter(message__alert__in=Alert.objects.visible_to(user))

    def due(self) -> DeliveryQuerySet:
        """Return what must be sent now, also rows whose sender died and left its lease to lapse."""
        now = timezone.now()
        waiting = Q(state__in=(DeliveryState.QUEUED, DeliveryState.RETRY), next_attempt_at__lte=now)
        return self.filter(waiting | Q(state=DeliveryState.CLAIMED, claimed_until__lt=now))

    def keep_providers(self, taken: Iterable[tuple[Delivery, str, str, bool]]) -> None:
        """Keep by whom each message was taken and under which number there, so that receipts find it.

        Without a number nothing is kept. An uncertain one may have been taken by a provider before it as well.
        """
        rows, twice = [], []
        for row, provider, key, is_uncertain in taken:
            if key:
                row.provider, row.provider_key = provider, key
                rows.append(row)
                twice += [row.pk] if is_uncertain else []
        if rows:
            self.bulk_update(rows, ["provider", "provider_key"])  # type: ignore[arg-type]
        if twice:
            self.filter(pk__in=twice).update(may_have_arrived=True)


class Delivery(models.Model):
    """One message or notice to one address by one channel."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    message = models.ForeignKey(
        "alerts.AlertMessage", models.PROTECT, null=True, blank=True, related_name="deliveries", db_index=False,
        verbose_name=_("CAP message"),
    )  # fmt: skip
    recipient = models.ForeignKey(
        Recipient, models.PROTECT, null=True, blank=True, related_name="deliveries", verbose_name=_("recipient")
    )
    notice = models.ForeignKey(
        Notice, models.PROTECT, null=True, blank=True, related_name="deliveries", db_index=False,
        verbose_name=_("notice"),
    )  # fmt: skip
    user = models.ForeignKey(
        "agencies.User", models.PROTECT, null=True, blank=True, related_name="+", db_index=False,
        verbose_name=_("person"),
    )  # fmt: skip
    channel = models.CharField(_("channel"), max_length=10, choices=Channel.choices, default=Channel.EMAIL)
    address = models.CharField(_("address"), max_length=254)
    language = models.CharField(_("language"), max_length=2, choices=Language.choices)
    state = models.CharField(_("state"), max_length=10, choices=DeliveryState.choices, default=DeliveryState.QUEUED)
    attempts = models.PositiveSmallIntegerField(_("attempts"), default=0)
    created_at = models.DateTimeField(_("created"), default=timezone.now)
    next_attempt_at = models.DateTimeField(_("next attempt"), default=timezone.now)
    claimed_until = models.DateTimeField(_("claimed until"), null=True, blank=True)
    sent_at = models.DateTimeField(_("sent"), null=True, blank=True)
    # Its sender died or its line broke before an answer: a message may then arrive twice, never not at all.
    may_have_arrived = models.BooleanField(_("an earlier try may have arrived"), default=False)
    error = models.CharField(_("last error"), max_length=200, blank=True)
    # Who took it and under which number there, so that receipts find it; empty for channels without receipts.
    provider = models.CharField(_("provider"), max_length=20, blank=True)
    provider_key = models.CharField(_("number at the provider"), max_length=80, blank=True)
    # By one of the program's own people, after it had failed; each time is in the timeline of the case.
    sent_again_at = models.DateTimeField(_("sent again"), null=True, blank=True)
    sent_again_by = models.ForeignKey(
        "agencies.User", models.PROTECT, null=True, blank=True, related_name="+", db_index=False,
        verbose_name=_("sent again by"),
    )  # fmt: skip
    token_hash = models.CharField(_("hash of the token"), max_length=64, blank=True)
    acknowledged_at = models.DateTimeField(_("acknowledged"), null=True, blank=True)
    acknowledged_name = models.CharField(_("acknowledged by"), max_length=120, blank=True)
    acknowledged_position = models.CharField(_("position of the person who acknowledged"), max_length=80, blank=True)
    # More than receipt: their service acts on it. Said by the same link, at once or later, perhaps by somebody else.
    charge_taken_at = models.DateTimeField(_("taken charge of"), null=True, blank=True)
    charge_taken_by = models.CharField(_("name and position of who took charge"), max_length=202, blank=True)
    acknowledged_via = CodeField(_("how the acknowledgment came"), list_name="answer_channel")
    recorded_by = models.ForeignKey(
        "agencies.User", models.PROTECT, null=True, blank=True, related_name="+", db_index=False,
        verbose_name=_("acknowledgment recorded by"),
    )  # fmt: skip

    objects = DeliveryQuerySet.as_manager()

    class Meta:
        verbose_name = _("delivery")
        verbose_name_plural = _("deliveries")
        ordering = ["created_at", "id"]
        default_permissions = ("view",)
        # Each change of a state writes an entry in every index that holds the row: no more than are asked.
        indexes = [
            models.Index(fields=["token_hash"], name="delivery_token", condition=~Q(token_hash="")),
            models.Index(fields=["user"], name="delivery_of_person", condition=Q(user__isnull=False)),
            models.Index(
                fields=["channel", "next_attempt_at"], name="delivery_due", condition=Q(state__in=UNSENT_STATES)
            ),
            models.Index(
                fields=["provider_key", "provider"], name="delivery_by_provider", condition=~Q(provider_key="")
            ),
            models.Index(fields=["channel", "-sent_at"], name="delivery_sent", condition=Q(sent_at__isnull=False)),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["message", "recipient", "channel"],
                name="one_delivery_per_recipient",
                condition=Q(message__isnull=False),
            ),
            models.UniqueConstraint(
                fields=["notice", "user", "channel"], name="one_delivery_per_user", condition=Q(notice__isnull=False)
            ),
            models.CheckConstraint(
                condition=Q(message__isnull=False, recipient__isnull=False, notice__isnull=True, user__isnull=True)
                | Q(message__isnull=True, recipient__isnull=True, notice__isnull=False, user__isnull=False),
                name="delivery_is_message_or_notice",
            ),
        ]

    def __str__(self) -> str:
        return str(self.id)

    @property
    def audited_case_id(self) -> uuid.UUID | None:
        """Return the case whose accesses a read of this counts among."""
        return self.message.alert.case_id if self.message else None
