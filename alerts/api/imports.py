"""A partner's CAP message as the body of a request."""

from __future__ import annotations

from typing import Any

from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from agencies import access
from agencies.api.parsing import CapParser
from agencies.api.problems import BadContent
from agencies.api.schema import IDEMPOTENCY_KEY
from agencies.api.views import Acting
from agencies.choices import Capability
from agencies.models import Agency
from alerts.cap.receive import CapRefused
from alerts.services.cap_import import import_cap
from cases.api.serializers import CaseSerializer

from .serializers import ImportQuery


class CaseImport(Acting, APIView):
    """Opens a draft case from a CAP message, which is kept byte for byte."""

    parser_classes = [CapParser]

    @extend_schema(
        operation_id="cases_import",
        parameters=[ImportQuery, IDEMPOTENCY_KEY],
        request={CapParser.media_type: OpenApiTypes.STR},
        responses={201: CaseSerializer},
    )
    def post(self, request: Request) -> Response:
        """Take a message in. Refuses what is hostile, too large, damaged or no CAP; then nothing is stored."""
        self.require(access.agency_ids(self.user, Capability.IMPORT_CASES))
        return self.act(self._import, status=201)

    def _import(self) -> Any:
        raw = self.request.data
        try:
            case = import_cap(raw=raw if isinstance(raw, bytes) else b"", by=self.user, agency=self._agency())
        except CapRefused as refusal:
            status = 413 if refusal.code == "too-large" else 400
            raise BadContent(f"cap-{refusal.code}", refusal.message, status) from refusal
        return CaseSerializer(case).data

    def _agency(self) -> Agency:
        query = ImportQuery(data=self.request.query_params, context={"request": self.request})
        query.is_valid(raise_exception=True)
        field: Any = query.fields["agency"]
        agency: Agency = query.validated_data.get("agency") or field.only_one()
        return agency
