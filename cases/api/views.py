"""Cases: list, file, opening, steps, and new rows of facts."""

from __future__ import annotations

from typing import Any

from django.db.models import Prefetch, QuerySet
from django.utils.translation import gettext_lazy as _
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from agencies import access
from agencies.api.pages import KeysetPage, bad_key
from agencies.api.serializers import NoBody
from agencies.api.views import Listed, ResourceViewSet
from agencies.choices import Capability
from cases import permissions, workflow
from cases.models import (
    Case,
    CaseAccess,
    CaseEvent,
    Child,
    CrossingIndication,
    Link,
    Person,
    Photo,
    Recovery,
    TravelLeg,
    Vehicle,
)
from cases.services.closures import close_case, inform_family, reopen
from cases.services.files import open_case

from .accesses import AccessActions
from .closures import CloseCase, EndCase, ReopenCase
from .corrections import CorrectionActions
from .facts import (
    ChildSerializer,
    CrossingSerializer,
    FactsSaved,
    FactsSerializer,
    PersonSerializer,
    VehicleSerializer,
)
from .handovers import HandoverActions
from .history import HistoryActions
from .law import LawActions
from .movement import LinkSerializer, TravelLegSerializer
from .opinions import OpinionActions
from .parts import PartActions
from .records import RecordActions
from .recoveries import RecoverySerializer, ReportLocated, report
from .rows import facts_saved, save_row
from .seals import SealActions
from .serializers import NO_FACT, CaseDetailSerializer, CaseQuery, CaseSerializer, OpenCase
from .sharing import SharingActions


class CasePages(KeysetPage):
    """Pages of cases come from the gateway, one index walk per agency, with a capped count (design §7)."""

    def paginate_queryset(self, queryset: QuerySet[Any], request: Request, view: Any = None) -> list[Any]:
        """Return one page of the person's cases. Refuses a malformed key."""
        asked = CaseQuery(data=request.query_params)
        asked.is_valid(raise_exception=True)
        query = asked.validated_data
        try:
            self.page = CaseAccess.page(view.user, after=query["after"], limit=query["limit"], chosen=asked.chosen())
        except (ValueError, OverflowError, OSError) as error:  # what a number that is no moment raises
            raise bad_key() from error
        return self.page.cases

    def get_paginated_response(self, data: Any) -> Response:
        """Answer with the rows, the key of the next page and the capped count."""
        page = self.page
        return Response(
            {"results": data, "after": page.after, "count": page.count, "is_count_capped": page.is_count_capped}
        )

    def get_paginated_response_schema(self, schema: dict[str, Any]) -> dict[str, Any]:
        """Describe that answer."""
        described = super().get_paginated_response_schema(schema)
        described["required"] += ["count", "is_count_capped"]
        described["properties"] |= {"count": {"type": "integer"}, "is_count_capped": {"type": "boolean"}}
        return described


class CaseViewSet(
    LawActions,
    OpinionActions,
    RecordActions,
    CorrectionActions,
    SharingActions,
    HistoryActions,
    PartActions,
    AccessActions,
    HandoverActions,
    SealActions,
    Listed,
    ResourceViewSet,
):
    """Cases of the person's agencies. Descriptions of people stand in the file of one case only."""

    model = Case
    serializer_class = CaseSerializer
    query_class = CaseQuery
    pagination_class = CasePages
    machines = (workflow.CASE,)

    def shaped(self, rows: QuerySet[Any]) -> QuerySet[Any]:
        """Fetch the whole file in a constant number of queries; entries kept inside another agency stay there."""
        rows = rows.select_related("lead_agency")
        if self.action != "retrieve":
            return rows
        events = CaseEvent.objects.visible_to(self.user).select_related("actor", "agency")
        return rows.select_related("abduction").prefetch_related(
            "children", "people", "vehicles__plates", "crossingindications", "legs", "links", "sightings__agency",
            "sightings__indication", "references__agency", "parallel_notices__agency", "closures",
            Prefetch("recoveries", Recovery.objects.select_related("holding_agency")),
            "recoveries__confirmations", Prefetch("events", events),
            Prefetch("photos", Photo.objects.defer("jpeg").prefetch_related("authorities")),
        )  # fmt: skip

    @extend_schema(parameters=[CaseQuery])
    def list(self, request: Request) -> Response:
        """Return one page of cases, the newest first."""
        return super().list(request)

    @extend_schema(responses=CaseDetailSerializer)
    def retrieve(self, request: Request, pk: str) -> Response:
        """Return the whole file; its ids are recorded as read."""
        case = self.get_object()
        rows = [*case.children.all(), *case.people.all(), *case.vehicles.all(), *case.crossingindications.all()]
        rows += [*case.legs.all(), *case.links.all(), *case.sightings.all(), *case.references.all()]
        rows += case.parallel_notices.all()
        self.read([case, case.abduction, *rows, *case.photos.all()], case.pk)
        return Response(CaseDetailSerializer(case, context=self.get_serializer_context()).data)

    @extend_schema(request=OpenCase, responses={201: CaseSerializer})
    def create(self, request: Request) -> Response:
        """Open a case in intake."""
        self.require(access.agency_ids(self.user, Capability.EDIT_CASES))
        return self.act(
            lambda: CaseSerializer(open_case(by=self.user, **self.checked(OpenCase))).data,
            status=201,
        )

    @extend_schema(request=NoBody, responses=CaseSerializer)
    @action(detail=True, methods=["post"])
    def activate(self, request: Request, pk: str) -> Response:
        """Activate a case that has a child."""
        return self._take("activate")

    @extend_schema(request=NoBody, responses=CaseSerializer)
    @action(detail=True, methods=["post"], url_path="resume-search")
    def resume_search(self, request: Request, pk: str) -> Response:
        """Take a mistaken report of a found child back."""
        return self._take("resume_search")

    @extend_schema(request=CloseCase, responses=CaseSerializer)
    @action(detail=True, methods=["post"])
    def close(self, request: Request, pk: str) -> Response:
        """Close a case whose children are recovered, with its result."""
        return self._close(CloseCase)

    @extend_schema(request=EndCase, responses=CaseSerializer)
    @action(detail=True, methods=["post"], url_path="close-as-unfounded")
    def close_as_unfounded(self, request: Request, pk: str) -> Response:
        """Close a case in which nothing happened; named suspects are cleared."""
        return self._close(EndCase, reason="unfounded")

    @extend_schema(request=EndCase, responses=CaseSerializer)
    @action(detail=True, methods=["post"], url_path="close-as-hoax")
    def close_as_hoax(self, request: Request, pk: str) -> Response:
        """Close a case that was made up; named suspects are cleared."""
        return self._close(EndCase, reason="hoax")

    @extend_schema(request=ReopenCase, responses=CaseSerializer)
    @action(detail=True, methods=["post"])
    def reopen(self, request: Request, pk: str) -> Response:
        """Search again, for a coded reason; programs that had alerted find a new alert prepared."""
        case = self.get_object()
        self.require(permissions.can_lead_case(self.user, case))

        def perform() -> Any:
            values = self.checked(ReopenCase)
            children = list(case.children.filter(pk__in=values["children"]))
            if len(children) != len(set(values["children"])):
                raise serializers.ValidationError({"children": [_("This is no child of the case.")]})
            reopen(case=case, by=self.user, children=children, reason=values["reason"])
            return CaseSerializer(self.get_object()).data

        return self.act(perform)

    @extend_schema(request=NoBody, responses=CaseSerializer)
    @action(detail=True, methods=["post"], url_path="family-informed")
    def family_informed(self, request: Request, pk: str) -> Response:
        """Record that the family was informed of a death: the other agencies see it from now on."""
        case = self.get_object()
        self.require(permissions.can_say_family_informed(self.user, case))

        def perform() -> Any:
            self.checked(NoBody)
            inform_family(case=case, by=self.user)
            return CaseSerializer(self.get_object()).data

        return self.act(perform)

    @extend_schema(request=ReportLocated, responses={201: RecoverySerializer})
    @action(detail=True, methods=["post"])
    def located(self, request: Request, pk: str) -> Response:
        """Report that a child was located; alerts stay as they are until identity is confirmed."""
        case = self.get_object()
        self.require(permissions.can_report_located(self.user, case))
        return self.act(lambda: report(self, case), status=201)

    @extend_schema(request=ChildSerializer, responses={201: FactsSaved})
    @action(detail=True, methods=["post"])
    def children(self, request: Request, pk: str) -> Response:
        """Add a child."""
        return self._add(Child, ChildSerializer)

    @extend_schema(request=PersonSerializer, responses={201: FactsSaved})
    @action(detail=True, methods=["post"])
    def people(self, request: Request, pk: str) -> Response:
        """Add another person."""
        return self._add(Person, PersonSerializer)

    @extend_schema(request=VehicleSerializer, responses={201: FactsSaved})
    @action(detail=True, methods=["post"])
    def vehicles(self, request: Request, pk: str) -> Response:
        """Add a vehicle."""
        return self._add(Vehicle, VehicleSerializer)

    @extend_schema(request=CrossingSerializer, responses={201: FactsSaved})
    @action(detail=True, methods=["post"], url_path="crossing-indications")
    def crossing_indications(self, request: Request, pk: str) -> Response:
        """Add a sign that a border is near."""
        return self._add(CrossingIndication, CrossingSerializer)

    @extend_schema(request=TravelLegSerializer, responses={201: FactsSaved})
    @action(detail=True, methods=["post"])
    def legs(self, request: Request, pk: str) -> Response:
        """Add a part of the journey."""
        return self._add(TravelLeg, TravelLegSerializer)

    @extend_schema(request=LinkSerializer, responses={201: FactsSaved})
    @action(detail=True, methods=["post"])
    def links(self, request: Request, pk: str) -> Response:
        """Say who is with whom, in what; whoever is in a vehicle now has left the earlier one."""
        return self._add(Link, LinkSerializer)

    def _take(self, name: str) -> Response:
        case = self.get_object()
        self.require(workflow.CASE.by_name[name].permitted(self.user, case))

        def perform() -> Any:
            self.checked(NoBody)
            workflow.apply(case, name, by=self.user, agency=case.lead_agency)
            return CaseSerializer(self.get_object()).data

        return self.act(perform)

    def _close(self, body: type[serializers.Serializer], **fixed: str) -> Response:
        case = self.get_object()
        self.require(permissions.can_lead_case(self.user, case))

        def perform() -> Any:
            close_case(case=case, by=self.user, **{**self.checked(body), **fixed})
            return CaseSerializer(self.get_object()).data

        return self.act(perform)

    def _add(self, model: Any, serializer_class: type[FactsSerializer]) -> Response:
        case = self.get_object()
        self.require(permissions.can_edit_case(self.user, case))

        def perform() -> Any:
            serializer = serializer_class(data=self.request.data, context={"case": case})
            serializer.is_valid(raise_exception=True)
            row = model(case=case)
            names = serializer.apply_to(row)
            if not names:
                raise serializers.ValidationError([NO_FACT])
            version = serializer.validated_data.get("version")
            changed = save_row(case=case, by=self.user, row=row, names=names, seen_version=version)
            return facts_saved(row, case, changed)

        return self.act(perform, status=201)
