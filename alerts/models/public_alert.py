"""The projection: the only rows that public pages, feeds and posters read."""

from __future__ import annotations

import secrets

from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from agencies.choices import Country, Language


def new_public_id() -> str:
    """Return an address that cannot be guessed: 96 random bits."""
    return secrets.token_urlsafe(12)


class PublicAlertQuerySet(models.QuerySet["PublicAlert"]):
    """Public by design: these rows were approved for everybody."""

    def real(self) -> PublicAlertQuerySet:
        """Return what is no exercise: nobody finds an exercise on the public pages and in the feeds (ADR 81)."""
        return self.filter(is_exercise=False)

    def live(self) -> PublicAlertQuerySet:
        """Return what the public may see now."""
        return self.filter(withdrawn_at__isnull=True, open_case_since__isnull=True, expires_at__gt=timezone.now())


class PublicAlert(models.Model):
    """What the public may see of one alert. After withdrawal only number, program and times remain."""

    alert = models.OneToOneField("alerts.Alert", models.PROTECT, related_name="public", verbose_name=_("alert"))
    public_id = models.CharField(_("public address"), max_length=20, unique=True, default=new_public_id)
    number = models.CharField(_("alert number"), max_length=24, unique=True)
    program = models.ForeignKey(
        "agencies.AlertProgram", models.PROTECT, related_name="+", verbose_name=_("alert program")
    )
    country = models.CharField(_("country"), max_length=2, choices=Country.choices)
    is_exercise = models.BooleanField(_("exercise"), default=False)
    time_zone = models.CharField(_("time zone"), max_length=40)
    sent_at = models.DateTimeField(_("as of"))
    expires_at = models.DateTimeField(_("valid until"))
    withdrawn_at = models.DateTimeField(_("withdrawn"), null=True, blank=True)
    redacted_at = models.DateTimeField(_("a part withdrawn"), null=True, blank=True)
    open_case_since = models.DateTimeField(_("shown as an open case since"), null=True, blank=True)
    cap_xml = models.BinaryField(_("CAP message"), default=b"")

    objects = PublicAlertQuerySet.as_manager()

    class Meta:
        verbose_name = _("public alert")
        verbose_name_plural = _("public alerts")
        ordering = ["-sent_at"]
        default_permissions = ("view",)
        indexes = [models.Index(fields=["-sent_at"], name="public_alert_live", condition=Q(withdrawn_at__isnull=True))]

    def __str__(self) -> str:
        return self.number

    @property
    def is_live(self) -> bool:
        """Say whether the public may see it now."""
        return self.withdrawn_at is None and self.open_case_since is None and self.expires_at > timezone.now()

    @property
    def is_open_case(self) -> bool:
        """Say whether the program's rules keep it readable after expiry, as an open case (U13)."""
        return self.withdrawn_at is None and self.open_case_since is not None


class PublicAlertText(models.Model):
    """The approved words in one language; deleted on withdrawal."""

    public_alert = models.ForeignKey(PublicAlert, models.CASCADE, related_name="texts", verbose_name=_("public alert"))
    language = models.CharField(_("language"), max_length=2, choices=Language.choices)
    event = models.CharField(_("event"), max_length=80)
    headline = models.CharField(_("headline"), max_length=160)
    description = models.TextField(_("description"))
    instruction = models.TextField(_("instruction"))

    class Meta:
        verbose_name = _("public text")
        verbose_name_plural = _("public texts")
        default_permissions = ("view",)
        constraints = [
            models.UniqueConstraint(fields=["public_alert", "language"], name="one_public_text_per_language")
        ]

    def __str__(self) -> str:
        return f"{self.public_alert} ({self.language})"


class PublicPhoto(models.Model):
    """A copy of the approved picture under a random address; deleted on withdrawal."""

    public_alert = models.ForeignKey(PublicAlert, models.CASCADE, related_name="photos", verbose_name=_("public alert"))
    public_id = models.CharField(_("public address"), max_length=20, unique=True, default=new_public_id)
    jpeg = models.BinaryField(_("picture"))

    class Meta:
        verbose_name = _("public photo")
        verbose_name_plural = _("public photos")
        default_permissions = ("view",)

    def __str__(self) -> str:
        return f"{self.public_alert}"
