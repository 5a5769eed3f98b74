"""Which places lie on the way between two others: programs that are asked because a child may pass through (U21)."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy


class TransitRoute(models.Model):
    """From one subdivision to another by way of a third; it counts in both directions."""

    origin = models.ForeignKey(
        "agencies.Subdivision", models.PROTECT, related_name="+", verbose_name=pgettext_lazy("place", "from")
    )
    destination = models.ForeignKey(
        "agencies.Subdivision", models.PROTECT, related_name="+", verbose_name=pgettext_lazy("place", "to")
    )
    through = models.ForeignKey("agencies.Subdivision", models.PROTECT, related_name="+", verbose_name=_("by way of"))

    class Meta:
        verbose_name = _("transit route")
        verbose_name_plural = _("transit routes")
        ordering = ["origin", "destination", "through"]
        default_permissions = ("add", "change", "view")
        constraints = [
            models.UniqueConstraint(fields=["origin", "destination", "through"], name="one_row_per_transit_route")
        ]

    def __str__(self) -> str:
        return f"{self.origin_id} – {self.through_id} – {self.destination_id}"
