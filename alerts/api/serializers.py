"""What is read and written of alerts and deliveries."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.utils.translation import gettext_lazy as _
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from agencies.api.fields import ActingAgencyField, ProgramField
from agencies.api.pages import PageQuery
from agencies.api.serializers import RowSerializer, Step, StrictSerializer
from agencies.choices import Capability, Language
from alerts import workflow
from alerts.choices import AlertStatus, DeliveryState, TextStanding
from alerts.gathering import content_hash
from alerts.models import Alert, AlertText, CoveredAlert, Delivery, DeliveryAttempt
from alerts.services.drafts import TEXT_FIELDS
from alerts.terms import wireless_until
from cases.api.fields import CodeValueField

ALERT_STEPS = ("submit", "approve", "activate", "cancel")


class AlertQuery(PageQuery):
    """How a list of alerts is narrowed."""

    case = serializers.UUIDField(required=False)
    status = serializers.ListField(child=serializers.ChoiceField(choices=AlertStatus.choices), required=False)


class DeliveryQuery(PageQuery):
    """How a list of deliveries is narrowed."""

    alert = serializers.UUIDField(required=False)
    state = serializers.ListField(child=serializers.ChoiceField(choices=DeliveryState.choices), required=False)


class ImportQuery(serializers.Serializer):
    """For which agency a partner's message is imported."""

    agency = ActingAgencyField(capability=Capability.IMPORT_CASES)


ALERT_FIELDS = (
    "id", "number", "case", "program", "request", "status", "status_label", "reach", "is_exercise", "duration_hours",
    "photo", "created_at", "submitted_at", "approved_at", "activated_at", "expires_at", "wireless_expires_at",
    "criteria_version", "exception", "ended_at", "end_reason", "end_explanation", "end_explanation_language",
)  # fmt: skip


class AlertSerializer(RowSerializer):
    """An alert without its words."""

    case = serializers.UUIDField(source="case_id", read_only=True)
    program = ProgramField(read_only=True)
    request = serializers.UUIDField(source="request_id", read_only=True, allow_null=True)
    photo = serializers.UUIDField(source="photo_id", read_only=True, allow_null=True)
    status_label = serializers.CharField(source="get_status_display", read_only=True)
    wireless_expires_at = serializers.SerializerMethodField()
    criteria_version = serializers.IntegerField(source="criteria.version", read_only=True, allow_null=True)

    class Meta:
        model = Alert
        fields = ALERT_FIELDS
        read_only_fields = fields

    @extend_schema_field({"type": "string", "format": "date-time", "nullable": True})
    def get_wireless_expires_at(self, alert: Alert) -> datetime | None:
        """Return when the wireless rendition of the newest message ends, at most 24 hours after it was sent (U12)."""
        return wireless_until(alert)


class AlertTextSerializer(RowSerializer):
    """The words in one language, whether they may be published, and on what their approval rests."""

    standing = serializers.ChoiceField(choices=TextStanding.choices, read_only=True)

    class Meta:
        model = AlertText
        fields = (
            "language", "source", "standing", "event", *TEXT_FIELDS, "written_at", "reviewed_at", "approved_at",
            "approval_basis", "typed_read_at",
        )  # fmt: skip
        read_only_fields = fields


class CoveredSerializer(serializers.Serializer):
    """One alert of a state that a national alert covers: in the portal, or the request activated outside it."""

    alert = serializers.UUIDField(source="alert_id", allow_null=True)
    request = serializers.UUIDField(source="request_id", allow_null=True)
    linked_at = serializers.DateTimeField()


class AlertDetailSerializer(AlertSerializer):
    """An alert with its words, its area and the hash by which an edit or an approval names what was read."""

    texts = AlertTextSerializer(many=True, read_only=True)
    areas = serializers.SerializerMethodField()
    content_hash = serializers.SerializerMethodField()
    covers = serializers.SerializerMethodField()
    covered_by = serializers.SerializerMethodField()
    steps = serializers.SerializerMethodField()

    class Meta:
        model = Alert
        fields = (*ALERT_FIELDS, "texts", "areas", "content_hash", "covers", "covered_by", "steps")
        read_only_fields = fields

    @extend_schema_field(CoveredSerializer(many=True))
    def get_covers(self, alert: Alert) -> Any:
        """Return the alerts of states that this national alert covers, as far as the person sees them."""
        rows = CoveredAlert.objects.visible_to(self.context["request"].user)  # type: ignore[attr-defined]
        return CoveredSerializer(rows.filter(national=alert), many=True).data

    def get_covered_by(self, alert: Alert) -> list[str]:
        """Return the national alerts that cover this one, as far as the person sees them."""
        rows = CoveredAlert.objects.visible_to(self.context["request"].user)  # type: ignore[attr-defined]
        return [str(key) for key in rows.filter(alert=alert).values_list("national_id", flat=True)]

    def get_areas(self, alert: Alert) -> list[str]:
        """Return the codes of the subdivisions."""
        return [area.subdivision_id for area in alert.areas.all()]

    def get_content_hash(self, alert: Alert) -> str:
        """Return the hash of what an approval now would cover."""
        return content_hash(alert)

    @extend_schema_field(Step(many=True))
    def get_steps(self, alert: Alert) -> Any:
        """Return the steps with an address of their own."""
        user = self.context["request"].user
        possible = [step for step in workflow.ALERT.available(alert, user) if step.name in ALERT_STEPS]
        return Step(possible, many=True).data


class AlertSaved(AlertSerializer):
    """The answer to an act: the alert without its words, and the hash of its present content."""

    content_hash = serializers.SerializerMethodField()

    class Meta:
        model = Alert
        fields = (*ALERT_FIELDS, "content_hash")
        read_only_fields = fields

    def get_content_hash(self, alert: Alert) -> str:
        """Return the hash of what an approval now would cover."""
        return content_hash(alert)


class StartAlert(StrictSerializer):
    """Which program prepares its alert for which case."""

    case = serializers.UUIDField()
    program = ProgramField()


class Words(StrictSerializer):
    """New words in one language; what is left out stays."""

    language = serializers.ChoiceField(choices=Language.choices)
    headline = serializers.CharField(required=False, max_length=160)
    description = serializers.CharField(required=False, max_length=2000)
    instruction = serializers.CharField(required=False, max_length=1000)


class SeenContent(StrictSerializer):
    """An act on exactly what was read."""

    content_hash = serializers.CharField(max_length=64, help_text="The `content_hash` that was read.")


class TypedWordsRead(SeenContent):
    """The same by somebody who answers for typed words: `typed_words_read` is needed where any were typed by hand."""

    typed_words_read = serializers.BooleanField(
        default=False,
        help_text="I have read every word that was typed by hand; it says nothing that is not authorized.",
    )


class Approval(TypedWordsRead):
    """An approval of exactly what was read, in the languages named; without any, in all that the person reads."""

    languages = serializers.ListField(
        child=serializers.ChoiceField(choices=Language.choices), required=False, max_length=len(Language.choices)
    )


class WordsByLanguage(StrictSerializer):
    """Words in several languages: those that change, or those that a client had read of the fields it changes."""

    texts = Words(many=True, required=False, max_length=len(Language.choices))

    def validate_texts(self, texts: list[dict[str, Any]]) -> list[dict[str, Any]]:
        """Refuse two versions of the same language."""
        languages = [text["language"] for text in texts]
        if len(languages) != len(set(languages)):
            raise serializers.ValidationError(_("Give each language once."))
        return texts


class EditedWords(SeenContent, WordsByLanguage):
    """New words in several languages; what is left out stays.

    Over a newer version, what nobody else changed since `base` was read goes through; of the rest both values come
    back, and nothing is saved.
    """

    base = WordsByLanguage(required=False)


class AreaField(serializers.ListField):
    """Codes of subdivisions, in any order, each once."""

    child = serializers.CharField(max_length=6)

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(max_length=100, allow_empty=False, **kwargs)

    def to_internal_value(self, data: Any) -> list[str]:
        """Return the codes in order, so that two lists of the same places are equal."""
        return sorted(set(super().to_internal_value(data)))


class AlertBase(WordsByLanguage):
    """The values that a client had read of the fields it changes."""

    duration_hours = serializers.IntegerField(required=False)
    photo = serializers.UUIDField(required=False, allow_null=True)
    areas = AreaField(required=False)


class EditAlert(EditedWords):
    """New words, term, picture or area; what is left out stays."""

    duration_hours = serializers.IntegerField(required=False, min_value=1, max_value=168)
    photo = serializers.UUIDField(required=False, allow_null=True, help_text="A picture of the alert's own case.")
    areas = AreaField(required=False, help_text="Codes of the program's own territory.")
    base = AlertBase(required=False)


class CancelAlert(StrictSerializer):
    """Why an alert ends; the public text is the same for every reason (U17).

    An end before the program's shortest duration needs an explanation, unless the child is found, the report is false
    or the alert endangers the child (U12).
    """

    reason = CodeValueField(list_name="end_reason")
    explanation = serializers.CharField(required=False, default="", allow_blank=True, max_length=1000)


class RecordConfirmation(StrictSerializer):
    """Which recipient confirmed the Cancel or received the last message, who said so, and how it came (U38)."""

    delivery = serializers.UUIDField(help_text="Any delivery of the alert to this recipient.")
    name = serializers.CharField(max_length=120)
    via = CodeValueField(list_name="answer_channel")
    takes_charge = serializers.BooleanField(
        required=False, default=False, help_text="Of a running alert: their service acts on it now."
    )


class PutUpOpenCase(StrictSerializer):
    """Why an expired alert stays readable as an open case (U13)."""

    reason = CodeValueField(list_name="open_case_reason")


DELIVERY_FIELDS = (
    "id", "alert", "message", "message_type", "recipient", "recipient_kind", "channel", "language", "state",
    "state_label", "attempts", "may_have_arrived", "created_at", "next_attempt_at", "sent_at", "acknowledged_at",
    "charge_taken_at", "sent_again_at",
)  # fmt: skip


class DeliverySerializer(RowSerializer):
    """One message to one recipient; addresses and the names of those who acknowledged stay in the portal."""

    alert = serializers.UUIDField(source="message.alert_id", read_only=True)
    message = serializers.CharField(source="message.identifier", read_only=True)
    message_type = serializers.CharField(source="message.msg_type", read_only=True)
    recipient = serializers.CharField(source="recipient.name", read_only=True)
    recipient_kind = serializers.CharField(source="recipient.kind", read_only=True)
    state_label = serializers.CharField(source="get_state_display", read_only=True)

    class Meta:
        model = Delivery
        fields = DELIVERY_FIELDS
        read_only_fields = fields


class AttemptSerializer(RowSerializer):
    """One try."""

    class Meta:
        model = DeliveryAttempt
        fields = ("number", "at", "outcome")
        read_only_fields = fields


class DeliveryDetailSerializer(DeliverySerializer):
    """A delivery with its tries."""

    tries = AttemptSerializer(many=True, read_only=True)

    class Meta:
        model = Delivery
        fields = (*DELIVERY_FIELDS, "tries")
        read_only_fields = fields
