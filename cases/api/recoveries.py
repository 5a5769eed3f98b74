"""Found children: the report, the words on identity, and "this is not the child"."""

from __future__ import annotations

from typing import Any

from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from agencies.api.fields import DirectoryField, InstantField, SubdivisionField
from agencies.api.serializers import RowSerializer, StrictSerializer
from agencies.api.views import ResourceViewSet
from agencies.models import Agency
from cases import permissions
from cases.access import working_on
from cases.disclosure import condition_code_shown
from cases.models import Case, Recovery
from cases.models.abduction import ZONE_CHOICES
from cases.services.recoveries import confirm_identity, reject_identity, report_located

from .facts import not_in_future
from .fields import CodeValueField


class RecoverySerializer(RowSerializer):
    """One report that a child was located; a death is not told before the family knows."""

    case = serializers.UUIDField(source="case_id", read_only=True)
    child = serializers.UUIDField(source="child_id", read_only=True)
    subdivision = SubdivisionField(read_only=True)
    condition = serializers.SerializerMethodField()
    holding_agency = serializers.CharField(source="holding_agency.code", read_only=True)
    confirmations = serializers.SerializerMethodField()

    class Meta:
        model = Recovery
        fields = (
            "id", "case", "child", "located_at", "time_zone", "place", "subdivision", "condition", "holding_agency",
            "confirmations", "reported_at", "confirmed_at", "ended_at", "end_reason",
        )  # fmt: skip
        read_only_fields = fields

    def get_condition(self, recovery: Recovery) -> str:
        """Return the code of the condition; "unknown" where a death is not to be told."""
        return condition_code_shown(recovery, self.context["request"].user)

    def get_confirmations(self, recovery: Recovery) -> int:
        """Return how many officers have confirmed; two are needed, one of the agency holding the child."""
        return len(recovery.confirmations.all())


class ReportLocated(StrictSerializer):
    """Where, when and in what condition the child was located, and who holds the child."""

    child = serializers.UUIDField()
    located_at = InstantField(validators=[not_in_future])
    time_zone = serializers.ChoiceField(choices=ZONE_CHOICES)
    place = serializers.CharField(max_length=160)
    subdivision = SubdivisionField()
    condition = CodeValueField(list_name="located_condition")
    holding_agency = DirectoryField(queryset=Agency.objects.all())


class ConfirmIdentity(StrictSerializer):
    """How identity was established."""

    method = CodeValueField(list_name="identity_method")


class RejectIdentity(StrictSerializer):
    """Why this is another child."""

    reason = CodeValueField(list_name="recovery_end_reason")


def report(view: Any, case: Case) -> dict[str, Any]:
    """Record a report and return it. Refuses a child that is not of the case, and a holder that is not on it."""
    values = view.checked(ReportLocated)
    child = case.children.filter(pk=values.pop("child")).first()
    if child is None:
        raise serializers.ValidationError({"child": [_("This is no child of the case.")]})
    if values["holding_agency"].pk not in working_on(case):
        message = _("The agency holding the child must be on the case, so that it can confirm identity.")
        raise serializers.ValidationError({"holding_agency": [message]})
    recovery = report_located(child=child, by=view.user, **values)
    shown: dict[str, Any] = RecoverySerializer(recovery, context={"request": view.request}).data
    return shown


class RecoveryViewSet(ResourceViewSet):
    """Reports of located children, for every agency on the case (U15)."""

    model = Recovery
    serializer_class = RecoverySerializer

    def shaped(self, rows: QuerySet[Any]) -> QuerySet[Any]:
        """Bring along what the answer names."""
        return rows.select_related("case", "child", "holding_agency").prefetch_related("confirmations")

    def retrieve(self, request: Request, pk: str) -> Response:
        """Return one report; it is recorded as read."""
        recovery = self.get_object()
        self.read([recovery], recovery.case_id)
        return Response(self.get_serializer(recovery).data)

    @extend_schema(request=ConfirmIdentity, responses=RecoverySerializer)
    @action(detail=True, methods=["post"])
    def confirm(self, request: Request, pk: str) -> Response:
        """Record one officer's word that this is the child; the second one withdraws everything public."""
        recovery = self.get_object()
        self.require(permissions.can_confirm_identity(self.user, recovery))

        def perform() -> Any:
            confirm_identity(recovery=recovery, by=self.user, **self.checked(ConfirmIdentity))
            return self.get_serializer(self.get_object()).data

        return self.act(perform)

    @extend_schema(request=RejectIdentity, responses=RecoverySerializer)
    @action(detail=True, methods=["post"])
    def reject(self, request: Request, pk: str) -> Response:
        """Record that this is another child: the search goes on."""
        recovery = self.get_object()
        self.require(permissions.can_reject_identity(self.user, recovery.child))

        def perform() -> Any:
            reject_identity(recovery=recovery, by=self.user, **self.checked(RejectIdentity))
            return self.get_serializer(self.get_object()).data

        return self.act(perform)
