"""Which agencies are on a case, and sharing it by hand, through the API."""

from __future__ import annotations

from copy import copy
from typing import Any

from django.http import HttpResponse
from django.shortcuts import get_object_or_404
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from agencies import audit
from agencies.api.fields import DirectoryField
from agencies.api.serializers import RowSerializer, StrictSerializer
from agencies.models import Agency
from cases import permissions
from cases.choices import SHARED_BY_HAND, AccessPurpose
from cases.models import CaseAccess
from cases.services import sharing

from .parts import PartKeys
from .serializers import CaseDetailSerializer


class ShareSerializer(RowSerializer):
    """One agency on a case: what it may do, why, who granted it for which agency, until when."""

    agency = serializers.CharField(source="agency.code", read_only=True)
    granted_for = serializers.CharField(source="granted_for.code", read_only=True, default=None)

    class Meta:
        model = CaseAccess
        fields = ("agency", "level", "purpose", "granted_at", "granted_for", "until", "is_valid")
        read_only_fields = fields


class ShareCase(StrictSerializer):
    """With whom, to do what, why, for how many hours (at most 90 days), and which police-only parts go along."""

    agency = DirectoryField(queryset=Agency.objects.active())
    level = serializers.ChoiceField(choices=sharing.SHARED_LEVELS)
    purpose = serializers.ChoiceField(choices=[(value, AccessPurpose(value).label) for value in SHARED_BY_HAND])
    hours = serializers.IntegerField(min_value=1, max_value=sharing.MOST_HOURS)
    parts = PartKeys(required=False, default=list, help_text="Keys of police-only parts, as `/parts/` names them.")


class EndShare(StrictSerializer):
    """Whose share is withdrawn."""

    agency = DirectoryField(queryset=Agency.objects.all())


class SharingActions:
    """The addresses under one case."""

    @extend_schema(methods=["get"], request=None, responses=ShareSerializer(many=True))
    @extend_schema(methods=["post"], request=ShareCase, responses={201: ShareSerializer})
    @action(detail=True, methods=["get", "post"], pagination_class=None)
    def shares(self: Any, request: Request, pk: str) -> Response:
        """Return the agencies that are or were on the case, or share it with one more."""
        case = self.get_object()
        self.require(permissions.can_share(self.user, case))
        if request.method != "POST":
            rows = sharing.shares_of(case)
            self.read(rows, case.pk)
            return Response(ShareSerializer(rows, many=True).data)

        def perform() -> Any:
            return ShareSerializer(sharing.share_by_hand(case=case, by=self.user, **self.checked(ShareCase))).data

        return self.act(perform, status=201)

    @extend_schema(request=ShareCase, responses=CaseDetailSerializer)
    @action(detail=True, methods=["post"], url_path="preview-share")
    def preview_share(self: Any, request: Request, pk: str) -> Response:
        """Return the case as somebody of that agency who only reads will see it; nothing of it is kept."""
        case = self.get_object()
        self.require(permissions.can_share(self.user, case))
        values, as_they = self.checked(ShareCase), copy(self)
        shown: dict[str, Any] = {}

        def draw() -> HttpResponse:
            shown.update(as_they.retrieve(as_they.request, pk).data)
            return HttpResponse()

        with sharing.as_they_will_see(case=case, by=self.user, **values) as reader:
            as_they.action, as_they.request = "retrieve", Request(copy(request._request))
            as_they.request.user = reader
            audit.as_one_answer(draw)  # an answer of its own: its event is rolled back with it
        audit.record("case.share_previewed", by=self.user, objects=[values["agency"]], case_id=case.pk)
        return Response(shown)

    @extend_schema(request=EndShare, responses=ShareSerializer)
    @action(detail=True, methods=["post"], url_path="end-share")
    def end_share(self: Any, request: Request, pk: str) -> Response:
        """Withdraw a share at once."""
        case = self.get_object()
        self.require(permissions.can_share(self.user, case))

        def perform() -> Any:
            rows = CaseAccess.objects.filter(case=case).select_related("case", "agency", "granted_for")
            share = get_object_or_404(rows, agency=self.checked(EndShare)["agency"])
            sharing.end_share(share=share, by=self.user)
            return ShareSerializer(share).data

        return self.act(perform)
