"""That the last role for something ends: one row for each warning, so that each is given once (U36, ADR 65)."""

from __future__ import annotations

import uuid

from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from agencies.identifiers import uuid7
from alerts.choices import LastRole


class RoleEnding(models.Model):
    """After `ends_at` a program, a desk or a sealed case has nobody; told so many hours before. Nobody is named."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    role = models.CharField(_("role"), max_length=10, choices=LastRole.choices)
    program = models.ForeignKey(
        "agencies.AlertProgram", models.CASCADE, null=True, blank=True, related_name="+", verbose_name=_("program")
    )
    agency = models.ForeignKey(
        "agencies.Agency", models.CASCADE, null=True, blank=True, related_name="+", verbose_name=_("agency")
    )
    case = models.ForeignKey(
        "cases.Case", models.CASCADE, null=True, blank=True, related_name="+", verbose_name=_("case")
    )
    ends_at = models.DateTimeField(_("end of the last role"))
    hours_before = models.PositiveSmallIntegerField(_("warned so many hours before"))
    told_at = models.DateTimeField(_("told"), default=timezone.now)

    class Meta:
        verbose_name = _("end of a last role")
        verbose_name_plural = _("ends of last roles")
        ordering = ["-told_at", "-id"]
        default_permissions = ("view",)
        constraints = [
            models.UniqueConstraint(
                fields=["role", "program", "agency", "case", "ends_at", "hours_before"], nulls_distinct=False,
                name="one_warning_of_an_end",
            ),
            models.CheckConstraint(
                condition=Q(role__in=(LastRole.APPROVER, LastRole.CONTACT), program__isnull=False, agency__isnull=True,
                            case__isnull=True)
                | Q(role=LastRole.DESK, program__isnull=True, agency__isnull=False, case__isnull=True)
                | Q(role=LastRole.READER, program__isnull=True, agency__isnull=False, case__isnull=False),
                name="end_of_a_role_is_somebodys",
            ),
        ]  # fmt: skip

    def __str__(self) -> str:
        return f"{self.get_role_display()} – {self.subject}"

    @property
    def subject(self) -> str:
        """Return the program, the desk or the reference of the case."""
        return str(self.case or self.program or self.agency)

    @property
    def audited_case_id(self) -> uuid.UUID | None:
        """Return the case whose accesses a read of this counts among."""
        return self.case_id
