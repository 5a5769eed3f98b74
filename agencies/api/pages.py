"""Lists by key: a page starts after the last row of the page before, however long the list is."""

from __future__ import annotations

from typing import Any

from django.db.models import QuerySet
from django.utils.translation import gettext as _
from rest_framework import serializers
from rest_framework.pagination import BasePagination
from rest_framework.request import Request
from rest_framework.response import Response

from agencies.keyset import keyset_page

LARGEST_PAGE = 100
USUAL_PAGE = 50


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
        try:
            page = keyset_page(queryset, view.query["after"], size=view.query["limit"])
        except ValueError as error:
            raise bad_key() from error
        self.after = page.after
        return page.rows

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
