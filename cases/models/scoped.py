"""What everything that belongs to a case shares: it is visible where the case is."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db import models
from django.utils.translation import gettext_lazy as _

from agencies.identifiers import uuid7

from .case import Case

if TYPE_CHECKING:
    from agencies.models import User


class CaseScopedQuerySet(models.QuerySet):
    """Rows of cases."""

    def visible_to(self, user: User) -> CaseScopedQuerySet:
        """Return the rows of the cases that this person may see."""
        return self.filter(case__in=Case.objects.visible_to(user))


class CaseScoped(models.Model):
    """A row that belongs to one case; its text form never holds a name."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    case = models.ForeignKey(Case, models.CASCADE, related_name="%(class)ss", verbose_name=_("case"))

    objects = CaseScopedQuerySet.as_manager()

    class Meta:
        abstract = True
        default_permissions = ("view",)

    def __str__(self) -> str:
        return f"{self.case.reference} – {self._meta.verbose_name}"
