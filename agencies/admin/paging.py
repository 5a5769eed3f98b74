"""Pages of long lists."""

from __future__ import annotations

from functools import cached_property
from typing import Any, cast

from django.core.paginator import Paginator
from django.db.models import QuerySet

COUNT_CAP = 1000


class CappedPaginator(Paginator):
    """Counts to 1,000 and no further: counting a million rows costs more than showing fifty of them.

    What lies behind the cap is reached by searching and filtering.
    """

    @cached_property
    def count(self) -> int:
        """Return the number of rows, at most 1,000."""
        return min(self._counted, COUNT_CAP)

    @property
    def is_capped(self) -> bool:
        """Say whether there are more rows than were counted."""
        return self._counted > COUNT_CAP

    @cached_property
    def _counted(self) -> int:
        rows = cast("QuerySet[Any]", self.object_list)  # the admin pages nothing else
        return rows.order_by()[: COUNT_CAP + 1].count()
