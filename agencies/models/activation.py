"""Who may approve and activate under one version of a program's criteria, and who may when they cannot be reached."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy


class ActivatingBody(models.Model):
    """An agency whose members approve and activate (U7). Without a row nobody may: a national hub activates nothing."""

    criteria = models.ForeignKey(
        "agencies.CriteriaVersion", models.CASCADE, related_name="bodies", verbose_name=_("criteria version")
    )
    agency = models.ForeignKey("agencies.Agency", models.PROTECT, related_name="+", verbose_name=_("agency"))

    class Meta:
        verbose_name = _("activating body")
        verbose_name_plural = _("activating bodies")
        ordering = ["criteria", "pk"]
        default_permissions = ("add", "change", "delete", "view")
        constraints = [models.UniqueConstraint(fields=["criteria", "agency"], name="one_body_per_criteria_and_agency")]

    def __str__(self) -> str:
        return f"{self.criteria} – {self.agency}"


class ActivationFallback(models.Model):
    """When another agency decides instead (Washington: the coordinator cannot be reached, domain §1.1).

    Using one needs a written reason, which stays on the alert.
    """

    criteria = models.ForeignKey(
        "agencies.CriteriaVersion", models.CASCADE, related_name="fallbacks", verbose_name=_("criteria version")
    )
    condition = models.CharField(pgettext_lazy("fallback", "condition"), max_length=240)
    agency = models.ForeignKey(
        "agencies.Agency", models.PROTECT, null=True, blank=True, related_name="+",
        verbose_name=_("agency that decides then"),
        help_text=_("Empty: any police service or prosecutor's office of the program's territory."),
    )  # fmt: skip

    class Meta:
        verbose_name = _("fallback of activation")
        verbose_name_plural = _("fallbacks of activation")
        ordering = ["criteria", "pk"]
        default_permissions = ("add", "change", "delete", "view")

    def __str__(self) -> str:
        return self.condition
