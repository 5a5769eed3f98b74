"""Sightings by API: added by any agency on the case, taken over as indications of crossing, or proposed (U2)."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext_lazy as _
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from agencies.api.fields import InstantField, SubdivisionField
from agencies.api.serializers import StrictSerializer
from agencies.api.views import ResourceViewSet
from cases import permissions
from cases.models import CrossingIndication, Sighting
from cases.models.place import zone_of
from cases.services.indications import SAID, indication_of, propose_indication, take_over

from .facts import FactsSaved, not_in_future
from .fields import CodedSerializer, CodeValueField
from .places import PLACE_PARTS, PlaceParts


class SightingSerializer(PlaceParts, CodedSerializer):
    """A sighting of any agency on the case; a zone left out is taken from a known place."""

    subdivision = SubdivisionField(allow_null=True, required=False)
    toward_subdivision = SubdivisionField(allow_null=True, required=False)
    seen_at = InstantField(validators=[not_in_future])
    agency = serializers.CharField(source="agency.code", read_only=True)
    indication = serializers.SerializerMethodField()

    class Meta:
        model = Sighting
        fields = (
            "id", "evidence", "seen_at", "time_zone", "place", "subdivision", *PLACE_PARTS, "toward",
            "toward_subdivision", "crossing_point", "confidence", "agency", "reported_at", "indication",
        )  # fmt: skip
        read_only_fields = ("id", "agency", "reported_at", "indication")
        extra_kwargs = {"time_zone": {"required": False}}

    def get_indication(self, sighting: Sighting) -> str | None:
        """Return the id of the indication of crossing that it was taken over as."""
        found = getattr(sighting, "indication", None)
        return str(found.pk) if found else None

    def validate(self, values: dict[str, Any]) -> dict[str, Any]:
        """Refuse a sighting without any place, or whose zone is not known."""
        self.check_place(values)
        given = [values.get(name) for name in ("place", "subdivision", "crossing_point", *PLACE_PARTS)]
        if not any(value not in (None, "") for value in given):
            message = _("Say where: a place, a road, a border crossing or coordinates.")
            raise serializers.ValidationError({"place": [message]})
        if not values.get("time_zone"):
            place = values.get("subdivision")
            values["time_zone"] = zone_of(
                place.pk if place else "", place=values.get("place", ""), municipality=values.get("municipality", "")
            )
        if not values["time_zone"]:
            raise serializers.ValidationError({"time_zone": [_("Choose the time zone of the place.")]})
        return values


class Recorded(StrictSerializer):
    """The answer to something that was added: no value of it is kept for a repeat."""

    id = serializers.UUIDField()
    case = serializers.UUIDField()


def recorded(row: Any) -> dict[str, Any]:
    """Return the ids of what was added."""
    return {"id": row.pk, "case": row.case_id}


class TakeOverSerializer(CodedSerializer):
    """Toward where, and how sure; what is left out is what the sighting says."""

    toward_subdivision = SubdivisionField(allow_null=True, required=False)
    confidence = CodeValueField(list_name="crossing_confidence", allow_blank=False)

    class Meta:
        model = CrossingIndication
        fields = SAID
        extra_kwargs = {"toward": {"required": False}}

    def indication(self, sighting: Sighting) -> CrossingIndication:
        """Return the row, unsaved. Refuses one without a country, or with a place of another one."""
        row = indication_of(sighting)
        for name, value in self.validated_data.items():
            setattr(row, name, value)
        if not row.toward:
            raise serializers.ValidationError({"toward": [_("Choose the country.")]})
        if row.toward_subdivision and row.toward_subdivision.country != row.toward:
            message = _("This is in another country than the one chosen.")
            raise serializers.ValidationError({"toward_subdivision": [message]})
        return row


class ProposeIndication(TakeOverSerializer):
    """The same, with how the proposer knows."""

    reason = serializers.CharField(max_length=500, write_only=True)

    class Meta(TakeOverSerializer.Meta):
        fields = (*SAID, "reason")  # type: ignore[assignment]


class SightingViewSet(ResourceViewSet):
    """Sightings taken over as indications of crossing."""

    model = Sighting
    serializer_class = SightingSerializer

    def shaped(self, rows: Any) -> Any:
        """Bring the case along."""
        return rows.select_related("case__lead_agency", "toward_subdivision")

    @extend_schema(request=TakeOverSerializer, responses={201: FactsSaved})
    @action(detail=True, methods=["post"], url_path="take-over")
    def take_over(self, request: Request, pk: str) -> Response:
        """Record the sighting as an indication of crossing, in one act."""
        sighting = self.get_object()
        self.require(permissions.can_edit_case(self.user, sighting.case))

        def perform() -> Any:
            serializer = TakeOverSerializer(data=self.request.data)
            serializer.is_valid(raise_exception=True)
            row = take_over(indication=serializer.indication(sighting), by=self.user)
            row.case.refresh_from_db(fields=["facts_version"])
            changed = ["crossingindication.sighting"]
            return {
                "id": row.pk, "case": row.case_id, "facts_version": row.case.facts_version, "changed": changed,
            }  # fmt: skip

        return self.act(perform, status=201)

    @extend_schema(request=ProposeIndication, responses={201: Recorded})
    @action(detail=True, methods=["post"], url_path="propose-indication")
    def propose_indication(self, request: Request, pk: str) -> Response:
        """Propose to the lead agency that the sighting be taken over."""
        sighting = self.get_object()
        self.require(permissions.can_propose_correction(self.user, sighting.case))

        def perform() -> Any:
            serializer = ProposeIndication(data=self.request.data)
            serializer.is_valid(raise_exception=True)
            reason = serializer.validated_data.pop("reason")
            row = serializer.indication(sighting)
            return recorded(propose_indication(indication=row, by=self.user, reason=reason))

        return self.act(perform, status=201)
