"""Totals across agencies: the one documented exception to `visible_to` (docs/adr: the corridor table)."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import permutations

from django.db.models import Count

from agencies import scope
from agencies.choices import Country
from agencies.models import User
from cases.models import Case
from cases.models.seal import unsealed

SMALLEST_SHOWN = 5


@dataclass(frozen=True)
class Corridor:
    """Open cases from one country toward another. `total` is text: see `_shown`; `yours` are the reader's own."""

    origin: str
    destination: str
    total: str
    yours: int

    @property
    def origin_label(self) -> str:
        """Return the country's name in the reader's language."""
        return str(Country(self.origin).label)

    @property
    def destination_label(self) -> str:
        """Return the country's name in the reader's language."""
        return str(Country(self.destination).label)


def corridors(user: User) -> list[Corridor]:
    """Return the six directed pairs of countries with their open cases, exercises left out.

    Every signed-in user sees the totals, because the three countries agreed to watch them together (design §1);
    no case, agency or place can be told from them. Where others have 1–4, the cell says only that it is less than
    five more than the reader's own (security §5b, k-anonymity).
    """
    real = Case.objects.open().filter(is_exercise=False).exclude(destination_country="")  # type: ignore[attr-defined]
    real = real.filter(unsealed())  # a count must not tell of a sealed case either (ADR 65)
    with scope.through_door("corridors"):
        totals = _by_pair(real)
    mine = _by_pair(real.visible_to(user))
    return [
        Corridor(*pair, _shown(totals.get(pair, 0), mine.get(pair, 0)), mine.get(pair, 0))
        for pair in permutations(Country.values, 2)
    ]


def _by_pair(cases: object) -> dict[tuple[str, str], int]:
    rows = cases.order_by().values_list("origin_country", "destination_country").annotate(Count("pk"))  # type: ignore[attr-defined]
    return {(origin, destination): count for origin, destination, count in rows}


def _shown(total: int, yours: int) -> str:
    """Return the total, unless taking one's own away would tell how few the others have."""
    is_small = 0 < total - yours < SMALLEST_SHOWN
    return f"<{yours + SMALLEST_SHOWN}" if is_small else str(total)
