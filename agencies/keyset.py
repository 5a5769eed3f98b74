"""Pages by key: the next page starts after the last row of the page before, however deep (design §7)."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from django.db.models import Q, QuerySet

PAGE_SIZE = 50
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True)
class KeysetPage:
    """Some rows and the key of the next page, empty on the last."""

    rows: list[Any]
    after: str


def key_of(moment: datetime, row_id: uuid.UUID) -> str:
    """Return the key of a row: whole microseconds since 1970, so that no rounding skips or repeats a row."""
    return f"{(moment - EPOCH) // timedelta(microseconds=1)}_{row_id.hex}"


def read_key(text: str) -> tuple[datetime, uuid.UUID]:
    """Return moment and id of a key. Refuses with ValueError what no page gave."""
    microseconds, _separator, row_id = text.partition("_")
    try:
        return EPOCH + timedelta(microseconds=int(microseconds)), uuid.UUID(hex=row_id)
    except OverflowError as error:
        raise ValueError(text) from error


def keyset_page(rows: QuerySet[Any], after: str, *, size: int = PAGE_SIZE) -> KeysetPage:
    """Return one page of rows that have `created_at` and a UUID, newest first. Refuses a malformed key (ValueError)."""
    if after:
        moment, row_id = read_key(after)
        rows = rows.filter(Q(created_at__lt=moment) | Q(created_at=moment, pk__lt=row_id))
    found = list(rows.order_by("-created_at", "-pk")[: size + 1])
    last = found[size - 1] if len(found) > size else None
    return KeysetPage(found[:size], key_of(last.created_at, last.pk) if last else "")
