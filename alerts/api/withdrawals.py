"""What was taken out of the public of an alert, and the bodies of the acts on an active alert."""

from __future__ import annotations

from typing import Any

from django.db.models import QuerySet
from django.utils.translation import gettext as _
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from agencies.api.pages import PageQuery, WholeList
from agencies.api.serializers import RowSerializer, StrictSerializer
from agencies.api.views import Listed, ResourceViewSet
from alerts.choices import RedactionKind
from alerts.models import Redaction
from cases.api.fields import CodeValueField

from .serializers import AreaField

MOST_AT_ONCE = 50
# A whole child is withdrawn by the portal alone, on a recovery.
BY_AN_APPROVER = [item for item in RedactionKind.choices if item[0] != RedactionKind.CHILD]


class RenewAlert(StrictSerializer):
    """The new term in hours from the issue of the Update, and why."""

    hours = serializers.IntegerField(min_value=1, max_value=32767)
    reason = CodeValueField(list_name="renewal_reason")


class ChangeArea(StrictSerializer):
    """The places that the alert is to cover, all of them."""

    areas = AreaField(help_text="Codes of the program's own territory.")


class WithdrawPart(StrictSerializer):
    """What leaves the public, of whom, and why."""

    kind = serializers.ChoiceField(choices=BY_AN_APPROVER)
    child = serializers.UUIDField(required=False, allow_null=True, default=None)
    person = serializers.UUIDField(required=False, allow_null=True, default=None)
    reason = CodeValueField(list_name="takedown_reason")


class RestorePart(StrictSerializer):
    """Which withdrawals an Update is to put back."""

    redactions = serializers.ListField(
        child=serializers.IntegerField(min_value=1, max_value=2**63 - 1), min_length=1, max_length=MOST_AT_ONCE
    )


class RedactionQuery(PageQuery):
    """Of which alert the withdrawals are listed."""

    alert = serializers.UUIDField()


class RedactionSerializer(RowSerializer):
    """One withdrawal from the public; it holds until `lifted_at`. Without `by` it was the portal's own act."""

    alert = serializers.UUIDField(source="alert_id", read_only=True)
    child = serializers.UUIDField(source="child_id", read_only=True, allow_null=True)
    person = serializers.UUIDField(source="person_id", read_only=True, allow_null=True)
    kind_label = serializers.CharField(source="get_kind_display", read_only=True)
    by = serializers.CharField(source="by.full_name", read_only=True, default="")
    lifted_by = serializers.CharField(source="lifted_by.full_name", read_only=True, default="")

    class Meta:
        model = Redaction
        fields = (
            "id", "alert", "kind", "kind_label", "child", "person", "reason", "at", "by", "lifted_at", "lifted_by",
        )  # fmt: skip
        read_only_fields = fields


class RedactionViewSet(Listed, ResourceViewSet):
    """Withdrawals from the alerts of the person's own programs. They are made and lifted at the alert."""

    model = Redaction
    serializer_class = RedactionSerializer
    query_class = RedactionQuery
    pagination_class = WholeList

    def shaped(self, rows: QuerySet[Any]) -> QuerySet[Any]:
        """Bring along what the answer names."""
        return rows.select_related("alert", "by", "lifted_by")

    def filtered(self, rows: QuerySet[Any]) -> QuerySet[Any]:
        """Keep those of the alert that the query names."""
        return rows.filter(alert=self.query["alert"])

    @extend_schema(parameters=[RedactionQuery])
    def list(self, request: Request) -> Response:
        """Return every withdrawal from one alert, the oldest first."""
        return super().list(request)

    def retrieve(self, request: Request, pk: str) -> Response:
        """Return one withdrawal; it is recorded as read."""
        found = self.get_object()
        self.read([found], found.alert.case_id)
        return Response(self.get_serializer(found).data)


def named_row(rows: Any, values: dict[str, Any], name: str) -> Any:
    """Return the row of the case that the body names, None for none. Any other is as unknown as one that is not."""
    if values.get(name) is None:
        return None
    found = rows.filter(pk=values[name]).first()
    if found is None:
        raise serializers.ValidationError({name: [_("The case has no such row.")]})
    return found
