"""Alert programs: who activates where, and under which published rules."""

from __future__ import annotations

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.utils.translation import gettext_lazy as _

from agencies.choices import Country, Language


class AlertProgram(models.Model):
    """One program that activates its own alerts under its own law."""

    code = models.SlugField(_("code"), max_length=20, unique=True)
    agency = models.ForeignKey("agencies.Agency", models.PROTECT, related_name="programs", verbose_name=_("agency"))
    name = models.CharField(_("name"), max_length=160)
    country = models.CharField(_("country"), max_length=2, choices=Country.choices)
    subdivision = models.ForeignKey(
        "agencies.Subdivision",
        models.PROTECT,
        null=True,
        blank=True,
        related_name="programs",
        verbose_name=_("state, entity or province"),
        help_text=_("Empty for a national program."),
    )
    time_zone = models.CharField(_("time zone"), max_length=40)
    number_prefix = models.SlugField(_("prefix of alert numbers"), max_length=12, unique=True)
    cap_sender = models.CharField(_("CAP sender"), max_length=120, unique=True)
    tip_phone = models.CharField(_("tip line"), max_length=20, help_text=_("E.164 format."))
    tip_phone_display = models.CharField(_("tip line as shown"), max_length=40)
    abroad_phone = models.CharField(_("tip line from abroad"), max_length=20, help_text=_("E.164 format."))
    languages_required = ArrayField(
        models.CharField(max_length=2, choices=Language.choices),
        verbose_name=_("languages required for activation"),
        default=list,
    )
    cancel_on_recovery = models.BooleanField(
        _("standing authority to cancel on recovery"),
        default=False,
        help_text=_("When identity is confirmed, the portal cancels in the program's own name."),
    )
    single_officer_activation = models.BooleanField(_("single-officer activation allowed"), default=False)
    is_active = models.BooleanField(_("active"), default=True)

    class Meta:
        verbose_name = _("alert program")
        verbose_name_plural = _("alert programs")
        ordering = ["country", "code"]

    def __str__(self) -> str:
        return self.name
