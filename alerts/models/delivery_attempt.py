"""What became of each try to send a delivery."""

from __future__ import annotations

from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from alerts.choices import DeliveryState


class DeliveryAttempt(models.Model):
    """One try; rows are only added."""

    delivery = models.ForeignKey("alerts.Delivery", models.CASCADE, related_name="tries", verbose_name=_("delivery"))
    number = models.PositiveSmallIntegerField(_("number"))
    at = models.DateTimeField(_("when"), default=timezone.now)
    outcome = models.CharField(_("outcome"), max_length=10, choices=DeliveryState.choices)
    detail = models.CharField(_("detail"), max_length=200, blank=True)

    class Meta:
        verbose_name = _("delivery attempt")
        verbose_name_plural = _("delivery attempts")
        ordering = ["at", "id"]
        default_permissions = ("view",)

    def __str__(self) -> str:
        return f"{self.delivery_id} – {self.number}"
