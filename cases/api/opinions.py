"""Questions to legal advisors, of the own agency or of another one, through the API."""

from __future__ import annotations

from typing import Any

from django.shortcuts import get_object_or_404
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from agencies.api.fields import DirectoryField
from agencies.api.serializers import RowSerializer, StrictSerializer
from agencies.models import Agency
from cases import permissions
from cases.models import LegalReview
from cases.services.opinions import ask_opinion, withdraw_question
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
            wanted = self.checked(WithdrawQuestion)["review"]
            elsewhere = LegalReview.objects.asked_elsewhere_by(self.user).filter(case=case, pk=wanted)  # type: ignore[attr-defined]
            inside = LegalReview.objects.visible_to(self.user).filter(case=case)  # type: ignore[attr-defined]
            review = elsewhere.select_related("agency", "case").first() or get_object_or_404(inside, pk=wanted)
            withdraw_question(review=review, by=self.user)
            return QuestionKept(review).data

        return self.act(perform)
