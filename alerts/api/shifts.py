"""Handoffs between the shifts of one's own desks, and what was promised by telephone (U41)."""

from __future__ import annotations

from typing import Any

from django.db.models import QuerySet
from django.http import Http404
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from agencies.api.fields import InstantField
from agencies.api.pages import PageQuery
from agencies.api.serializers import AgencySerializer, NoBody, RowSerializer, StrictSerializer
from agencies.api.views import Listed, ResourceViewSet
from agencies.models import Agency
from alerts import permissions
from alerts.models import ShiftNote, ShiftPromise
from alerts.services import shifts
from alerts.shift_content import Scope, Section, sections_of
from cases.models import Case


class ShiftNoteSerializer(RowSerializer):
    """One note without what it says; people by their ids."""

    agency = AgencySerializer(read_only=True)
    accepted_by = serializers.UUIDField(source="accepted_by_id", read_only=True, allow_null=True)

    class Meta:
        model = ShiftNote
        fields = (
            "id", "agency", "ends_at", "leaving", "coming", "created_at", "accepted_at", "accepted_by", "alarmed_at",
            "dropped_at",
        )  # fmt: skip
        read_only_fields = fields


class ShiftPromiseSerializer(RowSerializer):
    """One promise."""

    agency = serializers.CharField(source="agency.code", read_only=True)
    case = serializers.UUIDField(source="case_id", read_only=True, allow_null=True)
    written_by = serializers.UUIDField(source="written_by_id", read_only=True)

    class Meta:
        model = ShiftPromise
        fields = ("id", "agency", "case", "words", "words_language", "due_at", "created_at", "written_by", "settled_at")
        read_only_fields = fields


class WritePromise(StrictSerializer):
    """What was promised, at which desk (by its code), about which case, until when."""

    agency = serializers.CharField(max_length=40)
    words = serializers.CharField(max_length=300)
    case = serializers.UUIDField(required=False, allow_null=True, default=None)
    due_at = InstantField(required=False, allow_null=True, default=None)


class ShiftNoteViewSet(Listed, ResourceViewSet):
    """Handoffs of the person's own desks; another desk's are its own affair."""

    model = ShiftNote
    serializer_class = ShiftNoteSerializer

    def shaped(self, rows: QuerySet[Any]) -> QuerySet[Any]:
        """Bring along what the answer names."""
        return rows.select_related("agency")

    @extend_schema(parameters=[PageQuery])
    def list(self, request: Request) -> Response:
        """Return one page of notes, the newest first."""
        return super().list(request)

    @extend_schema(responses=ShiftNoteSerializer)
    def retrieve(self, request: Request, pk: str) -> Response:
        """Return one note with what it says to this person now: references, states and moments."""
        note = self.get_object()
        handed = note.handed if note.accepted_at else None
        sections = sections_of(Scope(self.user, note.agency_id, shifts.next_end(note), handed))
        self.read([note])
        self.read([item.row for section in sections for item in section.rows])
        shown = {**self.get_serializer(note).data, "sections": [_section(section) for section in sections]}
        return Response(shown)

    @extend_schema(request=NoBody, responses=ShiftNoteSerializer)
    @action(detail=True, methods=["post"])
    def accept(self, request: Request, pk: str) -> Response:
        """Take over from a shift."""
        note = self.get_object()
        self.require(permissions.can_accept_shift(self.user, note))

        def perform() -> Any:
            self.checked(NoBody)
            shifts.accept(note=note, by=self.user)
            return self.get_serializer(self.get_object()).data

        return self.act(perform)


class ShiftPromiseViewSet(Listed, ResourceViewSet):
    """What the person's desks promised by telephone, as far as they see the case that it is about."""

    model = ShiftPromise
    serializer_class = ShiftPromiseSerializer

    def shaped(self, rows: QuerySet[Any]) -> QuerySet[Any]:
        """Bring along what the answer names."""
        return rows.select_related("agency")

    @extend_schema(parameters=[PageQuery])
    def list(self, request: Request) -> Response:
        """Return one page of promises, the newest first, settled ones too."""
        return super().list(request)

    @extend_schema(request=WritePromise, responses={201: ShiftPromiseSerializer})
    def create(self, request: Request) -> Response:
        """Write a promise down; it stands in every handoff of the desk until it is settled."""

        def perform() -> Any:
            values = self.checked(WritePromise)
            agency = Agency.objects.filter(code=values["agency"]).first()
            self.require(agency is not None and permissions.can_read_shifts(self.user, agency.pk))
            case = None
            if values["case"] is not None:
                case = Case.objects.visible_to(self.user).filter(pk=values["case"]).first()  # type: ignore[attr-defined]
                if case is None:
                    raise Http404
            assert agency is not None  # noqa: S101  required above
            made = shifts.promise(
                agency=agency, words=values["words"], case=case, due_at=values["due_at"], by=self.user
            )
            return {"id": str(made.pk)}

        return self.act(perform, status=201)

    @extend_schema(request=NoBody, responses=ShiftPromiseSerializer)
    @action(detail=True, methods=["post"])
    def settle(self, request: Request, pk: str) -> Response:
        """Note that a promise was kept, or has no object any more."""
        promise = self.get_object()
        self.require(permissions.can_read_shifts(self.user, promise.agency_id))

        def perform() -> Any:
            self.checked(NoBody)
            shifts.settle(promise=promise, by=self.user)
            return {"id": str(promise.pk), "settled": True}

        return self.act(perform)


def _section(section: Section) -> dict[str, Any]:
    return {
        "key": section.key,
        "title": str(section.title),
        "is_cut": section.is_cut,
        "rows": [
            {
                "id": str(item.row.pk), "reference": item.reference, "about": item.about, "state": str(item.state),
                "due_at": item.due_at, "is_exercise": item.is_exercise,
                "next_step": item.next_rung.step if item.next_rung else None,
                "next_step_at": item.next_rung.due_at if item.next_rung else None,
            }
            for item in section.rows
        ],
    }  # fmt: skip
