"""What the two sides of a request say and record beside its decision, by the API: the same services as on its page."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from agencies.api.fields import InstantField, ProgramField
from agencies.api.serializers import NoBody, RowSerializer, StrictSerializer
from agencies.choices import Language
from agencies.models import User
from alerts import permissions, workflow
from alerts.models import (
    ExtensionRequest,
    InformationRound,
    LowerNotice,
    OutsideActivation,
    OutsideAnswer,
    OutsideChange,
    RequestNote,
)
from alerts.models.outside import OUTSIDE_FIELDS
from alerts.services import cancellations, handing_on, lower_levels, outside, outside_changes, questions, requests
from cases.api.fields import CodeValueField
from cases.api.merging import BaseField, refuse_differences
from cases.models.place import ZONE_CHOICES

from .request_serializers import RequestSerializer


class RoundSerializer(RowSerializer):
    """One round of questions and its answers."""

    class Meta:
        model = InformationRound
        fields = (
            "number", "questions", "text", "text_language", "asked_at", "answers", "answer_text", "answer_language",
            "answered_at",
        )  # fmt: skip
        read_only_fields = fields


class NoteSerializer(RowSerializer):
    """Free words of one side to the other."""

    class Meta:
        model = RequestNote
        fields = ("kind", "reason", "text", "language", "written_at")
        read_only_fields = fields


class LowerNoticeSerializer(RowSerializer):
    """What the program put in force below an alert."""

    class Meta:
        model = LowerNotice
        fields = ("level", "in_force_at", "raised_at", "ended_at")
        read_only_fields = fields


class OutsideActivationSerializer(RowSerializer):
    """An alert in the program's own system."""

    class Meta:
        model = OutsideActivation
        fields = (*OUTSIDE_FIELDS, "version", "recorded_at")
        read_only_fields = fields


class OutsideChangeSerializer(RowSerializer):
    """An earlier version of it, and why a newer one took its place."""

    class Meta:
        model = OutsideChange
        fields = (*OUTSIDE_FIELDS, "version", "recorded_at", "correction", "renewal")
        read_only_fields = fields


class OutsideAnswerSerializer(RowSerializer):
    """An answer by telephone, fax or mail, as the asking side recorded it."""

    class Meta:
        model = OutsideAnswer
        fields = ("step", "channel", "name", "position", "answered_at", "recorded_at")
        read_only_fields = fields


class ExchangeSerializer(serializers.Serializer):
    """Everything that was said and recorded on one request."""

    rounds = RoundSerializer(many=True)
    notes = NoteSerializer(many=True)
    lower_notice = LowerNoticeSerializer(allow_null=True)
    outside_activation = OutsideActivationSerializer(allow_null=True)
    outside_changes = OutsideChangeSerializer(many=True)
    outside_answers = OutsideAnswerSerializer(many=True)


class Noted(StrictSerializer):
    """Words that may be said with an act."""

    note = serializers.CharField(required=False, default="", allow_blank=True, max_length=2000)


class AskQuestions(StrictSerializer):
    """Coded questions, or one in words."""

    questions = serializers.ListField(
        child=CodeValueField(list_name="request_question"), required=False, default=list, max_length=40
    )
    text = serializers.CharField(required=False, default="", allow_blank=True, max_length=2000)


class GiveAnswers(StrictSerializer):
    """A coded answer for each question of the open round, or words."""

    answers = serializers.DictField(child=CodeValueField(list_name="request_answer"), required=False, default=dict)
    text = serializers.CharField(required=False, default="", allow_blank=True, max_length=2000)


class AskCancellation(Noted):
    """Why the alert should end."""

    reason = CodeValueField(list_name="end_reason")


class Agree(StrictSerializer):
    """The reason under which it ends, if another than asked; an early end may need its explanation (U12)."""

    reason = CodeValueField(list_name="end_reason", required=False, default="", allow_blank=True)
    explanation = serializers.CharField(required=False, default="", allow_blank=True, max_length=1000)


class Refuse(Noted):
    """Why the alert keeps running."""

    reason = CodeValueField(list_name="cancellation_refusal")


class HandOn(Noted):
    """To which program."""

    program = ProgramField()


class InformantSerializer(StrictSerializer):
    """Who gave an answer, in which position, when, and how it came."""

    name = serializers.CharField(max_length=120)
    position = serializers.CharField(max_length=80)
    answered_at = InstantField()
    channel = CodeValueField(list_name="answer_channel")


class RecordActivation(StrictSerializer):
    """An alert in the program's own system; who told of it, where the asking side records."""

    number = serializers.CharField(max_length=60)
    area = serializers.CharField(max_length=300)
    area_language = serializers.ChoiceField(choices=Language.choices, required=False, default="", allow_blank=True)
    channels = serializers.ListField(child=CodeValueField(list_name="outside_channel"), min_length=1, max_length=20)
    starts_at = InstantField()
    expires_at = InstantField(required=False, allow_null=True, default=None)
    time_zone = serializers.ChoiceField(choices=ZONE_CHOICES)
    text = serializers.CharField(required=False, default="", allow_blank=True, max_length=4000)
    text_language = serializers.ChoiceField(choices=Language.choices, required=False, default="", allow_blank=True)
    link = serializers.URLField(required=False, default="", allow_blank=True, max_length=500)
    informant = InformantSerializer(required=False, allow_null=True, default=None)


class OutsideVersion(StrictSerializer):
    """The `version` that a change was made on, and the `base` that was read of the fields it changes."""

    version = serializers.IntegerField(min_value=1)
    base = BaseField()
    informant = InformantSerializer(required=False, allow_null=True, default=None)


class OutsideValues(StrictSerializer):
    """What a correction may change; what is not sent stays as it is."""

    number = serializers.CharField(max_length=60, required=False)
    area = serializers.CharField(max_length=300, required=False)
    area_language = serializers.ChoiceField(choices=Language.choices, required=False, allow_blank=True)
    channels = serializers.ListField(
        child=CodeValueField(list_name="outside_channel"), min_length=1, max_length=20, required=False
    )
    starts_at = InstantField(required=False)
    time_zone = serializers.ChoiceField(choices=ZONE_CHOICES, required=False)
    text = serializers.CharField(required=False, allow_blank=True, max_length=4000)
    text_language = serializers.ChoiceField(choices=Language.choices, required=False, allow_blank=True)
    link = serializers.URLField(required=False, allow_blank=True, max_length=500)


class CorrectActivation(OutsideVersion, OutsideValues):
    """What is recorded wrongly, and why it is corrected."""

    reason = CodeValueField(list_name="outside_correction")


class OutsideEnd(StrictSerializer):
    """The end of the term."""

    expires_at = InstantField()


class RenewActivation(OutsideVersion, OutsideEnd):
    """A new end of the term, why, and when the program renewed it if earlier than now."""

    reason = CodeValueField(list_name="renewal_reason")
    renewed_at = serializers.DateTimeField(required=False)


class ComparedValues(OutsideValues):
    """The same, to be compared with a newer version."""

    base = BaseField()


class ComparedEnd(OutsideEnd):
    """The same, to be compared with a newer version."""

    base = BaseField()


class RecordAnswer(Noted):
    """What a program without people answered, and who said it."""

    step = serializers.ChoiceField(choices=[(step.name, step.label) for step in workflow.REQUEST.steps])
    informant = InformantSerializer()
    reason = serializers.CharField(required=False, default="", allow_blank=True, max_length=40)
    alternative = CodeValueField(list_name="alternative", required=False, default="", allow_blank=True)
    level = CodeValueField(list_name="notice_level", required=False, default="", allow_blank=True)
    area_words = serializers.CharField(required=False, default="", allow_blank=True, max_length=300)
    receiver_reference = serializers.CharField(required=False, default="", allow_blank=True, max_length=60)


def _record_activation(
    *, request: ExtensionRequest, by: User, informant: dict[str, Any] | None, **alert: Any
) -> object:  # fmt: skip
    told_by = _informant(informant)
    return outside.record_activation(request=request, by=by, alert=outside.OutsideAlert(**alert), informant=told_by)


def _informant(values: dict[str, Any] | None) -> outside.Informant | None:
    return outside.Informant(**values) if values else None


def _refuse_older(activation: OutsideActivation, version: int, sent: Any, body: Any) -> None:
    """Over a newer version, what nobody else changed goes through; of the rest both values come back (U31)."""
    if version != activation.version:
        compared = body(data={name: sent[name] for name in body().fields if name in sent})
        compared.is_valid(raise_exception=True)
        refuse_differences(compared, activation)


def _record_answer(*, request: ExtensionRequest, by: User, informant: dict[str, Any], **values: Any) -> object:
    return outside.record_answer(request=request, by=by, informant=outside.Informant(**informant), **values)


class ExchangeActs:
    """The acts of both sides on one request, beside acknowledging, deciding and withdrawing."""

    get_object: Callable[[], ExtensionRequest]
    _take: Callable[..., Response]

    @extend_schema(responses=ExchangeSerializer)
    @action(detail=True, methods=["get"])
    def exchange(self, request: Request, pk: str) -> Response:
        """Return what was said and recorded on the request."""
        item = self.get_object()
        self.read([item], item.case_id)  # type: ignore[attr-defined]
        found = {
            "rounds": item.rounds.all(), "notes": item.notes.all(), "outside_answers": item.outside_answers.all(),
            "lower_notice": getattr(item, "lower_notice", None),
            "outside_activation": getattr(item, "outside_activation", None),
            "outside_changes": item.outside_changes.all(),
        }  # fmt: skip
        return Response(ExchangeSerializer(found).data)

    @extend_schema(request=AskQuestions, responses=RequestSerializer)
    @action(detail=True, methods=["post"])
    def questions(self, request: Request, pk: str) -> Response:
        """Ask the requesting agency; the decision clock stands still until it answers."""
        return self._take(permissions.can_answer, AskQuestions, questions.ask)

    @extend_schema(request=GiveAnswers, responses=RequestSerializer)
    @action(detail=True, methods=["post"])
    def answers(self, request: Request, pk: str) -> Response:
        """Answer the open round of questions."""
        return self._take(permissions.can_ask, GiveAnswers, questions.answer)

    @extend_schema(request=NoBody, responses=RequestSerializer)
    @action(detail=True, methods=["post"])
    def charge(self, request: Request, pk: str) -> Response:
        """Take charge of the request by name."""
        return self._take(permissions.can_answer, NoBody, requests.take_charge)

    @extend_schema(request=HandOn, responses=RequestSerializer)
    @action(detail=True, methods=["post"], url_path="hand-on")
    def hand_on(self, request: Request, pk: str) -> Response:
        """Hand the request to another program along the routes."""
        return self._take(permissions.can_answer, HandOn, handing_on.hand_on)

    @extend_schema(request=NoBody, responses=RequestSerializer)
    @action(detail=True, methods=["post"], url_path="raise")
    def raise_level(self, request: Request, pk: str) -> Response:
        """Raise a notice below an alert to the program's alert."""
        return self._take(permissions.can_answer, NoBody, lower_levels.raise_to_alert)

    @extend_schema(request=NoBody, responses=RequestSerializer)
    @action(detail=True, methods=["post"])
    def end(self, request: Request, pk: str) -> Response:
        """End what was accepted and is not active."""
        return self._take(permissions.can_answer, NoBody, lower_levels.end_accepted)

    @extend_schema(request=AskCancellation, responses=RequestSerializer)
    @action(detail=True, methods=["post"])
    def cancellation(self, request: Request, pk: str) -> Response:
        """Ask the program to cancel what is in force."""
        return self._take(permissions.can_ask, AskCancellation, cancellations.ask_cancellation)

    @extend_schema(request=Agree, responses=RequestSerializer)
    @action(detail=True, methods=["post"])
    def agreement(self, request: Request, pk: str) -> Response:
        """Cancel as asked."""
        return self._take(permissions.can_answer, Agree, cancellations.agree)

    @extend_schema(request=Refuse, responses=RequestSerializer)
    @action(detail=True, methods=["post"])
    def refusal(self, request: Request, pk: str) -> Response:
        """Keep running what is in force, with a reason."""
        return self._take(permissions.can_answer, Refuse, cancellations.refuse)

    @extend_schema(request=NoBody, responses=RequestSerializer)
    @action(detail=True, methods=["post"])
    def confirmation(self, request: Request, pk: str) -> Response:
        """Confirm that everything was taken down."""
        return self._take(permissions.can_answer, NoBody, cancellations.confirm)

    @extend_schema(request=RecordActivation, responses=RequestSerializer)
    @action(detail=True, methods=["post"], url_path="outside-activation")
    def outside_activation(self, request: Request, pk: str) -> Response:
        """Record an alert in the program's own system."""
        return self._take(permissions.can_answer_or_record, RecordActivation, _record_activation)

    @extend_schema(request=CorrectActivation, responses=RequestSerializer)
    @action(detail=True, methods=["post"], url_path="outside-correction")
    def outside_correction(self, request: Request, pk: str) -> Response:
        """Correct what is recorded of an alert in the program's own system; the earlier version is kept."""
        return self._take(permissions.can_answer_or_record, CorrectActivation, self._correct)

    @extend_schema(request=RenewActivation, responses=RequestSerializer)
    @action(detail=True, methods=["post"], url_path="outside-renewal")
    def outside_renewal(self, request: Request, pk: str) -> Response:
        """Record a new end of such an alert, within the limits of the program's rules."""
        return self._take(permissions.can_answer_or_record, RenewActivation, self._renew)

    def _correct(
        self, *, request: ExtensionRequest, by: User, version: int, reason: str, informant: Any, base: Any = None,
        **sent: Any,
    ) -> None:  # fmt: skip
        activation = outside_changes.lock(request)
        _refuse_older(activation, version, self.request.data, ComparedValues)  # type: ignore[attr-defined]
        kept = {name: getattr(activation, name) for name in outside_changes.CORRECTABLE}
        if sent.get("area", activation.area) != activation.area:
            kept["area_language"] = ""  # new words: in the language that is sent with them, else that of the call
        outside_changes.correct(
            request=request, by=by, alert=outside.OutsideAlert(**kept | sent), reason=reason,
            seen_version=activation.version, informant=_informant(informant),
        )  # fmt: skip

    def _renew(
        self, *, request: ExtensionRequest, by: User, version: int, reason: str, informant: Any, expires_at: Any,
        base: Any = None, renewed_at: Any = None,
    ) -> None:  # fmt: skip
        activation = outside_changes.lock(request)
        _refuse_older(activation, version, self.request.data, ComparedEnd)  # type: ignore[attr-defined]
        outside_changes.renew(
            request=request, by=by, expires_at=expires_at, reason=reason, seen_version=activation.version,
            informant=_informant(informant), renewed_at=renewed_at,
        )  # fmt: skip

    @extend_schema(request=RecordAnswer, responses=RequestSerializer)
    @action(detail=True, methods=["post"], url_path="outside-answers")
    def outside_answers(self, request: Request, pk: str) -> Response:
        """Record what a program without people answered by telephone, fax or mail."""
        return self._take(permissions.can_record_answer, RecordAnswer, _record_answer)
