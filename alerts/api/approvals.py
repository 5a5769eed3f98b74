"""Bodies of the acts around an approval: its refusal, and its two exceptions."""

from __future__ import annotations

from rest_framework import serializers

from agencies.api.serializers import StrictSerializer

from .serializers import TypedWordsRead


class RefuseApproval(StrictSerializer):
    """Why an approver does not approve."""

    reason = serializers.CharField(max_length=1000)


class ActivateAlone(TypedWordsRead):
    """Why one officer activates alone exactly what was read."""

    reason = serializers.CharField(max_length=1000)


class UseFallback(StrictSerializer):
    """Under which rule another agency decides, and whom it tried to reach; without an id the only rule."""

    fallback = serializers.IntegerField(required=False)
    reason = serializers.CharField(max_length=1000)
