"""How they move, as the API reads and writes it: plates, travel legs, who is with whom in what."""

from __future__ import annotations

from typing import Any

from django.db.models import QuerySet
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _
from rest_framework import serializers

from agencies.api.fields import InstantField, SubdivisionField
from agencies.api.serializers import StrictSerializer
from cases.choices import PlateReplacement
from cases.models import Child, Link, Person, TravelLeg, Vehicle
from cases.models.place import ZONE_CHOICES, zone_of

from .facts import SAID, FactsSerializer, PlateSerializer

NEEDS_ZONE = _("Choose the time zone of the place.")


class ReplacementSerializer(PlateSerializer):
    """A plate in the place of another: `because` tells a correction of a mistake from a change on the vehicle."""

    because = serializers.ChoiceField(choices=PlateReplacement.choices, write_only=True)
    on = serializers.DateField(required=False, allow_null=True, write_only=True, help_text="The day of a change.")

    class Meta(PlateSerializer.Meta):
        fields = (*PlateSerializer.Meta.fields, "because", "on")  # type: ignore[assignment]


class TravelLegSerializer(FactsSerializer):
    """A part of the journey, with the zones of both ends; a zone left out is taken from a known place.

    `places_language` is the language in which the places are told, empty where they are names alone. Left out where the
    leg gets its first place, it is the language of the call.
    """

    from_subdivision = SubdivisionField(allow_null=True, required=False)
    to_subdivision = SubdivisionField(allow_null=True, required=False)
    departs_at = InstantField(allow_null=True, required=False)
    arrives_at = InstantField(allow_null=True, required=False)

    class Meta:
        model = TravelLeg
        fields = (
            "id", "mode", "carrier", "route", "ticket", "from_place", "from_subdivision", "departs_at",
            "departure_zone", "to_place", "to_subdivision", "arrives_at", "arrival_zone", "places_language",
            "confidence", *SAID,
        )  # fmt: skip
        read_only_fields = ("id",)

    def validate(self, values: dict[str, Any]) -> dict[str, Any]:
        """Refuse a time whose zone is not known, and an arrival before the departure."""
        values = super().validate(values)
        if not (self.after(values, "from_place") or self.after(values, "to_place")):
            values["places_language"] = ""
        elif "places_language" not in values and not (
            self.instance and (self.instance.from_place or self.instance.to_place)
        ):
            values["places_language"] = (get_language() or "en")[:2]
        for moment, zone, end in (("departs_at", "departure_zone", "from"), ("arrives_at", "arrival_zone", "to")):
            if not self.after(values, moment) or self.after(values, zone):
                continue
            subdivision = self.after(values, f"{end}_subdivision")
            known = zone_of(subdivision.pk if subdivision else "", place=self.after(values, f"{end}_place") or "")
            if not known:
                raise serializers.ValidationError({zone: [NEEDS_ZONE]})
            values[zone] = known
        start, end_at = self.after(values, "departs_at"), self.after(values, "arrives_at")
        if start and end_at and end_at <= start:
            raise serializers.ValidationError({"arrives_at": [_("The arrival is before the departure.")]})
        return values


class RowOfCaseField(serializers.PrimaryKeyRelatedField):
    """A row of the same case by its id; a row of another case does not exist here."""

    default_error_messages = {"does_not_exist": _("This does not belong to the case.")}

    def __init__(self, model: Any, **kwargs: Any) -> None:
        self.model = model
        super().__init__(
            queryset=model.objects.none(), allow_null=True, required=False, pk_field=serializers.UUIDField(), **kwargs
        )

    def get_queryset(self) -> QuerySet[Any]:
        """Return the rows of the case that the link belongs to."""
        row = getattr(self.root, "instance", None)
        case = row.case_id if row is not None else self.context["case"].pk
        found: QuerySet[Any] = self.model.objects.filter(case_id=case)
        return found


class LinkSerializer(FactsSerializer):
    """Who is with whom, in what, since when; `until` ends it."""

    child = RowOfCaseField(Child)
    person = RowOfCaseField(Person)
    vehicle = RowOfCaseField(Vehicle)
    leg = RowOfCaseField(TravelLeg)
    since = InstantField(allow_null=True, required=False)
    until = InstantField(allow_null=True, required=False)
    time_zone = serializers.ChoiceField(choices=ZONE_CHOICES, allow_blank=True, required=False)

    class Meta:
        model = Link
        fields = (
            "id", "child", "person", "vehicle", "leg", "since", "until", "time_zone", "confidence", *SAID,
        )  # fmt: skip
        read_only_fields = ("id",)

    def validate(self, values: dict[str, Any]) -> dict[str, Any]:
        """Ask for two ends; refuse a time without its zone, and an end before the beginning."""
        values = super().validate(values)
        child, person = self.after(values, "child"), self.after(values, "person")
        if not (child or person):
            raise serializers.ValidationError({"child": [_("Choose a child or a person.")]})
        if not (self.after(values, "vehicle") or self.after(values, "leg") or (child and person)):
            message = _("Choose the vehicle or the travel leg, or with whom the child is.")
            raise serializers.ValidationError({"vehicle": [message]})
        since, until = self.after(values, "since"), self.after(values, "until")
        if (since or until) and not self.after(values, "time_zone"):
            raise serializers.ValidationError({"time_zone": [NEEDS_ZONE]})
        if since and until and until <= since:
            raise serializers.ValidationError({"until": [_("The end is before the beginning.")]})
        return values


class PlateKept(StrictSerializer):
    """The answer to a plate: ids and the new version, no number."""

    id = serializers.UUIDField()
    case = serializers.UUIDField()
    facts_version = serializers.IntegerField()
