"""Where a program may alert, and where its alert begins: its own territory, never another's (design §3.1)."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable
from typing import TYPE_CHECKING, Any

from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from agencies.models import AlertProgram, Subdivision
from agencies.refusals import ActRefused
from cases.models import Case
from cases.models.code import code_rows
from cases.models.part import as_read_by

if TYPE_CHECKING:
    from alerts.models import ExtensionRequest


def territory_of(program: AlertProgram) -> QuerySet[Subdivision]:
    """Return the subdivisions in which a program may alert: its own one; of a national program all of its country."""
    if program.subdivision_id is not None:
        return Subdivision.objects.filter(pk=program.subdivision_id)
    return Subdivision.objects.filter(country=program.country)


def places_outside(program: AlertProgram, codes: Collection[str]) -> list[Subdivision]:
    """Return which of these subdivisions lie outside the program's territory."""
    inside = territory_of(program).values("pk")
    return list(Subdivision.objects.filter(pk__in=codes).exclude(pk__in=inside))


def check_area(program: AlertProgram, codes: Collection[str]) -> None:
    """Refuse an area without a place, one with a place that is not known, and one beyond the program's territory."""
    if not codes:
        raise ActRefused(_("The alert has no area."))
    refuse_outside(program, codes)
    if Subdivision.objects.filter(pk__in=codes).count() != len(set(codes)):
        raise ActRefused(_("The area names a place that is not known."))


def refuse_outside(program: AlertProgram, codes: Collection[str]) -> None:
    """Refuse places in which the program has no authority, by their names."""
    if outside := places_outside(program, codes):
        names = ", ".join(str(place) for place in outside)
        raise ActRefused(
            _("The area is outside the program's territory: %(places)s. Choose places of its own.") % {"places": names}
        )


def first_area(program: AlertProgram, case: Case, request: ExtensionRequest | None = None) -> list[str]:
    """Return the codes in which a new alert of the program begins; its officers may change them before approval.

    A program of one subdivision alerts there. A national one keeps what its decision on the request named, else what
    its last alert of this case had (U15); else it takes the places of its country where the child was taken, travels
    or may be heading. Where the case names none beyond the place of the event, it is the whole country.
    """
    own = set(territory_of(program).values_list("pk", flat=True))
    if program.subdivision_id is not None:
        return sorted(own)
    if request is not None and (asked := own & set(request.area)):
        return sorted(asked)
    last = case.alerts.filter(program=program, activated_at__isnull=False).order_by("-activated_at").first()
    if last is not None and (kept := own & set(last.areas.values_list("subdivision_id", flat=True))):
        return sorted(kept)
    legs = as_read_by(case.legs.all())  # an area is public: what is police-only leads to none
    named = heading(case, as_read_by)[0] | {leg.from_subdivision_id for leg in legs if leg.from_subdivision_id}
    event = {case.abduction.subdivision_id or ""} & own
    beyond = (named & own) - event
    return sorted(beyond | event) if beyond else sorted(own)


def heading(case: Case, read: Callable[[Iterable[Any]], list[Any]] = list) -> tuple[set[str], set[str]]:
    """Return the subdivisions and countries toward which the child may be going: every indication, sighting and leg.

    `read` says which of the rows count: by default all that the acting agency reads.
    """
    found: set[str] = set()
    countries: set[str] = set()
    for rows in (case.crossingindications, case.sightings):
        for item in read(rows.all()):
            countries |= {item.toward} - {""}
            found |= {item.toward_subdivision_id or _beyond(item.crossing_point, item.toward)} - {""}
    for leg in read(case.legs.select_related("to_subdivision")):
        if leg.to_subdivision is not None:
            found.add(leg.to_subdivision.code)
            countries.add(leg.to_subdivision.country)
    return found, countries


def _beyond(crossing_point: str, toward: str) -> str:
    """Return the subdivision on the far side of a crossing point, where its row of the list says so."""
    for row in code_rows() if crossing_point and toward else ():
        if (row["list_name"], row["code"]) == ("crossing_point", crossing_point):
            ends = [row["grammar"].get(name, "") for name in ("us_subdivision", "other_subdivision")]
            return next((str(end) for end in ends if str(end).startswith(f"{toward}-")), "")
    return ""
