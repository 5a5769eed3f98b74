"""A case in a list, and a case whole."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext_lazy as _
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from agencies.api.fields import ActingAgencyField, DirectoryField, InstantField, SubdivisionField
from agencies.api.pages import PageQuery
from agencies.api.serializers import AgencySerializer, RowSerializer, Step, StrictSerializer
from agencies.choices import Capability, Country
from agencies.models import Agency
from cases import workflow
from cases.choices import CaseStatus
from cases.models import Case, CaseEvent, Photo
from cases.models.case_search import LEAST_LETTERS, MOST_LETTERS, CaseFilter, is_searchable
from cases.timeline import TITLES

from .closures import ClosureSerializer
from .facts import (
    AbductionSerializer,
    ChildSerializer,
    CrossingSerializer,
    PersonSerializer,
    VehicleSerializer,
)
from .fields import CodeValueField
from .movement import LinkSerializer, TravelLegSerializer
from .records import NoticeSerializer, ReferenceSerializer
from .recoveries import RecoverySerializer
from .sightings import SightingSerializer

# Steps with an address of their own; locating and recovering need more than a step and belong to the pages.
STEPS = ("activate", "resume_search", "close", "close_as_unfounded", "close_as_hoax", "reopen")
CASE_FIELDS = (
    "id", "reference", "agency_reference", "status", "status_label", "is_exercise", "lead_agency", "origin_country",
    "origin", "destination_country", "opened_at", "facts_version", "facts_changed_at",
)  # fmt: skip


class CaseQuery(PageQuery):
    """How a list of cases is narrowed: the same as on the page, with several statuses at once."""

    q = serializers.CharField(
        required=False, default="", allow_blank=True, max_length=MOST_LETTERS,
        help_text="Parts of a reference, file number, name or plate; accents do not matter.",
    )  # fmt: skip
    status = serializers.ListField(child=serializers.ChoiceField(choices=CaseStatus.choices), required=False)
    exercise = serializers.BooleanField(required=False, allow_null=True, default=None)
    category = CodeValueField(list_name="case_category", required=False, default="", allow_blank=True)
    origin = serializers.ChoiceField(choices=Country.choices, required=False, default="", allow_blank=True)
    toward = serializers.ChoiceField(choices=Country.choices, required=False, default="", allow_blank=True)
    lead = DirectoryField(queryset=Agency.objects.all(), required=False, default=None, help_text="Code of an agency.")
    opened_from = InstantField(required=False, default=None, help_text="The first moment that counts.")
    opened_before = InstantField(required=False, default=None, help_text="The first moment that counts no more.")

    def validate_q(self, words: str) -> str:
        """Refuse what is too short to be found by."""
        if words.strip() and not is_searchable(words):
            raise serializers.ValidationError(
                _("Type at least %(count)s letters or digits.") % {"count": LEAST_LETTERS}
            )
        return words

    def chosen(self) -> CaseFilter:
        """Return the filter of a validated query."""
        told = self.validated_data
        lead: Agency | None = told["lead"]
        return CaseFilter(
            statuses=tuple(told.get("status", ())), exercise=told["exercise"], origin=told["origin"],
            destination=told["toward"], category=told["category"], lead_agency=lead.pk if lead else None,
            opened_from=told["opened_from"], opened_before=told["opened_before"], words=told["q"],
        )  # fmt: skip


class CaseKey(serializers.Serializer):
    """Which case an act is about; the rest of the body is looked at after the right to act."""

    case = serializers.UUIDField()


class OpenCase(StrictSerializer):
    """What opening a case takes. Whether it is an exercise cannot be changed afterwards."""

    agency = ActingAgencyField(capability=Capability.EDIT_CASES)
    agency_reference = serializers.CharField(required=False, default="", allow_blank=True, max_length=60)
    is_exercise = serializers.BooleanField(default=False)

    def validate(self, values: dict[str, Any]) -> dict[str, Any]:
        """Fill in the person's only agency."""
        if "agency" not in values:
            field: Any = self.fields["agency"]
            values["agency"] = field.only_one()
        return values


class CaseSerializer(RowSerializer):
    """A case without any description of a person."""

    status_label = serializers.CharField(source="get_status_display", read_only=True)
    lead_agency = AgencySerializer(read_only=True)
    origin = SubdivisionField(read_only=True)

    class Meta:
        model = Case
        fields = CASE_FIELDS
        read_only_fields = fields


class PhotoSerializer(RowSerializer):
    """What is known of a picture; the picture itself is not part of the answer."""

    child = serializers.UUIDField(source="child_id", read_only=True, allow_null=True)
    person = serializers.UUIDField(source="person_id", read_only=True, allow_null=True)
    may_be_published = serializers.BooleanField(read_only=True)

    class Meta:
        model = Photo
        fields = (
            "id", "child", "person", "width", "height", "sha256", "taken_on", "added_at", "may_be_published",
        )  # fmt: skip
        read_only_fields = fields


class EventSerializer(RowSerializer):
    """One entry of the timeline."""

    title = serializers.SerializerMethodField()
    actor = serializers.CharField(source="actor.full_name", read_only=True, default="")
    agency = serializers.CharField(source="agency.code", read_only=True, default="")
    detail = serializers.DictField(read_only=True)

    class Meta:
        model = CaseEvent
        fields = ("id", "at", "kind", "title", "actor", "agency", "subject_type", "subject_id", "detail")
        read_only_fields = fields

    def get_title(self, event: CaseEvent) -> str:
        """Return what happened, in the reader's language."""
        return str(TITLES.get(event.kind, event.kind))


class CaseDetailSerializer(CaseSerializer):
    """A case with its facts, its timeline and the steps that this person may take now."""

    abduction = AbductionSerializer(read_only=True)
    children = ChildSerializer(many=True, read_only=True)
    people = PersonSerializer(many=True, read_only=True)
    vehicles = VehicleSerializer(many=True, read_only=True)
    crossing_indications = CrossingSerializer(source="crossingindications", many=True, read_only=True)
    legs = TravelLegSerializer(many=True, read_only=True)
    links = LinkSerializer(many=True, read_only=True)
    sightings = SightingSerializer(many=True, read_only=True)
    references = ReferenceSerializer(many=True, read_only=True)
    parallel_notices = NoticeSerializer(many=True, read_only=True)
    photos = PhotoSerializer(many=True, read_only=True)
    recoveries = RecoverySerializer(many=True, read_only=True)
    closures = ClosureSerializer(many=True, read_only=True)
    timeline = EventSerializer(source="events", many=True, read_only=True)
    steps = serializers.SerializerMethodField()

    class Meta:
        model = Case
        fields = (
            *CASE_FIELDS, "abduction", "children", "people", "vehicles", "crossing_indications", "legs", "links",
            "sightings", "references", "parallel_notices", "photos", "recoveries", "closures", "timeline", "steps",
        )  # fmt: skip
        read_only_fields = fields

    @extend_schema_field(Step(many=True))
    def get_steps(self, case: Case) -> Any:
        """Return the steps with an address of their own that are possible now."""
        user = self.context["request"].user
        possible = [step for step in workflow.CASE.available(case, user) if step.name in STEPS]
        return Step(possible, many=True).data


NO_FACT = _("Record at least one fact.")
