"""The order of the audit trail and a chain of hashes over it: rows that nobody changes."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _


class AuditSeal(models.Model):
    """The place of one event in the chain; `hash` covers the event, this row and the hash before (ADR 61).

    No foreign key: a seal outlives whatever is done to its event. A trigger refuses UPDATE, DELETE and TRUNCATE.
    """

    number = models.BigIntegerField(_("number"), primary_key=True)
    event_id = models.UUIDField(_("event"), unique=True)
    xact = models.BigIntegerField(_("transaction"))
    cluster = models.BigIntegerField(_("database cluster"))
    sealed_at = models.DateTimeField(_("sealed"))
    hash = models.CharField(_("hash"), max_length=64)

    class Meta:
        verbose_name = _("seal of the audit trail")
        verbose_name_plural = _("seals of the audit trail")
        ordering = ["number"]
        default_permissions = ("view",)

    def __str__(self) -> str:
        return f"{self.hash}@{self.number}"
