"""The description of the API (OpenAPI 3), for people who have signed in."""

from __future__ import annotations

from typing import Any, Literal

from drf_spectacular.openapi import AutoSchema
from drf_spectacular.utils import OpenApiParameter, OpenApiResponse, extend_schema
from drf_spectacular.views import SpectacularJSONAPIView
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from agencies.acting_choice import HEADER

from .problems import PROBLEM_TYPE

IDEMPOTENCY_KEY = OpenApiParameter(
    "Idempotency-Key",
    str,
    OpenApiParameter.HEADER,
    description="At most 80 characters of your choice. A repeat under the same key is not performed again: it gets the"
    " first answer with `Idempotency-Replayed: true`. The same key with another body is refused with 409.",
)
ACTING_AGENCY = OpenApiParameter(
    HEADER,
    str,
    OpenApiParameter.HEADER,
    description="The code of the agency that you act for, where you hold roles in several. It counts for this request;"
    " without it the choice made in the session does, and with neither an act is refused with 409"
    " `agency_not_chosen`. What you see is not narrowed.",
)
PROBLEMS = {
    "400": "Not valid; `errors` says what, by field.",
    "401": "Not signed in.",
    "404": "Missing or forbidden: the answers are the same.",
    "409": "Refused by a rule or by the present state; `allowed` names the steps that are possible now.",
}


class AllowedStep(serializers.Serializer):
    """A step that is possible now."""

    step = serializers.CharField()
    label = serializers.CharField()


class Problem(serializers.Serializer):
    """Why something was refused. `code` is stable, `detail` is for people and in their language."""

    status = serializers.IntegerField()
    code = serializers.CharField()
    detail = serializers.CharField()
    errors = serializers.DictField(required=False)
    state = serializers.CharField(required=False)
    allowed = AllowedStep(many=True, required=False)


class ApiSchema(AutoSchema):
    """Adds to every operation what every operation has: the key of unsafe ones, and the problems."""

    def get_override_parameters(self) -> list[Any]:
        """Return the headers: who acts, and the key of unsafe methods."""
        return [ACTING_AGENCY, *([IDEMPOTENCY_KEY] if self.method in ("POST", "PATCH") else [])]

    def _get_response_bodies(self, direction: Literal["request", "response"] = "response") -> dict[str, Any]:
        bodies: dict[str, Any] = super()._get_response_bodies(direction)
        for status, description in PROBLEMS.items():
            if status == "409" and self.method == "GET":
                continue
            answer = OpenApiResponse(Problem, description)
            bodies.setdefault(status, self._get_response_for_code(answer, status, [PROBLEM_TYPE], direction))
        return bodies


class SchemaView(SpectacularJSONAPIView):
    """Serves the description as JSON. Takes no parameters: version and language are not chosen by the address."""

    @extend_schema(exclude=True)
    def get(self, request: Request) -> Response:
        """Return the description of this version."""
        return self._get_schema_response(request)

    def _get_version_parameter(self, request: Request) -> None:
        return None
