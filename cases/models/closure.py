"""How a case ended: the coded result, and whether the alert led to it. A case that was reopened has several."""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from .code import CodeField
from .scoped import CaseScoped


class Closure(CaseScoped):
    """One end of a case, with the answers that every end asks for (U17). Reopening leaves it as it is, and says so."""

    case = models.ForeignKey("cases.Case", models.CASCADE, related_name="closures", verbose_name=_("case"))
    reason = CodeField(_("result"), list_name="closure_reason", blank=False)
    alert_effect = CodeField(_("did the alert lead to the result, and how"), list_name="alert_effect", blank=False)
    category = CodeField(_("category at closure"), list_name="case_category", blank=False)
    closed_at = models.DateTimeField(_("closed"), default=timezone.now)
    closed_by = models.ForeignKey("agencies.User", models.PROTECT, related_name="+", verbose_name=_("closed by"))
    reopened_at = models.DateTimeField(_("reopened"), null=True, blank=True)
    reopened_by = models.ForeignKey(
        "agencies.User", models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("reopened by")
    )

    class Meta(CaseScoped.Meta):
        verbose_name = _("closure")
        verbose_name_plural = _("closures")
        ordering = ["closed_at", "id"]
        constraints = [
            models.UniqueConstraint(
                fields=["case"], condition=Q(reopened_at__isnull=True), name="one_standing_closure_per_case"
            ),
        ]
