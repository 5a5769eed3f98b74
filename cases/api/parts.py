"""What of a case is police-only, and who was given it, through the API."""

from __future__ import annotations

from typing import Any

from drf_spectacular.utils import extend_schema, extend_schema_field
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from agencies.api.fields import DirectoryField
from agencies.api.serializers import RowSerializer, StrictSerializer
from agencies.models import Agency
from cases import permissions
from cases.choices import PartGroup, PartReason
from cases.models import PartRelease
from cases.services import parts

MOST_PARTS = 200


class PartKeys(serializers.ListField):
    """Keys of parts, as the list of parts names them."""

    child = serializers.CharField(max_length=90)
    max_length = MOST_PARTS


class PartSerializer(serializers.Serializer):
    """One part and how it stands: by whom, when and why, or by its kind."""

    key = serializers.CharField(read_only=True)
    subject_type = serializers.CharField(source="row._meta.model_name", read_only=True)
    subject_id = serializers.UUIDField(source="row.pk", read_only=True)
    group = serializers.ChoiceField(choices=PartGroup.choices, read_only=True)
    is_police_only = serializers.BooleanField(read_only=True)
    reason = serializers.CharField(source="mark.reason", read_only=True, default=None)
    marked_by = serializers.CharField(source="mark.marked_by.full_name", read_only=True, default=None)
    marked_at = serializers.DateTimeField(source="mark.marked_at", read_only=True, default=None)


class PartReleaseSerializer(RowSerializer):
    """One police-only part that an agency was given."""

    agency = serializers.CharField(source="agency.code", read_only=True)

    class Meta:
        model = PartRelease
        fields = ("id", "agency", "subject_type", "subject_id", "group", "reason", "given_at", "ended_at")
        read_only_fields = fields


class PartsSerializer(serializers.Serializer):
    """All parts of a case, and what was given to whom."""

    parts = serializers.SerializerMethodField()
    given = serializers.SerializerMethodField()

    @extend_schema_field(PartSerializer(many=True))
    def get_parts(self, shown: dict[str, Any]) -> Any:
        """Return the parts."""
        return PartSerializer(shown["parts"], many=True).data

    @extend_schema_field(PartReleaseSerializer(many=True))
    def get_given(self, shown: dict[str, Any]) -> Any:
        """Return what was given and not taken back."""
        return PartReleaseSerializer(shown["given"], many=True).data


class MarkParts(StrictSerializer):
    """Which parts stand how from now on, and why."""

    parts = PartKeys(allow_empty=False)
    is_police_only = serializers.BooleanField()
    reason = serializers.ChoiceField(choices=PartReason.choices)


class GiveParts(StrictSerializer):
    """Which police-only parts one agency on the case reads from now on."""

    agency = DirectoryField(queryset=Agency.objects.active())
    parts = PartKeys(allow_empty=False)
    reason = serializers.ChoiceField(choices=PartReason.choices, default=PartReason.OWN_LAW)


class TakeBackParts(StrictSerializer):
    """Which releases end now."""

    releases = serializers.ListField(child=serializers.UUIDField(), allow_empty=False, max_length=MOST_PARTS)


class PartActions:
    """The addresses under one case; they are the lead agency's."""

    @extend_schema(methods=["get"], request=None, responses=PartsSerializer)
    @extend_schema(methods=["post"], request=MarkParts, responses=PartsSerializer)
    @action(detail=True, methods=["get", "post"], pagination_class=None)
    def parts(self: Any, request: Request, pk: str) -> Response:
        """Return every part with its standing, or mark some as police-only or released."""
        case = self.get_object()
        self.require(permissions.can_mark_parts(self.user, case))
        if request.method != "POST":
            shown = _shown(case)
            rows = {part.row.pk: part.row for part in shown["parts"]}
            self.read([*rows.values(), *shown["given"]], case.pk)
            return Response(PartsSerializer(shown).data)

        def perform() -> Any:
            told = self.checked(MarkParts)
            parts.mark_parts(case=case, by=self.user, keys=told.pop("parts"), **told)
            return PartsSerializer(_shown(case)).data

        return self.act(perform)

    @extend_schema(request=GiveParts, responses={201: PartReleaseSerializer(many=True)})
    @action(detail=True, methods=["post"], url_path="give-parts")
    def give_parts(self: Any, request: Request, pk: str) -> Response:
        """Let one agency on the case read police-only parts."""
        case = self.get_object()
        self.require(permissions.can_mark_parts(self.user, case))

        def perform() -> Any:
            told = self.checked(GiveParts)
            given = parts.give_parts(case=case, by=self.user, keys=told.pop("parts"), **told)
            return PartReleaseSerializer(given, many=True).data

        return self.act(perform, status=201)

    @extend_schema(request=TakeBackParts, responses=PartReleaseSerializer(many=True))
    @action(detail=True, methods=["post"], url_path="take-back-parts")
    def take_back_parts(self: Any, request: Request, pk: str) -> Response:
        """Take police-only parts back from the agencies that were given them."""
        case = self.get_object()
        self.require(permissions.can_mark_parts(self.user, case))

        def perform() -> Any:
            taken = parts.take_back_parts(case=case, by=self.user, releases=self.checked(TakeBackParts)["releases"])
            return PartReleaseSerializer(taken, many=True).data

        return self.act(perform)


def _shown(case: Any) -> dict[str, Any]:
    return {"parts": parts.parts_of(case), "given": parts.releases_of(case)}
