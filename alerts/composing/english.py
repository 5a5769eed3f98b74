"""An alert in American English.

The phrases are linguistic data, reviewed as a whole, and no gettext messages: see `voice.py`.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from alerts.composing.composed_text import ComposedText
from alerts.composing.country_rules import rules_for
from alerts.composing.facts import (
    ChildFacts,
    Described,
    Garment,
    LegFacts,
    Mark,
    PersonFacts,
    Plate,
    ProgramFacts,
    VehicleFacts,
)
from alerts.composing.groups import AgeGroup, Group, Sex, age_group, group_of, sex_of
from alerts.composing.measures import both_units, feet_and_inches, meters, pounds
from alerts.composing.moments import zone_name
from alerts.composing.typed import clean, listed, sentence, spaced
from alerts.composing.voice import Voice, program_name

MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
MINORS = {Sex.FEMALE: ("girl", "girls"), Sex.MALE: ("boy", "boys")}
ADULTS = {Sex.FEMALE: ("woman", "women"), Sex.MALE: ("man", "men")}
TRAVEL = {"bus": "by bus", "train": "by train", "flight": "by plane", "ferry": "by ferry", "on_foot": "on foot"}
PRONOUNS = {Sex.FEMALE: "she", Sex.MALE: "he"}


class English(Voice):
    """Says an alert in English."""

    language = "en"
    event = "AMBER Alert"
    country_names = {"US": "the United States", "MX": "Mexico", "CA": "Canada"}
    calls = ("Do not approach, call {number}.", "Call {number}.")

    # -- paragraphs ----------------------------------------------------------------------------------------------------

    def child(self, child: ChildFacts) -> str:
        label = "Missing person" if age_group(child.age_years) is AgeGroup.ADULT else "Child"
        pronoun = PRONOUNS.get(sex_of(child), f"the {noun_for(group_of([child]))}")
        name = self._name(child) if clean(child.name) else ""
        who = listed(name, with_article(aged(child)), self._looks(child))
        return self.paragraph(
            label, spaced(sentence(who), *self._clothes_and_marks(child, pronoun), self._medical(child, pronoun))
        )

    def last_seen(self) -> str:
        label = "Taken" if self.facts.event.kind == "taken" else "Last seen"
        moment = self.moment()
        when = f"{date_words(moment)}, {clock(moment)} {zone_name(moment, 'en')}" if moment else ""
        return self.paragraph(label, sentence(listed(when, *self.place_and_subdivision())))

    def how(self) -> str:
        event = self.facts.event
        clause = self.clause(event.how_taken, int(self.group.size > 1))
        weapon = self.words("weapon", event.weapon, "indefinite")
        return self.paragraph("How", spaced(
            sentence(f"the {noun_for(self.group)} {clause}") if clause else "",
            "Force was used." if event.force == "yes" else "",
            "Threats were made." if event.threats == "yes" else "",
            sentence(f"{weapon} was reported") if weapon else "",
        ))  # fmt: skip

    def person(self, person: PersonFacts) -> str:
        pronoun = PRONOUNS.get(sex_of(person), "this person")
        known = sex_of(person) is not Sex.UNKNOWN or person.age_years is not None
        name = self._name(person) if clean(person.name) else self._alias_alone(person)
        noun = with_article(aged_person(person)) if known else ""
        who = listed(name, noun, self._relationship(person), self._looks(person))
        dangers = self.cautions(person.cautions, "danger", "may")
        warning = sentence(f"Warning: {pronoun} may {joined(dangers)}") if dangers else ""
        return self.paragraph(
            self.title(person),
            spaced(sentence(who), *self._clothes_and_marks(person, pronoun), warning),
        )

    def vehicle(self, vehicle: VehicleFacts) -> str:
        year = str(vehicle.year) if vehicle.year else ""
        body = self._vehicle(vehicle, year=year)
        plates = self._all_plates(self.plates(vehicle)) or ("no license plates" if vehicle.has_no_plates else "")
        return self.paragraph("Vehicle", spaced(sentence(listed(body, plates)), self.aboard(vehicle)))

    def leg(self, leg: LegFacts) -> str:
        by, (start, end) = TRAVEL.get(leg.mode, ""), self.ends(leg)
        names = self.names_aboard(leg.aboard)
        comma = "," if end and "," in start else ""
        way = spaced(by, start and f"from {start}{comma}", end and f"to {end}")
        return self.paragraph("Travel", sentence(spaced(joined(names), "may be traveling", way)) if way else "")

    def heading(self) -> str:
        crossing = self.facts.crossing
        if crossing is None:
            return ""
        toward = self.country_names.get(crossing.toward, "")
        point = self.lexicon.label("crossing_point", crossing.crossing_point, "en")
        return spaced(
            self.paragraph("May be heading to", f"{toward}." if toward else ""),
            self.paragraph("Possible crossing point", sentence(point)),
        )

    # -- one-line texts ------------------------------------------------------------------------------------------------

    def who(self) -> list[str]:
        children = self.facts.children
        nameless = nameless_group(children)
        if len(children) == 1:
            return [listed(clean(children[0].name), aged(children[0])), nameless]
        named = [words for words in map(name_and_age, children) if words]
        if not named:
            return [nameless]
        first = f"{named[0]} and {count(len(children) - 1, 'other child', 'other children')}"
        return [joined(named) if len(named) == len(children) else first, first, nameless]

    def where(self, *, in_full: bool) -> str:
        place, subdivision = self.place_and_subdivision()
        return listed(place, subdivision) if in_full else place

    def vehicle_words(self, vehicle: VehicleFacts) -> str:
        return self._vehicle(vehicle, year="")

    def plate_words(self, plate: Plate) -> str:
        return f"{'partial plate' if plate.is_partial else 'plate'} {plate.number}"

    def aboard_sentence(self, names: list[str]) -> str:
        return sentence(f"{joined(names)} may be in this vehicle")

    def instruction(self) -> str:
        seen = [f"{'these' if self.group.size > 1 else 'this'} {noun_for(self.group)}"]
        if self.suspects():
            seen.append("the suspects" if self.suspects() > 1 else "the suspect")
        if self.facts.vehicles:
            seen.append("one of the vehicles" if len(self.facts.vehicles) > 1 else "the vehicle")
        number = clean(self.facts.alert_number)
        return spaced(
            f"If you see {joined(seen, 'or')}, call {self.rules.emergency_number} immediately. Do not approach.",
            tip_line(self.facts.program),
            f"Quote alert number {number}." if number else "",
        )

    # -- phrases -------------------------------------------------------------------------------------------------------

    def _name(self, person: Described) -> str:
        name, alias = clean(person.name), clean(person.also_known_as)
        return f"{name} (also known as {alias})" if alias else name

    def _alias_alone(self, person: Described) -> str:
        alias = clean(person.also_known_as)
        return f"known as {alias}" if alias else ""

    def _looks(self, person: Described) -> str:
        return listed(
            self._height(person.height_cm), self._weight(person.weight_kg),
            self._feature(person, "hair", "hair"), self._feature(person, "eyes", "eyes"),
            self._feature(person, "skin", "complexion") if self.rules.says_complexion else "",
        )  # fmt: skip

    def _feature(self, person: Described, list_name: str, noun: str) -> str:
        code = getattr(person, list_name)
        color = self.lexicon.adjective(list_name, code, "en")
        return f"{color} {noun}" if color else self.words(list_name, code, "phrase")

    def _height(self, height_cm: int | None) -> str:
        if not height_cm or height_cm < 0:
            return ""
        feet, inches = feet_and_inches(height_cm)
        imperial = spaced(count(feet, "foot", "feet"), count(inches, "inch", "inches"))
        return both_units(meters(height_cm, "."), imperial, imperial_first=self.rules.imperial_first)

    def _weight(self, weight_kg: int | None) -> str:
        if not weight_kg or weight_kg < 0:
            return ""
        imperial = count(pounds(weight_kg), "pound", "pounds")
        return both_units(f"{weight_kg} kg", imperial, imperial_first=self.rules.imperial_first)

    def _relationship(self, person: PersonFacts) -> str:
        noun = noun_for(self.group)
        possessive = f"the {noun}'" if noun.endswith("s") else f"the {noun}'s"
        phrase = self.words_by_sex("relationship", person.relationship, "phrase", person)
        return phrase.replace("{of_child}", possessive).replace("{child}", f"the {noun}")

    def _clothes_and_marks(self, person: Described, pronoun: str) -> tuple[str, str]:
        clothes = [words for words in map(self._garment, person.clothing) if words]
        marks = [words for words in map(self._mark, person.marks) if words]
        return (
            sentence(f"{pronoun} was wearing {joined(clothes)}") if clothes else "",
            sentence(f"Distinguishing marks: {listed(*marks)}") if marks else "",
        )

    def _garment(self, garment: Garment) -> str:
        noun = self.lexicon.noun("garment", garment.item, "en")
        if noun is None:
            return ""
        colors, patterns = self.plain_colors_and_patterns(garment.colors)
        part = self.garment_part(garment.item)
        own, rest = (colors[:1], colors[1:]) if part else (colors, [])
        words = spaced(self._colors(own), self._colors(patterns), noun.text)
        if noun.number == "s":
            words = with_article(words)
        if part is None:
            return words
        shade = self._colors(rest)
        return f"{words} with {with_article(f'{shade} {part.text}')}" if shade else spaced(words, part.plain)

    def _colors(self, codes: Sequence[str]) -> str:
        return joined([self.lexicon.adjective("color", code, "en") for code in codes])

    def _mark(self, mark: Mark) -> str:
        noun = self.lexicon.noun("mark_kind", mark.kind, "en")
        return spaced(noun.text, self.words("body_location", mark.location, "at")) if noun else ""

    def _medical(self, child: ChildFacts, pronoun: str) -> str:
        has = joined(self.cautions(child.medical, "medical", "has"))
        needs = joined(self.cautions(child.medical, "medical", "needs"))
        told = [part for part in (f"has {has}" if has else "", f"needs {needs}" if needs else "") if part]
        return sentence(f"{pronoun} {' and '.join(told)}") if told else ""

    def _vehicle(self, vehicle: VehicleFacts, *, year: str) -> str:
        colors = joined([
            color
            for code in dict.fromkeys(vehicle.colors)
            if (color := self.lexicon.adjective("vehicle_color", code, "en"))
        ])  # fmt: skip
        style = self.lexicon.noun("vehicle_style", vehicle.style, "en")
        kind = spaced(self.make_and_model(vehicle), style.text if style else "")
        return spaced(colors, year, kind or "vehicle") if colors or year or kind else ""

    def _all_plates(self, plates: Sequence[Plate]) -> str:
        numbers = []
        for plate in plates:
            remark = listed(self.subdivision_name(plate.issuer), "partial" if plate.is_partial else "")
            numbers.append(f"{plate.number} ({remark})" if remark else plate.number)
        return f"license plate{'s' if len(numbers) > 1 else ''} {joined(numbers)}" if numbers else ""


def noun_for(group: Group) -> str:
    """Return the word for the group: girl, boys, children, people."""
    several = int(group.size > 1)
    if group.age is AgeGroup.ADULT:
        return ADULTS.get(group.sex, ("person", "people"))[several]
    if group.age is AgeGroup.VARIOUS:
        return "people"
    return MINORS.get(group.sex, ("child", "children"))[several]


def aged(child: Described) -> str:
    """Return "8-year-old girl", "boy under 1 year old", "child"."""
    return _with_age(noun_for(group_of([child])), child.age_years)


def aged_person(person: Described) -> str:
    """Return "35-year-old woman"; without an age an adult, for a suspect seldom is a child."""
    minor = person.age_years is not None and person.age_years < 18
    nouns = MINORS if minor else ADULTS
    return _with_age(nouns.get(sex_of(person), ("person", ""))[0], person.age_years)


def _with_age(noun: str, age_years: int | None) -> str:
    if age_years is None or age_years < 0:
        return noun
    return f"{age_years}-year-old {noun}" if age_years else f"{noun} under 1 year old"


def name_and_age(child: Described) -> str:
    """Return "Sofía Ramírez (8)", "" for a child who is not named."""
    name = clean(child.name)
    if not name or child.age_years is None or child.age_years < 0:
        return name
    return f"{name} ({child.age_years or 'under 1'})"


def nameless_group(children: Sequence[Described]) -> str:
    """Return "8-year-old girl", "2 girls", "a girl and 2 boys", "3 children"."""
    if len(children) == 1:
        return aged(children[0])
    group = group_of(children)
    if group.sex is Sex.MIXED and group.age is not AgeGroup.VARIOUS:
        counts = [(sum(sex_of(child) is sex for child in children), sex) for sex in (Sex.FEMALE, Sex.MALE)]
        nouns = ADULTS if group.age is AgeGroup.ADULT else MINORS
        return joined([f"{size} {nouns[sex][1]}" if size > 1 else f"a {nouns[sex][0]}" for size, sex in counts])
    return f"{len(children)} {noun_for(group)}" if children else noun_for(group)


def with_article(words: str) -> str:
    """Return the words after a or an, as they are spoken: an 8-year-old, an orange cap, a uniform."""
    first = words.split(" ", 1)[0].split("-", 1)[0].casefold()
    spoken_vowel = first in {"8", "11", "18"} or (len(first) == 2 and first[0] == "8")
    return f"{'an' if spoken_vowel or (first[:1] in 'aeiou' and first != 'uniform') else 'a'} {words}"


def joined(items: Sequence[str], conjunction: str = "and") -> str:
    """Return the items as a series, with the comma before the conjunction that American usage puts."""
    if len(items) < 3:
        return f" {conjunction} ".join(items)
    return f"{', '.join(items[:-1])}, {conjunction} {items[-1]}"


def count(number: int, one: str, several: str) -> str:
    """Return "1 foot", "4 feet"; nothing for none."""
    return f"{number} {one if number == 1 else several}" if number else ""


def date_words(moment: datetime) -> str:
    """Return "Nov 23, 2026"."""
    return f"{MONTHS[moment.month - 1]} {moment.day}, {moment.year}"


def clock(moment: datetime) -> str:
    """Return "5:40 p.m."."""
    return f"{moment.hour % 12 or 12}:{moment.minute:02d} {'a.m.' if moment.hour < 12 else 'p.m.'}"


def tip_line(program: ProgramFacts) -> str:
    """Return whom to call with information, "" when the program has no number."""
    tip, abroad = clean(program.tip_phone), clean(program.abroad_phone)
    phones = f"{tip} (from another country: {abroad})" if tip and abroad else tip or abroad
    return f"To give information: {listed(program_name(program.names, 'en'), phones)}." if phones else ""


def ended(program: ProgramFacts, alert_number: str, *, has_expired: bool) -> ComposedText:
    """Return the neutral text of an alert that was canceled, or whose broadcast period is over."""
    number, emergency = clean(alert_number), rules_for(program.country).emergency_number
    which = spaced(English.event, number)
    if has_expired:
        return ComposedText(
            language="en",
            event=English.event,
            headline=f"{which}: the broadcast period has ended",
            description="The broadcast period of this alert has ended. The search continues.",
            instruction=spaced(
                tip_line(program) or f"If you have information, call {emergency}.",
                f"Quote alert number {number}." if number else "",
            ),
            short=f"{English.event}: the broadcast period has ended. The search continues.",
        )
    return ComposedText(
        language="en",
        event=English.event,
        headline=f"{which} has ended",
        description="This alert has ended. Please delete posts and pictures.",
        instruction="Please delete any posts and pictures of this alert and do not share them again. "
        "Thank you for your help.",
        short=f"This {English.event} has ended. Please delete posts and pictures.",
    )
