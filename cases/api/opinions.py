"""Legal opinions through the API: asked inside the agency or elsewhere, given, sent back, released (U30)."""

from __future__ import annotations

from typing import Any

from django.shortcuts import get_object_or_404
from django.utils.translation import gettext_lazy as _
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
from cases.choices import ReleaseScope
from cases.models import Case, LegalReview
from cases.services import opinions
from cases.services.opinions import ask_again, ask_opinion, withdraw_question
from cases.services.questions_elsewhere import ask_elsewhere

from .fields import CodeValueField


class AskedElsewhereSerializer(RowSerializer):
    """A question that the reader's agency asked of another one: whether it was answered, never how (U30)."""

    agency = serializers.CharField(source="agency.code", read_only=True)
    asking_agency = serializers.CharField(source="asking_agency.code", read_only=True)

    class Meta:
        model = LegalReview
        fields = (
            "id", "agency", "asking_agency", "status", "question", "requested_at", "due_at", "facts_wanted",
            "sight_hours", "given_at",
        )  # fmt: skip
        read_only_fields = fields


class AskOpinion(StrictSerializer):
    """A question to the own agency's advisors, or to those of the agency that is named.

    That agency then reads the case until its answer and `sight_hours` after it.
    """

    question = CodeValueField(list_name="legal_question")
    hours = serializers.FloatField(min_value=0.5, max_value=720)
    agency = DirectoryField(queryset=Agency.objects.active(), required=False, default=None)
    sight_hours = serializers.IntegerField(min_value=0, max_value=720, required=False, default=0)


class QuestionKept(serializers.Serializer):
    """The answer to a question that was asked or withdrawn."""

    id = serializers.UUIDField(read_only=True)
    status = serializers.CharField(read_only=True)


class WithdrawQuestion(StrictSerializer):
    """Which question is taken back."""

    review = serializers.UUIDField()


class AskAgain(WithdrawQuestion):
    """Which question is asked anew, and its new deadline."""

    hours = serializers.FloatField(min_value=0.5, max_value=720)


class RecordOpinion(StrictSerializer):
    """An opinion on the facts and criteria as they are now; conditions are named in `conclusion`."""

    opinion = CodeValueField(list_name="opinion")
    grounds = serializers.CharField(max_length=8000)
    conclusion = serializers.CharField(required=False, default="", allow_blank=True, max_length=2000)
    notes = serializers.CharField(required=False, default="", allow_blank=True, max_length=8000)

    def validate(self, values: dict[str, Any]) -> dict[str, Any]:
        """Ask for the conditions beside their field."""
        if values["opinion"] == "with_conditions" and not values["conclusion"]:
            raise serializers.ValidationError({"conclusion": [_("Name the conditions.")]})
        return values


class GiveOpinion(RecordOpinion):
    """The answer to a question. `more_facts` sends it back: to another agency with `conclusion` and nothing else."""

    review = serializers.UUIDField()


class ReleaseOpinion(StrictSerializer):
    """Which opinion is shown to which agency on the case, and how much of it."""

    review = serializers.UUIDField()
    agency = DirectoryField(queryset=Agency.objects.active())
    scope = serializers.ChoiceField(choices=ReleaseScope.choices)


class OpinionReleased(serializers.Serializer):
    """The answer to a release."""

    id = serializers.UUIDField(read_only=True)
    review = serializers.UUIDField(source="review_id", read_only=True)
    agency = serializers.CharField(source="agency.code", read_only=True)
    scope = serializers.CharField(read_only=True)


class OpinionActions:
    """The addresses under one case."""

    @extend_schema(request=AskOpinion, responses={201: QuestionKept})
    @action(detail=True, methods=["post"], url_path="ask-opinion")
    def ask_opinion(self: Any, request: Request, pk: str) -> Response:
        """Ask legal advisors a coded question."""
        case = self.get_object()
        self.require(permissions.can_ask_opinion(self.user, case))

        def perform() -> Any:
            values = self.checked(AskOpinion)
            agency, sight_hours = values.pop("agency"), values.pop("sight_hours")
            if agency is None:
                asked = ask_opinion(case=case, by=self.user, **values)
            else:
                asked = ask_elsewhere(case=case, by=self.user, agency=agency, sight_hours=sight_hours, **values)
            return QuestionKept(asked).data

        return self.act(perform, status=201)

    @extend_schema(request=WithdrawQuestion, responses=QuestionKept)
    @action(detail=True, methods=["post"], url_path="withdraw-question")
    def withdraw_question(self: Any, request: Request, pk: str) -> Response:
        """Take a question back that nobody has answered yet."""
        case = self.get_object()
        self.require(permissions.can_ask_opinion(self.user, case))

        def perform() -> Any:
            review = self._asked(case, self.checked(WithdrawQuestion)["review"])
            withdraw_question(review=review, by=self.user)
            return QuestionKept(review).data

        return self.act(perform)

    @extend_schema(request=AskAgain, responses=QuestionKept)
    @action(detail=True, methods=["post"], url_path="ask-again")
    def ask_again(self: Any, request: Request, pk: str) -> Response:
        """Ask a question anew that came back for more facts."""
        case = self.get_object()
        self.require(permissions.can_ask_opinion(self.user, case))

        def perform() -> Any:
            values = self.checked(AskAgain)
            review = self._asked(case, values["review"])
            ask_again(review=review, by=self.user, hours=values["hours"])
            return QuestionKept(review).data

        return self.act(perform)

    @extend_schema(request=GiveOpinion, responses=QuestionKept)
    @action(detail=True, methods=["post"], url_path="give-opinion")
    def give_opinion(self: Any, request: Request, pk: str) -> Response:
        """Answer a question as a legal advisor of the agency that was asked, or send it back for more facts."""
        case = self.get_object()
        self.require(permissions.can_record_opinion(self.user, case))

        def perform() -> Any:
            values = self.checked(GiveOpinion)
            review = self._own(case, values.pop("review"))
            opinions.give_opinion(review=review, by=self.user, **values)
            return QuestionKept(review).data

        return self.act(perform)

    @extend_schema(request=RecordOpinion, responses={201: QuestionKept})
    @action(detail=True, methods=["post"], url_path="record-opinion")
    def record_opinion(self: Any, request: Request, pk: str) -> Response:
        """Record an opinion that nobody asked for; it stays inside the advisor's agency."""
        case = self.get_object()
        self.require(permissions.can_record_opinion(self.user, case))

        def perform() -> Any:
            kept = opinions.record_opinion(case=case, by=self.user, **self.checked(RecordOpinion))
            return QuestionKept(kept).data

        return self.act(perform, status=201)

    @extend_schema(request=ReleaseOpinion, responses={201: OpinionReleased})
    @action(detail=True, methods=["post"], url_path="release-opinion")
    def release_opinion(self: Any, request: Request, pk: str) -> Response:
        """Show an opinion to one named agency on the case, whole or as its conclusion only."""
        case = self.get_object()
        self.require(permissions.can_record_opinion(self.user, case))

        def perform() -> Any:
            values = self.checked(ReleaseOpinion)
            review = self._own(case, values.pop("review"))
            return OpinionReleased(opinions.release_opinion(review=review, by=self.user, **values)).data

        return self.act(perform, status=201)

    def _asked(self: Any, case: Case, wanted: Any) -> LegalReview:
        """Return a question of the person's agencies, to their own advisors or to those of another agency, or 404."""
        elsewhere = LegalReview.objects.asked_elsewhere_by(self.user).filter(case=case, pk=wanted)  # type: ignore[attr-defined]
        asked: LegalReview | None = elsewhere.select_related("agency", "case").first()
        return asked or self._visible(case, wanted)

    def _own(self: Any, case: Case, wanted: Any) -> LegalReview:
        """Return a review that the person's agency answers, or 404: one that was only released to it is no such."""
        review: LegalReview = self._visible(case, wanted)
        self.require(permissions.can_give_opinion(self.user, review))
        return review

    def _visible(self: Any, case: Case, wanted: Any) -> LegalReview:
        inside = LegalReview.objects.visible_to(self.user).filter(case=case)  # type: ignore[attr-defined]
        found: LegalReview = get_object_or_404(inside.select_related("agency", "program", "case"), pk=wanted)
        return audit.noted(found, by=self.user)
