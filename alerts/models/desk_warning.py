"""What is told of a desk to those who can mend it: hours that nobody covers, numbers wrong or old (U39, U42)."""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from agencies.identifiers import uuid7
from alerts.choices import DeskWarningKind


class DeskWarning(models.Model):
    """One warning of one desk. `gaps` holds begin, end (ISO 8601) and at which notice in hours each was told."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    agency = models.ForeignKey("agencies.Agency", models.PROTECT, related_name="+", verbose_name=_("agency"))
    kind = models.CharField(_("kind"), max_length=10, choices=DeskWarningKind.choices)
    gaps = models.JSONField(_("hours without anybody"), default=list, blank=True)
    check_answered = models.OneToOneField(
        "agencies.DeskCheck", models.PROTECT, null=True, blank=True, related_name="warning",
        verbose_name=_("check of a desk's numbers"),
    )  # fmt: skip
    told_at = models.DateTimeField(_("told"), default=timezone.now)

    class Meta:
        verbose_name = _("warning of a desk")
        verbose_name_plural = _("warnings of desks")
        ordering = ["-told_at", "-id"]
        default_permissions = ("view",)
        indexes = [models.Index(fields=["agency", "-told_at"], name="warning_of_desk")]
        constraints = [
            models.CheckConstraint(
                condition=Q(kind__in=(DeskWarningKind.GAP, DeskWarningKind.STALE), check_answered__isnull=True)
                | Q(kind=DeskWarningKind.WRONG, check_answered__isnull=False),
                name="desk_warning_names_what_it_is_about",
            )
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} – {self.agency}"
