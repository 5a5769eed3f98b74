"""Lists by key: a page starts after the last row of the page before, however long the list is."""

from __future__ import annotations

import uuid
from datetime import UTC, datetime, timedelta
from typing import Any

from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _
from rest_framework import serializers
from rest_framework.pagination import BasePagination
from rest_framework.request import Request
from rest_framework.response import Response

LARGEST_PAGE = 100
USUAL_PAGE = 50
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


class PageQuery(serializers.Serializer):
    """What every list understands."""

    after = serializers.CharField(
        required=False,
        default="",
        allow_blank=True,
        max_length=80,
        help_text="The `after` of the page before; empty for the first page.",
    )
    limit = serializers.IntegerField(
        required=False,
        default=USUAL_PAGE,
        min_value=1,
        help_text=f"Rows of a page; more than {LARGEST_PAGE} gives {LARGEST_PAGE}.",
    )

    def validate_limit(self, limit: int) -> int:
        """Hold a page to its largest size."""
        return min(limit, LARGEST_PAGE)


def bad_key() -> serializers.ValidationError:
    """Return the refusal of a key that no page gave."""
    return serializers.ValidationError({"after": [_("No page ends with this key.")]})


class KeysetPage(BasePagination):
    """Pages of rows with `created_at` and a UUID, newest first."""

    after = ""

    def paginate_queryset(self, queryset: QuerySet[Any], request: Request, view: Any = None) -> list[Any]:
        """Return one page of the rows. Refuses a malformed key."""
        query = view.query
        if query["after"]:
            moment, key = _read_key(query["after"])
            queryset = queryset.filter(Q(created_at__lt=moment) | Q(created_at=moment, pk__lt=key))
        limit = query["limit"]
        rows = list(queryset.order_by("-created_at", "-pk")[: limit + 1])
        if len(rows) > limit:
            self.after = _key(rows[limit - 1])
        return rows[:limit]

    def get_paginated_response(self, data: Any) -> Response:
        """Answer with the rows and the key of the next page."""
        return Response({"results": data, "after": self.after})

    def get_paginated_response_schema(self, schema: dict[str, Any]) -> dict[str, Any]:
        """Describe that answer."""
        after = {"type": "string", "description": "Key of the next page; empty on the last."}
        return {
            "type": "object",
            "required": ["results", "after"],
            "properties": {"results": schema, "after": after},
        }


class WholeList(KeysetPage):
    """A short list of the directory, given whole in the same shape."""

    def paginate_queryset(self, queryset: QuerySet[Any], request: Request, view: Any = None) -> list[Any]:
        """Return every row."""
        return list(queryset)


def _key(row: Any) -> str:
    return f"{(row.created_at - EPOCH) // timedelta(microseconds=1)}_{row.pk.hex}"


def _read_key(text: str) -> tuple[datetime, uuid.UUID]:
    microseconds, _separator, key = text.partition("_")
    try:
        return EPOCH + timedelta(microseconds=int(microseconds)), uuid.UUID(hex=key)
    except (ValueError, OverflowError) as error:
        raise bad_key() from error
