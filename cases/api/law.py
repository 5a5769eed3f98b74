"""What was decided under the law of a case: the home program's decision, answers to criteria, legal opinions."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext_lazy as _
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from agencies.api.fields import ProgramField
from agencies.api.serializers import RowSerializer, StrictSerializer
from agencies.models import AlertProgram, CriteriaVersion
from agencies.refusals import ActRefused
from cases import permissions
from cases.choices import CriteriaAnswer, HomeOutcome
from cases.models import Assessment, AssessmentAnswer, HomeDecision, LegalReview
from cases.services.assessments import GivenAnswer, record_answers
from cases.services.home_decisions import decide_at_home, programs_to_decide

from .fields import CodeValueField
from .opinions import AskedElsewhereSerializer


class HomeDecisionSerializer(RowSerializer):
    """One decision of the home program; the first of a list counts."""

    program = serializers.CharField(source="program.code", read_only=True)
    decided_by = serializers.CharField(source="decided_by.full_name", read_only=True)

    class Meta:
        model = HomeDecision
        fields = (
            "id", "program", "outcome", "reason", "alternative", "decided_at", "decided_by", "facts_version",
            "is_own", "is_automatic",
        )  # fmt: skip
        read_only_fields = fields


class KeptAnswerSerializer(RowSerializer):
    """One officer's answer to one question."""

    answered_by = serializers.CharField(source="answered_by.full_name", read_only=True)

    class Meta:
        model = AssessmentAnswer
        fields = ("question", "answer", "reason", "reason_language", "answered_at", "answered_by")
        read_only_fields = fields


class AssessmentSerializer(RowSerializer):
    """One agency's answers under one criteria version, and whether a decision rests on them."""

    agency = serializers.CharField(source="agency.code", read_only=True)
    program = serializers.CharField(source="criteria.program.code", read_only=True)
    criteria_version = serializers.IntegerField(source="criteria.version", read_only=True)
    answers = KeptAnswerSerializer(many=True, read_only=True)

    class Meta:
        model = Assessment
        fields = ("id", "agency", "program", "criteria_version", "facts_version", "frozen_at", "answers")
        read_only_fields = fields


class ReviewSerializer(RowSerializer):
    """A legal review as far as it was released to the reader: a conclusion alone brings no grounds and no notes."""

    agency = serializers.CharField(source="agency.code", read_only=True)
    program = serializers.CharField(source="program.code", read_only=True, default="")
    is_whole = serializers.BooleanField(read_only=True)
    is_on_earlier_law = serializers.BooleanField(read_only=True)
    grounds = serializers.SerializerMethodField()
    notes = serializers.SerializerMethodField()

    class Meta:
        model = LegalReview
        fields = (
            "id", "agency", "program", "status", "question", "due_at", "opinion", "conclusion", "is_whole", "grounds",
            "notes", "language", "facts_version", "is_on_earlier_law", "given_at",
        )  # fmt: skip
        read_only_fields = fields

    def get_grounds(self, review: Any) -> str:
        """Return the grounds where they may be shown."""
        return str(review.grounds) if review.is_whole else ""

    def get_notes(self, review: Any) -> str:
        """Return the notes where they may be shown."""
        return str(review.notes) if review.is_whole else ""


class LawSerializer(serializers.Serializer):
    """Everything decided under the law of one case that the reader may see."""

    facts_version = serializers.IntegerField()
    home_decisions = HomeDecisionSerializer(many=True)
    assessments = AssessmentSerializer(many=True)
    legal_reviews = ReviewSerializer(many=True)
    asked_elsewhere = AskedElsewhereSerializer(many=True)


class GivenAnswerSerializer(StrictSerializer):
    """An answer as an officer gives it; an empty one takes an earlier one back."""

    question = serializers.SlugField(max_length=40)
    answer = serializers.ChoiceField(choices=CriteriaAnswer.choices, allow_blank=True)
    reason = serializers.CharField(required=False, default="", allow_blank=True, max_length=1000)


def by_question(rows: list[dict[str, str]]) -> dict[str, GivenAnswer]:
    """Return answers as the service takes them. Refuses a question that stands twice."""
    found = {row["question"]: GivenAnswer(row["answer"], row["reason"]) for row in rows}
    if len(found) != len(rows):
        raise serializers.ValidationError({"answers": [_("A question stands twice.")]})
    return found


class AnswersKept(serializers.Serializer):
    """The answer to answers: no reason and no name is kept for a repeat."""

    id = serializers.UUIDField()
    facts_version = serializers.IntegerField()


class AnswerCriteria(StrictSerializer):
    """Answers to the questions of one program's criteria in force."""

    program = ProgramField()
    answers = GivenAnswerSerializer(many=True, allow_empty=False)


class DecideAtHome(StrictSerializer):
    """The home program's decision; "not activated" needs a reason and an alternative."""

    program = ProgramField()
    outcome = serializers.ChoiceField(choices=HomeOutcome.choices)
    reason = CodeValueField(list_name="decline_reason", required=False, default="", allow_blank=True)
    alternative = CodeValueField(list_name="alternative", required=False, default="", allow_blank=True)
    seen = serializers.CharField(
        required=False, default=None, allow_null=True, allow_blank=True, max_length=36,
        help_text="The id of the newest decision that was read, empty for none: a newer one is not passed over.",
    )  # fmt: skip


class LawActions:
    """The addresses under one case."""

    @extend_schema(responses=LawSerializer)
    @action(detail=True, methods=["get"])
    def law(self: Any, request: Request, pk: str) -> Response:
        """Return decisions, answers and opinions; their ids are recorded as read."""
        case = self.get_object()
        decisions = HomeDecision.objects.visible_to(self.user).filter(case=case)  # type: ignore[attr-defined]
        assessments = Assessment.objects.visible_to(self.user).filter(case=case)  # type: ignore[attr-defined]
        asked = LegalReview.objects.asked_elsewhere_by(self.user).filter(case=case)  # type: ignore[attr-defined]
        reviews = LegalReview.objects.visible_to(self.user).with_staleness().filter(case=case)  # type: ignore[attr-defined]
        found = {
            "facts_version": case.facts_version,
            "home_decisions": list(decisions.select_related("program", "decided_by")),
            "assessments": list(
                assessments.select_related("agency", "criteria__program").prefetch_related("answers__answered_by")
            ),
            "legal_reviews": list(reviews.select_related("agency", "program")),
            "asked_elsewhere": list(asked.select_related("agency", "asking_agency")),
        }
        shown = (row for name in ("home_decisions", "assessments", "legal_reviews", "asked_elsewhere")
                 for row in found[name])  # fmt: skip
        self.read([case, *shown], case.pk)
        return Response(LawSerializer(found).data)

    @extend_schema(request=AnswerCriteria, responses=AnswersKept)
    @action(detail=True, methods=["post"], url_path="criteria-answers")
    def criteria_answers(self: Any, request: Request, pk: str) -> Response:
        """Answer questions of one program's criteria for the person's own agency."""
        case = self.get_object()
        self.require(permissions.can_assess(self.user, case))

        def perform() -> Any:
            values = self.checked(AnswerCriteria)
            kept = record_answers(
                case=case, criteria=criteria_of(values["program"]), by=self.user,
                answers=by_question(values["answers"]),
            )  # fmt: skip
            return AnswersKept(kept).data

        return self.act(perform)

    @extend_schema(request=DecideAtHome, responses={201: HomeDecisionSerializer})
    @action(detail=True, methods=["post"], url_path="home-decision")
    def home_decision(self: Any, request: Request, pk: str) -> Response:
        """Record what the home program decided."""
        case = self.get_object()
        self.require(bool(programs_to_decide(self.user, case)) or permissions.can_decide_at_home(self.user, case))

        def perform() -> Any:
            return HomeDecisionSerializer(decide_at_home(case=case, by=self.user, **self.checked(DecideAtHome))).data

        return self.act(perform, status=201)


def criteria_of(program: AlertProgram) -> CriteriaVersion:
    """Return the version in force. Refuses a program without one."""
    version = CriteriaVersion.in_force_for(program)
    if version is None:
        raise ActRefused(_("No criteria are recorded for this program."))
    return version
