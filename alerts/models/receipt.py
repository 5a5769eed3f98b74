"""What a provider called back about a message that it had accepted: kept as it came, once for each status."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import timedelta

from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from agencies.identifiers import uuid7

WAITED_FOR = timedelta(hours=1)  # a receipt that comes before our own row of the message is written waits so long


class ProviderReceiptQuerySet(models.QuerySet["ProviderReceipt"]):
    """Receipts by what is still to be done with them."""

    def waiting(self) -> ProviderReceiptQuerySet:
        """Return the receipts that have not been looked at with the row of their message there, the oldest first."""
        fresh = timezone.now() - WAITED_FOR
        return self.filter(taken_in_at__isnull=True, received_at__gt=fresh).order_by("received_at", "id")

    def keep(self, receipts: Iterable[ProviderReceipt]) -> None:
        """Keep receipts; one that is there already, because its provider called back twice, changes nothing."""
        self.bulk_create(receipts, ignore_conflicts=True)  # type: ignore[arg-type]


class ProviderReceipt(models.Model):
    """One status of one message, in the provider's own words. Who it is about, only its number at the provider says."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    provider = models.CharField(_("provider"), max_length=20)
    provider_key = models.CharField(_("number at the provider"), max_length=80)
    # The number of our row, as we gave it with the message: what tells of it where the provider's answer was lost.
    delivery_key = models.UUIDField(_("number of the delivery"), null=True, blank=True)
    report = models.CharField(_("status"), max_length=20)
    error_code = models.CharField(_("error code"), max_length=20, blank=True)
    content = models.JSONField(_("content"), default=dict)
    received_at = models.DateTimeField(_("received"), default=timezone.now)
    taken_in_at = models.DateTimeField(_("taken in"), null=True, blank=True)

    objects = ProviderReceiptQuerySet.as_manager()

    class Meta:
        verbose_name = _("receipt of a provider")
        verbose_name_plural = _("receipts of providers")
        ordering = ["received_at", "id"]
        default_permissions = ("view",)
        constraints = [
            models.UniqueConstraint(fields=["provider", "provider_key", "report"], name="one_receipt_per_status")
        ]
        indexes = [models.Index(fields=["received_at"], name="receipt_waiting", condition=Q(taken_in_at__isnull=True))]

    def __str__(self) -> str:
        return str(self.id)
