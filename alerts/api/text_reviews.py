"""Reviews of words: the queue of a person's languages, and what one may do with a review."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.db.models import QuerySet
from drf_spectacular.utils import extend_schema, extend_schema_field
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from agencies import scope
from agencies.api.fields import ProgramField
from agencies.api.pages import PageQuery
from agencies.api.serializers import NoBody, RowSerializer, StrictSerializer
from agencies.api.views import Listed, ResourceViewSet
from agencies.choices import Country, Language
from alerts import permissions, workflow
from alerts.choices import TextReviewStatus
from alerts.models import TextReview
from alerts.services import text_reviews

FIELDS = (
    "id", "alert_number", "program", "language", "source_language", "status", "status_label", "created_at", "taken_at",
    "done_at", "note", "note_language", "countries", "programs",
)  # fmt: skip


class TextReviewQuery(PageQuery):
    """How the list is narrowed."""

    status = serializers.ListField(child=serializers.ChoiceField(choices=TextReviewStatus.choices), required=False)


class TextReviewSerializer(RowSerializer):
    """One review without its words."""

    alert_number = serializers.CharField(source="alert.number", read_only=True)
    program = ProgramField(source="alert.program", read_only=True)
    status_label = serializers.CharField(source="get_status_display", read_only=True)

    class Meta:
        model = TextReview
        fields = FIELDS
        read_only_fields = fields


class ReleasedWords(serializers.Serializer):
    """What a review releases in one language."""

    headline = serializers.CharField()
    description = serializers.CharField()
    instruction = serializers.CharField()


class TextReviewDetailSerializer(TextReviewSerializer):
    """One review with its words, for the person who has taken it; null for everybody else."""

    words = serializers.SerializerMethodField()
    source_words = serializers.SerializerMethodField()
    facts_words = serializers.SerializerMethodField()

    class Meta:
        model = TextReview
        fields = (*FIELDS, "words", "source_words", "facts_words")
        read_only_fields = fields

    @extend_schema_field(ReleasedWords(allow_null=True))
    def get_words(self, review: TextReview) -> dict[str, str] | None:
        """Return the words to judge."""
        return review.words if self._is_taker(review) else None

    @extend_schema_field(ReleasedWords(allow_null=True))
    def get_source_words(self, review: TextReview) -> dict[str, str] | None:
        """Return the same text in the language beside it."""
        return review.source_words if self._is_taker(review) else None

    @extend_schema_field(ReleasedWords(allow_null=True))
    def get_facts_words(self, review: TextReview) -> dict[str, str] | None:
        """Return what the portal composes from the coded facts in the reviewer's language."""
        return (review.facts_words or None) if self._is_taker(review) else None

    def _is_taker(self, review: TextReview) -> bool:
        user = self.context["request"].user
        return review.status == TextReviewStatus.TAKEN and permissions.can_finish_review(user, review)


class AskReview(StrictSerializer):
    """Which words are offered, which are put beside them, and who is asked: everybody, or whom these lists name."""

    language = serializers.ChoiceField(choices=Language.choices)
    source_language = serializers.ChoiceField(choices=Language.choices)
    countries = serializers.ListField(
        child=serializers.ChoiceField(choices=Country.choices), required=False, default=list, max_length=3
    )
    programs = serializers.ListField(child=ProgramField(), required=False, default=list, max_length=100)

    def validate_programs(self, programs: list[Any]) -> list[str]:
        """Return their codes."""
        return [program.code for program in programs]


class RecordReview(StrictSerializer):
    """The words as the reviewer leaves them; unchanged words are a confirmation."""

    headline = serializers.CharField(max_length=160)
    description = serializers.CharField(max_length=2000)
    instruction = serializers.CharField(max_length=1000)
    note = serializers.CharField(required=False, default="", allow_blank=True, max_length=1000)
    typed_words_read = serializers.BooleanField(
        default=False,
        help_text="I have read every word; needed where words were typed or are corrected by hand.",
    )


class TextReviewViewSet(Listed, ResourceViewSet):
    """Reviews that one's own programs asked for, and those one may take or has taken."""

    model = TextReview
    serializer_class = TextReviewSerializer
    query_class = TextReviewQuery
    machines = (workflow.TEXT_REVIEW,)

    def get_object(self) -> Any:
        """Return the review, and let whoever was offered it read what stands behind it."""
        text_reviews.let_reviewer_in(self.user, self.kwargs["pk"])
        return super().get_object()

    def shaped(self, rows: QuerySet[Any]) -> QuerySet[Any]:
        """Bring along what the answer names."""
        return rows.select_related("alert__program__agency", "alert__case")

    def filtered(self, rows: QuerySet[Any]) -> QuerySet[Any]:
        """Narrow by status."""
        return rows.filter(status__in=self.query["status"]) if self.query.get("status") else rows

    @extend_schema(parameters=[TextReviewQuery])
    def list(self, request: Request) -> Response:
        """Return one page of reviews without their words, the newest first."""
        with scope.through_door("reviewing_words"):  # rows begin at `visible_to`
            return super().list(request)

    @extend_schema(responses=TextReviewDetailSerializer)
    def retrieve(self, request: Request, pk: str) -> Response:
        """Return one review, with its words for the person who has taken it; the read is recorded."""
        review = self.get_object()
        self.read([review], review.case.pk)
        return Response(TextReviewDetailSerializer(review, context=self.get_serializer_context()).data)

    @extend_schema(request=NoBody, responses=TextReviewSerializer)
    @action(detail=True, methods=["post"])
    def take(self, request: Request, pk: str) -> Response:
        """Take a review by name."""
        return self._plain(permissions.can_take_review, text_reviews.take)

    @extend_schema(request=NoBody, responses=TextReviewSerializer)
    @action(detail=True, methods=["post"], url_path="hand-back")
    def hand_back(self, request: Request, pk: str) -> Response:
        """Put a review back into the queue."""
        return self._plain(permissions.can_finish_review, text_reviews.hand_back)

    @extend_schema(request=NoBody, responses=TextReviewSerializer)
    @action(detail=True, methods=["post"])
    def withdraw(self, request: Request, pk: str) -> Response:
        """Take the offer back."""
        return self._plain(permissions.can_withdraw_review, text_reviews.withdraw_review)

    @extend_schema(request=RecordReview, responses=TextReviewSerializer)
    @action(detail=True, methods=["post"])
    def record(self, request: Request, pk: str) -> Response:
        """Confirm the words or correct them."""
        review = self.get_object()
        self.require(permissions.can_finish_review(self.user, review))

        def perform() -> Any:
            words = self.checked(RecordReview)
            note, is_read = words.pop("note"), words.pop("typed_words_read")
            text_reviews.record_review(review=review, by=self.user, words=words, note=note, typed_words_read=is_read)
            return self._answer(review)

        return self.act(perform)

    def _plain(self, may: Callable[..., bool], service: Callable[..., None]) -> Response:
        review = self.get_object()
        self.require(may(self.user, review))

        def perform() -> Any:
            self.checked(NoBody)
            service(review=review, by=self.user)
            return self._answer(review)

        return self.act(perform)

    def _answer(self, review: TextReview) -> Any:
        return TextReviewSerializer(self.shaped(TextReview.objects.filter(pk=review.pk)).get()).data
