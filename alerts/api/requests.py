"""Requests to other programs: asking, acknowledging, deciding, withdrawing."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from django.db.models import Prefetch, QuerySet
from django.shortcuts import get_object_or_404
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from agencies.api.serializers import NoBody
from agencies.api.views import Listed, ResourceViewSet
from agencies.models import User
from alerts import permissions, workflow
from alerts.models import Alert, ExtensionRequest
from alerts.services import requests
from alerts.services.asking import Outcome, ask_programs, withdraw_all
from alerts.services.looks import looks_of_receivers
from alerts.services.reading import free_texts, languages_read, unread_by
from alerts.services.request_drafts import edit_draft
from alerts.services.writing import written_language
from cases.api.accesses import AccessSerializer
from cases.api.serializers import CaseKey
from cases.models import Case

from .exchange import ExchangeActs
from .request_serializers import (
    Acknowledge,
    Decide,
    EditDraft,
    OutcomesSerializer,
    RequestDetailSerializer,
    RequestQuery,
    RequestSerializer,
    SendRequest,
    SendRequests,
    Withdrawal,
    WithdrawAll,
)


def named_case(view: Any) -> Case:
    """Return the case that the body names, if this person may see it; the rest of the body comes later."""
    key = view.checked(CaseKey)["case"]
    return get_object_or_404(Case.objects.visible_to(view.user).select_related("lead_agency"), pk=key)


def _edit(*, request: ExtensionRequest, by: User, **values: str) -> None:
    edit_draft(request=request, by=by, values=values)


class LooksSerializer(serializers.Serializer):
    """The newest looks, at most 20."""

    results = AccessSerializer(many=True)


class RequestViewSet(ExchangeActs, Listed, ResourceViewSet):
    """Requests, on the side that asks and on the side that is asked."""

    model = ExtensionRequest
    serializer_class = RequestSerializer
    query_class = RequestQuery
    machines = (workflow.REQUEST, workflow.ALERT)

    @extend_schema(responses=LooksSerializer)
    @action(detail=True, methods=["get"], pagination_class=None)
    def looks(self, request: Request, pk: str) -> Response:
        """Return who of the asked program opened what of the case since it was asked; for the side that asked."""
        item = self.get_object()
        found = looks_of_receivers(item, self.user)
        self.require(found is not None)
        self.read([item], item.case_id)
        return Response(LooksSerializer({"results": found}).data)

    def shaped(self, rows: QuerySet[Any]) -> QuerySet[Any]:
        """Bring along both sides, and the alert where the person may see it: a draft is its program's own."""
        alerts = Prefetch("alert", Alert.objects.visible_to(self.user).only("id", "request_id"))
        rows = rows.select_related("program__agency", "asked_for", "requesting_agency", "case", "follows")
        return rows.prefetch_related(alerts)

    def filtered(self, rows: QuerySet[Any]) -> QuerySet[Any]:
        """Narrow by case and status."""
        query = self.query
        if "case" in query:
            rows = rows.filter(case=query["case"])
        return rows.filter(status__in=query["status"]) if query.get("status") else rows

    @extend_schema(parameters=[RequestQuery])
    def list(self, request: Request) -> Response:
        """Return one page of requests, the newest first."""
        return super().list(request)

    @extend_schema(responses=RequestDetailSerializer)
    def retrieve(self, request: Request, pk: str) -> Response:
        """Return one request."""
        item = self.get_object()
        self.read([item], item.case_id)
        return Response(RequestDetailSerializer(item, context=self.get_serializer_context()).data)

    @extend_schema(request=SendRequest, responses={201: RequestSerializer})
    def create(self, request: Request) -> Response:
        """Ask a program, or ask it again; its agency is put on the case. As a draft it stays in the own agency."""
        case = named_case(self)
        self.require(permissions.can_send_requests(self.user, case))

        def perform() -> Any:
            values = self.checked(SendRequest) | {"case": case}
            if follows := values.pop("follows"):
                values["follows"] = get_object_or_404(self.get_queryset(), pk=follows)
            make = requests.save_draft if values.pop("is_draft") else requests.send_request
            return self._answer(make(by=self.user, **values))

        return self.act(perform, status=201)

    @extend_schema(request=EditDraft, responses=RequestSerializer)
    def partial_update(self, request: Request, pk: str) -> Response:
        """Change the words of a draft; whoever saves it is one of its authors."""
        return self._take(permissions.can_ask, EditDraft, _edit)

    @extend_schema(request=NoBody, responses=RequestSerializer)
    @action(detail=True, methods=["post"])
    def send(self, request: Request, pk: str) -> Response:
        """Send a draft."""
        return self._take(permissions.can_ask, NoBody, requests.send_draft)

    @extend_schema(request=Acknowledge, responses=RequestSerializer)
    @action(detail=True, methods=["post"])
    def acknowledge(self, request: Request, pk: str) -> Response:
        """Record that the request was received."""
        return self._take(permissions.can_answer, Acknowledge, requests.acknowledge)

    @extend_schema(request=Decide, responses=RequestSerializer)
    @action(detail=True, methods=["post"])
    def decision(self, request: Request, pk: str) -> Response:
        """Accept or decline; accepting prepares the program's own alert."""
        return self._take(permissions.can_answer, Decide, requests.decide)

    @extend_schema(request=Withdrawal, responses=RequestSerializer)
    @action(detail=True, methods=["post"])
    def withdraw(self, request: Request, pk: str) -> Response:
        """Take the request back before its alert is active."""
        return self._take(permissions.can_ask, Withdrawal, requests.withdraw)

    @extend_schema(request=SendRequests, responses={201: OutcomesSerializer})
    @action(detail=False, methods=["post"])
    def several(self, request: Request) -> Response:
        """Ask several programs in one act; one refusal holds back no other. Says which words each cannot read."""
        case = named_case(self)
        self.require(permissions.can_send_requests(self.user, case))

        def perform() -> Any:
            values = self.checked(SendRequests) | {"case": case}
            texts = free_texts(case, values["note"], written_language(values["note"]))
            languages = languages_read(values["programs"])
            outcomes = ask_programs(by=self.user, as_drafts=values.pop("is_draft"), **values)
            unread = {program: unread_by(read, texts) for program, read in languages.items()}
            return self._outcomes(outcomes, unread)

        return self.act(perform, status=201)

    @extend_schema(request=WithdrawAll, responses=OutcomesSerializer)
    @action(detail=False, methods=["post"])
    def withdrawals(self, request: Request) -> Response:
        """Take back all requests of a case that wait; says which ones could not be, and why."""
        case = named_case(self)
        self.require(permissions.can_send_requests(self.user, case))
        return self.act(
            lambda: self._outcomes(withdraw_all(by=self.user, **(self.checked(WithdrawAll) | {"case": case})), {})
        )

    def _outcomes(self, outcomes: Sequence[Outcome], unread: dict[int, Any]) -> Any:
        rows = self.get_queryset().in_bulk([item.request.pk for item in outcomes if item.request])
        answers = [
            {"program": item.program, "request": rows.get(item.request.pk) if item.request else None,
             "refusal": item.refusal, "unread": unread.get(item.program.pk, [])}
            for item in outcomes
        ]  # fmt: skip
        return OutcomesSerializer({"outcomes": answers}).data

    def _take(self, may: Callable[..., bool], body: Any, service: Callable[..., None]) -> Response:
        item = self.get_object()
        self.require(may(self.user, item))

        def perform() -> Any:
            # A fresh row: the one read first knows its alert only as far as this person may see it.
            own = (
                ExtensionRequest.objects.visible_to(self.user).select_related("program__agency", "case").get(pk=item.pk)
            )
            service(request=own, by=self.user, **self.checked(body))
            return self._answer(own)

        return self.act(perform)

    def _answer(self, item: ExtensionRequest) -> Any:
        return RequestSerializer(self.get_queryset().get(pk=item.pk)).data
