"""What an agency keeps of requests whose case it no longer reads. Read only (U35)."""

from __future__ import annotations

from typing import Any

from django.db.models import QuerySet
from django.urls import reverse
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from agencies.api.fields import ProgramField
from agencies.api.serializers import RowSerializer
from agencies.api.views import Listed, ResourceViewSet
from alerts.models import KeptRequest


class KeptRequestSerializer(RowSerializer):
    """A kept request without its sheet. `request` and `case` are ids that the agency no longer reads."""

    agency = serializers.CharField(source="agency.code", read_only=True)
    program = ProgramField(read_only=True)
    handed_on_to = ProgramField(read_only=True)
    requesting_agency = serializers.CharField(source="requesting_agency.code", read_only=True)
    request = serializers.UUIDField(source="request_id", read_only=True)
    case = serializers.UUIDField(source="case_id", read_only=True)

    class Meta:
        model = KeptRequest
        fields: tuple[str, ...] = (
            "id", "agency", "number", "request", "case", "program", "requesting_agency", "ended_as", "created_at",
            "sent_at", "receiver_reference", "decided_at", "handed_on_to", "decline_reason", "alternative",
            "decision_note", "withdrawal_reason", "sight_until",
        )  # fmt: skip
        read_only_fields = fields


class KeptRequestWhole(KeptRequestSerializer):
    """The same with the sheet as it was released, in the program's language; none if it was sent in error."""

    sheet = serializers.JSONField(read_only=True)
    photos = serializers.SerializerMethodField()

    def get_photos(self, item: KeptRequest) -> list[str]:
        """Return the addresses of the pictures of the sheet."""
        return [
            reverse("alerts:request-kept-photo", args=[item.pk, photo.place]) for photo in item.photos.defer("jpeg")
        ]

    class Meta(KeptRequestSerializer.Meta):
        fields = (*KeptRequestSerializer.Meta.fields, "sheet_language", "sheet", "photos")
        read_only_fields = fields


class KeptRequestViewSet(Listed, ResourceViewSet):
    """Requests that ended without an alert of the agency's own."""

    model = KeptRequest
    serializer_class = KeptRequestSerializer

    def shaped(self, rows: QuerySet[Any]) -> QuerySet[Any]:
        """Bring along the codes; the sheet only for one."""
        rows = rows.select_related("agency", "program", "requesting_agency")
        return rows if self.action == "retrieve" else rows.defer("sheet")

    @extend_schema(responses=KeptRequestWhole)
    def retrieve(self, request: Request, pk: str) -> Response:
        """Return one kept request with its sheet."""
        item = self.get_object()
        self.read([item], item.case_id)
        return Response(KeptRequestWhole(item).data)
