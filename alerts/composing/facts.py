"""Coded facts that an alert's text is composed from.

They carry codes, numbers, times and proper names, never sentences: that is why one set of facts can be said in three
languages. A value that is not known is empty, `None` or the code "unknown", and is then left unsaid.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime


@dataclass(frozen=True)
class Garment:
    """One piece of clothing; for an item with a part of its own color, the last colors are the part's."""

    item: str  # code of list "garment"
    colors: tuple[str, ...] = ()  # codes of list "color"


@dataclass(frozen=True)
class Mark:
    """A distinguishing mark."""

    kind: str  # code of list "mark_kind"
    location: str = ""  # code of list "body_location"


@dataclass(frozen=True)
class Described:
    """What is said of a child and of any other person alike."""

    name: str = ""  # as approved for the public; "" = not named
    also_known_as: str = ""
    sex: str = "U"  # M F U
    age_years: int | None = None
    height_cm: int | None = None
    weight_kg: int | None = None
    hair: str = ""  # list "hair" (NCIC HAI)
    eyes: str = ""  # list "eyes" (NCIC EYE)
    skin: str = ""  # list "skin" (NCIC SKN)
    clothing: tuple[Garment, ...] = ()
    marks: tuple[Mark, ...] = ()
    key: str = ""  # the row it stands for, so that two versions can be compared; never said


@dataclass(frozen=True)
class ChildFacts(Described):
    """A child who is looked for."""

    medical: tuple[str, ...] = ()  # list "caution" (NCIC CMC); only the medical ones are said


@dataclass(frozen=True)
class PersonFacts(Described):
    """A person believed to be with the child."""

    role: str = "suspect"  # abductor suspect companion
    relationship: str = ""  # list "relationship" (to the child)
    cautions: tuple[str, ...] = ()  # list "caution"; only those that warn of danger are said

    def undescribed(self) -> PersonFacts:
        """Return what is left without a description: that somebody is sought, and the name."""
        return PersonFacts(key=self.key, name=self.name, also_known_as=self.also_known_as, role=self.role)


@dataclass(frozen=True)
class Plate:
    """A license plate."""

    number: str = ""  # as printed
    issuer: str = ""  # ISO 3166-2, e.g. US-CA
    is_partial: bool = False


@dataclass(frozen=True)
class AboardFacts:
    """Who is believed to be in a vehicle or on a journey now: places in the alert's lists of children and of people."""

    children: tuple[int, ...] = ()
    people: tuple[int, ...] = ()


@dataclass(frozen=True)
class VehicleFacts:
    """A vehicle to look for."""

    make: str = ""
    model: str = ""
    year: int | None = None
    colors: tuple[str, ...] = ()  # list "vehicle_color" (NCIC VCO)
    style: str = ""  # list "vehicle_style" (NCIC VST subset)
    plates: tuple[Plate, ...] = ()
    has_no_plates: bool = False  # seen to carry none, which is not the same as none known
    aboard: AboardFacts = field(default_factory=AboardFacts)
    key: str = ""  # the row it stands for; never said


@dataclass(frozen=True)
class PlaceFacts:
    """Where it happened."""

    text: str = ""  # city, municipio ... as typed: a proper name, never translated
    subdivision: str = ""  # ISO 3166-2


@dataclass(frozen=True)
class LegFacts:
    """A journey on which somebody is believed to be now. Carrier, ticket and times are for officers only: said in
    public they would tell the abductor what is known."""

    mode: str = ""  # bus train flight ferry on_foot
    from_place: PlaceFacts = field(default_factory=PlaceFacts)
    to_place: PlaceFacts = field(default_factory=PlaceFacts)
    aboard: AboardFacts = field(default_factory=AboardFacts)
    key: str = ""  # the row it stands for; never said


@dataclass(frozen=True)
class EventFacts:
    """What happened, when and where."""

    happened_at: datetime | None = None  # aware, UTC
    time_zone: str = "UTC"  # IANA zone of the place
    kind: str = "last_seen"  # last_seen | taken
    place: PlaceFacts = field(default_factory=PlaceFacts)
    how_taken: str = ""  # list "how_taken"
    force: str = "unknown"  # yes no unknown
    weapon: str = ""  # list "weapon"
    threats: str = "unknown"  # yes no unknown


@dataclass(frozen=True)
class CrossingFacts:
    """Where they may be heading; the evidence is for officers and is never said in public."""

    evidence: str = ""  # list "crossing_evidence"
    toward: str = ""  # ISO country US MX CA
    crossing_point: str = ""  # list "crossing_point"


@dataclass(frozen=True)
class ProgramFacts:
    """The program in whose name the text speaks."""

    names: dict[str, str] = field(default_factory=dict)  # language -> name
    country: str = "US"
    tip_phone: str = ""  # as shown to the public in the program's country
    abroad_phone: str = ""  # works from abroad


@dataclass(frozen=True)
class AlertFacts:
    """Everything one alert says."""

    children: tuple[ChildFacts, ...]
    event: EventFacts
    program: ProgramFacts
    alert_number: str
    people: tuple[PersonFacts, ...] = ()
    vehicles: tuple[VehicleFacts, ...] = ()
    legs: tuple[LegFacts, ...] = ()
    crossing: CrossingFacts | None = None
    subdivision_names: dict[str, dict[str, str]] = field(default_factory=dict)  # ISO 3166-2 -> language -> name
