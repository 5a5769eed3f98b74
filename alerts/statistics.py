"""Totals across agencies: the one documented exception to `visible_to` (docs/adr: the corridor table)."""

from __future__ import annotations

from dataclasses import dataclass

from django.db.models import Count

from agencies import scope
from agencies.choices import Country
from agencies.models import User
from cases.models import Case

SMALLEST_SHOWN = 5


@dataclass(frozen=True)
class Corridor:
    """Open cases from one country toward another. `total` is text: 1–4 reads "<5"; `yours` are the reader's own."""

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
    no case, agency or place can be told from them. Cells of 1–4 are shown as "<5" (security §5b, k-anonymity).
    """
    real = Case.objects.open().filter(is_exercise=False).exclude(destination_country="")  # type: ignore[attr-defined]
    with scope.through_door("corridors"):
        totals = _by_pair(real)
    mine = _by_pair(real.visible_to(user))
    return [
        Corridor(origin, destination, _shown(totals.get((origin, destination), 0)), mine.get((origin, destination), 0))
        for origin in Country.values
        for destination in Country.values
        if origin != destination
    ]


def _by_pair(cases: object) -> dict[tuple[str, str], int]:
    rows = cases.order_by().values_list("origin_country", "destination_country").annotate(Count("pk"))  # type: ignore[attr-defined]
    return {(origin, destination): count for origin, destination, count in rows}


def _shown(count: int) -> str:
    return str(count) if count == 0 or count >= SMALLEST_SHOWN else f"<{SMALLEST_SHOWN}"
