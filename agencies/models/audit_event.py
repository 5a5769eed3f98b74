"""What was done, read or refused: rows that nobody changes."""

from __future__ import annotations

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from agencies.choices import AuditChannel, AuditOutcome
from agencies.identifiers import uuid7


class AuditEvent(models.Model):
    """One act, read or denial. Holds ids and field names, never a personal value, and no foreign keys.

    A trigger refuses UPDATE, DELETE and TRUNCATE (migration 0002).
    """

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    at = models.DateTimeField(_("when"), db_default=Now(), db_index=True)
    action = models.CharField(_("action"), max_length=60)
    outcome = models.CharField(_("outcome"), max_length=8, choices=AuditOutcome.choices, default=AuditOutcome.DONE)
    channel = models.CharField(_("channel"), max_length=8, choices=AuditChannel.choices)
    actor_id = models.UUIDField(_("person"), null=True)
    agency_ids = ArrayField(models.BigIntegerField(), verbose_name=_("acting agencies"), default=list)
    object_type = models.CharField(_("kind of object"), max_length=60, blank=True)
    object_ids = ArrayField(models.CharField(max_length=40), verbose_name=_("objects"), default=list)
    case_id = models.UUIDField(_("case"), null=True, db_index=True)
    field_names = ArrayField(models.CharField(max_length=60), verbose_name=_("fields"), default=list)
    detail = models.JSONField(_("detail"), default=dict)
    request_id = models.UUIDField(_("request"), null=True)

    class Meta:
        verbose_name = _("audit event")
        verbose_name_plural = _("audit trail")
        ordering = ["-at", "-id"]
        default_permissions = ("view",)
        indexes = [
            models.Index(fields=["actor_id", "-at"], name="audit_actor"),
            models.Index(fields=["action", "-at"], name="audit_action"),
        ]

    def __str__(self) -> str:
        return f"{self.action} {self.id}"
