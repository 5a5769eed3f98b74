"""Drafts of intakes by API: the agency's, kept version by version, merged field by field, opened as a case (U31)."""

from __future__ import annotations

from typing import Any

from django.utils.datastructures import MultiValueDict
from django.utils.translation import gettext_lazy as _
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from agencies import access
from agencies.api.fields import ActingAgencyField
from agencies.api.pages import KeysetPage
from agencies.api.serializers import NoBody, StrictSerializer
from agencies.api.views import ResourceViewSet
from agencies.choices import Capability
from agencies.identifiers import uuid7
from agencies.models import Agency
from agencies.refusals import EditConflict
from cases.forms.intake import IntakeForms
from cases.models import CaseDraft
from cases.models.draft import MOST_LISTED
from cases.services import drafts
from cases.services.intake import open_from_intake
from cases.services.merging import Typed

from .serializers import CaseSerializer

MOST_VALUES = 40
LONGEST = 4000


class ContentField(serializers.DictField):
    """The fields of the intake by name, each with its list of values, as its page sends them."""

    def __init__(self, **kwargs: Any) -> None:
        text = serializers.CharField(allow_blank=True, max_length=LONGEST, trim_whitespace=False)
        super().__init__(child=serializers.ListField(child=text, max_length=MOST_VALUES), **kwargs)


class DraftRow(serializers.ModelSerializer):
    """A draft in a list: whose, which version, since when; nothing that was typed."""

    agency = serializers.CharField(source="agency.code", read_only=True)
    saved_by = serializers.CharField(source="saved_by.full_name", read_only=True)
    is_exercise = serializers.BooleanField(read_only=True)

    class Meta:
        model = CaseDraft
        fields = ("id", "agency", "version", "created_at", "saved_at", "saved_by", "is_exercise")
        read_only_fields = fields


class DraftSerializer(DraftRow):
    """A draft whole."""

    content = ContentField(read_only=True)

    class Meta(DraftRow.Meta):
        fields = (*DraftRow.Meta.fields, "content")  # type: ignore[assignment]
        read_only_fields = fields  # type: ignore[assignment]


class BeginDraft(StrictSerializer):
    """What beginning a draft takes; an `id` of your own makes the same draft of a repeat."""

    id = serializers.UUIDField(required=False)
    agency = ActingAgencyField(capability=Capability.EDIT_CASES)
    content = ContentField()

    def validate(self, values: dict[str, Any]) -> dict[str, Any]:
        """Fill in the person's only agency."""
        if "agency" not in values:
            field: Any = self.fields["agency"]
            values["agency"] = field.only_one()
        return values


class ChangeDraft(StrictSerializer):
    """The fields that change, made on the `version` that was read; fields left out stay as they were."""

    version = serializers.IntegerField(min_value=1)
    content = ContentField()


class DraftSaved(StrictSerializer):
    """The answer to a save: the new version and the names of what a colleague changed, no values."""

    id = serializers.UUIDField()
    version = serializers.IntegerField()
    taken = serializers.ListField(child=serializers.CharField())


class DraftPages(KeysetPage):
    """The newest drafts, as on the page of cases: a night's work is a few of them."""

    def paginate_queryset(self, queryset: Any, request: Request, view: Any = None) -> list[CaseDraft]:
        """Return the newest."""
        return list(queryset[:MOST_LISTED])


class DraftViewSet(ResourceViewSet):
    """Drafts of the person's agencies."""

    model = CaseDraft
    serializer_class = DraftSerializer
    pagination_class = DraftPages

    def shaped(self, rows: Any) -> Any:
        """Bring along what the answer names."""
        return rows.select_related("agency", "saved_by")

    @extend_schema(responses=DraftRow(many=True))
    def list(self, request: Request) -> Response:
        """Return the newest drafts without what was typed; their ids are recorded as read."""
        rows = self.paginate_queryset(self.get_queryset())
        self.read(rows)
        return self.get_paginated_response(DraftRow(rows, many=True).data)

    @extend_schema(responses=DraftSerializer)
    def retrieve(self, request: Request, pk: str) -> Response:
        """Return a draft with everything typed into it."""
        draft = self.get_object()
        self.read([draft])
        return Response(DraftSerializer(draft).data)

    @extend_schema(request=BeginDraft, responses={201: DraftSaved})
    def create(self, request: Request) -> Response:
        """Begin a draft; it belongs to the agency."""
        self.require(access.agency_ids(self.user, Capability.EDIT_CASES))

        def perform() -> Any:
            values = self.checked(BeginDraft)
            return self._save(values.get("id") or uuid7(), values["agency"], values["content"], 0)

        return self.act(perform, status=201)

    @extend_schema(request=ChangeDraft, responses=DraftSaved)
    def partial_update(self, request: Request, pk: str) -> Response:
        """Change fields; what a colleague changed meanwhile goes together, both values of the rest come back."""
        draft = self.get_object()

        def perform() -> Any:
            values = self.checked(ChangeDraft)
            base = draft.versions.filter(number=values["version"]).first()
            content = {**(base.content if base else draft.content), **values["content"]}
            return self._save(draft.pk, draft.agency, content, values["version"])

        return self.act(perform)

    @extend_schema(request=NoBody, responses={201: CaseSerializer})
    @action(detail=True, methods=["post"])
    def open(self, request: Request, pk: str) -> Response:
        """Open the draft as a case, by the same rules as the page."""
        draft = self.get_object()

        def perform() -> Any:
            self.checked(NoBody)
            content = {"agency": [str(draft.agency_id)], **draft.content}
            forms = IntakeForms(self.user, MultiValueDict(content))
            if not forms.is_valid():
                raise serializers.ValidationError(_errors(forms))
            case = open_from_intake(by=self.user, items=forms.items(), draft_id=draft.pk, **forms.opening.cleaned_data)
            return CaseSerializer(case).data

        return self.act(perform, status=201)

    @extend_schema(request=NoBody, responses=NoBody)
    @action(detail=True, methods=["post"])
    def discard(self, request: Request, pk: str) -> Response:
        """Remove the draft with everything typed into it."""
        draft = self.get_object()

        def perform() -> Any:
            self.checked(NoBody)
            drafts.discard_draft(draft=draft, by=self.user)
            return {}

        return self.act(perform)

    def _save(self, key: Any, agency: Agency, content: Typed, seen: int) -> dict[str, Any]:
        known = IntakeForms(self.user).names()
        if strange := sorted(set(content) - known):
            message = _("This field is not known or cannot be written.")
            raise serializers.ValidationError({"content": {name[:60]: [message] for name in strange}})
        kept = {name: values for name, values in content.items() if any(value.strip() for value in values)}
        saved = drafts.save_draft(draft_id=key, by=self.user, agency=agency, content=kept, seen_version=seen)
        if saved.merged.conflicts:
            both = {
                name: {"mine": kept.get(name, []), "theirs": saved.draft.content.get(name, [])}
                for name in saved.merged.conflicts
            }
            raise EditConflict(_("A colleague changed the same fields"), both)
        return {"id": saved.draft.pk, "version": saved.draft.version, "taken": saved.merged.taken}


def _errors(forms: IntakeForms) -> dict[str, list[str]]:
    """Return the errors of every section by the names of the fields as a draft holds them."""
    return {
        form.add_prefix(name) if name != "__all__" else "non_field_errors": [str(item) for item in errors]
        for form in forms.all
        for name, errors in form.errors.items()
    }
