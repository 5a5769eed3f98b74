"""One kind of facts each: read with the case, changed here by the lead agency; plates in each other's place."""

from __future__ import annotations

from typing import Any

from django.db.models import QuerySet
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from agencies.api.views import ResourceViewSet
from cases import permissions
from cases.models import Abduction, Case, Child, CrossingIndication, Link, Person, Plate, TravelLeg, Vehicle
from cases.services import plates
from cases.services.facts import ChangeUnsaid, record_facts
from cases.services.links import record_link

from .facts import (
    AbductionSerializer,
    ChildSerializer,
    CrossingSerializer,
    FactsSaved,
    FactsSerializer,
    PersonSerializer,
    PlateSerializer,
    VehicleSerializer,
)
from .merging import refuse_differences
from .movement import LinkSerializer, PlateKept, ReplacementSerializer, TravelLegSerializer


def facts_saved(row: Any, case: Case, changed: list[str]) -> dict[str, Any]:
    """Return the answer to a change of facts: names of fields, never their values."""
    return {"id": row.pk, "case": case.pk, "facts_version": case.facts_version, "changed": changed}


def save_row(*, case: Case, by: Any, row: Any, names: list[str], seen_version: int | None, **said: Any) -> list[str]:
    """Save a row through the service of its kind; return the names of changed fields. `said`: kind of the change."""
    if isinstance(row, Link):
        return record_link(case=case, by=by, link=row, names=names, seen_version=seen_version, **said)
    return record_facts(case=case, by=by, items=[(row, names)], seen_version=seen_version, **said)


class FactsViewSet(ResourceViewSet):
    """Base of one kind of facts."""

    serializer_class: type[FactsSerializer]

    def shaped(self, rows: QuerySet[Any]) -> QuerySet[Any]:
        """Bring the case along."""
        return rows.select_related("case__lead_agency")

    @extend_schema(responses=FactsSaved)
    def partial_update(self, request: Request, pk: str) -> Response:
        """Change facts made on the version that the body names.

        Over a newer version, what nobody else changed (by `base`) goes through; of the rest both values come back
        with 409 and nothing is saved.
        """
        row = self.get_object()
        self.require(permissions.can_edit_case(self.user, row.case))

        def perform() -> Any:
            # The case first, as every act on it does: a step taken meanwhile must not be overwritten with this row.
            visible = Case.objects.visible_to(self.user)  # type: ignore[attr-defined]
            case = visible.select_for_update(of=("self",), no_key=True).get(pk=row.case_id)
            row.refresh_from_db(from_queryset=self.model._default_manager.select_for_update(of=("self",)))
            row.case = case
            serializer = self.get_serializer(row, data=self.request.data, partial=True)
            serializer.is_valid(raise_exception=True)
            if serializer.validated_data["version"] != case.facts_version:
                refuse_differences(serializer, row)
            names, version = serializer.apply_to(row), case.facts_version
            said = {"is_correction": serializer.validated_data.get("is_correction"), "is_asked": True}
            try:
                changed = save_row(case=case, by=self.user, row=row, names=names, seen_version=version, **said)
            except ChangeUnsaid as unsaid:
                raise serializers.ValidationError({"is_correction": [unsaid.message]}) from unsaid
            return facts_saved(row, case, changed)

        return self.act(perform)


class AbductionViewSet(FactsViewSet):
    """When, where and how the child was taken."""

    model = Abduction
    serializer_class = AbductionSerializer


class ChildViewSet(FactsViewSet):
    """The children."""

    model = Child
    serializer_class = ChildSerializer


class PersonViewSet(FactsViewSet):
    """Other people."""

    model = Person
    serializer_class = PersonSerializer


class VehicleViewSet(FactsViewSet):
    """Vehicles."""

    model = Vehicle
    serializer_class = VehicleSerializer

    @extend_schema(request=PlateSerializer, responses={201: PlateKept})
    @action(detail=True, methods=["post"])
    def plates(self, request: Request, pk: str) -> Response:
        """Record one more plate that the vehicle carries now."""
        vehicle = self.get_object()
        self.require(permissions.can_edit_case(self.user, vehicle.case))

        def perform() -> Any:
            serializer = PlateSerializer(data=self.request.data)
            serializer.is_valid(raise_exception=True)
            plate = plates.add_plate(vehicle=vehicle, by=self.user, plate=Plate(**serializer.validated_data))
            return plate_kept(plate)

        return self.act(perform, status=201)


class CrossingViewSet(FactsViewSet):
    """Signs that a border is near."""

    model = CrossingIndication
    serializer_class = CrossingSerializer


class TravelLegViewSet(FactsViewSet):
    """Parts of journeys."""

    model = TravelLeg
    serializer_class = TravelLegSerializer


class LinkViewSet(FactsViewSet):
    """Who is with whom, in what; `until` ends it."""

    model = Link
    serializer_class = LinkSerializer


class PlateViewSet(ResourceViewSet):
    """Plates; one is never written over, another takes its place."""

    model = Plate
    serializer_class = PlateSerializer

    def shaped(self, rows: QuerySet[Any]) -> QuerySet[Any]:
        """Bring vehicle and case along."""
        return rows.select_related("vehicle__case__lead_agency", "case")

    @extend_schema(request=ReplacementSerializer, responses={201: PlateKept})
    @action(detail=True, methods=["post"])
    def replace(self, request: Request, pk: str) -> Response:
        """Put a plate in the place of this one, as a correction or as a change."""
        earlier = self.get_object()
        self.require(permissions.can_edit_case(self.user, earlier.case))

        def perform() -> Any:
            serializer = ReplacementSerializer(data=self.request.data)
            serializer.is_valid(raise_exception=True)
            told = dict(serializer.validated_data)
            because, on = told.pop("because"), told.pop("on", None)
            plate = plates.replace_plate(earlier=earlier, by=self.user, plate=Plate(**told), because=because, on=on)
            return plate_kept(plate)

        return self.act(perform, status=201)


def plate_kept(plate: Plate) -> dict[str, Any]:
    """Return the answer to a plate."""
    version = Case.objects.values_list("facts_version", flat=True).get(pk=plate.case_id)
    return {"id": plate.pk, "case": plate.case_id, "facts_version": version}
