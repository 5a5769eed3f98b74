"""What any agency on a case adds: sightings, numbers in other systems, notices to other bodies (U2, U22, U23)."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext_lazy as _
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from agencies.api.views import ResourceViewSet
from cases import permissions
from cases.choices import NoticeBody, NoticeOutcome, ReferenceKind
from cases.forms.records import ONE_NUMBER
from cases.models import Case, ExternalReference, ParallelNotice, Sighting
from cases.services import records
from cases.services.sightings import add_sighting

from .facts import known_country
from .fields import CodedSerializer, PhoneValueField
from .merging import BaseField, refuse_differences
from .sightings import Recorded, SightingSerializer, recorded


class ReferenceSerializer(CodedSerializer):
    """The case's number in another system, and nothing of what that system answered."""

    agency = serializers.CharField(source="agency.code", read_only=True)
    kind = serializers.ChoiceField(choices=ReferenceKind.choices)

    class Meta:
        model = ExternalReference
        fields = ("id", "kind", "number", "agency")
        read_only_fields = ("id", "agency")

    def validate_number(self, number: str) -> str:
        """Refuse what is more than one number."""
        one = " ".join(number.upper().split())
        if not ONE_NUMBER.match(one):
            raise serializers.ValidationError(_("Enter one number: letters, digits, spaces and - . / only."))
        return one


class NoticeSerializer(CodedSerializer):
    """A notice to a body outside the alert programs, and how it stands now."""

    agency = serializers.CharField(source="agency.code", read_only=True)
    contact_phone = PhoneValueField()
    contact_fax = PhoneValueField()
    base = BaseField()

    class Meta:
        model = ParallelNotice
        fields = (
            "id", "body", "country", "outcome", "withheld_for", "reference", "contact_name", "contact_phone",
            "contact_extension", "contact_fax", "agency", "noted_at", "base",
        )  # fmt: skip
        read_only_fields = ("id", "agency", "noted_at", "contact_extension")

    def validate_country(self, country: str) -> str:
        """Refuse what is no country."""
        return known_country(country)

    def validate(self, values: dict[str, Any]) -> dict[str, Any]:
        """Refuse "do not notify" without its reason, or for another body than a consulate (U22)."""
        row = self.instance
        if row is not None and {"body", "country"} & set(values):
            raise serializers.ValidationError({"body": [_("A notice keeps the organization it was recorded for.")]})
        after = {name: values.get(name, getattr(row, name, "")) for name in ("body", "country", "outcome")}
        is_consulate = after["body"] == NoticeBody.CONSULATE
        if is_consulate and not after["country"]:
            raise serializers.ValidationError({"country": [_("Choose the country of the consulate.")]})
        if after["outcome"] != NoticeOutcome.WITHHELD:
            values["withheld_for"] = ""
        elif not is_consulate:
            message = _("Not to notify is a decision about consulates only.")
            raise serializers.ValidationError({"outcome": [message]})
        elif not values.get("withheld_for", getattr(row, "withheld_for", "")):
            raise serializers.ValidationError({"withheld_for": [_("Say why the consulate is not notified.")]})
        return values

    def apply_to(self, notice: ParallelNotice) -> ParallelNotice:
        """Write the validated values into a row, unsaved."""
        for name, value in self.validated_data.items():
            if name == "contact_phone":
                notice.contact_phone, notice.contact_extension = value or ("", "")
            elif name == "contact_fax":
                notice.contact_fax = (value or ("", ""))[0]
            elif name != "base":
                setattr(notice, name, value)
        return notice


class RecordActions:
    """The addresses under one case, for every agency on it that may contribute."""

    @extend_schema(request=SightingSerializer, responses={201: Recorded})
    @action(detail=True, methods=["post"])
    def sightings(self: Any, request: Request, pk: str) -> Response:
        """Add a sighting; whoever searches is told at once, without a name."""
        return self.contribute(SightingSerializer, self._add_sighting)  # type: ignore[no-any-return]

    @extend_schema(request=ReferenceSerializer, responses={201: Recorded})
    @action(detail=True, methods=["post"])
    def references(self: Any, request: Request, pk: str) -> Response:
        """Record the case's number in another system."""
        return self.contribute(  # type: ignore[no-any-return]
            ReferenceSerializer,
            lambda case, read: records.add_reference(case=case, by=self.user, **read.validated_data),
        )

    @extend_schema(request=NoticeSerializer, responses={201: Recorded})
    @action(detail=True, methods=["post"], url_path="parallel-notices")
    def parallel_notices(self: Any, request: Request, pk: str) -> Response:
        """Record a notice to another body."""
        return self.contribute(  # type: ignore[no-any-return]
            NoticeSerializer,
            lambda case, read: records.record_notice(
                case=case, by=self.user, notice=read.apply_to(ParallelNotice(case=case))
            ),
        )

    def _add_sighting(self: Any, case: Case, read: Any) -> Sighting:
        return add_sighting(case=case, by=self.user, sighting=Sighting(case=case, **read.validated_data))

    def contribute(self: Any, serializer_class: Any, add: Any) -> Response:
        """Add one row. Refuses people whose agencies may not contribute before the body is looked at."""
        case = self.get_object()
        self.require(permissions.can_contribute(self.user, case))

        def perform() -> Any:
            serializer = serializer_class(
                data=self.request.data, context={**self.get_serializer_context(), "case": case}
            )
            serializer.is_valid(raise_exception=True)
            return recorded(add(case, serializer))

        return self.act(perform, status=201)  # type: ignore[no-any-return]


class NoticeViewSet(ResourceViewSet):
    """How notices to other bodies stand."""

    model = ParallelNotice
    serializer_class = NoticeSerializer

    @extend_schema(request=NoticeSerializer, responses=Recorded)
    def partial_update(self, request: Request, pk: str) -> Response:
        """Record how the notice stands now. With `base`, a value that somebody changed since is not written over."""
        notice = self.get_object()
        self.require(permissions.can_contribute(self.user, notice.case))

        def perform() -> Any:
            Case.objects.select_for_update(of=("self",), no_key=True).get(pk=notice.case_id)
            notice.refresh_from_db()
            serializer = self.get_serializer(notice, data=self.request.data, partial=True)
            serializer.is_valid(raise_exception=True)
            if "base" in serializer.validated_data:
                refuse_differences(serializer, notice)
            records.record_notice(case=notice.case, by=self.user, notice=serializer.apply_to(notice))
            return recorded(notice)

        return self.act(perform)
