"""Who would get an alert, and choosing for whom it is (ADR 82)."""

from __future__ import annotations

from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from agencies.api.serializers import StrictSerializer
from alerts.audience import audience_of
from alerts.choices import RecipientKind, RecipientRole
from alerts.models import Alert, Recipient

MOST_NAMED = 500


class AudiencePartSerializer(serializers.Serializer):
    """How many of an audience share a channel, country, language, kind or agency."""

    key = serializers.CharField()
    label = serializers.CharField()
    recipients = serializers.IntegerField()
    messages = serializers.IntegerField()


class NamedRecipientSerializer(serializers.ModelSerializer):
    """One recipient; addresses stay with those who keep them."""

    desk = serializers.SerializerMethodField()
    channels = serializers.SerializerMethodField()

    class Meta:
        model = Recipient
        fields = ("id", "name", "desk", "position", "kind", "role", "language", "second_language", "channels")
        read_only_fields = fields

    def get_desk(self, recipient: Recipient) -> str:
        """Return agency or organization and desk, "" where none is recorded."""
        return str(recipient.desk or "")

    @extend_schema_field(serializers.ListField(child=serializers.CharField()))
    def get_channels(self, recipient: Recipient) -> list[str]:
        """Return the channels by which messages would go."""
        return [channel for channel, _address in recipient.addresses]


class AudienceSerializer(serializers.Serializer):
    """The audience as it is now."""

    kinds = serializers.ListField(child=serializers.CharField(), source="audience_kinds")
    roles = serializers.ListField(child=serializers.CharField(), source="audience_roles")
    recipients = serializers.IntegerField()
    messages = serializers.IntegerField()
    tag = serializers.CharField(help_text="Changes with every recipient, channel and address.")
    by = serializers.DictField(child=AudiencePartSerializer(many=True))
    told = NamedRecipientSerializer(many=True)
    is_cut = serializers.BooleanField()
    unreached = serializers.ListField(child=serializers.DictField())
    left_out = serializers.DictField(child=serializers.IntegerField())

    def to_representation(self, instance: Alert) -> dict[str, Any]:
        """Return the audience of an alert."""
        found = audience_of(instance)
        return {
            "kinds": instance.audience_kinds,
            "roles": instance.audience_roles,
            "recipients": len(found.told),
            "messages": found.messages,
            "tag": found.tag,
            "by": {by: AudiencePartSerializer(parts, many=True).data for by, parts in found.parts.items()},
            "told": NamedRecipientSerializer(found.told[:MOST_NAMED], many=True).data,
            "is_cut": len(found.told) > MOST_NAMED,
            "unreached": [
                {"id": recipient.pk, "name": recipient.name, "reason": str(reason)}
                for recipient, reason in found.unreached[:MOST_NAMED]
            ],
            "left_out": {str(reason): many for reason, many in found.left_out},
        }


class ChooseAudience(StrictSerializer):
    """Kinds and roles of recipients; all of them, or an empty list, means everybody."""

    kinds = serializers.ListField(child=serializers.ChoiceField(choices=RecipientKind.choices), max_length=10)
    roles = serializers.ListField(child=serializers.ChoiceField(choices=RecipientRole.choices), max_length=10)
