"""What every resource does the same way: scope, refuse, act once, record what was read."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable
from typing import Any

from django.db.models import Model, QuerySet
from django.utils.crypto import salted_hmac
from django.utils.translation import gettext as _
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.permissions import SAFE_METHODS
from rest_framework.renderers import JSONRenderer
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.viewsets import GenericViewSet

from agencies import access, audit
from agencies.acting_choice import HEADER
from agencies.idempotency import MAX_KEY_LENGTH, once
from agencies.models import AlertProgram, User
from agencies.refusals import ActRefused, NotPermitted
from agencies.transitions import Machine

from .pages import KeysetPage, PageQuery, WholeList
from .parsing import ObjectParser
from .problems import BadContent, KeyReused
from .schema import ApiSchema
from .serializers import ProgramSerializer


class Acting:
    """A view of the API. `machines` are the tables whose steps its refusals may name.

    OPTIONS is answered with 405: the description behind the sign-in says more, and nothing about rows.
    """

    request: Request
    kwargs: dict[str, Any]
    http_method_names = ["get", "head", "post", "patch"]
    metadata_class = None
    parser_classes: list[Any] = [ObjectParser]
    schema = ApiSchema()
    machines: tuple[Machine, ...] = ()

    def dispatch(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """Answer, with one audit event for everything that the answer shows."""
        return audit.as_one_answer(lambda: super(Acting, self).dispatch(request, *args, **kwargs))  # type: ignore[misc, no-any-return]

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        """Go on with an act only for a known agency: who holds roles in several says for which one (U36)."""
        super().initial(request, *args, **kwargs)  # type: ignore[misc]
        if request.method not in SAFE_METHODS and access.has_to_choose(self.user):
            said = _("Name the agency that you act for, one in which you hold a role, in %(header)s.")
            raise BadContent("agency_not_chosen", said % {"header": HEADER}, 409)

    @property
    def user(self) -> User:
        """Return the person who asks."""
        assert isinstance(self.request.user, User)  # noqa: S101  the permission class let nobody else pass
        return self.request.user

    @staticmethod
    def require(permitted: object) -> None:
        """Go on only with the right. Called before the body is looked at, so that a stranger learns nothing."""
        if not permitted:
            raise NotPermitted

    def checked(self, serializer_class: type[serializers.Serializer]) -> dict[str, Any]:
        """Return the validated values of the body. Refuses it with 400, by field."""
        serializer = serializer_class(data=self.request.data, context={"request": self.request})
        serializer.is_valid(raise_exception=True)
        values: dict[str, Any] = serializer.validated_data
        return values

    def act(self, perform: Callable[[], Any], *, status: int = 200) -> Response:
        """Perform an act and answer with what it returns; under an Idempotency-Key, once.

        `perform` validates the body, acts and returns the answer. Answers of acts hold no description of a person,
        because the first answer is kept for the repeat. An unusable key is refused with 400.
        """
        key = self.request.headers.get("Idempotency-Key")
        if key is None:
            return Response(perform(), status=status)
        if not key or len(key) > MAX_KEY_LENGTH or not (key.isascii() and key.isprintable()):
            raise serializers.ValidationError(
                {"Idempotency-Key": [_("This key is empty, too long or not plain text.")]}
            )
        started: list[bool] = []

        def kept() -> dict[str, Any]:
            started.append(True)
            return {"status": status, "body": json.loads(JSONRenderer().render(perform()))}

        try:
            result, is_new = once(
                user=self.user, action=self._action(), key=key, perform=kept, payload=self._fingerprint()
            )
        except ActRefused as refusal:
            if started:
                raise
            raise KeyReused(refusal.message) from refusal
        headers = {} if is_new else {"Idempotency-Replayed": "true"}
        return Response(result["body"], status=result["status"], headers=headers)

    def _action(self) -> str:
        match = self.request.resolver_match
        return f"{self.request.method} {match.view_name} {self.kwargs.get('pk', '')}".strip()

    def _fingerprint(self) -> str:
        """Return a keyed hash of query and body: what was sent must not be guessed from what is kept."""
        sent = self.request.META.get("QUERY_STRING", "").encode() + b"\0" + self.request.body
        return salted_hmac("agencies.api.idempotency", sent, algorithm="sha256").hexdigest()


class ResourceViewSet(Acting, GenericViewSet):
    """A resource. Every query starts at what its person may see; whatever else there is answers 404."""

    model: type[Model]
    query_class: type[PageQuery] = PageQuery
    pagination_class = KeysetPage
    # Nothing that the database or the audit trail could not take; anything else is not an address of ours.
    lookup_value_regex = "[0-9A-Za-z-]+"

    def get_queryset(self) -> QuerySet[Any]:
        """Return the rows that this person may see, shaped for the answer."""
        if getattr(self, "swagger_fake_view", False):  # the description is drawn without a person
            return self.model._default_manager.none()
        return self.shaped(self.model._default_manager.visible_to(self.user))  # type: ignore[attr-defined]

    def shaped(self, rows: QuerySet[Any]) -> QuerySet[Any]:
        """Add what the answer needs in a constant number of queries."""
        return rows

    def filtered(self, rows: QuerySet[Any]) -> QuerySet[Any]:
        """Narrow a list by `self.query`."""
        return rows

    @property
    def query(self) -> dict[str, Any]:
        """Return the validated query of a list. Refuses it with 400, by field."""
        serializer = self.query_class(data=self.request.query_params)
        serializer.is_valid(raise_exception=True)
        values: dict[str, Any] = serializer.validated_data
        return values

    def read(self, objects: Iterable[Model], case_id: Any = None) -> None:
        """Record that these were shown: one event for the whole answer."""
        audit.record_read(by=self.user, objects=objects, case_id=case_id)


class Listed:
    """A list by key."""

    def list(self: Any, request: Request) -> Response:
        """Return one page; its ids are recorded as read."""
        rows = self.paginate_queryset(self.filtered(self.get_queryset()))
        self.read(rows)
        return self.get_paginated_response(self.get_serializer(rows, many=True).data)  # type: ignore[no-any-return]


class ProgramViewSet(Listed, ResourceViewSet):
    """The directory of alert programs: the same for everybody who has signed in."""

    model = AlertProgram
    serializer_class = ProgramSerializer
    pagination_class = WholeList
    lookup_field = "code"
    lookup_value_regex = "[-A-Za-z0-9_]+"

    def get_queryset(self) -> QuerySet[AlertProgram]:
        """Return the programs that work in the portal."""
        return AlertProgram.objects.filter(is_active=True).select_related("agency").order_by("country", "code")

    def read(self, objects: Iterable[Model], case_id: Any = None) -> None:
        """Record nothing: the directory holds no case data."""

    @extend_schema(operation_id="programs_retrieve")
    def retrieve(self, request: Request, code: str) -> Response:
        """Return one program."""
        return Response(self.get_serializer(self.get_object()).data)
