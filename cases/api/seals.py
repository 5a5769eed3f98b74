"""Sealing a case through the API: the seal and its readers, naming and removing them, lifting it (ADR 65)."""

from __future__ import annotations

from typing import Any

from django.shortcuts import get_object_or_404
from django.utils.translation import gettext_lazy as _
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from agencies.api.serializers import StrictSerializer
from agencies.models import User
from cases import permissions
from cases.models import Case, CaseReader
from cases.services import seals

from .fields import CodeValueField


class ReaderRow(serializers.Serializer):
    """One named reader."""

    id = serializers.IntegerField()
    person = serializers.CharField(source="user.email")
    named_at = serializers.DateTimeField()


class SealState(serializers.Serializer):
    """Whether the case is sealed, why, and for whom it is there."""

    is_sealed = serializers.BooleanField()
    reason = serializers.CharField()
    readers = ReaderRow(many=True)


class SealCase(StrictSerializer):
    """Why, and the addresses of those who go on seeing the case besides the caller."""

    reason = CodeValueField(list_name="seal_reason")
    readers = serializers.ListField(child=serializers.EmailField(max_length=254), max_length=200)


class UnsealCase(StrictSerializer):
    """Why the seal is lifted."""

    reason = CodeValueField(list_name="unseal_reason")


class NameReader(StrictSerializer):
    """The address of the person."""

    person = serializers.EmailField(max_length=254)


class RemoveReader(StrictSerializer):
    """The reader, by the id of the row."""

    reader = serializers.IntegerField(min_value=1)


def state_of(case: Case) -> dict[str, Any]:
    """Return the seal of a case as the answer tells it."""
    seal = case.seals.filter(lifted_at__isnull=True).first()
    told = {"is_sealed": seal is not None, "reason": seal.reason if seal else "", "readers": seals.readers_now(case)}
    shown: dict[str, Any] = SealState(told).data
    return shown


def _person(address: str, field: str) -> User:
    found = seals.reader_named(address)
    if found is None:
        raise serializers.ValidationError({field: [_("Nobody with this address reads cases in the portal.")]})
    return found


class SealActions:
    """The addresses under one case."""

    @extend_schema(methods=["get"], request=None, responses=SealState)
    @extend_schema(methods=["post"], request=SealCase, responses={201: SealState})
    @action(detail=True, methods=["get", "post"])
    def seal(self: Any, request: Request, pk: str) -> Response:
        """Return the seal with its readers, or seal the case; everybody else loses it at once."""
        case = self.get_object()
        self.require(permissions.can_seal(self.user, case))
        if request.method != "POST":
            self.read([case, *seals.readers_now(case)], case.pk)
            return Response(state_of(case))

        def perform() -> Any:
            values = self.checked(SealCase)
            readers = [_person(address, "readers") for address in values["readers"]]
            seals.seal_case(case=case, by=self.user, reason=values["reason"], readers=readers)
            return state_of(case)

        return self.act(perform, status=201)  # type: ignore[no-any-return]

    @extend_schema(request=UnsealCase, responses=SealState)
    @action(detail=True, methods=["post"])
    def unseal(self: Any, request: Request, pk: str) -> Response:
        """Lift the seal."""
        case = self.get_object()
        self.require(permissions.can_seal(self.user, case))

        def perform() -> Any:
            seals.unseal_case(case=case, by=self.user, **self.checked(UnsealCase))
            return state_of(case)

        return self.act(perform)  # type: ignore[no-any-return]

    @extend_schema(request=NameReader, responses={201: SealState})
    @action(detail=True, methods=["post"], url_path="name-reader")
    def name_reader(self: Any, request: Request, pk: str) -> Response:
        """Name one reader more."""
        case = self.get_object()
        self.require(permissions.can_seal(self.user, case))

        def perform() -> Any:
            seals.name_reader(case=case, by=self.user, reader=_person(self.checked(NameReader)["person"], "person"))
            return state_of(case)

        return self.act(perform, status=201)  # type: ignore[no-any-return]

    @extend_schema(request=RemoveReader, responses=SealState)
    @action(detail=True, methods=["post"], url_path="remove-reader")
    def remove_reader(self: Any, request: Request, pk: str) -> Response:
        """Take one reader off the list; the last one who can lift the seal stays."""
        case = self.get_object()
        self.require(permissions.can_seal(self.user, case))

        def perform() -> Any:
            rows = CaseReader.objects.filter(case=case).select_related("case")
            seals.remove_reader(reader=get_object_or_404(rows, pk=self.checked(RemoveReader)["reader"]), by=self.user)
            return state_of(case)

        return self.act(perform)  # type: ignore[no-any-return]
