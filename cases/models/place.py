"""Places: how an officer says where, and the time zone that goes with a county, a municipio or a town (U25)."""

from __future__ import annotations

import re
import unicodedata

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.utils.translation import gettext_lazy as _

from cases.choices import TIME_ZONES, PlaceZoneKind

from .scoped import CaseScoped

ZONE_CHOICES = [(zone, zone.replace("_", " ")) for zone in TIME_ZONES]
COUNTY = "county"
# What tells one building from the others around it.
EXACT_ADDRESS = ("neighborhood", "road", "kilometer", "cross_street", "postal_code", "latitude", "longitude")
# Words around the name of a place that say what it is, not which one it is.
AROUND_A_NAME = re.compile(
    r"^(?:ciudad de|ciudad|cd|municipio de|mpio de|mpio|city of|town of|ville de|mrc de|mrc d|mrc)\s+"
    r"|\s+(?:city|regional district|municipality|division)$"
)


class PlaceDetail(CaseScoped):
    """Where something was, in as many ways as an officer may know it; a place may be coordinates alone."""

    place = models.CharField(
        _("town, municipality or place"), max_length=160, blank=True, help_text=_("Published as written.")
    )
    subdivision = models.ForeignKey(
        "agencies.Subdivision", models.PROTECT, null=True, blank=True, related_name="+",
        verbose_name=_("state, entity or province"),
    )  # fmt: skip
    neighborhood = models.CharField(_("neighborhood"), max_length=80, blank=True)
    municipality = models.CharField(_("municipality or county"), max_length=80, blank=True)
    road = models.CharField(_("road or highway"), max_length=80, blank=True)
    kilometer = models.DecimalField(
        _("kilometer"), max_digits=6, decimal_places=1, null=True, blank=True, validators=[MinValueValidator(0)]
    )
    cross_street = models.CharField(_("intersection with"), max_length=80, blank=True)
    postal_code = models.CharField(_("postal code"), max_length=10, blank=True)
    latitude = models.DecimalField(
        _("latitude"), max_digits=8, decimal_places=5, null=True, blank=True,
        validators=[MinValueValidator(-90), MaxValueValidator(90)],
    )  # fmt: skip
    longitude = models.DecimalField(
        _("longitude"), max_digits=8, decimal_places=5, null=True, blank=True,
        validators=[MinValueValidator(-180), MaxValueValidator(180)],
    )  # fmt: skip

    class Meta(CaseScoped.Meta):
        abstract = True

    @property
    def public_place(self) -> str:
        """Return what a public text may call the place: as written, else the municipality."""
        return self.place or self.municipality

    @property
    def is_located(self) -> bool:
        """Say whether anything at all is known of the place."""
        return bool(self.place or self.municipality or self.road or self.postal_code or self.latitude is not None)


class PlaceZone(models.Model):
    """The time zone of one county, municipio, census division or town, under one of its names."""

    subdivision = models.ForeignKey(
        "agencies.Subdivision", models.CASCADE, related_name="+", verbose_name=_("state, entity or province")
    )
    name = models.CharField(_("name"), max_length=80)
    key = models.CharField(_("name as compared"), max_length=80, editable=False)
    kind = models.CharField(_("kind"), max_length=10, choices=PlaceZoneKind.choices)
    time_zone = models.CharField(_("time zone"), max_length=40, choices=ZONE_CHOICES)

    class Meta:
        verbose_name = _("time zone of a place")
        verbose_name_plural = _("time zones of places")
        ordering = ["subdivision", "name"]
        default_permissions = ("view",)
        constraints = [models.UniqueConstraint(fields=["subdivision", "key"], name="one_zone_per_place")]

    def __str__(self) -> str:
        return f"{self.name} ({self.subdivision_id})"

    @staticmethod
    def key_of(name: str) -> str:
        """Return a name as it is compared."""
        return place_key(name)


def place_key(name: str) -> str:
    """Return a name as it is compared: small letters without accents, signs and the words for what it is."""
    plain = unicodedata.normalize("NFKD", name.casefold())
    plain = "".join(sign if sign.isalnum() else " " for sign in plain if not unicodedata.combining(sign))
    plain = " ".join(plain.split())
    return AROUND_A_NAME.sub("", plain) or plain


def zone_of(subdivision_id: str | None, *, place: str = "", municipality: str = "") -> str:
    """Return the IANA zone of the narrowest of these places that the table knows, "" when it knows none.

    `place` may hold several names separated by commas, the narrowest first. Never answered from the state alone:
    Ciudad Juárez, Ojinaga and Chihuahua lie in one state and in three zones. A county is recognized by the word or
    because it was typed as one, for a town of the same name may lie in another zone.
    """
    keys = [place_key(part) for part in (place, *place.split(","), municipality) if part.strip()]
    keys += [f"{place_key(municipality)} {COUNTY}"] if municipality.strip() else []
    if not keys or not subdivision_id:
        return ""
    found = dict(PlaceZone.objects.filter(subdivision_id=subdivision_id, key__in=keys).values_list("key", "time_zone"))
    return next((found[key] for key in keys if key in found), "")
