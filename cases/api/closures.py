"""How a case is ended and reopened, and what of its end is shown."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext_lazy as _
from rest_framework import serializers

from agencies.api.serializers import RowSerializer, StrictSerializer
from cases.disclosure import result_code_shown
from cases.models import Closure
from cases.services.closures import DECEASED, STEP_OF_REASON

from .fields import CodeValueField


class EndCase(StrictSerializer):
    """What every end of a case asks for (U17)."""

    alert_effect = CodeValueField(list_name="alert_effect")
    category = CodeValueField(list_name="case_category")


class CloseCase(EndCase):
    """The end of a case whose children are recovered."""

    reason = CodeValueField(list_name="closure_reason")
    is_family_informed = serializers.BooleanField(default=False)

    def validate_reason(self, reason: str) -> str:
        """Refuse the results that have an address of their own."""
        if reason in STEP_OF_REASON:
            raise serializers.ValidationError(_("This result has an address of its own."))
        return reason

    def validate(self, values: dict[str, Any]) -> dict[str, Any]:
        """Refuse "family informed" for any other result than a death."""
        if values["is_family_informed"] and values["reason"] != DECEASED:
            raise serializers.ValidationError({"is_family_informed": [_("This is recorded after a death only.")]})
        return values


class ReopenCase(StrictSerializer):
    """Who is missing again, and why."""

    children = serializers.ListField(child=serializers.UUIDField(), required=False, default=list, max_length=50)
    reason = CodeValueField(list_name="recovery_end_reason")


class ClosureSerializer(RowSerializer):
    """The result of a case, as the reader may know it: a death is not told before the family knows."""

    reason = serializers.SerializerMethodField()

    class Meta:
        model = Closure
        fields = ("id", "reason", "alert_effect", "category", "closed_at", "reopened_at")
        read_only_fields = fields

    def get_reason(self, closure: Closure) -> str:
        """Return the code of the result; "found" where the result itself is not to be told."""
        return result_code_shown(closure, self.context["request"].user)
