"""What the home program itself decided: rows that are only added, the newest counts (U4)."""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from cases.choices import HomeOutcome

from .code import CodeField
from .scoped import CaseScoped


class HomeDecision(CaseScoped):
    """One decision of the home program: every program that is asked sees the newest.

    Where police lead the case, they write down what the program told them; `is_own` is what the program recorded
    itself, and after it nobody else records for the program.
    """

    case = models.ForeignKey("cases.Case", models.CASCADE, related_name="home_decisions", verbose_name=_("case"))
    program = models.ForeignKey(
        "agencies.AlertProgram", models.PROTECT, related_name="+", verbose_name=_("alert program")
    )
    outcome = models.CharField(_("decision"), max_length=16, choices=HomeOutcome.choices)
    reason = CodeField(_("reason"), list_name="decline_reason")
    alternative = CodeField(_("alternative"), list_name="alternative")
    decided_at = models.DateTimeField(_("decided"), default=timezone.now)
    decided_by = models.ForeignKey("agencies.User", models.PROTECT, related_name="+", verbose_name=_("decided by"))
    facts_version = models.PositiveIntegerField(_("version of the facts"))
    criteria = models.ForeignKey(
        "agencies.CriteriaVersion", models.PROTECT, null=True, blank=True, related_name="+",
        verbose_name=_("criteria version"),
    )  # fmt: skip
    assessment = models.ForeignKey(
        "cases.Assessment", models.PROTECT, null=True, blank=True, related_name="+",
        verbose_name=_("assessment of criteria"),
    )  # fmt: skip
    is_own = models.BooleanField(_("recorded by the program itself"), default=False)
    is_automatic = models.BooleanField(_("set by the activation of the alert"), default=False)

    class Meta(CaseScoped.Meta):
        verbose_name = _("decision of the home program")
        verbose_name_plural = _("decisions of the home program")
        ordering = ["-decided_at", "-id"]
        constraints = [
            models.CheckConstraint(condition=Q(outcome__in=HomeOutcome.values), name="home_outcome_known"),
            models.CheckConstraint(
                condition=~Q(outcome=HomeOutcome.NOT_ACTIVATED) | (~Q(reason="") & ~Q(alternative="")),
                name="not_activated_has_reason",
            ),
        ]
