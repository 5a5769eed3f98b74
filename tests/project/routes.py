"""The reviewed table of routes: who may ask for what, and how to ask.

`routes.csv` has a row per route (several where a part of the address is a choice). Policies: `public` everybody ·
`token` whoever holds the token · `signed_in` everybody who has signed in · `object` who sees the object · `staff` who
may enter the administration · `signed` whoever signs with the key of a provider's account, 404 for everybody else ·
`nobody` 404 for everybody signed in. `methods` are those that the route answers, `seen_by` a person for whom the sample
exists, `kwargs` pairs of a name and the key of a sample (`:x` is x itself).
"""

from __future__ import annotations

import csv
import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from django.urls import URLPattern, URLResolver, get_resolver, reverse

TABLE = Path(__file__).with_name("routes.csv")
POLICIES = {"public", "token", "signed_in", "object", "staff", "signed", "nobody"}
ADMIN_REST = "admin:(?P<url>.*)$"  # Django's nameless catch-all


@dataclass(frozen=True)
class Route:
    """One row of the table."""

    name: str
    policy: str
    methods: tuple[str, ...]
    seen_by: str
    kwargs: tuple[tuple[str, str], ...]

    def __str__(self) -> str:
        return f"{self.name} {dict(self.kwargs)}"

    def address(self, samples: dict[str, Any]) -> str:
        """Return the address of the sample object."""
        values = {name: key[1:] if key.startswith(":") else samples[key] for name, key in self.kwargs}
        if self.name == ADMIN_REST:
            return reverse("admin:index") + values["url"]
        return reverse(self.name, kwargs=values)

    def elsewhere(self, samples: dict[str, Any]) -> str:
        """Return the same address with ids that were never given."""
        return self.address({key: unknown(value) for key, value in samples.items()})


def unknown(value: Any) -> Any:
    """Return an id of the same kind that belongs to nothing."""
    if isinstance(value, uuid.UUID):
        return uuid.uuid4()
    return 10**9 if isinstance(value, int) else "zz-none"


def read_routes() -> list[Route]:
    """Return the rows of the table."""
    with TABLE.open(newline="") as file:
        return [
            Route(
                row["route"],
                row["policy"],
                tuple(row["methods"].split()),
                row["seen_by"],
                tuple((pair.split("=")[0], pair.split("=")[1]) for pair in row["kwargs"].split()),
            )
            for row in csv.DictReader(file)
        ]


def all_routes(patterns: list[Any] | None = None, namespaces: tuple[str, ...] = ()) -> Iterator[tuple[str, URLPattern]]:
    """Walk the resolver to its leaves; yield each route's full name, or its pattern where it has no name."""
    for pattern in get_resolver().url_patterns if patterns is None else patterns:
        if isinstance(pattern, URLResolver):
            inner = (*namespaces, pattern.namespace) if pattern.namespace else namespaces
            yield from all_routes(pattern.url_patterns, inner)
        else:
            yield ":".join((*namespaces, pattern.name or str(pattern.pattern))), pattern
