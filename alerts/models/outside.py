"""What happened outside the portal: an activation in a program's own system, answers by telephone, fax or mail (U8)."""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from agencies.choices import Language
from cases.models.abduction import ZONE_CHOICES
from cases.models.code import CodeField, CodeListField

from .exchange import OfRequest
from .request import ExtensionRequest

# What is recorded of an alert in a program's own system, in the order of its page.
OUTSIDE_FIELDS = (
    "number", "area", "area_language", "channels", "starts_at", "expires_at", "time_zone", "text", "text_language",
    "link",
)  # fmt: skip


class RecordedOutside(OfRequest):
    """One version of what is recorded of an alert in a program's own system: who recorded it, and when."""

    number = models.CharField(_("own alert number"), max_length=60)
    area = models.CharField(_("area"), max_length=300)
    area_language = models.CharField(_("language of the area"), max_length=2, choices=Language.choices, blank=True)
    channels = CodeListField(_("channels"), list_name="outside_channel")
    starts_at = models.DateTimeField(_("start"))
    expires_at = models.DateTimeField(_("expiry"), null=True, blank=True)
    time_zone = models.CharField(_("time zone"), max_length=40, choices=ZONE_CHOICES)
    text = models.TextField(_("text of the alert"), blank=True, max_length=4000)
    text_language = models.CharField(_("language of the text"), max_length=2, choices=Language.choices, blank=True)
    link = models.URLField(_("link to the alert"), blank=True, max_length=500)
    version = models.PositiveSmallIntegerField(_("version"), default=1)
    recorded_at = models.DateTimeField(_("recorded"), default=timezone.now)
    recorded_by = models.ForeignKey("agencies.User", models.PROTECT, related_name="+", verbose_name=_("recorded by"))

    class Meta(OfRequest.Meta):
        abstract = True


class OutsideActivation(RecordedOutside):
    """An alert that runs in the receiver's own system; the portal issues no CAP message for it, only tracks it.

    `criteria` are the rules by which its term may be renewed: those in force when it was recorded (U12).
    """

    request = models.OneToOneField(
        ExtensionRequest, models.PROTECT, related_name="outside_activation", verbose_name=_("request")
    )
    criteria = models.ForeignKey(
        "agencies.CriteriaVersion", models.PROTECT, null=True, blank=True, related_name="+",
        verbose_name=_("criteria version"),
    )  # fmt: skip

    class Meta(RecordedOutside.Meta):
        verbose_name = _("activation outside the portal")
        verbose_name_plural = _("activations outside the portal")
        indexes = [models.Index(fields=["expires_at"], name="outside_expiry")]
        constraints = [
            models.CheckConstraint(
                condition=Q(expires_at__isnull=True) | Q(expires_at__gt=models.F("starts_at")),
                name="outside_ends_after_start",
            )
        ]


class OutsideChange(RecordedOutside):
    """An earlier version of an activation outside the portal, as it stood until it was corrected or renewed.

    Either reason says why a newer one took its place. Rows are only added.
    """

    request = models.ForeignKey(
        ExtensionRequest, models.PROTECT, related_name="outside_changes", verbose_name=_("request")
    )
    correction = CodeField(_("why it was corrected"), list_name="outside_correction")
    renewal = CodeField(_("why it was renewed"), list_name="renewal_reason")

    class Meta(RecordedOutside.Meta):
        verbose_name = _("earlier version of an activation outside the portal")
        verbose_name_plural = _("earlier versions of activations outside the portal")
        ordering = ["-version"]
        constraints = [
            models.UniqueConstraint(fields=["request", "version"], name="one_outside_change_per_version"),
            models.CheckConstraint(
                condition=(Q(correction="") & ~Q(renewal="")) | (~Q(correction="") & Q(renewal="")),
                name="outside_change_has_one_reason",
            ),
        ]


class OutsideAnswer(OfRequest):
    """An answer that came by telephone, fax or mail, as the requester recorded it: who said it, when, how."""

    request = models.ForeignKey(
        ExtensionRequest, models.PROTECT, related_name="outside_answers", verbose_name=_("request")
    )
    step = models.CharField(_("step"), max_length=32)
    channel = CodeField(_("how it came"), list_name="answer_channel", blank=False)
    name = models.CharField(_("name of the officer"), max_length=120)
    position = models.CharField(_("position"), max_length=80)
    answered_at = models.DateTimeField(_("time of the answer"))
    recorded_at = models.DateTimeField(_("recorded"), default=timezone.now)
    recorded_by = models.ForeignKey("agencies.User", models.PROTECT, related_name="+", verbose_name=_("recorded by"))

    class Meta(OfRequest.Meta):
        verbose_name = _("answer from outside the portal")
        verbose_name_plural = _("answers from outside the portal")
        ordering = ["recorded_at", "id"]
