"""Which states, entities and provinces lie beside each other, along a border, and between two others (U21)."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable
from dataclasses import dataclass

from agencies.models import Subdivision


@dataclass(frozen=True)
class Geography:
    """Every subdivision by its code, and the codes of those it touches."""

    places: dict[str, Subdivision]
    touching: dict[str, frozenset[str]]

    def beside(self, code: str) -> list[str]:
        """Return the neighbors of one subdivision, in whichever country they lie."""
        return sorted(self.touching.get(code, ()))

    def along_the_border(self, country: str, facing: str) -> list[str]:
        """Return the subdivisions of a country that touch another one; where they share no border, any foreign border.

        From Mexico toward Canada the way leads through the United States: then it is Canada's southern border.
        """
        own = {code for code, place in self.places.items() if place.country == country}
        found = {code for code in own if self._countries_around(code) & {facing}}
        return sorted(found or {code for code in own if self._countries_around(code) - {country}})

    def between(self, origin: str, destination: str) -> list[str]:
        """Return what lies on a shortest way from one to the other; for neighbors, what touches both.

        Ontario lies between Québec and New York though these two touch: who drives from one to the other may
        go through it.
        """
        ahead, back = self._distances(origin), self._distances(destination)
        if destination not in ahead or origin == destination:
            return []
        longest = max(ahead[destination], 2)
        inner = ahead.keys() - {origin, destination}
        return sorted(code for code in inner if ahead[code] + back.get(code, longest) <= longest)

    def _countries_around(self, code: str) -> set[str]:
        return {self.places[other].country for other in self.touching.get(code, ())}

    def _distances(self, start: str) -> dict[str, int]:
        found, waiting = {start: 0}, deque([start])
        while waiting:
            code = waiting.popleft()
            for other in self.touching.get(code, ()):
                if other not in found:
                    found[other] = found[code] + 1
                    waiting.append(other)
        return found


def read_geography() -> Geography:
    """Return all subdivisions with their neighbors, in two queries."""
    places = {place.code: place for place in Subdivision.objects.defer("outline").order_by("code")}
    rows: Iterable[tuple[str, str]] = Subdivision.neighbors.through.objects.values_list(
        "from_subdivision_id", "to_subdivision_id"
    )
    touching: dict[str, set[str]] = {}
    for one, other in rows:
        touching.setdefault(one, set()).add(other)
        touching.setdefault(other, set()).add(one)
    return Geography(places, {code: frozenset(others) for code, others in touching.items()})
