"""What pages show of a case's facts, in a constant number of queries."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.db.models import Model
from django.utils import timezone

from cases.choices import HAGUE_AGE, RELATIVES, CaseStatus, NoticeBody
from cases.models import Case, Child

PUBLIC_TAKERS = ("abductor", "suspect")


def facts_to_show(case: Case) -> dict[str, Any]:
    """Return the rows of a case as its own page and the pages of requests show them."""
    legs = list(case.legs.select_related("from_subdivision", "to_subdivision"))
    now = timezone.now()
    ahead = sorted((leg.arrives_at, place) for place, leg in enumerate(legs) if leg.arrives_at and leg.arrives_at > now)
    return {
        "is_unreal": case.status in (CaseStatus.UNFOUNDED, CaseStatus.HOAX),  # of nobody who was missing: no state
        "event": case.abduction,
        "children": list(case.children.select_related("custody_subdivision")),
        "people": list(case.people.all()),
        "vehicles": list(case.vehicles.select_related("plate_issuer").prefetch_related("plates__issuer")),
        "crossings": list(case.crossingindications.select_related("toward_subdivision", "sighting__agency")),
        "photos": list(case.photos.defer("jpeg").prefetch_related("authorities")),
        "legs": legs,
        "next_arrival": legs[ahead[0][1]] if ahead else None,
        "links": list(case.links.select_related("child", "person", "vehicle", "leg")),
        "sightings": list(
            case.sightings.select_related("subdivision", "toward_subdivision", "agency", "reported_by", "indication")
        ),
        "references": list(case.references.select_related("agency")),
    }


def rows_in(shown: dict[str, Any]) -> list[Model]:
    """Return every row of a case among what a page shows, for the event of the read."""
    values = [item for value in shown.values() for item in (value if isinstance(value, list) else [value])]
    return [item for item in values if isinstance(item, Model) and item._meta.app_label != "agencies"]


@dataclass(frozen=True)
class HagueRoute:
    """What the Convention of 1980 means for one child: `is_open`, or `is_closed` by age; neither while unknown."""

    child: Child
    is_open: bool
    is_closed: bool


def hague_routes(case: Case, children: list[Child], people: list[Any]) -> list[HagueRoute]:
    """Return for each child whether the Hague route may be open, where a relative is the taker (domain §3.1)."""
    takers = [person for person in people if person.role in PUBLIC_TAKERS]
    if not any(person.relationship in RELATIVES for person in takers):
        return []
    return [
        HagueRoute(child, is_open=age is not None and age < HAGUE_AGE, is_closed=age is not None and age >= HAGUE_AGE)
        for child in children
        for age in [child.age_now()]
    ]


def notices_to_show(case: Case, children: list[Child], people: list[Any]) -> dict[str, Any]:
    """Return the parallel notices of a case, and whether a Central Authority should hear of it (U22)."""
    notices = list(case.parallel_notices.select_related("recorded_by", "agency"))
    routes = hague_routes(case, children, people)
    is_told = any(notice.body == NoticeBody.CENTRAL_AUTHORITY for notice in notices)
    return {
        "parallel_notices": notices,
        "hague_routes": routes,
        "suggests_central_authority": any(route.is_open for route in routes) and not is_told,
    }
