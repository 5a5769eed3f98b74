"""What somebody has typed into the facts of a case and not sent yet, kept so that a closed tab loses nothing (U31)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from agencies import access
from agencies.choices import Capability

from .scoped import CaseScoped, CaseScopedQuerySet

if TYPE_CHECKING:
    from agencies.models import User

MOST_LISTED = 10


class FactsDraftQuerySet(CaseScopedQuerySet):
    """Typed and not sent; it belongs to the lead agency, not to a person."""

    def visible_to(self, user: User) -> FactsDraftQuerySet:
        """Return those of the agencies for which this person changes facts: no other agency sees half a sentence."""
        ids = access.agency_ids(user, Capability.EDIT_CASES)
        seen: Any = super().visible_to(user)
        return seen.filter(agency_id__in=ids) if ids else self.none()  # type: ignore[no-any-return]

    def newest(self, user: User, case: Any) -> list[FactsDraft]:
        """Return what a page lists of one case, the last saved first."""
        rows = self.visible_to(user).filter(case=case).select_related("saved_by", "agency")
        return list(rows[:MOST_LISTED])


class FactsDraft(CaseScoped):
    """One page's worth of typing: the values that the page began with, and those that stood there last."""

    case = models.ForeignKey("cases.Case", models.CASCADE, related_name="facts_drafts", verbose_name=_("case"))
    agency = models.ForeignKey("agencies.Agency", models.PROTECT, related_name="+", verbose_name=_("agency"))
    base = models.JSONField(_("values before"), default=dict)
    content = models.JSONField(_("content"), default=dict)
    version = models.PositiveIntegerField(_("version"), default=1)
    page = models.CharField(_("page that saved it last"), max_length=80)
    saved_at = models.DateTimeField(_("saved"), default=timezone.now)
    saved_by = models.ForeignKey("agencies.User", models.PROTECT, related_name="+", verbose_name=_("saved by"))
    authors = models.ManyToManyField("agencies.User", related_name="+", verbose_name=_("authors"))

    objects = FactsDraftQuerySet.as_manager()  # type: ignore[misc]

    class Meta(CaseScoped.Meta):
        verbose_name = _("unsent change of facts")
        verbose_name_plural = _("unsent changes of facts")
        ordering = ["-saved_at", "-id"]

    @property
    def about(self) -> str:
        """Return by what a colleague recognizes it: the reference of the case."""
        return self.case.reference
