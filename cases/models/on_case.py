"""The question that every query of case data begins with, as one expression that costs little to put together."""

from __future__ import annotations

import uuid
from collections.abc import Iterable
from typing import Any

from django.db.models import BooleanField, F, Func
from django.utils import timezone

# The same as the page of cases asks (`case_access._BRANCH`). Built from nested `Exists`, it took three times as long to
# put together as PostgreSQL takes to answer it.
_ON_CASE = """EXISTS (
    SELECT FROM cases_caseaccess access
    WHERE access.case_id = {case} AND access.agency_id = ANY (%s::bigint[])
        AND (access.until IS NULL OR access.until > %s)
        AND (NOT access.is_sealed OR EXISTS (
            SELECT FROM cases_casereader reader
            WHERE reader.case_id = access.case_id AND reader.user_id = %s AND reader.ended_at IS NULL
        ))
)"""


class OnCase(Func):
    """True for cases on which one of these agencies is now; of a sealed case, for its named reader only (ADR 65)."""

    output_field = BooleanField()
    conditional = True

    def __init__(self, agency_ids: Iterable[int], user_id: uuid.UUID, case: str = "pk") -> None:
        super().__init__(F(case))
        self.agency_ids, self.user_id = sorted(agency_ids), user_id

    def as_sql(self, compiler: Any, connection: Any, **_named: Any) -> tuple[str, list[Any]]:  # type: ignore[override]
        """Return the condition with its values; the moment is that at which the query is made."""
        case, values = compiler.compile(self.source_expressions[0])
        return _ON_CASE.format(case=case), [*values, self.agency_ids, timezone.now(), self.user_id]
