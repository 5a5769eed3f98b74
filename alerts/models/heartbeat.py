"""Signs of life of the processes that send: when each last wrote one. No case data."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _

from alerts.choices import ProcessKind


class Heartbeat(models.Model):
    """One kind of process, or one queue, and when it last gave a sign of life."""

    kind = models.CharField(_("process"), max_length=20, choices=ProcessKind.choices, primary_key=True)
    at = models.DateTimeField(_("last heartbeat"))

    class Meta:
        verbose_name = _("heartbeat")
        verbose_name_plural = _("signs of life")
        ordering = ["kind"]
        default_permissions = ("view",)

    def __str__(self) -> str:
        return self.kind
