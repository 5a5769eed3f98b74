"""The desk at which recipients are: of an agency in the portal, or of another organization (ADR 82)."""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from agencies.choices import Country


class RecipientDesk(models.Model):
    """Where one or more recipients of a program work: agency or organization, then the desk in it."""

    program = models.ForeignKey(
        "agencies.AlertProgram", models.PROTECT, related_name="recipient_desks", verbose_name=_("alert program")
    )
    agency = models.ForeignKey(
        "agencies.Agency", models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("agency"),
        help_text=_("Where it works in the portal; else write the organization below."),
    )  # fmt: skip
    organization = models.CharField(_("organization outside the portal"), max_length=120, blank=True)
    country = models.CharField(
        _("country"), max_length=2, choices=Country.choices, blank=True,
        help_text=_("Where the desk is. Empty: the country of its agency, else that of the program."),
    )  # fmt: skip
    name = models.CharField(
        _("desk"), max_length=120, blank=True, help_text=_("For instance newsroom, dispatch or port of entry.")
    )

    class Meta:
        verbose_name = _("desk of recipients")
        verbose_name_plural = _("desks of recipients")
        ordering = ["program", "organization", "name", "pk"]
        default_permissions = ("add", "change", "view")
        constraints = [
            models.CheckConstraint(
                condition=Q(agency__isnull=False, organization="") | Q(agency__isnull=True) & ~Q(organization=""),
                name="recipient_desk_is_of_an_agency_or_an_organization",
                violation_error_message=_("Choose an agency or write the organization, one of the two."),
            ),
            models.UniqueConstraint(
                fields=["program", "agency", "organization", "name"], nulls_distinct=False,
                name="one_recipient_desk_per_name",
                violation_error_message=_("The program has this desk already."),
            ),
        ]  # fmt: skip

    def __str__(self) -> str:
        return " – ".join(filter(None, (self.of_whom, self.name)))

    @property
    def of_whom(self) -> str:
        """Return the agency's name in the reader's language, or the organization's."""
        return str(self.agency) if self.agency is not None else self.organization

    @property
    def where(self) -> str:
        """Return the code of the country in which the desk is."""
        return self.country or (self.agency or self.program).country
