"""Deliveries: how each message of a program's alerts fares, and sending again what failed."""

from __future__ import annotations

from typing import Any

from django.db.models import QuerySet
from drf_spectacular.utils import extend_schema
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from agencies import access
from agencies.api.serializers import NoBody
from agencies.api.views import Listed, ResourceViewSet
from agencies.choices import Capability
from agencies.models import AlertProgram
from alerts import permissions
from alerts.models import Delivery
from alerts.services import sending_again

from .serializers import DeliveryDetailSerializer, DeliveryQuery, DeliverySerializer


class DeliveryViewSet(Listed, ResourceViewSet):
    """Deliveries of the alerts of one's own programs: whom another program tells is its own affair."""

    model = Delivery
    serializer_class = DeliverySerializer
    query_class = DeliveryQuery

    def shaped(self, rows: QuerySet[Any]) -> QuerySet[Any]:
        """Keep to programs that the person words or approves for, without the bytes of the messages."""
        own = access.agency_ids(self.user, Capability.COMPOSE_ALERTS) | access.agency_ids(
            self.user, Capability.APPROVE_ALERTS
        )
        rows = rows.filter(message__alert__program__in=AlertProgram.objects.run_by(own))
        rows = rows.select_related("message__alert", "recipient").defer(
            "message__xml", "message__texts", "message__references"
        )
        return rows.prefetch_related("tries") if self.action == "retrieve" else rows

    def filtered(self, rows: QuerySet[Any]) -> QuerySet[Any]:
        """Narrow by alert and state."""
        query = self.query
        if "alert" in query:
            rows = rows.filter(message__alert=query["alert"])
        return rows.filter(state__in=query["state"]) if query.get("state") else rows

    @extend_schema(parameters=[DeliveryQuery])
    def list(self, request: Request) -> Response:
        """Return one page of deliveries, the newest first."""
        return super().list(request)

    @extend_schema(responses=DeliveryDetailSerializer)
    def retrieve(self, request: Request, pk: str) -> Response:
        """Return one delivery with its tries."""
        delivery = self.get_object()
        self.read([delivery], delivery.message.alert.case_id)
        return Response(DeliveryDetailSerializer(delivery).data)

    @extend_schema(request=NoBody, responses=DeliverySerializer)
    @action(detail=True, methods=["post"], url_path="send-again")
    def send_again(self, request: Request, pk: str) -> Response:
        """Send a failed delivery once more, to the address that its recipient has now."""
        delivery = self.get_object()
        self.require(permissions.can_send_again(self.user, delivery.message.alert))

        def perform() -> Any:
            self.checked(NoBody)
            sending_again.send_one_again(row=delivery, by=self.user)
            return DeliverySerializer(self.get_queryset().get(pk=delivery.pk)).data

        return self.act(perform)
