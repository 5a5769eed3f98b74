"""Legal opinions, bound to the version of the facts they were given on."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from agencies import access
from agencies.choices import Capability, Language
from cases.choices import ReviewStatus

from .case import Case
from .code import CodeField
from .scoped import CaseScoped, CaseScopedQuerySet

if TYPE_CHECKING:
    from agencies.models import User


class LegalReviewQuerySet(CaseScopedQuerySet):
    """Opinions: seen in the author's agency until released (U30)."""

    def visible_to(self, user: User) -> LegalReviewQuerySet:
        """Return the opinions of the person's own agencies, and released ones of visible cases."""
        mine = Q(agency_id__in=access.agency_ids(user, Capability.VIEW_CASES))
        return self.filter(mine | Q(status=ReviewStatus.RELEASED), case__in=Case.objects.visible_to(user))


class LegalReview(CaseScoped):
    """One opinion of one legal advisor for one agency."""

    case = models.ForeignKey("cases.Case", models.CASCADE, related_name="legal_reviews", verbose_name=_("case"))
    agency = models.ForeignKey("agencies.Agency", models.PROTECT, related_name="+", verbose_name=_("agency"))
    status = models.CharField(_("status"), max_length=10, choices=ReviewStatus.choices, default=ReviewStatus.REQUESTED)
    requested_at = models.DateTimeField(_("requested"), default=timezone.now)
    requested_by = models.ForeignKey("agencies.User", models.PROTECT, related_name="+", verbose_name=_("requested by"))
    opinion = CodeField(_("opinion"), list_name="opinion")
    grounds = models.TextField(_("grounds"), blank=True, max_length=8000)
    language = models.CharField(_("language of the grounds"), max_length=2, choices=Language.choices, blank=True)
    facts_version = models.PositiveIntegerField(_("version of the facts"), default=1)
    given_at = models.DateTimeField(_("given"), null=True, blank=True)
    given_by = models.ForeignKey(
        "agencies.User", models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("given by")
    )

    objects = LegalReviewQuerySet.as_manager()  # type: ignore[misc]

    class Meta(CaseScoped.Meta):
        verbose_name = _("legal opinion")
        verbose_name_plural = _("legal opinions")
        ordering = ["-id"]
        constraints = [
            models.CheckConstraint(
                condition=Q(given_at__isnull=True, given_by__isnull=True)
                | Q(given_at__isnull=False, given_by__isnull=False),
                name="review_given_at_and_by",
            ),
            models.CheckConstraint(condition=Q(status__in=ReviewStatus.values), name="review_status_known"),
        ]
