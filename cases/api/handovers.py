"""Handing a case over through the API: offering, and what the two sides do with an offer (ADR 64)."""

from __future__ import annotations

from typing import Any

from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from agencies.api.fields import DirectoryField
from agencies.api.serializers import NoBody, RowSerializer, StrictSerializer
from agencies.api.views import ResourceViewSet
from agencies.models import Agency
from cases import permissions, workflow
from cases.models import CaseHandover
from cases.services import handovers

from .fields import CodeValueField


class HandoverSerializer(RowSerializer):
    """An offer and what became of it. Notes stand on the page only."""

    case = serializers.UUIDField(source="case_id", read_only=True)
    from_agency = serializers.CharField(source="from_agency.code", read_only=True)
    to_agency = serializers.CharField(source="to_agency.code", read_only=True)
    keeps_level = serializers.CharField(read_only=True)
    is_for_one_person = serializers.SerializerMethodField()

    class Meta:
        model = CaseHandover
        fields = (
            "id", "case", "reference", "is_exercise", "status", "from_agency", "to_agency", "is_for_one_person",
            "reason", "keeps_level", "keeps_hours", "offered_at", "expires_at", "decided_at", "refusal",
        )  # fmt: skip
        read_only_fields = fields

    def get_is_for_one_person(self, offer: CaseHandover) -> bool:
        """Say whether one named person accepts or refuses."""
        return offer.to_person_id is not None


class OfferCase(StrictSerializer):
    """To which agency, in it to whom (an e-mail address, or empty), why, for how many hours, and what is kept."""

    agency = DirectoryField(queryset=Agency.objects.active())
    person = serializers.EmailField(required=False, allow_blank=True, default="", max_length=254)
    reason = CodeValueField(list_name="handover_reason")
    note = serializers.CharField(required=False, allow_blank=True, default="", max_length=1000)
    hours = serializers.IntegerField(min_value=1, max_value=handovers.MOST_OFFERED_HOURS)
    keeps_level = serializers.ChoiceField(choices=handovers.KEPT_LEVELS, required=False, allow_blank=True, default="")
    keeps_hours = serializers.IntegerField(
        min_value=0, max_value=handovers.MOST_HOURS, required=False, default=handovers.USUAL_HOURS_KEPT
    )

    def validate(self, values: dict[str, Any]) -> dict[str, Any]:
        """Turn the address into the person. Refuses one that cannot take a case over for that agency."""
        address = values["person"]
        values["person"] = handovers.recipient_named(values["agency"], address) if address else None
        if address and values["person"] is None:
            message = _("Nobody with this address can take a case over for that agency.")
            raise serializers.ValidationError({"person": [message]})
        return values


class RefuseHandover(StrictSerializer):
    """Why the case is not taken over."""

    refusal = CodeValueField(list_name="handover_refusal")
    note = serializers.CharField(required=False, allow_blank=True, default="", max_length=1000)


class HandoverActions:
    """The addresses under one case."""

    @extend_schema(methods=["get"], request=None, responses=HandoverSerializer(many=True))
    @extend_schema(methods=["post"], request=OfferCase, responses={201: HandoverSerializer})
    @action(detail=True, methods=["get", "post"], pagination_class=None)
    def handovers(self: Any, request: Request, pk: str) -> Response:
        """Return the offers of the case, or offer it to another agency; until it accepts nothing changes."""
        case = self.get_object()
        self.require(permissions.can_offer_case(self.user, case))
        if request.method != "POST":
            rows = CaseHandover.objects.visible_to(self.user).filter(case=case)  # type: ignore[attr-defined]
            found = list(rows.select_related("from_agency", "to_agency"))
            self.read(found, case.pk)
            return Response(HandoverSerializer(found, many=True).data)

        def perform() -> Any:
            return HandoverSerializer(handovers.offer_case(case=case, by=self.user, **self.checked(OfferCase))).data

        return self.act(perform, status=201)


class HandoverViewSet(ResourceViewSet):
    """Offers of the person's agencies, and to them or to this person."""

    model = CaseHandover
    serializer_class = HandoverSerializer
    machines = (workflow.HANDOVER,)

    def shaped(self, rows: QuerySet[Any]) -> QuerySet[Any]:
        """Bring along what the answer names."""
        return rows.select_related("from_agency", "to_agency")

    @extend_schema(responses=HandoverSerializer)
    def retrieve(self, request: Request, pk: str) -> Response:
        """Return one offer; it is recorded as read."""
        offer = self.get_object()
        self.read([offer], offer.case_id)
        return Response(self.get_serializer(offer).data)

    @extend_schema(request=NoBody, responses=HandoverSerializer)
    @action(detail=True, methods=["post"])
    def accept(self, request: Request, pk: str) -> Response:
        """Take the case over: from now on the own agency leads it and answers for what is open in it."""
        return self._end(
            permissions.can_decide_handover, NoBody, lambda offer, _values: handovers.accept_handover(
                handover=offer, by=self.user
            ),
        )  # fmt: skip

    @extend_schema(request=RefuseHandover, responses=HandoverSerializer)
    @action(detail=True, methods=["post"])
    def refuse(self, request: Request, pk: str) -> Response:
        """Refuse the case for a coded reason; it stays with the agency that offered it."""
        return self._end(
            permissions.can_decide_handover, RefuseHandover, lambda offer, values: handovers.refuse_handover(
                handover=offer, by=self.user, **values
            ),
        )  # fmt: skip

    @extend_schema(request=NoBody, responses=HandoverSerializer)
    @action(detail=True, methods=["post"])
    def withdraw(self, request: Request, pk: str) -> Response:
        """Take an offer back."""
        return self._end(
            permissions.can_withdraw_handover, NoBody, lambda offer, _values: handovers.withdraw_handover(
                handover=offer, by=self.user
            ),
        )  # fmt: skip

    def _end(self, permitted: Any, body: type[serializers.Serializer], act: Any) -> Response:
        offer = self.get_object()
        self.require(permitted(self.user, offer))

        def perform() -> Any:
            act(offer, self.checked(body))
            return self.get_serializer(self.get_object()).data

        return self.act(perform)
