"""What is read and written of requests."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext_lazy as _
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from agencies.api.fields import ProgramField
from agencies.api.pages import PageQuery
from agencies.api.serializers import RowSerializer, Step, StrictSerializer
from agencies.choices import AlertReach, Language
from alerts import workflow
from alerts.choices import RequestStatus
from alerts.models import ExtensionRequest
from alerts.services.asking_again import changes_opened_with
from cases.api.fields import CodeValueField
from cases.api.law import GivenAnswerSerializer, by_question

DECISIONS = ("accept", "accept_changed_area", "accept_lower_level", "decline")
REQUEST_STEPS = ("send", "acknowledge", *DECISIONS, "withdraw")


class RequestQuery(PageQuery):
    """How a list of requests is narrowed."""

    case = serializers.UUIDField(required=False)
    status = serializers.ListField(child=serializers.ChoiceField(choices=RequestStatus.choices), required=False)


REQUEST_FIELDS = (
    "id", "number", "case", "program", "asked_for", "requesting_agency", "kind", "status", "status_label", "alert",
    "created_at", "sent_at", "acknowledged_at", "receiver_reference", "decided_at", "reach", "decline_reason",
    "alternative", "activated_at", "cancelled_at", "confirmed_at", "withdrawal_reason", "follows", "link",
)  # fmt: skip


class RequestSerializer(RowSerializer):
    """A request without its free text."""

    case = serializers.UUIDField(source="case_id", read_only=True)
    program = ProgramField(read_only=True)
    asked_for = ProgramField(
        read_only=True, allow_null=True, help_text="The program it was meant for, where another one receives first."
    )
    requesting_agency = serializers.CharField(source="requesting_agency.code", read_only=True)
    status_label = serializers.CharField(source="get_status_display", read_only=True)
    follows = serializers.UUIDField(source="follows_id", read_only=True, allow_null=True)
    alert = serializers.SerializerMethodField()

    class Meta:
        model = ExtensionRequest
        fields = REQUEST_FIELDS
        read_only_fields = fields

    @extend_schema_field({"type": "string", "format": "uuid", "nullable": True})
    def get_alert(self, request: ExtensionRequest) -> str | None:
        """Return the alert that came of it, where this person may see it: the view fetched no other."""
        alert = getattr(request, "alert", None)
        return str(alert.pk) if alert else None


class ChangeSerializer(serializers.Serializer):
    """One field of the facts, or one kind of news, with the time at which it was last new."""

    thing = serializers.CharField()
    field = serializers.CharField()
    at = serializers.DateTimeField()


class RungSerializer(serializers.Serializer):
    """One step of the ladder that a request climbs until it is acknowledged."""

    step = serializers.CharField()
    due_at = serializers.DateTimeField()
    taken_at = serializers.DateTimeField(source="climbed_at", allow_null=True)
    told = serializers.IntegerField(help_text="How many people were told.")


class RequestDetailSerializer(RequestSerializer):
    """A request with its free text and the steps that this person may take now."""

    steps = serializers.SerializerMethodField()
    changes = serializers.SerializerMethodField()
    ladder = RungSerializer(source="rungs", many=True, read_only=True)

    class Meta:
        model = ExtensionRequest
        fields = (*REQUEST_FIELDS, "note", "note_language", "decision_note", "decision_language", "changes", "ladder",
                  "steps")  # fmt: skip
        read_only_fields = fields

    @extend_schema_field(ChangeSerializer(many=True))
    def get_changes(self, request: ExtensionRequest) -> Any:
        """Return what had changed when the program was asked again."""
        return ChangeSerializer(changes_opened_with(request), many=True).data

    @extend_schema_field(Step(many=True))
    def get_steps(self, request: ExtensionRequest) -> Any:
        """Return the steps with an address of their own."""
        user = self.context["request"].user
        possible = [step for step in workflow.REQUEST.available(request, user) if step.name in REQUEST_STEPS]
        return Step(possible, many=True).data


class SendRequest(StrictSerializer):
    """What asking a program takes."""

    case = serializers.UUIDField()
    program = ProgramField()
    kind = CodeValueField(list_name="request_kind", default="activate")
    note = serializers.CharField(required=False, default="", allow_blank=True, max_length=2000)
    follows = serializers.UUIDField(
        required=False, allow_null=True, default=None, help_text="The ended request that is asked again."
    )
    is_draft = serializers.BooleanField(default=False)


class EditDraft(StrictSerializer):
    """New words of a draft; what is left out stays."""

    kind = CodeValueField(list_name="request_kind", required=False)
    note = serializers.CharField(required=False, allow_blank=True, max_length=2000)


class SendRequests(StrictSerializer):
    """What asking several programs in one act takes: the same kind and note for each."""

    case = serializers.UUIDField()
    programs = serializers.ListField(child=ProgramField(), min_length=1, max_length=100)
    kind = CodeValueField(list_name="request_kind", default="activate")
    note = serializers.CharField(required=False, default="", allow_blank=True, max_length=2000)
    is_draft = serializers.BooleanField(default=False)


class Withdrawal(StrictSerializer):
    """Why a request is taken back, if a reason is given."""

    reason = CodeValueField(list_name="withdrawal_reason", required=False, default="", allow_blank=True)
    note = serializers.CharField(required=False, default="", allow_blank=True, max_length=2000)


class WithdrawAll(StrictSerializer):
    """Why all requests of a case that wait are taken back."""

    case = serializers.UUIDField()
    reason = CodeValueField(list_name="withdrawal_reason")
    note = serializers.CharField(required=False, default="", allow_blank=True, max_length=2000)


class UnreadText(serializers.Serializer):
    """Words that a program cannot read, and their language."""

    text = serializers.CharField(source="label")
    language = serializers.ChoiceField(choices=Language.choices)


class OutcomeSerializer(serializers.Serializer):
    """What became of one program's part of an act: its request, or why there is none."""

    program = serializers.CharField(source="program.code")
    request = RequestSerializer(allow_null=True)
    refusal = serializers.CharField()
    unread = UnreadText(many=True)


class OutcomesSerializer(serializers.Serializer):
    """One outcome per program, in the order in which they were named."""

    outcomes = OutcomeSerializer(many=True)


class Acknowledge(StrictSerializer):
    """The receiver's own folio and the officer's position (acuse de recibo), if there are any."""

    receiver_reference = serializers.CharField(required=False, default="", allow_blank=True, max_length=60)
    position = serializers.CharField(required=False, default="", allow_blank=True, max_length=80)
    note = serializers.CharField(required=False, default="", allow_blank=True, max_length=2000)


class Decide(StrictSerializer):
    """The receiving program's decision. A decline needs a reason."""

    decision = serializers.ChoiceField(choices=[(name, workflow.REQUEST.by_name[name].label) for name in DECISIONS])
    reason = CodeValueField(list_name="decline_reason", required=False, default="", allow_blank=True)
    alternative = CodeValueField(list_name="alternative", required=False, default="", allow_blank=True)
    level = CodeValueField(list_name="notice_level", required=False, default="", allow_blank=True)
    area = serializers.ListField(child=serializers.CharField(max_length=6), required=False, default=list, max_length=40)
    area_words = serializers.CharField(required=False, default="", allow_blank=True, max_length=300)
    reach = serializers.ChoiceField(
        choices=AlertReach.choices, required=False, default="", allow_blank=True,
        help_text="On which level alerts go out, where the decision on it was handed up.",
    )  # fmt: skip
    note = serializers.CharField(required=False, default="", allow_blank=True, max_length=2000)
    answers = GivenAnswerSerializer(many=True, required=False)

    def validate(self, values: dict[str, Any]) -> dict[str, Any]:
        """Refuse a decision that lacks what it needs, and a reason for anything but a decline; sort the answers."""
        values["answers"] = by_question(values.get("answers", []))
        if values["decision"] == "accept_lower_level" and not values["level"]:
            raise serializers.ValidationError({"level": [_("Accepting at a lower level needs the level.")]})
        if values["decision"] == "accept_changed_area" and not values["area"] and not values["area_words"]:
            raise serializers.ValidationError({"area_words": [_("Accepting with a changed area needs the area.")]})
        is_decline = values["decision"] == "decline"
        if is_decline and not values["reason"]:
            raise serializers.ValidationError({"reason": [_("A decline needs a reason.")]})
        if not is_decline and values["reason"]:
            raise serializers.ValidationError({"reason": [_("Only a decline has a reason.")]})
        return values
