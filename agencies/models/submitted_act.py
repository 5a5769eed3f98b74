"""Acts that were submitted once, so that a repeat gets the first answer."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _


class SubmittedAct(models.Model):
    """The first result of one form nonce or Idempotency-Key of one person for one action."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, verbose_name=_("person"))
    action = models.CharField(_("action"), max_length=120)
    key = models.CharField(_("key"), max_length=80)
    fingerprint = models.CharField(_("fingerprint"), max_length=64, blank=True)
    result = models.JSONField(_("result"), null=True)
    created_at = models.DateTimeField(_("when"), auto_now_add=True, db_index=True)

    class Meta:
        verbose_name = _("submitted act")
        verbose_name_plural = _("submitted acts")
        constraints = [models.UniqueConstraint(fields=["user", "action", "key"], name="one_result_per_submitted_act")]

    def __str__(self) -> str:
        return f"{self.action} {self.pk}"
