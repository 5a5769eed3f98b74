"""What the three languages share in composing: which facts are said and in which order, never how.

A language is a `Voice`: it knows its own nouns, agreement, joining words and typography and builds its own sentences.
Voices hold reviewed phrases as linguistic data. They are deliberately not gettext messages: a catalog translates
finished sentences, while here the sentence itself is built differently in each language.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterator, Sequence
from datetime import datetime
from itertools import product
from typing import ClassVar, TypeVar

from alerts.composing.country_rules import rules_for
from alerts.composing.facts import (
    AboardFacts,
    AlertFacts,
    ChildFacts,
    Described,
    LegFacts,
    PersonFacts,
    PlaceFacts,
    Plate,
    VehicleFacts,
)
from alerts.composing.groups import group_of, sex_key
from alerts.composing.gsm import to_basic_alphabet
from alerts.composing.lexicon import Lexicon, Noun, noun_from
from alerts.composing.moments import local_time
from alerts.composing.typed import clean, listed, spaced

DescribedRow = TypeVar("DescribedRow", bound=Described)
SAID_ROLES = ("abductor", "suspect", "companion")
NOT_APPROACHED_ROLES = ("abductor", "suspect")


class Voice(ABC):
    """Says one alert in one language."""

    language: ClassVar[str]
    event: ClassVar[str]
    colon: ClassVar[str] = ":"
    country_names: ClassVar[dict[str, str]]
    calls: ClassVar[tuple[str, ...]]  # how a short text ends, fuller first

    def __init__(self, facts: AlertFacts, lexicon: Lexicon) -> None:
        self.facts = facts
        self.lexicon = lexicon
        self.rules = rules_for(facts.program.country)
        self.group = group_of(facts.children)

    # -- what each language says in its own way ----------------------------------------------------------------------

    @abstractmethod
    def child(self, child: ChildFacts) -> str:
        """Return the paragraph of one child."""

    @abstractmethod
    def last_seen(self) -> str:
        """Return the paragraph of when and where, "" when neither is known."""

    @abstractmethod
    def how(self) -> str:
        """Return the paragraph of what happened, "" when nothing is known."""

    @abstractmethod
    def person(self, person: PersonFacts) -> str:
        """Return the paragraph of a suspect or companion, "" when nothing is known of them."""

    @abstractmethod
    def vehicle(self, vehicle: VehicleFacts) -> str:
        """Return the paragraph of one vehicle, "" when nothing is known of it."""

    @abstractmethod
    def leg(self, leg: LegFacts) -> str:
        """Return the paragraph of one journey, "" when nothing is known of it."""

    @abstractmethod
    def heading(self) -> str:
        """Return the paragraph of where they may be going, "" when not known."""

    @abstractmethod
    def who(self) -> list[str]:
        """Return who is looked for in a few words: everyone by name, the first and how many others, nobody by name."""

    @abstractmethod
    def where(self, *, in_full: bool) -> str:
        """Return the place of the event, in full with its state or province."""

    @abstractmethod
    def vehicle_words(self, vehicle: VehicleFacts) -> str:
        """Return kind, make, model and color in a few words, "" when nothing is known."""

    @abstractmethod
    def plate_words(self, plate: Plate) -> str:
        """Return a plate in a few words."""

    @abstractmethod
    def aboard_sentence(self, names: list[str]) -> str:
        """Return that these people may be in the vehicle."""

    @abstractmethod
    def instruction(self) -> str:
        """Return what the reader is to do, whom to call and which number to quote."""

    # -- what is the same in all -------------------------------------------------------------------------------------

    def description(self) -> str:
        """Return the paragraphs in their fixed order, separated by line feeds."""
        people = [person for person in self.facts.people if person.role in SAID_ROLES]
        paragraphs = [
            *(self.child(child) for child in self.facts.children),
            self.last_seen(),
            self.how(),
            *(self.person(person) for person in people),
            *(self.vehicle(vehicle) for vehicle in self.facts.vehicles),
            *(self.leg(leg) for leg in self.facts.legs),
            self.heading(),
        ]
        return "\n".join(paragraph for paragraph in paragraphs if paragraph)

    def headlines(self) -> Iterator[str]:
        """Yield headlines, fullest first; the last one always fits."""
        vehicle = self.vehicle_to_look_for()
        plate = self._plate_of(vehicle)
        body_and_plate = listed(self.vehicle_words(vehicle), plate) if vehicle else ""
        full_place, place = self.where(in_full=True), self.where(in_full=False)
        endings = (
            (full_place, body_and_plate), (place, body_and_plate), (place, plate), ("", plate), (place, ""), ("", ""),
        )  # fmt: skip
        for who, (where, what) in product(self.who(), endings):
            told = listed(who, where)
            yield f"{self.event}{self.colon} {told}; {what}" if what else f"{self.event}{self.colon} {told}"
        yield self.event

    def shorts(self) -> Iterator[str]:
        """Yield texts of one line without a child's name, fullest first; the last one always fits."""
        vehicle = self.vehicle_to_look_for()
        plate = self._plate_of(vehicle)
        subjects = []
        if vehicle:
            body, make = to_basic_alphabet(self.vehicle_words(vehicle)), to_basic_alphabet(self.make_and_model(vehicle))
            subjects = [listed(body, plate), listed(make, plate), plate]
        nameless = self.who()[-1]
        subjects += [listed(nameless, to_basic_alphabet(self.where(in_full=False))), nameless]
        for subject, call in product(subjects, self.calls):
            if subject:
                yield f"{self.event}{self.colon} {subject}. {call.format(number=self.rules.emergency_number)}"
        yield f"{self.event}. {self.calls[-1].format(number=self.rules.emergency_number)}"

    def paragraph(self, label: str, content: str) -> str:
        """Return "Label: Content", or nothing at all when the label is missing or there is nothing to say."""
        return f"{label}{self.colon} {content}" if label and content else ""

    def words(self, list_name: str, code: str, name: str) -> str:
        """Return a named phrase of a code, "" when it has none."""
        found = self.lexicon.phrase(list_name, code, self.language, name)
        return found if isinstance(found, str) else ""

    def words_by_sex(self, list_name: str, code: str, name: str, person: Described) -> str:
        """Return the form of a named phrase that fits the person's sex."""
        found = self.lexicon.phrase(list_name, code, self.language, name)
        return str(found.get(sex_key(person), "")) if isinstance(found, dict) else ""

    def title(self, person: PersonFacts) -> str:
        """Return what a person in that role is called before their description."""
        title = self.words_by_sex("person_role", person.role, "title", person)
        return title or self.lexicon.label("person_role", person.role, self.language)

    def clause(self, code: str, form: int) -> str:
        """Return one of the forms of what happened, "" when the code has no clause."""
        forms = self.lexicon.phrase("how_taken", code, self.language, "clause")
        return str(forms[form]) if isinstance(forms, list) and len(forms) > form else ""

    def cautions(self, codes: tuple[str, ...], kind: str, name: str) -> list[str]:
        """Return the phrases of the cautions of one kind ("danger", "medical"), each once."""
        of_kind = (code for code in codes if self.lexicon.flag("caution", code, "kind") == kind)
        said = (self.words("caution", code, name) for code in of_kind)
        return list(dict.fromkeys(phrase for phrase in said if phrase))

    def garment_part(self, code: str) -> Noun | None:
        """Return the part of a garment that has a color of its own (a collar), None when it has none."""
        part = self.lexicon.flag("garment", code, "part")
        found = part.get(self.language) if isinstance(part, dict) else None
        return noun_from(found) if isinstance(found, dict) else None

    def plain_colors_and_patterns(self, codes: tuple[str, ...]) -> tuple[list[str], list[str]]:
        """Return the color codes that may be said, colors proper apart from patterns (striped, plaid)."""
        said = [code for code in dict.fromkeys(codes) if self.lexicon.is_said("color", code)]
        patterns = [code for code in said if self.lexicon.flag("color", code, "pattern")]
        return [code for code in said if code not in patterns], patterns

    def place_and_subdivision(self) -> tuple[str, str]:
        """Return place and subdivision of the event."""
        return self.place_in_full(self.facts.event.place)

    def place_in_full(self, told: PlaceFacts) -> tuple[str, str]:
        """Return a place as typed and the name of its subdivision, which is left out where the place repeats it."""
        place = clean(told.text)
        subdivision = self.subdivision_name(told.subdivision)
        return place, "" if subdivision.casefold() in place.casefold() else subdivision

    def subdivision_name(self, code: str) -> str:
        """Return the name of an ISO 3166-2 subdivision, in another language rather than as a code."""
        names = self.facts.subdivision_names.get(code, {})
        return clean(names.get(self.language) or names.get("en") or next(iter(names.values()), ""))

    def program_name(self) -> str:
        """Return the program's public name, in another language when it has none in this one."""
        return program_name(self.facts.program.names, self.language)

    def moment(self) -> datetime | None:
        """Return the local time of the event."""
        event = self.facts.event
        return local_time(event.happened_at, event.time_zone) if event.happened_at else None

    def plates(self, vehicle: VehicleFacts) -> list[Plate]:
        """Return the plates that have a number, as printed."""
        cleaned = (Plate(clean(plate.number), plate.issuer, plate.is_partial) for plate in vehicle.plates)
        return [plate for plate in cleaned if plate.number]

    def vehicle_to_look_for(self) -> VehicleFacts | None:
        """Return the vehicle a one-line text names: the first with a plate, else the first."""
        vehicles = self.facts.vehicles
        return next((vehicle for vehicle in vehicles if self.plates(vehicle)), vehicles[0] if vehicles else None)

    def _plate_of(self, vehicle: VehicleFacts | None) -> str:
        plates = self.plates(vehicle) if vehicle else []
        return self.plate_words(plates[0]) if plates else ""

    def make_and_model(self, vehicle: VehicleFacts) -> str:
        """Return make and model as typed."""
        return spaced(clean(vehicle.make), clean(vehicle.model))

    def aboard(self, vehicle: VehicleFacts) -> str:
        """Return the sentence of who is believed to be in a vehicle, "" when nobody is or none of them is named."""
        named = self.names_aboard(vehicle.aboard)
        return self.aboard_sentence(named) if named else ""

    def names_aboard(self, aboard: AboardFacts) -> list[str]:
        """Return the names of those who may be aboard, children first; who is not named is left out."""
        children = [clean(child.name) for child in self._at(self.facts.children, aboard.children)]
        people = [
            clean(person.name) or clean(person.also_known_as)
            for person in self._at(self.facts.people, aboard.people)
            if person.role in SAID_ROLES
        ]
        return [name for name in (*children, *people) if name]

    def ends(self, leg: LegFacts) -> tuple[str, str]:
        """Return where a journey begins and ends, each with its state or province, "" for what is not known."""
        start, end = (listed(*self.place_in_full(place)) for place in (leg.from_place, leg.to_place))
        return start, end

    @staticmethod
    def _at(rows: Sequence[DescribedRow], places: tuple[int, ...]) -> list[DescribedRow]:
        return [rows[place] for place in places if place < len(rows)]

    def suspects(self) -> int:
        """Return how many people are named whom nobody should approach."""
        return sum(person.role in NOT_APPROACHED_ROLES for person in self.facts.people)


def program_name(names: dict[str, str], language: str) -> str:
    """Return the name in `language`, else in any other, else ""."""
    return clean(names.get(language) or next((name for name in names.values() if name), ""))
