"""The desk: what needs this person now, the same rows as on the page."""

from __future__ import annotations

from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from agencies import audit
from agencies.api.views import Acting
from alerts.desk_items import DeskItem, what_needs, what_rests
from alerts.statistics import corridors
from cases.api.corrections import CorrectionSerializer
from cases.api.drafts import DraftRow
from cases.api.serializers import CaseSerializer
from cases.choices import OPEN_CASE_STATUSES
from cases.models import CaseAccess, CaseDraft
from cases.services import corrections

CASES_SHOWN = 10


class DeskItemSerializer(serializers.Serializer):
    """One row: references and times, no description of a person."""

    kind = serializers.CharField()
    title = serializers.CharField()
    reference = serializers.CharField()
    about = serializers.CharField()
    url = serializers.CharField()
    act = serializers.CharField()
    since = serializers.DateTimeField(allow_null=True)
    due_at = serializers.DateTimeField(allow_null=True)
    is_late = serializers.BooleanField()
    is_exercise = serializers.BooleanField()

    def to_representation(self, item: DeskItem) -> dict[str, Any]:
        """Return the row with its page's whole address."""
        shown: dict[str, Any] = super().to_representation(item)
        return {**shown, "url": self.context["request"].build_absolute_uri(item.url)}


class CorridorSerializer(serializers.Serializer):
    """Open cases from one country toward another; 1 to 4 cases are shown as "<5"."""

    origin = serializers.CharField()
    destination = serializers.CharField()
    total = serializers.CharField()
    yours = serializers.IntegerField()


class DeskSerializer(serializers.Serializer):
    """What waits, what rests, drafts of intakes, the newest open cases, the corridors, and proposed corrections."""

    now = DeskItemSerializer(many=True)
    drafts = DeskItemSerializer(many=True)
    case_drafts = DraftRow(many=True)
    open_cases = CaseSerializer(many=True)
    corridors = CorridorSerializer(many=True)
    corrections_open = CorrectionSerializer(many=True)
    corrections_decided = CorrectionSerializer(many=True)


class DeskView(Acting, APIView):
    """The first page after sign-in, for machines."""

    @extend_schema(operation_id="desk_retrieve", responses=DeskSerializer)
    def get(self, request: Request) -> Response:
        """Return what needs this person now, the most urgent first; what is shown of cases is recorded as read."""
        page = CaseAccess.page(self.user, limit=CASES_SHOWN, statuses=OPEN_CASE_STATUSES)
        intakes = CaseDraft.objects.newest(self.user)  # type: ignore[attr-defined]
        audit.record_read(by=self.user, objects=page.cases)
        audit.record_read(by=self.user, objects=intakes)
        now, later = what_needs(self.user), what_rests(self.user)
        audit.record_read(by=self.user, objects=[item.row for item in (*now, *later)])
        proposed, decided = corrections.on_desk(self.user)
        audit.record_read(by=self.user, objects=[*proposed, *decided])
        desk = {
            "now": now,
            "drafts": later,
            "case_drafts": intakes,
            "open_cases": page.cases,
            "corridors": corridors(self.user),
            "corrections_open": proposed,
            "corrections_decided": decided,
        }
        return Response(DeskSerializer(desk, context={"request": request}).data)
