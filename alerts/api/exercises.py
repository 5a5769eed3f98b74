"""How fast an exercise went."""

from __future__ import annotations

import uuid
from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from agencies import audit
from agencies.api.views import Acting
from alerts.exercise_scores import Part, Verdict, scores_of
from alerts.models import Alert
from alerts.views.finding import find_case


class ExerciseStepSerializer(serializers.Serializer):
    """One span, in whole seconds; `seconds` is null until it ends, `limit_seconds` where the program has no limit."""

    key = serializers.CharField(
        help_text="acknowledged, decided, request_activated; approved, activated; delivered_first, _median, _last; "
        "heard_first, _median, _last."
    )
    label = serializers.CharField()
    since = serializers.DateTimeField()
    until = serializers.DateTimeField(allow_null=True)
    seconds = serializers.SerializerMethodField()
    limit_seconds = serializers.SerializerMethodField()
    verdict = serializers.ChoiceField(choices=Verdict.choices)

    def get_seconds(self, step: Any) -> int | None:
        """Return how long it took."""
        return None if step.took is None else int(step.took.total_seconds())

    def get_limit_seconds(self, step: Any) -> int | None:
        """Return how long it may take."""
        return None if step.limit is None else int(step.limit.total_seconds())


class ExercisePartSerializer(serializers.Serializer):
    """One request or alert of the exercise."""

    kind = serializers.SerializerMethodField(help_text='"request" or "alert"')
    id = serializers.UUIDField(source="row.pk")
    number = serializers.CharField(source="row.number")
    program = serializers.CharField(source="row.program.code")
    status = serializers.CharField(source="row.status", read_only=True)
    messages = serializers.IntegerField()
    accepted = serializers.IntegerField()
    acknowledged = serializers.IntegerField()
    steps = ExerciseStepSerializer(many=True)

    def get_kind(self, part: Part) -> str:
        """Return which of the two it is."""
        return "alert" if isinstance(part.row, Alert) else "request"


class ExerciseScoresSerializer(serializers.Serializer):
    """The times of an exercise; of a real case no parts."""

    limits = serializers.IntegerField(source="limited", help_text="Steps with a limit that ended or missed it.")
    limits_met = serializers.IntegerField(source="met")
    parts = ExercisePartSerializer(many=True)


class ExerciseScoresView(Acting, APIView):
    """The times of an exercise, as far as the person may see its requests and alerts."""

    @extend_schema(operation_id="cases_exercise_scores", responses=ExerciseScoresSerializer)
    def get(self, request: Request, pk: uuid.UUID) -> Response:
        """Return them; 404 for a case that the person may not see."""
        case = find_case(self.user, pk)
        found = scores_of(case, self.user)
        audit.record_read(by=self.user, objects=[case, *found.rows], case_id=case.pk)
        return Response(ExerciseScoresSerializer(found).data)
