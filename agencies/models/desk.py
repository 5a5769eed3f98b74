"""Where a request to a program arrives, and which other program has a part in it."""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from agencies.choices import RouteKind


class ProgramDesk(models.Model):
    """One agency that receives a program's requests. All desks see a request; one takes charge (U6)."""

    program = models.ForeignKey(
        "agencies.AlertProgram", models.CASCADE, related_name="desks", verbose_name=_("alert program")
    )
    agency = models.ForeignKey("agencies.Agency", models.PROTECT, related_name="+", verbose_name=_("agency"))
    position = models.PositiveSmallIntegerField(_("position"), default=1)

    class Meta:
        verbose_name = _("receiving desk")
        verbose_name_plural = _("receiving desks")
        ordering = ["program", "position", "pk"]
        default_permissions = ("add", "change", "delete", "view")
        constraints = [models.UniqueConstraint(fields=["program", "agency"], name="one_desk_per_program_and_agency")]

    def __str__(self) -> str:
        return f"{self.program} – {self.agency}"


class ProgramRoute(models.Model):
    """What a program has to do with requests to, or beyond, another program's territory (U5).

    Which of a state's and the national coordination receives a foreign request first is written nowhere; such a
    row stays unverified until the program has confirmed it.
    """

    program = models.ForeignKey(
        "agencies.AlertProgram", models.CASCADE, related_name="routes", verbose_name=_("alert program")
    )
    kind = models.CharField(_("part in the route"), max_length=10, choices=RouteKind.choices)
    position = models.PositiveSmallIntegerField(_("position"), default=1)
    to_program = models.ForeignKey(
        "agencies.AlertProgram", models.PROTECT, related_name="+", verbose_name=_("program that has this part")
    )
    source = models.CharField(_("source"), max_length=240, blank=True)
    verified_by = models.CharField(_("verified by"), max_length=160, blank=True)
    verified_at = models.DateField(_("verified on"), null=True, blank=True)

    class Meta:
        verbose_name = _("route")
        verbose_name_plural = _("routes")
        ordering = ["program", "kind", "position", "pk"]
        default_permissions = ("add", "change", "delete", "view")
        constraints = [
            models.UniqueConstraint(fields=["program", "kind", "to_program"], name="one_route_per_part"),
            models.CheckConstraint(
                condition=Q(verified_by="", verified_at__isnull=True)
                | (~Q(verified_by="") & Q(verified_at__isnull=False)),
                name="route_verified_by_and_on",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.program} – {self.get_kind_display()} – {self.to_program}"

    @property
    def is_verified(self) -> bool:
        """Say whether the program itself confirmed this route."""
        return self.verified_at is not None
