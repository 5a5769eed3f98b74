"""A record below an AMBER Alert: advisory, prealert, police-only notice and the like (U1)."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from cases.models.code import CodeField

from .exchange import OfRequest, OfRequestQuerySet
from .request import ExtensionRequest


class LowerNoticeQuerySet(OfRequestQuerySet):
    """Notices of programs."""

    def in_force(self) -> LowerNoticeQuerySet:
        """Return what counts now: neither ended nor raised to an alert."""
        return self.filter(ended_at__isnull=True, raised_at__isnull=True)


class LowerNotice(OfRequest):
    """What a program put in force below an alert. It has no words and no public row: nothing leads from it to a page.

    Raising it makes an alert from the same facts; the notice stays as the record of what was in force before.
    """

    request = models.OneToOneField(
        ExtensionRequest, models.PROTECT, related_name="lower_notice", verbose_name=_("request")
    )
    level = CodeField(_("level"), list_name="notice_level", blank=False)
    in_force_at = models.DateTimeField(_("in force since"), default=timezone.now)
    recorded_by = models.ForeignKey("agencies.User", models.PROTECT, related_name="+", verbose_name=_("recorded by"))
    raised_at = models.DateTimeField(_("raised to an alert"), null=True, blank=True)
    raised_by = models.ForeignKey(
        "agencies.User", models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("raised by")
    )
    ended_at = models.DateTimeField(_("ended"), null=True, blank=True)

    objects: ClassVar[models.Manager] = LowerNoticeQuerySet.as_manager()

    class Meta(OfRequest.Meta):
        verbose_name = _("notice below an alert")
        verbose_name_plural = _("notices below an alert")
        ordering = ["-in_force_at"]
        constraints = [
            models.CheckConstraint(
                condition=Q(raised_at__isnull=True, raised_by__isnull=True)
                | Q(raised_at__isnull=False, raised_by__isnull=False),
                name="notice_raised_at_and_by",
            )
        ]

    @property
    def is_in_force(self) -> bool:
        """Say whether it counts now."""
        return self.ended_at is None and self.raised_at is None
