"""States, entidades, provinces and territories."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _

from agencies.choices import Country, SubdivisionKind


class Subdivision(models.Model):
    """A first-level subdivision (ISO 3166-2) with the codes each country's systems use.

    Time zones belong to places inside it, not to it: Chihuahua alone has two.
    """

    code = models.CharField(_("ISO 3166-2 code"), max_length=6, primary_key=True)
    country = models.CharField(_("country"), max_length=2, choices=Country.choices)
    kind = models.CharField(_("kind"), max_length=10, choices=SubdivisionKind.choices)
    name = models.CharField(_("name"), max_length=80)
    fips = models.CharField(_("FIPS state code"), max_length=2, blank=True)
    sgc = models.CharField(_("SGC province code"), max_length=2, blank=True)
    inegi = models.CharField(_("INEGI entity code"), max_length=2, blank=True)
    ncic = models.CharField(_("NCIC code"), max_length=2, blank=True)
    latitude = models.FloatField(_("latitude of the center"))
    longitude = models.FloatField(_("longitude of the center"))
    outline = models.JSONField(_("simplified outline"), default=list, help_text=_("Rings of latitude and longitude."))
    neighbors = models.ManyToManyField("self", verbose_name=_("neighbors"), blank=True)

    class Meta:
        verbose_name = _("state, entity or province")
        verbose_name_plural = _("states, entities and provinces")
        ordering = ["country", "code"]

    def __str__(self) -> str:
        return f"{self.name} ({self.get_country_display()})"
