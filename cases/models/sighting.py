"""Sightings: what any agency on the case saw or was told, apart from the facts that only the lead agency changes."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.db.models import Value
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from agencies.choices import Country
from cases.choices import PartGroup

from .code import CodeField
from .part import Parted, PartedManager, police_only
from .place import EXACT_ADDRESS, ZONE_CHOICES, PlaceDetail


class Sighting(Parted, PlaceDetail):
    """One sighting (U2). It is evidence, not a fact of the file: whoever adds it changes nothing else."""

    PARTS: ClassVar[dict[str, tuple[str, ...]]] = {PartGroup.ADDRESS: EXACT_ADDRESS}
    IN_ROW: ClassVar[tuple[str, ...]] = ("place", "municipality", "subdivision", "crossing_point", "confidence")
    is_police_only = police_only(Value(value=False))

    case = models.ForeignKey("cases.Case", models.CASCADE, related_name="sightings", verbose_name=_("case"))
    evidence = CodeField(_("evidence"), list_name="crossing_evidence", blank=False)
    seen_at = models.DateTimeField(_("seen"))
    time_zone = models.CharField(_("time zone of the place"), max_length=40, choices=ZONE_CHOICES)
    toward = models.CharField(_("toward"), max_length=2, choices=Country.choices, blank=True)
    toward_subdivision = models.ForeignKey(
        "agencies.Subdivision", models.PROTECT, null=True, blank=True, related_name="+",
        verbose_name=_("toward which state, entity or province"),
    )  # fmt: skip
    crossing_point = CodeField(_("border crossing"), list_name="crossing_point")
    confidence = CodeField(_("confidence"), list_name="crossing_confidence")
    reported_at = models.DateTimeField(_("reported"), default=timezone.now)
    reported_by = models.ForeignKey("agencies.User", models.PROTECT, related_name="+", verbose_name=_("reported by"))
    agency = models.ForeignKey("agencies.Agency", models.PROTECT, related_name="+", verbose_name=_("agency"))

    objects = PartedManager()  # type: ignore[misc]

    class Meta(Parted.Meta):
        verbose_name = _("sighting")
        verbose_name_plural = _("sightings")
        ordering = ["-seen_at", "-id"]
