"""The history of the fields of a case, through the API."""

from __future__ import annotations

from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from agencies import audit
from agencies.api.pages import PageQuery, bad_key
from cases import permissions
from cases.accesses import HISTORY_READ
from cases.history import KINDS, WHAT, history_of


class FieldChangeSerializer(serializers.Serializer):
    """One field: both values in the reader's words, empty for nothing."""

    name = serializers.CharField()
    label = serializers.CharField()
    before = serializers.CharField(allow_blank=True)
    after = serializers.CharField(allow_blank=True)


class HistoryEntrySerializer(serializers.Serializer):
    """One version of one row."""

    at = serializers.DateTimeField()
    kind = serializers.ChoiceField(choices=sorted(KINDS))
    object_id = serializers.UUIDField()
    what = serializers.ChoiceField(choices=list(WHAT), source="label")
    subject = serializers.CharField()
    person = serializers.CharField(allow_blank=True, help_text="Empty for the portal itself.")
    agencies = serializers.CharField(allow_blank=True)
    changes = FieldChangeSerializer(many=True)


class HistoryPageSerializer(serializers.Serializer):
    """Some versions, newest first."""

    results = HistoryEntrySerializer(many=True, source="rows")
    after = serializers.CharField(allow_blank=True, help_text="Key of the next page; empty on the last.")


class HistoryActions:
    """The address under one case."""

    @extend_schema(parameters=[PageQuery], responses=HistoryPageSerializer)
    @action(detail=True, methods=["get"], pagination_class=None)
    def history(self: Any, request: Request, pk: str) -> Response:
        """Return who changed which fact when, from what to what."""
        case = self.get_object()
        self.require(permissions.can_read_history(self.user, case))
        asked = PageQuery(data=request.query_params)
        asked.is_valid(raise_exception=True)
        query = asked.validated_data
        try:
            page = history_of(case, reader=self.user, after=query["after"], size=query["limit"])
        except ValueError as error:
            raise bad_key() from error
        audit.record_read(by=self.user, objects=[case, *page.shown()], case_id=case.pk, action=HISTORY_READ)
        return Response(HistoryPageSerializer(page).data)
