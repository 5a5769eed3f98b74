"""The CAP messages as sent: bytes that nobody changes."""

from __future__ import annotations

import uuid
from datetime import datetime

from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from agencies.identifiers import uuid7
from alerts.choices import MessageType


class AlertMessage(models.Model):
    """One CAP 1.2 message, chained to the earlier ones by `references`; a trigger refuses changes until purge.

    `texts` holds, per language, the approved public words that the channels send; `facts` the snapshot of the facts
    they were composed from, which the next change is compared with. `expires_at` is empty on messages before Updates.
    """

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    alert = models.ForeignKey("alerts.Alert", models.PROTECT, related_name="messages", verbose_name=_("alert"))
    msg_type = models.CharField(_("type"), max_length=6, choices=MessageType.choices)
    identifier = models.CharField(_("CAP identifier"), max_length=80)
    sender = models.CharField(_("CAP sender"), max_length=120)
    sent = models.CharField(_("CAP sent, as transmitted"), max_length=25)
    references = models.TextField(_("CAP references"), blank=True)
    xml = models.BinaryField(_("CAP message"))
    texts = models.JSONField(_("texts"), default=dict)
    facts = models.JSONField(_("facts it was composed from"), default=dict, blank=True)
    expires_at = models.DateTimeField(_("expires"), null=True, blank=True)
    created_at = models.DateTimeField(_("created"), default=timezone.now)

    class Meta:
        verbose_name = _("CAP message")
        verbose_name_plural = _("CAP messages")
        ordering = ["created_at", "id"]
        default_permissions = ("view",)
        constraints = [models.UniqueConstraint(fields=["sender", "identifier", "sent"], name="one_cap_triple")]

    def __str__(self) -> str:
        return self.identifier

    @property
    def audited_case_id(self) -> uuid.UUID:
        """Return the case whose accesses a read of this counts among."""
        return self.alert.case_id

    @property
    def sent_at(self) -> datetime:
        """Return the moment in `sent` (CAP 1.2, DateTime: with its offset from UTC)."""
        return datetime.fromisoformat(self.sent)

    @property
    def reference(self) -> str:
        """Return this message as a CAP reference: sender, identifier and sent, byte for byte."""
        return f"{self.sender},{self.identifier},{self.sent}"
