"""What was done, read or refused: rows that nobody changes."""

from __future__ import annotations

import uuid
from typing import Any

from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex
from django.db import models
from django.db.models import Q
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from agencies.choices import AuditChannel, AuditOutcome, AuditPurpose
from agencies.identifiers import uuid7


class CurrentTransaction(models.Func):
    """The number of the current transaction of PostgreSQL, which is never used twice in the life of a cluster."""

    template = "pg_current_xact_id()::text::bigint"
    output_field = models.BigIntegerField()


class AuditEventQuerySet(models.QuerySet["AuditEvent"]):
    """Events by what they are."""

    def reads(self) -> AuditEventQuerySet:
        """Return what was shown or printed; refused attempts showed nothing and are left out."""
        return self.filter(Q(action__endswith=".read") | Q(action__endswith="_printed"), outcome=AuditOutcome.DONE)

    def of_case(self, case_id: uuid.UUID) -> AuditEventQuerySet:
        """Return the events that name this case, alone or among others."""
        return self.filter(case_ids__contains=[case_id])


class AuditEvent(models.Model):
    """One act, read or denial. Holds ids and field names, never a personal value, and no foreign keys.

    `object_type` and `object_ids` are the one kind that an act or an answer is about, `also_shown` the ids of every
    other kind in the same answer, `case_ids` the cases of all of them. A trigger refuses UPDATE, DELETE and TRUNCATE
    (migration 0002).
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
    also_shown = models.JSONField(_("further objects of the answer"), default=dict)
    case_id = models.UUIDField(_("case"), null=True, db_index=True)
    case_ids = ArrayField(models.UUIDField(), verbose_name=_("cases"), default=list)
    purpose = models.CharField(_("purpose"), max_length=10, choices=AuditPurpose.choices, blank=True)
    field_names = ArrayField(models.CharField(max_length=60), verbose_name=_("fields"), default=list)
    detail = models.JSONField(_("detail"), default=dict)
    request_id = models.UUIDField(_("request"), null=True)
    # The transaction that wrote the row: the sealer takes only rows that no open transaction can precede.
    xact = models.BigIntegerField(_("transaction"), db_default=CurrentTransaction(), editable=False)

    objects = AuditEventQuerySet.as_manager()

    class Meta:
        verbose_name = _("audit event")
        verbose_name_plural = _("audit trail")
        ordering = ["-at", "-id"]
        default_permissions = ("view",)
        indexes = [
            models.Index(fields=["actor_id", "-at"], name="audit_actor"),
            models.Index(fields=["action", "-at"], name="audit_action"),
            models.Index(fields=["xact", "id"], name="audit_xact"),
            GinIndex(fields=["case_ids"], name="audit_cases"),
        ]

    def __str__(self) -> str:
        return f"{self.action} {self.id}"

    def ids_of(self, kind: str) -> list[str]:
        """Return the ids of one kind (`cases.child`) that this event names."""
        also: dict[str, Any] = self.also_shown
        return [*(self.object_ids if self.object_type == kind else []), *also.get(kind, [])]
