"""The second factor of a person: an authenticator app, and codes for when it is lost."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _

from agencies.identifiers import uuid7


class SecondFactor(models.Model):
    """One authenticator app that one person has confirmed; `User.second_factor` says whose it is.

    `seed` is encrypted (agencies/ciphers.py). `last_step` is the 30-second step of the last code that was used: no
    code of that step or an earlier one works again.
    """

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    seed = models.TextField(_("encrypted key"))
    last_step = models.BigIntegerField(_("step of the last code"))
    created_at = models.DateTimeField(_("when"), auto_now_add=True)

    class Meta:
        verbose_name = _("second factor")
        verbose_name_plural = _("second factors")
        default_permissions = ()

    def __str__(self) -> str:
        return str(self.pk)


class RecoveryCode(models.Model):
    """One of the ten codes on paper; only its hash is stored, and it works once."""

    factor = models.ForeignKey(
        SecondFactor, models.CASCADE, related_name="recovery_codes", verbose_name=_("second factor")
    )
    number = models.PositiveSmallIntegerField(_("number"))
    hashed = models.CharField(_("hash"), max_length=160)
    used_at = models.DateTimeField(_("used"), null=True)

    class Meta:
        verbose_name = _("recovery code")
        verbose_name_plural = _("recovery codes")
        default_permissions = ()
        constraints = [models.UniqueConstraint(fields=["factor", "number"], name="one_recovery_code_per_number")]

    def __str__(self) -> str:
        return f"{self.factor_id} {self.number}"
