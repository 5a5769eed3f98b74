"""License plates of a vehicle over time: which count now, which were changed, which were wrong (U26)."""

from __future__ import annotations

from typing import Any

from django.apps import apps
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from agencies import scope
from cases.choices import PlateKind, PlateStanding

from .comparing import letters_and_digits
from .part import PartedQuerySet
from .scoped import CaseScoped, CaseScopedQuerySet

UNKNOWN_CHARACTER = "?"


def plate_key(number: str) -> str:
    """Return a plate as it is compared: letters and digits only, a question mark for each unknown character."""
    return "".join(sign for sign in number.upper() if sign.isalnum() or sign == UNKNOWN_CHARACTER)


class PlateQuerySet(CaseScopedQuerySet):
    """Plates by standing and by what somebody has read of one."""

    def visible_to(self, user: Any) -> PlateQuerySet:
        """Return the plates of the vehicles that this person may see."""
        vehicles: Any = apps.get_model("cases", "vehicle")._base_manager
        readable = PartedQuerySet(vehicles.model).visible_to(user)
        return super().visible_to(user).filter(vehicle__in=readable)  # type: ignore[return-value]

    def read_here(self) -> PlateQuerySet:
        """Return the plates of the vehicles that are read here."""
        if scope.current().everything:
            return self
        return self.filter(vehicle__in=apps.get_model("cases", "vehicle")._default_manager.all())

    def current(self) -> PlateQuerySet:
        """Return the plates that the vehicle carries now, as far as is known."""
        return self.filter(standing=PlateStanding.CURRENT)


class PlateManager(models.Manager.from_queryset(PlateQuerySet)):  # type: ignore[misc]
    """The plates that are read here."""

    def get_queryset(self) -> PlateQuerySet:
        """Return them."""
        return super().get_queryset().read_here()  # type: ignore[no-any-return]


class Plate(CaseScoped):
    """One plate. It is never deleted: a later one leaves it as former or as wrong."""

    case = models.ForeignKey("cases.Case", models.CASCADE, related_name="plates", verbose_name=_("case"))
    vehicle = models.ForeignKey("cases.Vehicle", models.CASCADE, related_name="plates", verbose_name=_("vehicle"))
    number = models.CharField(
        _("license plate"), max_length=15, help_text=_("Write ? for every character that is not known.")
    )
    search_key = models.GeneratedField(
        expression=letters_and_digits("number", keep=UNKNOWN_CHARACTER), output_field=models.CharField(max_length=15),
        db_persist=True, verbose_name=_("plate as compared"),
    )  # fmt: skip
    is_partial = models.BooleanField(_("plate known in part only"), default=False)
    issuing_country = models.CharField(_("issued in"), max_length=2, blank=True)
    issuer = models.ForeignKey(
        "agencies.Subdivision", models.PROTECT, null=True, blank=True, related_name="+",
        verbose_name=_("plate issued by"),
    )  # fmt: skip
    kind = models.CharField(_("kind of plate"), max_length=10, choices=PlateKind.choices, default=PlateKind.ORDINARY)
    valid_from = models.DateField(_("valid from"), null=True, blank=True)
    valid_until = models.DateField(_("valid until"), null=True, blank=True)
    standing = models.CharField(
        _("standing"), max_length=8, choices=PlateStanding.choices, default=PlateStanding.CURRENT, editable=False
    )
    replaced_at = models.DateTimeField(_("replaced"), null=True, blank=True, editable=False)
    replaced_by = models.ForeignKey(
        "self", models.PROTECT, null=True, blank=True, related_name="replaces", editable=False,
        verbose_name=_("replaced by"),
    )  # fmt: skip

    objects = PlateManager()  # type: ignore[misc]

    class Meta(CaseScoped.Meta):
        verbose_name = _("license plate")
        verbose_name_plural = _("license plates")
        ordering = ["id"]
        indexes = [models.Index(fields=["search_key"], name="plate_search", opclasses=["text_pattern_ops"])]
        constraints = [
            models.CheckConstraint(
                condition=Q(standing=PlateStanding.CURRENT, replaced_at__isnull=True)
                | (~Q(standing=PlateStanding.CURRENT) & Q(replaced_at__isnull=False)),
                name="plate_replaced_when_not_current",
            )
        ]
