"""Who viewed a case, and why somebody sees it or does not, through the API."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext_lazy as _
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from agencies import audit
from agencies.api.pages import bad_key
from agencies.choices import AuditPurpose
from cases import permissions
from cases.accesses import accesses_of
from cases.why_seen import explain, people_to_ask_about


class AccessSerializer(serializers.Serializer):
    """One look: who, for which agencies, when, at what, through which door, for what purpose."""

    at = serializers.DateTimeField()
    person = serializers.CharField(allow_blank=True)
    agencies = serializers.CharField(allow_blank=True)
    what = serializers.CharField()
    channel = serializers.CharField()
    purpose = serializers.CharField(allow_blank=True)


class AccessPageSerializer(serializers.Serializer):
    """Some looks, newest first."""

    results = AccessSerializer(many=True, source="rows")
    after = serializers.CharField(allow_blank=True, help_text="Key of the next page; empty on the last.")


class AccessQuery(serializers.Serializer):
    """Which page of looks."""

    after = serializers.CharField(required=False, default="", allow_blank=True, max_length=200)


class WhyQuery(serializers.Serializer):
    """About whom is asked; without a person about oneself."""

    person = serializers.UUIDField(required=False)


class ChainSerializer(serializers.Serializer):
    """One membership of the person and how far it leads; `missing` says in words which links do not hold."""

    agency = serializers.CharField(source="membership.agency.code")
    role = serializers.CharField(source="membership.role")
    valid_from = serializers.DateTimeField(source="membership.valid_from")
    valid_until = serializers.DateTimeField(source="membership.valid_until", allow_null=True)
    level = serializers.CharField(source="share.level", default=None, allow_null=True)
    purpose = serializers.CharField(source="share.purpose", default=None, allow_null=True)
    granted_at = serializers.DateTimeField(source="share.granted_at", default=None, allow_null=True)
    until = serializers.DateTimeField(source="share.until", default=None, allow_null=True)
    leads_to_case = serializers.BooleanField()
    missing = serializers.ListField(child=serializers.CharField())


class ExplanationSerializer(serializers.Serializer):
    """Whether one person sees one case now, and every chain that leads there or breaks off."""

    person = serializers.UUIDField(source="person.pk")
    sees = serializers.BooleanField()
    chains = ChainSerializer(many=True)


class AccessActions:
    """The addresses under one case."""

    @extend_schema(parameters=[AccessQuery], responses=AccessPageSerializer)
    @action(detail=True, methods=["get"], pagination_class=None)
    def accesses(self: Any, request: Request, pk: str) -> Response:
        """Return who was shown something of the case, newest first; asking is a read with oversight as its purpose."""
        case = self.get_object()
        self.require(permissions.can_read_accesses(self.user, case))
        asked = AccessQuery(data=request.query_params)
        asked.is_valid(raise_exception=True)
        try:
            page = accesses_of(case, reader=self.user, after=asked.validated_data["after"])
        except ValueError as error:
            raise bad_key() from error
        audit.record_read(by=self.user, objects=[case], case_id=case.pk, purpose=AuditPurpose.OVERSIGHT)
        return Response(AccessPageSerializer(page).data)

    @extend_schema(parameters=[WhyQuery], responses=ExplanationSerializer)
    @action(detail=True, methods=["get"], url_path="why-seen", pagination_class=None)
    def why_seen(self: Any, request: Request, pk: str) -> Response:
        """Return why a person sees the case, or which link is missing; asking is recorded."""
        case = self.get_object()
        self.require(permissions.can_explain_sight(self.user, case))
        asked = WhyQuery(data=request.query_params)
        asked.is_valid(raise_exception=True)
        wanted = asked.validated_data.get("person", self.user.pk)
        person = people_to_ask_about(self.user, case).filter(pk=wanted).first()
        if person is None:
            raise serializers.ValidationError({"person": [_("This is nobody about whom you may ask here.")]})
        self.read([case], case.pk)
        explanation = explain(person, case, reader=self.user)
        audit.record("case.sight_explained", by=self.user, objects=[person], case_id=case.pk)
        return Response(ExplanationSerializer(explanation).data)
