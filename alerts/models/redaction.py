"""What one officer took out of what is public; putting it back needs an approved Update (U18)."""

from __future__ import annotations

import uuid
from typing import TYPE_CHECKING

from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from agencies import access
from agencies.choices import Capability
from agencies.models import AlertProgram
from alerts.choices import RedactionKind
from cases.models.code import CodeField

if TYPE_CHECKING:
    from agencies.models import User


class RedactionQuerySet(models.QuerySet["Redaction"]):
    """Withdrawals: they belong to the program whose alert it is, like its Updates."""

    def visible_to(self, user: User) -> RedactionQuerySet:
        """Return the withdrawals from alerts of the person's own programs."""
        return self.filter(
            alert__program__in=AlertProgram.objects.drafted_by(access.agency_ids(user, Capability.VIEW_CASES))
        )


class Redaction(models.Model):
    """One withdrawal from what is public of an alert. It holds until an Update that lifts it is issued.

    `by` is empty where the portal withdraws: on a recovery, or when an authority to publish ends.
    """

    alert = models.ForeignKey("alerts.Alert", models.PROTECT, related_name="redactions", verbose_name=_("alert"))
    kind = models.CharField(_("what"), max_length=12, choices=RedactionKind.choices)
    child = models.ForeignKey(
        "cases.Child", models.CASCADE, null=True, blank=True, related_name="+", verbose_name=_("child")
    )
    person = models.ForeignKey(
        "cases.Person", models.CASCADE, null=True, blank=True, related_name="+", verbose_name=_("person")
    )
    reason = CodeField(_("reason"), list_name="takedown_reason", blank=False)
    at = models.DateTimeField(_("withdrawn"), default=timezone.now)
    by = models.ForeignKey(
        "agencies.User", models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("withdrawn by")
    )
    lifted_at = models.DateTimeField(_("put back"), null=True, blank=True)
    lifted_by = models.ForeignKey(
        "agencies.User", models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("put back by")
    )

    objects = RedactionQuerySet.as_manager()

    class Meta:
        verbose_name = _("withdrawal from the public")
        verbose_name_plural = _("withdrawals from the public")
        ordering = ["at", "id"]
        default_permissions = ("view",)
        constraints = [
            models.UniqueConstraint(
                fields=["alert", "kind", "child", "person"],
                condition=Q(lifted_at__isnull=True),
                nulls_distinct=False,
                name="one_open_redaction_of_a_kind",
            ),
            models.CheckConstraint(
                condition=Q(kind__in=("photo", "whole"), child__isnull=True, person__isnull=True)
                | Q(kind__in=("child", "child_name"), child__isnull=False, person__isnull=True)
                | Q(kind__in=("person", "person_looks", "person_name"), child__isnull=True, person__isnull=False),
                name="redaction_names_its_object",
            ),
            models.CheckConstraint(
                condition=Q(lifted_at__isnull=True, lifted_by__isnull=True)
                | Q(lifted_at__isnull=False, lifted_by__isnull=False),
                name="redaction_lifted_at_and_by",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.alert} – {self.get_kind_display()}"

    @property
    def audited_case_id(self) -> uuid.UUID:
        """Return the case whose accesses a read of this counts among."""
        return self.alert.case_id
