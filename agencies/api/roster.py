"""The duty rosters of one's own agencies: who is on duty, planning, taking off, swaps and absences (U39, ADR 73)."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.db.models import Model, Prefetch, QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from agencies import access
from agencies.choices import Capability, OverrideKind
from agencies.duty_roster import (
    DAYS_APART,
    MOST_REPEATS,
    go_by_roster,
    go_without_roster,
    override_shift,
    plan_shifts,
    remove_shift,
    take_back,
)
from agencies.models import Agency, RosterShift, ShiftOverride, User
from agencies.on_duty import gaps_of, who_is_on_duty
from agencies.permissions import can_plan_duty

from .fields import InstantField
from .pages import PageQuery
from .serializers import NoBody, RowSerializer, StrictSerializer
from .views import Listed, ResourceViewSet


class OnDutyPersonSerializer(RowSerializer):
    """Somebody of the desk, by name as on its roster."""

    class Meta:
        model = User
        fields = ("id", "full_name")
        read_only_fields = fields


class ShiftOverrideSerializer(RowSerializer):
    """A part of a shift in which somebody else is on duty, or nobody."""

    replacement = OnDutyPersonSerializer(read_only=True, allow_null=True)

    class Meta:
        model = ShiftOverride
        fields = ("id", "kind", "starts_at", "ends_at", "replacement", "created_at")
        read_only_fields = fields


class RosterShiftSerializer(RowSerializer):
    """One shift with what stands changed of it."""

    agency = serializers.CharField(source="agency.code", read_only=True)
    person = OnDutyPersonSerializer(read_only=True)
    overrides = ShiftOverrideSerializer(many=True, read_only=True, source="standing")

    class Meta:
        model = RosterShift
        fields = ("id", "agency", "person", "starts_at", "ends_at", "time_zone", "created_at", "overrides")
        read_only_fields = fields


class GapSerializer(serializers.Serializer):
    """Hours that nobody covers."""

    starts_at = InstantField()
    ends_at = InstantField()


class RosterSerializer(serializers.Serializer):
    """A desk: whether it goes by its roster, who is on duty now, which hours of the next 14 days nobody covers."""

    agency = serializers.CharField()
    keeps_roster = serializers.BooleanField()
    is_manned = serializers.BooleanField()
    on_duty = OnDutyPersonSerializer(many=True)
    gaps = GapSerializer(many=True)
    people = OnDutyPersonSerializer(many=True, help_text="Who can be put on duty.")


class ShiftQuery(PageQuery):
    """How shifts are narrowed: one agency, those that end after an instant, those that begin before one."""

    agency = serializers.CharField(required=False, max_length=40)
    ends_after = InstantField(required=False)
    starts_before = InstantField(required=False)


class PlanShifts(StrictSerializer):
    """Whom to put on duty when; `repeat` says how far apart the `times` shifts are, at the same hours of the desk."""

    agency = serializers.CharField(max_length=40)
    person = serializers.UUIDField()
    starts_at = InstantField()
    ends_at = InstantField()
    repeat = serializers.ChoiceField(choices=list(DAYS_APART), required=False, default="", allow_blank=True)
    times = serializers.IntegerField(min_value=1, max_value=MOST_REPEATS, required=False, default=1)


class PlannedSerializer(serializers.Serializer):
    """The shifts that were made."""

    shifts = serializers.ListField(child=serializers.UUIDField())


class OverrideShift(StrictSerializer):
    """What is different in a part of a shift; a swap names who takes it over."""

    kind = serializers.ChoiceField(choices=OverrideKind.choices)
    starts_at = InstantField()
    ends_at = InstantField()
    replacement = serializers.UUIDField(required=False, allow_null=True, default=None)


class SwitchRoster(StrictSerializer):
    """Whether the desk goes by its roster from now on."""

    keeps_roster = serializers.BooleanField()


class OwnDesks(ResourceViewSet):
    """Rows of the agencies that the person acts for; a roster holds nothing of a case, so no read is recorded."""

    def read(self, objects: Iterable[Model], case_id: Any = None) -> None:
        """Record nothing, as on the page."""


class RosterShiftViewSet(Listed, OwnDesks):
    """Shifts on the rosters of the person's agencies; what was taken off is left out."""

    model = RosterShift
    serializer_class = RosterShiftSerializer
    query_class = ShiftQuery

    def get_queryset(self) -> QuerySet[Any]:
        """Return the standing shifts of every agency that the person acts for."""
        if getattr(self, "swagger_fake_view", False):
            return RosterShift.objects.none()
        standing = ShiftOverride.objects.filter(removed_at__isnull=True).select_related("replacement")
        rows = RosterShift.objects.filter(agency__in=access.acting_agency_ids(self.user), removed_at__isnull=True)
        return rows.select_related("agency", "person").prefetch_related(
            Prefetch("overrides", queryset=standing, to_attr="standing")
        )

    def filtered(self, rows: QuerySet[Any]) -> QuerySet[Any]:
        """Narrow by agency and hours."""
        query = self.query
        named = {"agency": "agency__code", "ends_after": "ends_at__gt", "starts_before": "starts_at__lt"}
        return rows.filter(**{column: query[name] for name, column in named.items() if name in query})

    @extend_schema(parameters=[ShiftQuery])
    def list(self, request: Request) -> Response:
        """Return one page of shifts, the newest planned first."""
        return super().list(request)

    @extend_schema(responses=RosterShiftSerializer)
    def retrieve(self, request: Request, pk: str) -> Response:
        """Return one shift."""
        return Response(self.get_serializer(self.get_object()).data)

    @extend_schema(request=PlanShifts, responses={201: PlannedSerializer})
    def create(self, request: Request) -> Response:
        """Put a person on duty, once or several times."""
        self.require(access.agency_ids(self.user, Capability.PLAN_DUTY))

        def perform() -> Any:
            values = self.checked(PlanShifts)
            agency = Agency.objects.filter(code=values.pop("agency")).first()
            self.require(agency is not None and can_plan_duty(self.user, agency))
            assert agency is not None  # noqa: S101  required above
            person = _colleague(agency, values.pop("person"), "person")
            made = plan_shifts(agency=agency, person=person, by=self.user, **values)
            return {"shifts": [str(shift.pk) for shift in made]}

        return self.act(perform, status=201)

    @extend_schema(request=NoBody, responses=RosterShiftSerializer)
    @action(detail=True, methods=["post"])
    def remove(self, request: Request, pk: str) -> Response:
        """Take a shift off the roster."""
        shift = self.get_object()
        self.require(can_plan_duty(self.user, shift.agency_id))

        def perform() -> Any:
            self.checked(NoBody)
            answer = self.get_serializer(shift).data
            remove_shift(shift=shift, by=self.user)
            return answer

        return self.act(perform)

    @extend_schema(request=OverrideShift, responses={201: ShiftOverrideSerializer})
    @action(detail=True, methods=["post"])
    def override(self, request: Request, pk: str) -> Response:
        """Let somebody else be on duty in a part of a shift, or nobody."""
        shift = self.get_object()
        self.require(can_plan_duty(self.user, shift.agency_id))

        def perform() -> Any:
            values = self.checked(OverrideShift)
            named = values.pop("replacement")
            replacement = _colleague(shift.agency, named, "replacement") if named else None
            made = override_shift(shift=shift, by=self.user, replacement=replacement, **values)
            return ShiftOverrideSerializer(made).data

        return self.act(perform, status=201)


class ShiftOverrideViewSet(OwnDesks):
    """Changes of shifts at the person's desks."""

    model = ShiftOverride
    serializer_class = ShiftOverrideSerializer

    def get_queryset(self) -> QuerySet[Any]:
        """Return the standing changes of every agency that the person acts for."""
        if getattr(self, "swagger_fake_view", False):
            return ShiftOverride.objects.none()
        own = access.acting_agency_ids(self.user)
        rows = ShiftOverride.objects.filter(shift__agency__in=own, removed_at__isnull=True)
        return rows.select_related("shift__agency", "replacement")

    @extend_schema(responses=ShiftOverrideSerializer)
    def retrieve(self, request: Request, pk: str) -> Response:
        """Return one change."""
        return Response(self.get_serializer(self.get_object()).data)

    @extend_schema(request=NoBody, responses=ShiftOverrideSerializer)
    @action(detail=True, methods=["post"], url_path="take-back")
    def take_back(self, request: Request, pk: str) -> Response:
        """Take a change back: who was planned is on duty again."""
        found = self.get_object()
        self.require(can_plan_duty(self.user, found.shift.agency_id))

        def perform() -> Any:
            self.checked(NoBody)
            take_back(override=found, by=self.user)
            return self.get_serializer(found).data

        return self.act(perform)


class RosterViewSet(OwnDesks):
    """The desks of the person's agencies, by the agency's code."""

    model = Agency
    serializer_class = RosterSerializer
    lookup_field = "code"
    lookup_value_regex = "[-A-Za-z0-9_]+"

    def get_queryset(self) -> QuerySet[Any]:
        """Return the agencies that the person acts for."""
        if getattr(self, "swagger_fake_view", False):
            return Agency.objects.none()
        return Agency.objects.filter(pk__in=access.acting_agency_ids(self.user))

    @extend_schema(operation_id="rosters_retrieve", responses=RosterSerializer)
    def retrieve(self, request: Request, code: str) -> Response:
        """Return who is on duty now and which hours nobody covers."""
        return Response(self._shown(self.get_object()))

    @extend_schema(operation_id="rosters_switch", request=SwitchRoster, responses=RosterSerializer)
    @action(detail=True, methods=["post"])
    def switch(self, request: Request, code: str) -> Response:
        """Say whether the desk goes by its roster from now on."""
        agency = self.get_object()
        self.require(can_plan_duty(self.user, agency))

        def perform() -> Any:
            is_on = self.checked(SwitchRoster)["keeps_roster"]
            (go_by_roster if is_on else go_without_roster)(agency=agency, by=self.user)
            return self._shown(agency)

        return self.act(perform)

    def _shown(self, agency: Agency) -> Any:
        now = timezone.now()
        duty = who_is_on_duty(agency, now)
        gaps = gaps_of(agency, now) if agency.keeps_roster else []
        return RosterSerializer(
            {
                "agency": agency.code,
                "keeps_roster": agency.keeps_roster,
                "is_manned": duty.is_manned,
                "on_duty": duty.people,
                "gaps": [{"starts_at": begins, "ends_at": ends} for begins, ends in gaps],
                "people": access.people_with(agency, Capability.ANSWER_REQUESTS).order_by("full_name", "pk"),
            }
        ).data


def _colleague(agency: Agency, key: Any, name: str) -> User:
    """Return somebody who may answer requests there; anybody else is as unknown as nobody."""
    person = access.people_with(agency, Capability.ANSWER_REQUESTS).filter(pk=key).first()
    if person is None:
        raise serializers.ValidationError({name: [_("Nobody with this id can be on duty at this desk.")]})
    return person
