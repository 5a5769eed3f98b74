"""Updates of active alerts: read with what changed, worded, submitted, issued by a second officer, or refused."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.db.models import QuerySet
from drf_spectacular.utils import extend_schema, extend_schema_field
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from agencies.api.fields import ProgramField
from agencies.api.pages import PageQuery
from agencies.api.serializers import NoBody, RowSerializer, Step, StrictSerializer
from agencies.api.views import Listed, ResourceViewSet
from agencies.choices import Language
from alerts import permissions, workflow
from alerts.choices import UpdateStatus
from alerts.differences import differences
from alerts.models import AlertUpdate
from alerts.services import facts_read, updates
from alerts.services.updates import update_hash
from cases.api.fields import CodeValueField

from .serializers import EditedWords, TypedWordsRead
from .wording import present_values, refuse_differences, whole_words

STEPS = ("submit", "revise", "issue", "refuse")
FIELDS = (
    "id", "alert", "case", "program", "kind", "kind_label", "status", "status_label", "hours", "areas", "reason",
    "photo",
    "created_at", "submitted_at", "decided_at", "refusal_reason", "typed_read_at", "message",
)  # fmt: skip


class UpdateQuery(PageQuery):
    """How a list of Updates is narrowed."""

    alert = serializers.UUIDField(required=False)
    status = serializers.ListField(child=serializers.ChoiceField(choices=UpdateStatus.choices), required=False)


class UpdateSerializer(RowSerializer):
    """An Update without its words; `hours` and `reason` belong to a renewal, `areas` to a changed area."""

    alert = serializers.UUIDField(source="alert_id", read_only=True)
    case = serializers.UUIDField(source="alert.case_id", read_only=True)
    program = ProgramField(source="alert.program", read_only=True)
    kind_label = serializers.CharField(source="get_kind_display", read_only=True)
    status_label = serializers.CharField(source="get_status_display", read_only=True)
    photo = serializers.UUIDField(source="photo_id", read_only=True, allow_null=True)
    message = serializers.CharField(source="message.identifier", read_only=True, default=None)

    class Meta:
        model = AlertUpdate
        fields = FIELDS
        read_only_fields = fields


class UpdateSaved(UpdateSerializer):
    """The answer to an act: the Update without its words, and the hash of its present content."""

    content_hash = serializers.SerializerMethodField()

    class Meta:
        model = AlertUpdate
        fields = (*FIELDS, "content_hash")
        read_only_fields = fields

    def get_content_hash(self, update: AlertUpdate) -> str:
        """Return the hash of what issuing now would cover."""
        return update_hash(update)


class UpdateText(serializers.Serializer):
    """The words in one language."""

    language = serializers.ChoiceField(choices=Language.choices)
    source = serializers.CharField()
    event = serializers.CharField()
    headline = serializers.CharField()
    description = serializers.CharField()
    instruction = serializers.CharField()


class ChangedValue(serializers.Serializer):
    """One line of what changed since the program last issued, in the reader's language."""

    subject = serializers.CharField()
    field = serializers.CharField()
    before = serializers.CharField()
    after = serializers.CharField()


class UpdateDetail(UpdateSaved):
    """An Update with its words, what changed since the program last issued, and the steps possible now."""

    texts = serializers.SerializerMethodField()
    differences = serializers.SerializerMethodField()
    steps = serializers.SerializerMethodField()

    class Meta:
        model = AlertUpdate
        fields = (*FIELDS, "content_hash", "texts", "differences", "steps")
        read_only_fields = fields

    @extend_schema_field(UpdateText(many=True))
    def get_texts(self, update: AlertUpdate) -> Any:
        """Return the words by language."""
        return UpdateText(
            [{"source": "", **text, "language": code} for code, text in sorted(update.texts.items())], many=True
        ).data

    @extend_schema_field(ChangedValue(many=True))
    def get_differences(self, update: AlertUpdate) -> Any:
        """Return old and new values side by side."""
        return ChangedValue(differences(facts_read.facts_before(update), update.facts), many=True).data

    @extend_schema_field(Step(many=True))
    def get_steps(self, update: AlertUpdate) -> Any:
        """Return the steps that this person may take now."""
        user = self.context["request"].user
        possible = [step for step in workflow.UPDATE.available(update, user) if step.name in STEPS]
        return Step(possible, many=True).data


class RefuseUpdate(StrictSerializer):
    """Why the alert stays as it was issued."""

    reason = CodeValueField(list_name="update_refusal")


class UpdateViewSet(Listed, ResourceViewSet):
    """Updates of the alerts of the person's own programs; another program's are its own affair."""

    model = AlertUpdate
    serializer_class = UpdateSerializer
    query_class = UpdateQuery
    machines = (workflow.UPDATE,)

    def shaped(self, rows: QuerySet[Any]) -> QuerySet[Any]:
        """Bring along what the answer names; a list goes without words, facts and pictures."""
        rows = rows.select_related(
            "alert__program__agency", "alert__case", "alert__request", "alert__criteria", "photo", "message"
        ).defer("photo__jpeg", "message__xml")
        return rows.defer("facts", "photo__jpeg", "message__xml", "message__texts") if self.action == "list" else rows

    def filtered(self, rows: QuerySet[Any]) -> QuerySet[Any]:
        """Narrow by alert and status."""
        query = self.query
        if "alert" in query:
            rows = rows.filter(alert=query["alert"])
        return rows.filter(status__in=query["status"]) if query.get("status") else rows

    @extend_schema(parameters=[UpdateQuery])
    def list(self, request: Request) -> Response:
        """Return one page of Updates, the newest first."""
        return super().list(request)

    @extend_schema(responses=UpdateDetail)
    def retrieve(self, request: Request, pk: str) -> Response:
        """Return one Update with its words and what changed; it is recorded as read."""
        update = self.get_object()
        self.read([update], update.case.pk)
        return Response(UpdateDetail(update, context=self.get_serializer_context()).data)

    @extend_schema(request=EditedWords, responses=UpdateSaved)
    def partial_update(self, request: Request, pk: str) -> Response:
        """Change words; a submitted Update goes back to preparation."""
        return self._take(permissions.can_word_update, self._edit)

    @extend_schema(request=NoBody, responses=UpdateSaved)
    @action(detail=True, methods=["post"])
    def submit(self, request: Request, pk: str) -> Response:
        """Ask the program's approvers."""
        return self._take(permissions.can_word_update, lambda update: self._plain(updates.submit, update))

    @extend_schema(request=NoBody, responses=UpdateSaved)
    @action(detail=True, methods=["post"])
    def revise(self, request: Request, pk: str) -> Response:
        """Take a submitted Update back into preparation."""
        return self._take(permissions.can_word_update, lambda update: self._plain(updates.revise, update))

    @extend_schema(request=TypedWordsRead, responses=UpdateSaved)
    @action(detail=True, methods=["post"])
    def issue(self, request: Request, pk: str) -> Response:
        """Issue exactly the content that the hash names; the second officer's act."""
        return self._take(permissions.can_decide_update, self._issue)

    @extend_schema(request=RefuseUpdate, responses=UpdateSaved)
    @action(detail=True, methods=["post"])
    def refuse(self, request: Request, pk: str) -> Response:
        """Decide that the alert stays as it was issued."""
        return self._take(
            permissions.can_decide_update,
            lambda update: updates.refuse(update=update, by=self.user, **self.checked(RefuseUpdate)),
        )

    def _take(self, may: Callable[..., bool], perform: Callable[[AlertUpdate], Any]) -> Response:
        update = self.get_object()
        self.require(may(self.user, update))

        def answer() -> Any:
            perform(update)
            return UpdateSaved(self.get_queryset().get(pk=update.pk)).data

        return self.act(answer)

    def _plain(self, service: Callable[..., Any], update: AlertUpdate) -> None:
        self.checked(NoBody)
        service(update=update, by=self.user)

    def _issue(self, update: AlertUpdate) -> None:
        values = self.checked(TypedWordsRead)
        updates.issue(
            update=update, by=self.user, seen_hash=values["content_hash"], typed_words_read=values["typed_words_read"]
        )

    def _edit(self, update: AlertUpdate) -> None:
        values = self.checked(EditedWords)
        texts, seen = whole_words(update.texts, values.get("texts", [])), update_hash(update)
        refuse_differences(values, present_values(update.texts), is_newer=values["content_hash"] != seen)
        updates.edit(update=update, by=self.user, texts=texts, seen_hash=seen)
