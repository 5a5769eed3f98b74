"""Authorities to publish: recorded, listed, taken back (U28)."""

from __future__ import annotations

from typing import Any

from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from agencies import access
from agencies.api.fields import InstantField, ProgramField
from agencies.api.pages import PageQuery, WholeList
from agencies.api.serializers import NoBody, RowSerializer, StrictSerializer
from agencies.api.views import Listed, ResourceViewSet
from agencies.choices import Capability, Country
from agencies.refusals import NotPermitted
from cases import permissions
from cases.access import agencies_on
from cases.choices import PublicItem
from cases.models import Case, Document, PublicationAuthority
from cases.models.publication import SUBJECTS
from cases.services.publication import record_authority, revoke_authority

from .fields import CodeValueField

MOST_AT_ONCE = 50
FIELDS = (
    "id", "case", "item", "child", "person", "photo", "program", "country", "basis", "authorizer", "document",
    "valid_until", "is_valid", "recorded_at", "revoked_at",
)  # fmt: skip


class AuthorityQuery(PageQuery):
    """Of which case the authorities are listed."""

    case = serializers.UUIDField()


class AuthoritySerializer(RowSerializer):
    """What may be published, by the programs of a country or by one program, on which basis, until when."""

    case = serializers.UUIDField(source="case_id", read_only=True)
    child = serializers.UUIDField(source="child_id", read_only=True, allow_null=True)
    person = serializers.UUIDField(source="person_id", read_only=True, allow_null=True)
    photo = serializers.UUIDField(source="photo_id", read_only=True, allow_null=True)
    document = serializers.UUIDField(source="document_id", read_only=True, allow_null=True)
    program = ProgramField(read_only=True)
    is_valid = serializers.BooleanField(read_only=True)

    class Meta:
        model = PublicationAuthority
        fields = FIELDS
        read_only_fields = fields


class AuthorityDetail(AuthoritySerializer):
    """The same with who signed and who recorded it."""

    recorded_by = serializers.CharField(source="recorded_by.full_name", read_only=True)
    revoked_by = serializers.CharField(source="revoked_by.full_name", read_only=True, default="")

    class Meta:
        model = PublicationAuthority
        fields = (*FIELDS, "authorizer_name", "recorded_by", "revoked_by")
        read_only_fields = fields


class ItemToPublish(StrictSerializer):
    """One item: the name of a child, a photo, the name or the description of a suspect."""

    item = serializers.ChoiceField(choices=PublicItem.choices)
    subject = serializers.UUIDField(help_text="The child, photo or person that it is about.")


class RecordAuthority(StrictSerializer):
    """Several items for several jurisdictions in one act; once per item and jurisdiction a row is made."""

    case = serializers.UUIDField()
    items = ItemToPublish(many=True, allow_empty=False, max_length=MOST_AT_ONCE)
    countries = serializers.ListField(
        child=serializers.ChoiceField(choices=Country.choices), required=False, default=list, max_length=3
    )
    programs = serializers.ListField(child=ProgramField(), required=False, default=list, max_length=MOST_AT_ONCE)
    basis = CodeValueField(list_name="publication_basis")
    authorizer = CodeValueField(list_name="publication_authorizer", required=False, default="", allow_blank=True)
    authorizer_name = serializers.CharField(required=False, default="", allow_blank=True, max_length=160)
    document = serializers.UUIDField(
        required=False, allow_null=True, default=None, help_text="A document that the case has already."
    )
    valid_until = InstantField(required=False, allow_null=True, default=None)

    def validate(self, values: dict[str, Any]) -> dict[str, Any]:
        """Refuse an act that names no jurisdiction."""
        if not values["countries"] and not values["programs"]:
            raise serializers.ValidationError({"countries": [_("Name at least one jurisdiction.")]})
        return values


class AuthoritiesRecorded(serializers.Serializer):
    """What was recorded."""

    authorities = AuthoritySerializer(many=True)


class AuthorityViewSet(Listed, ResourceViewSet):
    """Authorities of the cases that this person may see; the lead agency and programs record for themselves."""

    model = PublicationAuthority
    serializer_class = AuthoritySerializer
    query_class = AuthorityQuery
    pagination_class = WholeList

    def shaped(self, rows: QuerySet[Any]) -> QuerySet[Any]:
        """Bring along what the answer names, the newest first."""
        rows = rows.select_related("case__lead_agency", "program__agency", "recorded_by", "revoked_by")
        return rows.order_by("-recorded_at", "-id")

    def filtered(self, rows: QuerySet[Any]) -> QuerySet[Any]:
        """Keep those of the case that the query names."""
        return rows.filter(case=self.query["case"])

    @extend_schema(parameters=[AuthorityQuery])
    def list(self, request: Request) -> Response:
        """Return every authority of one case, the newest first."""
        return super().list(request)

    @extend_schema(responses=AuthorityDetail)
    def retrieve(self, request: Request, pk: str) -> Response:
        """Return one authority; it is recorded as read."""
        found = self.get_object()
        self.read([found], found.case_id)
        return Response(AuthorityDetail(found, context=self.get_serializer_context()).data)

    @extend_schema(request=RecordAuthority, responses={201: AuthoritiesRecorded})
    def create(self, request: Request) -> Response:
        """Record what may be published, for countries or programs."""
        case = self._case()
        self.require(_may_record(self.user, case))

        def perform() -> Any:
            values = self.checked(RecordAuthority) | {"case": case}
            values["items"] = [(row["item"], _subject(case, row)) for row in values["items"]]
            values["document"] = _document(case, values["document"])
            rows = record_authority(by=self.user, **values)
            return AuthoritiesRecorded({"authorities": rows}).data

        return self.act(perform, status=201)

    @extend_schema(request=NoBody, responses=AuthoritySerializer)
    @action(detail=True, methods=["post"])
    def revoke(self, request: Request, pk: str) -> Response:
        """Take it back: what rests on it leaves the public at once."""
        found = self.get_object()
        countries, programs = [found.country] if found.country else [], [found.program] if found.program else []
        self.require(permissions.can_record_authority(self.user, found.case, countries=countries, programs=programs))

        def perform() -> Any:
            self.checked(NoBody)
            revoke_authority(authority=found, by=self.user)
            return AuthoritySerializer(self.get_object()).data

        return self.act(perform)

    def _case(self) -> Case:
        """Return the case that the body names; any other is not found, whatever else the body says."""
        try:
            key = serializers.UUIDField().to_internal_value((self.request.data or {}).get("case"))
        except (serializers.ValidationError, AttributeError) as error:
            raise NotPermitted from error
        case: Case | None = Case.objects.visible_to(self.user).filter(pk=key).first()  # type: ignore[attr-defined]
        if case is None:
            raise NotPermitted
        return case


def _may_record(user: Any, case: Case) -> bool:
    """Say whether the person may record anything here; for which jurisdictions is the service's question."""
    if permissions.can_edit_case(user, case):
        return True
    return bool(access.agency_ids(user, Capability.COMPOSE_ALERTS) & agencies_on(case))


def _subject(case: Case, row: dict[str, Any]) -> Any:
    rows: Any = {"child": case.children, "person": case.people, "photo": case.photos.defer("jpeg")}
    found = rows[SUBJECTS[PublicItem(row["item"])]].filter(pk=row["subject"]).first()
    if found is None:
        raise serializers.ValidationError({"items": [_("The case has no such row.")]})
    return found


def _document(case: Case, key: Any) -> Document | None:
    if key is None:
        return None
    found = Document.objects.defer("content").filter(case=case, pk=key).first()
    if found is None:
        raise serializers.ValidationError({"document": [_("The case has no such document.")]})
    return found
