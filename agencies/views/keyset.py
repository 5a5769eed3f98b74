"""Pages by key: the next page starts after the last row, however deep (design §7)."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from django.db.models import Q, QuerySet
from django.http import Http404

PAGE_SIZE = 50


@dataclass(frozen=True)
class KeysetPage:
    """Some rows and the key of the next page, empty on the last."""

    rows: list[Any]
    after: str


def keyset_page(rows: QuerySet[Any], after: str, *, size: int = PAGE_SIZE) -> KeysetPage:
    """Return one page of rows that have `created_at` and a UUID, newest first. Answers a malformed key with 404."""
    if after:
        try:
            seconds, _separator, row_id = after.partition("_")
            moment, key = datetime.fromtimestamp(float(seconds), UTC), uuid.UUID(row_id)
        except (ValueError, OverflowError) as error:
            raise Http404 from error
        rows = rows.filter(Q(created_at__lt=moment) | Q(created_at=moment, id__lt=key))
    found = list(rows.order_by("-created_at", "-id")[: size + 1])
    last = found[size - 1] if len(found) > size else None
    return KeysetPage(found[:size], f"{last.created_at.timestamp():.6f}_{last.id.hex}" if last else "")
