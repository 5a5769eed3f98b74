"""Duties of one's own programs: what is still to be done, and its discharge."""

from __future__ import annotations

from typing import Any

from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from agencies.api.fields import ProgramField
from agencies.api.pages import PageQuery
from agencies.api.serializers import RowSerializer, StrictSerializer
from agencies.api.views import Listed, ResourceViewSet
from alerts import permissions, workflow
from alerts.choices import DutyKind, DutyOutcome, DutyStatus
from alerts.models import Duty
from alerts.services.discharge import discharge
from cases.api.fields import CodeValueField


class DutyQuery(PageQuery):
    """How a list of duties is narrowed."""

    case = serializers.UUIDField(required=False)
    status = serializers.ListField(child=serializers.ChoiceField(choices=DutyStatus.choices), required=False)
    kind = serializers.ListField(child=serializers.ChoiceField(choices=DutyKind.choices), required=False)


class DutySerializer(RowSerializer):
    """One duty with its clock."""

    kind_label = serializers.CharField(source="get_kind_display", read_only=True)
    program = ProgramField(read_only=True)
    case = serializers.UUIDField(source="case_id", read_only=True)
    alert = serializers.UUIDField(source="alert_id", read_only=True, allow_null=True)
    request = serializers.UUIDField(source="request_id", read_only=True, allow_null=True)

    class Meta:
        model = Duty
        fields = (
            "id", "kind", "kind_label", "status", "program", "case", "alert", "request", "created_at", "due_at",
            "discharged_at", "outcome", "reason",
        )  # fmt: skip
        read_only_fields = fields


class DischargeDuty(StrictSerializer):
    """Done, or refused with a coded reason."""

    outcome = serializers.ChoiceField(choices=DutyOutcome.choices)
    reason = CodeValueField(list_name="duty_refusal", required=False, default="", allow_blank=True)

    def validate(self, values: dict[str, Any]) -> dict[str, Any]:
        """Refuse a refusal without a reason, and a reason for what was done."""
        is_refusal = values["outcome"] == DutyOutcome.REFUSED
        if is_refusal and not values["reason"]:
            raise serializers.ValidationError({"reason": [_("A refusal needs a reason.")]})
        if not is_refusal and values["reason"]:
            raise serializers.ValidationError({"reason": [_("Only a refusal has a reason.")]})
        return values


class DutyViewSet(Listed, ResourceViewSet):
    """Duties of the person's own programs; another program's are its own affair."""

    model = Duty
    serializer_class = DutySerializer
    query_class = DutyQuery
    machines = (workflow.DUTY,)

    def shaped(self, rows: QuerySet[Any]) -> QuerySet[Any]:
        """Bring along what the answer names."""
        return rows.select_related("program__agency", "case", "alert", "request")

    def filtered(self, rows: QuerySet[Any]) -> QuerySet[Any]:
        """Narrow by case, status and kind."""
        query = self.query
        if "case" in query:
            rows = rows.filter(case=query["case"])
        for name in ("status", "kind"):
            if query.get(name):
                rows = rows.filter(**{f"{name}__in": query[name]})
        return rows

    @extend_schema(parameters=[DutyQuery])
    def list(self, request: Request) -> Response:
        """Return one page of duties, the newest first."""
        return super().list(request)

    def retrieve(self, request: Request, pk: str) -> Response:
        """Return one duty; it is recorded as read."""
        duty = self.get_object()
        self.read([duty], duty.case_id)
        return Response(self.get_serializer(duty).data)

    @extend_schema(request=DischargeDuty, responses=DutySerializer)
    @action(detail=True, methods=["post"])
    def discharge(self, request: Request, pk: str) -> Response:
        """Discharge a duty; some are discharged only by the act that they ask for."""
        duty = self.get_object()
        self.require(permissions.can_discharge(self.user, duty))

        def perform() -> Any:
            discharge(duty=duty, by=self.user, **self.checked(DischargeDuty))
            return self.get_serializer(self.get_object()).data

        return self.act(perform)
