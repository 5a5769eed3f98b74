"""Proposed corrections by API: other agencies propose, the lead agency decides (U31)."""

from __future__ import annotations

from typing import Any

from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from agencies.api.serializers import RowSerializer, StrictSerializer
from agencies.api.views import ResourceViewSet
from cases import permissions
from cases.forms.coded_rows import BY_COLUMN, ROWS
from cases.forms.corrections import (
    LANGUAGE,
    SHAPES,
    TOGETHER,
    correction_form,
    fields_of,
    proposable,
    value_now,
    whole_value,
)
from cases.forms.new_rows import as_typed, new_row_form, typed_row
from cases.forms.proposals import corrected, is_overtaken
from cases.models import CorrectionProposal, Sighting
from cases.models.correction import NEW_ROWS
from cases.services import corrections

from .fields import CodeValueField
from .sightings import Recorded, recorded


class CorrectionSerializer(RowSerializer):
    """A proposal and what became of it. Values are as a form of the page sends them."""

    case = serializers.UUIDField(source="case_id", read_only=True)
    agency = serializers.CharField(source="agency.code", read_only=True)
    before = serializers.ListField(child=serializers.CharField(), read_only=True)
    value = serializers.ListField(child=serializers.CharField(), read_only=True)
    row = serializers.DictField(child=serializers.CharField(), read_only=True)

    class Meta:
        model = CorrectionProposal
        fields = (
            "id", "case", "agency", "subject_type", "subject_id", "field_name", "before", "value", "reason",
            "row", "reason_language", "proposed_at", "decision", "decided_at", "refusal",
        )  # fmt: skip
        read_only_fields = fields


class WholeCorrectionSerializer(CorrectionSerializer):
    """The same with the value of the fact now, empty where the reader may not see it or the fact is gone."""

    now = serializers.SerializerMethodField()
    is_overtaken = serializers.SerializerMethodField()

    class Meta(CorrectionSerializer.Meta):
        fields: Any = (*CorrectionSerializer.Meta.fields, "now", "is_overtaken")
        read_only_fields = fields

    def get_now(self, proposal: CorrectionProposal) -> list[str]:
        """Return the value as a form of the page would send it."""
        row = self._row(proposal)
        return [] if row is None else value_now(row, proposal.field_name)

    def get_is_overtaken(self, proposal: CorrectionProposal) -> bool:
        """Say whether the fact has changed since the proposal; then only `seen` takes it over."""
        row = self._row(proposal)
        return row is not None and is_overtaken(proposal, row, value_now(row, proposal.field_name))

    def _row(self, proposal: CorrectionProposal) -> Any:
        row = None if proposal.row else proposal.subject()
        return None if isinstance(row, Sighting) else row


class AcceptCorrection(StrictSerializer):
    """`seen` is the value of the fact that was looked at (`now`); needed where it has changed since the proposal."""

    seen = serializers.ListField(
        child=serializers.CharField(max_length=200, allow_blank=True), max_length=20, required=False
    )


class ProposeCorrection(StrictSerializer):
    """Another value for one field of one row, and how the proposer knows.

    A row of clothing or of marks is one value, its two codes with a space between them: `scar left_cheek`. A clock goes
    with its zone, a latitude with its longitude, a place of a travel leg with the language of its words: two values,
    either of which may be empty.

    Or a whole new `row`, a travel leg or a link, instead of `subject_id`, `field_name` and `value`: what a form of the
    page sends, by the name of its field; clocks are local, with their zone.
    """

    subject_type = serializers.ChoiceField(choices=sorted(SHAPES))
    subject_id = serializers.UUIDField(required=False)
    field_name = serializers.CharField(max_length=60, required=False)
    value = serializers.ListField(
        child=serializers.CharField(max_length=200, allow_blank=True), max_length=20, required=False
    )
    row = serializers.DictField(child=serializers.CharField(max_length=120, allow_blank=True), required=False)
    reason = serializers.CharField(max_length=500)

    def validate(self, values: dict[str, Any]) -> dict[str, Any]:
        """Refuse a field that nobody may correct, a new row of another kind, and both at once or neither."""
        of_a_field = [name for name in ("subject_id", "field_name", "value") if name in values]
        if "row" in values:
            if of_a_field:
                raise serializers.ValidationError({"row": [_("A new row stands alone.")]})
            if values["subject_type"] not in NEW_ROWS:
                raise serializers.ValidationError({"subject_type": [_("No new row of this kind can be proposed.")]})
            return values
        if missing := {"subject_id", "field_name", "value"}.difference(of_a_field):
            needed = serializers.Field.default_error_messages["required"]
            raise serializers.ValidationError({name: [needed] for name in sorted(missing)})
        if values["field_name"] not in proposable(values["subject_type"]):
            raise serializers.ValidationError({"field_name": [_("No correction can be proposed for this field.")]})
        if values["field_name"] in BY_COLUMN and len(values["value"]) > ROWS:
            raise serializers.ValidationError(
                {"value": [_("At most %(count)s rows can be proposed.") % {"count": ROWS}]}
            )
        return values


def in_the_language_of_the_call(name: str, values: dict[str, Any]) -> list[str]:
    """Return the value of a proposal; words that came without their language are in that of the call."""
    alone = len(values["value"]) == 1 and LANGUAGE in TOGETHER.get(values["subject_type"], {}).get(name, ())
    return [*values["value"], (get_language() or "en")[:2]] if alone else values["value"]


class RefuseCorrection(StrictSerializer):
    """Why the recorded value stays."""

    refusal = CodeValueField(list_name="correction_refusal")


class CorrectionActions:
    """The addresses under one case."""

    @extend_schema(request=ProposeCorrection, responses={201: Recorded})
    @action(detail=True, methods=["post"])
    def corrections(self: Any, request: Request, pk: str) -> Response:
        """Propose a correction to the lead agency; the facts stay as they are until it decides."""
        case = self.get_object()
        self.require(permissions.can_propose_correction(self.user, case))

        def perform() -> Any:
            values = self.checked(ProposeCorrection)
            if "row" in values:
                return recorded(self._propose_row(case, values))
            name, reason = values["field_name"], values["reason"]
            model = SHAPES[values["subject_type"]].Meta.model
            row = model.objects.visible_to(self.user).filter(pk=values["subject_id"], case=case).first()
            if row is None:
                raise serializers.ValidationError({"subject_id": [_("This does not belong to the case.")]})
            before = value_now(row, name)  # the form writes into its row
            sent = whole_value(values["subject_type"], name, in_the_language_of_the_call(name, values))
            form = correction_form(row, name, sent)
            if not form.is_valid() or not form.has_changed():
                wrong = [error for field in fields_of(form, name) for error in field.errors]
                told = wrong or [_("This is the value recorded now.")]
                raise serializers.ValidationError({"value": [str(item) for item in told]})
            return recorded(
                corrections.propose_correction(
                    case=case, by=self.user, subject=row, field_name=name, before=before, value=sent, reason=reason,
                )
            )  # fmt: skip

        return self.act(perform, status=201)  # type: ignore[no-any-return]

    def _propose_row(self: Any, case: Any, values: dict[str, Any]) -> CorrectionProposal:
        kind, row = values["subject_type"], dict(values["row"])
        if unknown := sorted(set(row) - set(SHAPES[kind].Meta.fields)):
            raise serializers.ValidationError({f"row.{name}": [_("This field is not known.")] for name in unknown})
        if LANGUAGE in SHAPES[kind].Meta.fields and (row.get("from_place") or row.get("to_place")):
            row.setdefault(LANGUAGE, (get_language() or "en")[:2])
        form = new_row_form(case, kind, as_typed(row))
        if not form.is_valid():
            raise serializers.ValidationError({
                f"row.{name}" if name in form.fields else "row": [str(error) for error in errors]
                for name, errors in form.errors.items()
            })  # fmt: skip
        return corrections.propose_row(
            case=case, by=self.user, kind=kind, row=typed_row(kind, as_typed(row)), reason=values["reason"]
        )


class CorrectionViewSet(ResourceViewSet):
    """Proposals on the cases that the person's agencies are on."""

    model = CorrectionProposal
    serializer_class = CorrectionSerializer

    def shaped(self, rows: Any) -> Any:
        """Bring along what the answer names."""
        return rows.select_related("case__lead_agency", "agency")

    @extend_schema(responses=WholeCorrectionSerializer)
    def retrieve(self, request: Request, pk: str) -> Response:
        """Return one proposal; it is recorded as read."""
        proposal = self.get_object()
        self.read([proposal], proposal.case_id)
        return Response(WholeCorrectionSerializer(proposal, context=self.get_serializer_context()).data)

    @extend_schema(request=AcceptCorrection, responses=Recorded)
    @action(detail=True, methods=["post"])
    def accept(self, request: Request, pk: str) -> Response:
        """Take the proposed value into the facts, in one act. Refuses a fact that has changed unseen."""
        proposal = self._decided_by_the_lead()

        def perform() -> Any:
            row, names = corrected(proposal, self.checked(AcceptCorrection).get("seen"))
            corrections.accept_correction(
                proposal=proposal, by=self.user, row=row, names=names, seen_version=proposal.case.facts_version
            )
            return recorded(proposal)

        return self.act(perform)

    @extend_schema(request=RefuseCorrection, responses=Recorded)
    @action(detail=True, methods=["post"])
    def refuse(self, request: Request, pk: str) -> Response:
        """Leave the fact as it is, for a coded reason."""
        proposal = self._decided_by_the_lead()

        def perform() -> Any:
            corrections.refuse_correction(proposal=proposal, by=self.user, **self.checked(RefuseCorrection))
            return recorded(proposal)

        return self.act(perform)

    def _decided_by_the_lead(self) -> CorrectionProposal:
        proposal: CorrectionProposal = self.get_object()
        self.require(permissions.can_edit_case(self.user, proposal.case))
        return proposal
