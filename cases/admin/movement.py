"""How they move: plates, travel legs, links, sightings; and the zones of places. Lists show no plate and no name."""

from __future__ import annotations

from typing import Any, ClassVar

from django.contrib import admin
from django.utils.translation import gettext_lazy as _

from agencies import permissions
from agencies.admin.scoped import ReadOnlyAdmin
from agencies.models import User
from cases.countries import country_name
from cases.models import Link, PlaceZone, Plate, Sighting, TravelLeg

from .case_data import CaseDataAdmin, moment_there

PLACE = (
    "place", "subdivision", "neighborhood", "municipality", "road", "kilometer", "cross_street", "postal_code",
    "latitude", "longitude",
)  # fmt: skip


@admin.register(Plate)
class PlateAdmin(CaseDataAdmin):
    """Plates of vehicles over time."""

    list_display = ("case", "standing", "kind", "replaced_at")
    list_filter = ("standing", "kind")
    sortable_by = ("case", "standing")
    fieldsets: ClassVar[Any] = [
        (None, {"fields": ("case", "vehicle", "number", "is_partial", "issuer", "country_there", "kind")}),
        (_("Time"), {"fields": ("valid_from", "valid_until", "standing", "replaced_at", "replaced_by")}),
    ]

    @admin.display(description=_("issued in"))
    def country_there(self, obj: Plate) -> str:
        """Return the country's name."""
        return country_name(obj.issuing_country)


@admin.register(TravelLeg)
class TravelLegAdmin(CaseDataAdmin):
    """Parts of journeys."""

    list_display = ("case", "mode", "arrival", "to_subdivision")
    list_filter = ("mode",)
    list_select_related = ("case", "to_subdivision")
    sortable_by = ("case", "mode")
    fieldsets: ClassVar[Any] = [
        (None, {"fields": ("case", "mode", "carrier", "route", "ticket", "confidence_label")}),
        (_("Departure"), {"fields": ("from_place", "from_subdivision", "departure")}),
        (_("Arrival"), {"fields": ("to_place", "to_subdivision", "arrival")}),
        (None, {"fields": ("places_language",)}),
    ]

    @admin.display(description=_("expected departure"))
    def departure(self, obj: TravelLeg) -> str:
        """Return the moment in the time of the place."""
        return moment_there(obj.departs_at, obj.departure_zone)

    @admin.display(description=_("expected arrival"))
    def arrival(self, obj: TravelLeg) -> str:
        """Return the moment in the time of the place."""
        return moment_there(obj.arrives_at, obj.arrival_zone)


@admin.register(Link)
class LinkAdmin(CaseDataAdmin):
    """Who is with whom, in what."""

    list_display = ("case", "begins", "ends")
    sortable_by = ("case",)
    fieldsets: ClassVar[Any] = [
        (None, {"fields": ("case", "child", "person", "vehicle", "leg", "confidence_label", "begins", "ends")})
    ]

    @admin.display(description=_("since"))
    def begins(self, obj: Link) -> str:
        """Return the moment in the time of the place."""
        return moment_there(obj.since, obj.time_zone)

    @admin.display(description=_("until"))
    def ends(self, obj: Link) -> str:
        """Return the moment in the time of the place."""
        return moment_there(obj.until, obj.time_zone)


@admin.register(Sighting)
class SightingAdmin(CaseDataAdmin):
    """Sightings of every agency on a case."""

    list_display = ("case", "evidence_label", "seen", "agency")
    list_select_related = ("case", "agency")
    sortable_by = ("case",)
    fieldsets: ClassVar[Any] = [
        (None, {"fields": ("case", "evidence_label", "seen", "confidence_label", "agency", "reported_by")}),
        (_("Place"), {"fields": PLACE}),
        (_("Direction"), {"fields": ("toward", "toward_subdivision", "crossing_point_label")}),
    ]

    @admin.display(description=_("seen, time there"))
    def seen(self, obj: Sighting) -> str:
        """Return the moment in the time of the place."""
        return moment_there(obj.seen_at, obj.time_zone)


@admin.register(PlaceZone)
class PlaceZoneAdmin(ReadOnlyAdmin):
    """Time zones of counties, municipios, census divisions and towns; they come with each release."""

    list_display = ("subdivision", "name", "kind", "time_zone")
    list_filter = ("kind",)
    list_select_related = ("subdivision",)
    search_fields = ("name", "key")
    fieldsets: ClassVar[Any] = [(None, {"fields": ("subdivision", "name", "kind", "time_zone")})]

    def may_look(self, user: User) -> bool:
        """Those who manage reference data."""
        return permissions.can_manage_reference_data(user)
