"""Facts that a request sheet says in rows of its own: the place in detail, ways, who is with whom, numbers (U8)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from django.utils.translation import get_language
from django.utils.translation import gettext as _

from agencies.choices import Language
from alerts.presenting import moment
from cases.fact_words import court_of
from cases.models import Abduction, Child, CrossingIndication, ExternalReference, Link, TravelLeg, Vehicle
from cases.models.code import code_label

Row = tuple[str, str]


def place_rows(event: Abduction) -> list[Row]:
    """Return the place of what happened, from the town to the point, "" where a part is not known."""
    road = event.road
    if road and event.kilometer is not None:
        road += ", " + _("km %(kilometer)s") % {"kilometer": event.kilometer}
    point = f"{event.latitude}, {event.longitude}" if event.latitude is not None else ""
    return [
        (_("Place"), _listed(event.place, event.subdivision)),
        (_("Kind of place"), code_label("place_kind", event.place_kind)),
        (_("Neighborhood"), event.neighborhood), (_("Municipality or county"), event.municipality),
        (_("Road or highway"), road), (_("Intersection with"), event.cross_street),
        (_("Postal code"), event.postal_code), (_("Latitude and longitude"), point),
    ]  # fmt: skip


def taking_rows(event: Abduction) -> list[Row]:
    """Return how the child was taken, with force, weapon and threats; "not known yet" is said as well."""
    return [
        (_("How the child was taken"), code_label("how_taken", event.how_taken)),
        (_("Force used"), event.get_force_display()), (_("Weapon"), code_label("weapon", event.weapon)),
        (_("Threats made"), event.get_threats_display()),
    ]  # fmt: skip


def mark_of(language: str) -> str:
    """Return how words of a language are marked on a sheet in the language that is on, "" where it is the same."""
    here = (get_language() or "en")[:2]
    name, word = dict(Language.choices).get(language, language), _("untranslated")
    return "" if language in ("", here) else f"{name} – {word}"


def custody_rows(child: Child) -> list[Row]:
    """Return what courts have said of custody (domain §2.4), "" where a part is not known."""
    return [
        (_("Custody"), code_label("custody_status", child.custody)),
        (_("Custody held by"), code_label("custody_holder", child.custody_holder)),
        (_("Court of the custody order"), court_of(child)),
    ]


def crossing_words(row: CrossingIndication) -> str:
    """Return an indication of crossing: toward where, at which crossing, what shows it, how sure, observed when."""
    sure = code_label("crossing_confidence", row.confidence)
    return _listed(
        row.get_toward_display(), row.toward_subdivision, code_label("crossing_point", row.crossing_point),
        code_label("crossing_evidence", row.evidence), sure, _at(row.observed_at, row.time_zone),
    )  # fmt: skip


def vehicle_colors(vehicle: Vehicle) -> str:
    """Return the color of a vehicle, or both."""
    return _listed(*(code_label("vehicle_color", color) for color in (vehicle.color, vehicle.second_color)))


def plates_words(vehicle: Vehicle) -> list[str]:
    """Return the current plates of a vehicle with who issued them, or that it carries none."""
    if vehicle.has_no_plates:
        return [_("Carries no plates")]
    return [
        _listed(plate.number, plate.issuer or plate.issuing_country)
        + (f" ({_('in part')})" if plate.is_partial else "")
        for plate in vehicle.plates.all()
        if plate.standing == "current"
    ]


def vehicle_words(vehicle: Vehicle) -> str:
    """Return what a vehicle is called by beside other facts: make, model and current plate."""
    return " ".join(filter(None, [vehicle.make, vehicle.model, vehicle.plate])) or _("Vehicle")


def leg_row(leg: TravelLeg) -> Row:
    """Return one part of a journey: by what, then from where and when to where and when, how sure."""
    carried = " ".join(filter(None, [leg.carrier, leg.route]))
    ticket = f"{_('Ticket')} {leg.ticket}" if leg.ticket else ""
    ends = (
        _listed(leg.from_place, leg.from_subdivision, _at(leg.departs_at, leg.departure_zone)),
        _listed(leg.to_place, leg.to_subdivision, _at(leg.arrives_at, leg.arrival_zone)),
    )  # fmt: skip
    way = " → ".join(end or _("Not known") for end in ends) if any(ends) else ""
    if leg.has_words and (mark := mark_of(leg.places_language)):
        marked = _("places: %(mark)s") % {"mark": mark}
        way = f"{way} ({marked})"
    sure = code_label("crossing_confidence", leg.confidence)
    return leg.get_mode_display(), "; ".join(filter(None, [carried, ticket, way, sure]))


def link_rows(links: Iterable[Link], names: Mapping[Any, str]) -> list[Row]:
    """Return who is with whom and in what now; `names` says what the sheet calls the rows it shows, by their key.

    A link to a row that the sheet leaves out, for instance somebody cleared, is said without it, or not at all.
    """
    rows = []
    for link in links:
        ends = (link.child_id, link.person_id, link.vehicle_id, link.leg_id)
        known = [names[key] for key in ends if key in names]
        if link.is_current and len(known) > 1 and not {link.child_id, link.person_id}.isdisjoint(names):
            since = _("since %(time)s") % {"time": _at(link.since, link.time_zone)} if link.since else ""
            sure = code_label("crossing_confidence", link.confidence)
            rows.append((known[0], "; ".join(filter(None, [", ".join(known[1:]), since, sure]))))
    return rows


def reference_rows(references: Iterable[ExternalReference]) -> list[Row]:
    """Return the numbers of the case in other systems: the number and nothing else (U23)."""
    return [(row.get_kind_display(), row.number) for row in references]


def _at(at: Any, zone: str) -> str:
    return moment(at, zone) if at and zone else ""


def _listed(*parts: Any) -> str:
    return ", ".join(str(part) for part in parts if part)
