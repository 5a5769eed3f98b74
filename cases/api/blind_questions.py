"""Blind questions through the API: asking another agency about a child or a plate, and who has asked (ADR 66)."""

from __future__ import annotations

from typing import Any

from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from agencies.api.fields import DirectoryField
from agencies.api.serializers import RowSerializer, StrictSerializer
from agencies.api.views import Listed, ResourceViewSet
from agencies.models import Agency
from cases.choices import BlindSubject
from cases.models import BlindQuestion
from cases.services import blind_questions

from .fields import CodeValueField


class BlindQuestionSerializer(RowSerializer):
    """A question, its answer, and the desk of the asked agency; never a name, a plate or a case."""

    from_agency = serializers.CharField(source="from_agency.code", read_only=True)
    to_agency = serializers.CharField(source="to_agency.code", read_only=True)
    asked_by = serializers.CharField(source="asked_by.email", read_only=True)
    desk_phone = serializers.CharField(source="to_agency.desk_phone", read_only=True)
    desk_extension = serializers.CharField(source="to_agency.desk_extension", read_only=True)
    desk_fax = serializers.CharField(source="to_agency.desk_fax", read_only=True)
    desk_email = serializers.CharField(source="to_agency.desk_email", read_only=True)

    class Meta:
        model = BlindQuestion
        fields = (
            "id", "created_at", "from_agency", "to_agency", "asked_by", "subject", "reason", "is_exercise", "is_hit",
            "desk_phone", "desk_extension", "desk_fax", "desk_email",
        )  # fmt: skip
        read_only_fields = fields


class AskBlindly(StrictSerializer):
    """Whom, why, and about which child (names and date of birth) or which plate."""

    agency = DirectoryField(queryset=Agency.objects.active())
    reason = CodeValueField(list_name="blind_reason")
    subject = serializers.ChoiceField(choices=BlindSubject.choices)
    names = serializers.CharField(required=False, allow_blank=True, default="", max_length=200)
    birth_date = serializers.DateField(required=False, allow_null=True, default=None)
    plate = serializers.CharField(required=False, allow_blank=True, default="", max_length=15)
    is_exercise = serializers.BooleanField(required=False, default=False)

    def validate(self, values: dict[str, Any]) -> dict[str, Any]:
        """Ask for what the chosen kind needs."""
        needed = ("plate",) if values["subject"] == BlindSubject.PLATE else ("names", "birth_date")
        missing = {name: [_("This field is required.")] for name in needed if not values[name]}
        if missing:
            raise serializers.ValidationError(missing)
        return values


class BlindQuestionViewSet(Listed, ResourceViewSet):
    """The questions of and to the person's agencies."""

    model = BlindQuestion
    serializer_class = BlindQuestionSerializer

    def shaped(self, rows: QuerySet[Any]) -> QuerySet[Any]:
        """Bring along what the answer names."""
        return rows.select_related("from_agency", "to_agency", "asked_by")

    @extend_schema(responses=BlindQuestionSerializer)
    def retrieve(self, request: Request, pk: str) -> Response:
        """Return one question; it is recorded as read."""
        question = self.get_object()
        self.read([question])
        return Response(self.get_serializer(question).data)

    @extend_schema(request=AskBlindly, responses={201: BlindQuestionSerializer})
    def create(self, request: Request) -> Response:
        """Ask once. More than ten questions an hour of one person, or thirty of one agency, are refused with 409."""
        self.require(blind_questions.may_ask(self.user))

        def perform() -> Any:
            values = self.checked(AskBlindly)
            subject, names, born, plate = (values.pop(name) for name in ("subject", "names", "birth_date", "plate"))
            if subject == BlindSubject.PLATE:
                made = blind_questions.ask_about_plate(by=self.user, plate=plate, **values)
            else:
                made = blind_questions.ask_about_child(by=self.user, names=names, birth_date=born, **values)
            return self.get_serializer(made).data

        return self.act(perform, status=201)
