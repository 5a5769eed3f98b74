"""An alert in the Spanish of Mexico.

"Se le vio", "se le sustrajo" need no agreement with the child, so that a child of unknown sex is spoken of as naturally
as any other; warnings agree with "esta persona". Nobody is called "menor" (LGDNNA) nor "secuestrador", a word for
kidnapping for ransom. The phrases are linguistic data, reviewed as a whole, and no gettext messages: see `voice.py`.
"""

from __future__ import annotations

import re
from collections import Counter
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
from alerts.composing.spanish_nouns import Person, people_words, person_words
from alerts.composing.typed import clean, listed, sentence, spaced
from alerts.composing.voice import Voice, program_name

TRAVEL = {
    "bus": "en autobús", "train": "en tren", "flight": "en avión", "ferry": "en transbordador", "on_foot": "a pie",
}  # fmt: skip
MONTHS = (
    "enero", "febrero", "marzo", "abril", "mayo", "junio", "julio", "agosto", "septiembre", "octubre", "noviembre",
    "diciembre",
)  # fmt: skip
SOUNDS_LIKE_I = re.compile(r"(?:[iíIÍ]|[hH][iíIÍ](?![aeoAEO]))")


class Spanish(Voice):
    """Says an alert in Spanish."""

    language = "es"
    event = "Alerta AMBER"
    country_names = {"US": "Estados Unidos", "MX": "México", "CA": "Canadá"}
    calls = ("No se acerque, llame al {number}.", "Llame al {number}.")

    # -- paragraphs ----------------------------------------------------------------------------------------------------

    def child(self, child: ChildFacts) -> str:
        words = words_for(child)
        name = self._name(child) if clean(child.name) else ""
        who = listed(name, with_age(words.apposed if name else words.indefinite, child.age_years), self._looks(child))
        told = who if who.endswith(".") else f"{who}."
        return self.paragraph("Se busca a", spaced(told, *self._clothes_and_marks(child), self._medical(child)))

    def last_seen(self) -> str:
        them = self._them()
        label = f"Se {them} sustrajo" if self.facts.event.kind == "taken" else f"Se {them} vio por última vez"
        moment = self.moment()
        when = f"{date_words(moment)}, {clock(moment)} ({zone_name(moment, 'es')})" if moment else ""
        return self.paragraph(label, sentence(listed(when, self.where(in_full=True))))

    def how(self) -> str:
        event = self.facts.event
        weapon = self.words("weapon", event.weapon, "indefinite")
        return self.paragraph("Cómo ocurrió", spaced(
            sentence(self.clause(event.how_taken, int(self.group.size > 1))),
            "Se usó la fuerza." if event.force == "yes" else "",
            "Hubo amenazas." if event.threats == "yes" else "",
            f"Se reportó la presencia de {weapon}." if weapon else "",
        ))  # fmt: skip

    def person(self, person: PersonFacts) -> str:
        known = sex_of(person) is not Sex.UNKNOWN or person.age_years is not None
        noun = with_age(words_for(person, adult_without_age=True).apposed, person.age_years) if known else ""
        name = self._name(person) if clean(person.name) else self._alias_alone(person)
        who = listed(name, noun, self._relationship(person), self._looks(person))
        dangers = self.cautions(person.cautions, "danger", "may")
        warning = f"Precaución: esta persona podría {joined(dangers)}." if dangers else ""
        return self.paragraph(
            self.title(person),
            spaced(sentence(who), *self._clothes_and_marks(person), warning),
        )

    def vehicle(self, vehicle: VehicleFacts) -> str:
        style = self.lexicon.noun("vehicle_style", vehicle.style, "es")
        colors = self._vehicle_colors(vehicle, style.gender if style else "m")
        make, model = clean(vehicle.make), clean(vehicle.model)
        told = listed(
            spaced(style.text, colors, style.tail) if style else "",
            f"marca {make}" if make else "",
            f"submarca {model}" if model else "",
            f"modelo (año) {vehicle.year}" if vehicle.year else "",
            f"color {colors}" if colors and not style else "",
            self._all_plates(self.plates(vehicle)) or ("sin placas" if vehicle.has_no_plates else ""),
        )
        return self.paragraph("Vehículo", spaced(sentence(told), self.aboard(vehicle)))

    def leg(self, leg: LegFacts) -> str:
        by, (start, end) = TRAVEL.get(leg.mode, ""), self.ends(leg)
        names = self.names_aboard(leg.aboard)
        comma = "," if end and "," in start else ""
        way = spaced(by, start and f"de {start}{comma}", end and f"a {end}")
        may = "podrían viajar" if (len(names) or self.group.size) > 1 else "podría viajar"
        return self.paragraph("Traslado", sentence(spaced(joined(names), may, way)) if way else "")

    def heading(self) -> str:
        crossing = self.facts.crossing
        if crossing is None:
            return ""
        toward = self.country_names.get(crossing.toward, "")
        point = self.lexicon.label("crossing_point", crossing.crossing_point, "es")
        several = self.group.size + len(self.facts.people) > 1
        return spaced(
            self.paragraph("Podrían dirigirse a" if several else "Podría dirigirse a", f"{toward}." if toward else ""),
            self.paragraph("Posible cruce", sentence(point)),
        )

    # -- one-line texts ------------------------------------------------------------------------------------------------

    def who(self) -> list[str]:
        children = self.facts.children
        nameless = nameless_group(children)
        if len(children) == 1:
            child, name = children[0], clean(children[0].name)
            return [listed(name, with_age(words_for(child).apposed, child.age_years)) if name else nameless, nameless]
        named = [words for words in map(name_and_age, children) if words]
        if not named:
            return [nameless]
        first = f"{named[0]} y {len(children) - 1} más"
        return [joined(named) if len(named) == len(children) else first, first, nameless]

    def where(self, *, in_full: bool) -> str:
        place, subdivision = self.place_and_subdivision()
        return listed(place, subdivision) if in_full else place

    def vehicle_words(self, vehicle: VehicleFacts) -> str:
        style = self.lexicon.noun("vehicle_style", vehicle.style, "es")
        colors = self._vehicle_colors(vehicle, style.gender if style else "m")
        if style:
            return spaced(style.text, self.make_and_model(vehicle), colors)
        if self.make_and_model(vehicle):
            return spaced(self.make_and_model(vehicle), f"color {colors}" if colors else "")
        return f"vehículo {colors}" if colors else ""

    def plate_words(self, plate: Plate) -> str:
        return f"{'placas parciales' if plate.is_partial else 'placas'} {plate.number}"

    def aboard_sentence(self, names: list[str]) -> str:
        return sentence(f"En este vehículo {'podrían' if len(names) > 1 else 'podría'} ir {joined(names)}")

    def instruction(self) -> str:
        seen = [f"a {self._words().demonstrative}"]
        if self.suspects():
            seen.append("a las personas sospechosas" if self.suspects() > 1 else "a la persona sospechosa")
        if self.facts.vehicles:
            seen.append("alguno de los vehículos" if len(self.facts.vehicles) > 1 else "el vehículo")
        number = clean(self.facts.alert_number)
        return spaced(
            f"Si ve {joined(seen, 'o')}, llame de inmediato al {self.rules.emergency_number}. No se acerque.",
            tip_line(self.facts.program),
            f"Mencione el número de alerta {number}." if number else "",
        )

    # -- phrases -------------------------------------------------------------------------------------------------------

    def _them(self) -> str:
        return "les" if self.group.size > 1 else "le"

    def _words(self) -> Person:
        return people_words(self.group, self.facts.children) if self.group.size > 1 else person_words(self.group)

    def _name(self, person: Described) -> str:
        name, alias = clean(person.name), clean(person.also_known_as)
        return f"{name} (también se le conoce como {alias})" if alias else name

    def _alias_alone(self, person: Described) -> str:
        alias = clean(person.also_known_as)
        return f"se le conoce como {alias}" if alias else ""

    def _looks(self, person: Described) -> str:
        hair = self.lexicon.adjective("hair", person.hair, "es")
        eyes = self.lexicon.adjective("eyes", person.eyes, "es", "m", "p")
        skin = self.lexicon.adjective("skin", person.skin, "es", "f") if self.rules.says_complexion else ""
        return listed(
            self._height(person.height_cm),
            self._weight(person.weight_kg),
            f"cabello {hair}" if hair else self.words("hair", person.hair, "phrase"),
            f"ojos {eyes}" if eyes else "",
            f"tez {skin}" if skin else "",
        )

    def _height(self, height_cm: int | None) -> str:
        if not height_cm or height_cm < 0:
            return ""
        feet, inches = feet_and_inches(height_cm)
        imperial = spaced(count(feet, "pie", "pies"), count(inches, "pulgada", "pulgadas"))
        return f"estatura {both_units(meters(height_cm, '.'), imperial, imperial_first=self.rules.imperial_first)}"

    def _weight(self, weight_kg: int | None) -> str:
        if not weight_kg or weight_kg < 0:
            return ""
        imperial = count(pounds(weight_kg), "libra", "libras")
        return f"peso {both_units(f'{weight_kg} kg', imperial, imperial_first=self.rules.imperial_first)}"

    def _relationship(self, person: PersonFacts) -> str:
        child = self._words().definite
        phrase = self.words_by_sex("relationship", person.relationship, "phrase", person)
        return phrase.replace("{of_child}", of(child)).replace("{child}", child)

    def _clothes_and_marks(self, person: Described) -> tuple[str, str]:
        clothes = [words for words in map(self._garment, person.clothing) if words]
        marks = [words for words in map(self._mark, person.marks) if words]
        return (
            f"Llevaba {joined(clothes)}." if clothes else "",
            f"Señas particulares: {listed(*marks)}." if marks else "",
        )

    def _garment(self, garment: Garment) -> str:
        noun = self.lexicon.noun("garment", garment.item, "es")
        if noun is None:
            return ""
        colors, patterns = self.plain_colors_and_patterns(garment.colors)
        part = self.garment_part(garment.item)
        own, rest = (colors[:1], colors[1:]) if part else (colors, [])
        shades = spaced(self._colors(own, noun.gender, noun.number), self._colors(patterns, noun.gender, noun.number))
        words = spaced(noun.text, shades, noun.tail)
        if part is None:
            return words
        shade = self._colors(rest, part.gender, part.number)
        return f"{words} con {part.text} {shade}" if shade else spaced(words, part.plain)

    def _colors(self, codes: Sequence[str], gender: str, number: str) -> str:
        return joined([self.lexicon.adjective("color", code, "es", gender, number) for code in codes])

    def _mark(self, mark: Mark) -> str:
        noun = self.lexicon.noun("mark_kind", mark.kind, "es")
        return spaced(noun.text, self.words("body_location", mark.location, "at")) if noun else ""

    def _medical(self, child: ChildFacts) -> str:
        has = joined(self.cautions(child.medical, "medical", "has"))
        needs = joined(self.cautions(child.medical, "medical", "needs"))
        told = (f"tiene {has}" if has else "", f"necesita {needs}" if needs else "")
        return sentence(" y ".join(part for part in told if part))

    def _vehicle_colors(self, vehicle: VehicleFacts, gender: str) -> str:
        colors = (self.lexicon.adjective("vehicle_color", code, "es", gender) for code in dict.fromkeys(vehicle.colors))
        return joined([color for color in colors if color])

    def _all_plates(self, plates: Sequence[Plate]) -> str:
        numbers = []
        for plate in plates:
            remark = listed(self.subdivision_name(plate.issuer), "número parcial" if plate.is_partial else "")
            numbers.append(f"{plate.number} ({remark})" if remark else plate.number)
        return f"placas {joined(numbers)}" if numbers else ""


def words_for(person: Described, *, adult_without_age: bool = False) -> Person:
    """Return the nouns for one person; a suspect whose age is not known is spoken of as an adult."""
    group = group_of([person])
    if adult_without_age and group.age is AgeGroup.MINOR:
        group = Group(1, group.sex, AgeGroup.ADULT)
    return person_words(group)


def with_age(noun: str, age_years: int | None) -> str:
    """Return "niña de 8 años", "niño de menos de 1 año"; without an age the noun alone."""
    age = age_words(age_years)
    return f"{noun} de {age}" if age else noun


def age_words(age_years: int | None) -> str:
    """Return "8 años", "1 año", "menos de 1 año"."""
    if age_years is None or age_years < 0:
        return ""
    return count(age_years, "año", "años") or "menos de 1 año"


def name_and_age(child: Described) -> str:
    """Return "Sofía Ramírez (8 años)", "" for a child who is not named."""
    name, age = clean(child.name), age_words(child.age_years)
    return f"{name} ({age})" if name and age else name


def nameless_group(children: Sequence[Described]) -> str:
    """Return "niña de 8 años", "2 niñas", "una niña y 2 adolescentes", "3 niñas, niños o adolescentes"."""
    group = group_of(children)
    if group.size == 1:
        return with_age(person_words(group).indefinite, children[0].age_years if children else None)
    kinds = Counter((age_group(child.age_years), sex_of(child)) for child in children)
    if any(sex is Sex.UNKNOWN or age is AgeGroup.MINOR for age, sex in kinds):
        return f"{group.size} {people_words(group, children).indefinite}"
    told = []
    for (age, sex), size in kinds.items():
        kind = Group(size, sex, age)
        told.append(person_words(kind).indefinite if size == 1 else f"{size} {people_words(kind, ()).indefinite}")
    return joined(told)


def of(definite: str) -> str:
    """Return "de la niña", "del niño"."""
    return f"del {definite[3:]}" if definite.startswith("el ") else f"de {definite}"


def joined(items: Sequence[str], conjunction: str = "y") -> str:
    """Return the items as a series; "y" becomes "e" before the sound i (Ana e Isabel, but agua y hielo)."""
    if len(items) < 2:
        return "".join(items)
    if conjunction == "y" and SOUNDS_LIKE_I.match(items[-1]):
        conjunction = "e"
    return f"{', '.join(items[:-1])} {conjunction} {items[-1]}"


def count(number: int, one: str, several: str) -> str:
    """Return "1 pie", "4 pies"; nothing for none."""
    return f"{number} {one if number == 1 else several}" if number else ""


def date_words(moment: datetime) -> str:
    """Return "23 de noviembre de 2026"."""
    return f"{moment.day} de {MONTHS[moment.month - 1]} de {moment.year}"


def clock(moment: datetime) -> str:
    """Return "17:40"."""
    return f"{moment.hour:02d}:{moment.minute:02d}"


def tip_line(program: ProgramFacts) -> str:
    """Return whom to call with information, "" when the program has no number."""
    tip, abroad = clean(program.tip_phone), clean(program.abroad_phone)
    phones = f"{tip} (desde otro país: {abroad})" if tip and abroad else tip or abroad
    return f"Para dar información: {listed(program_name(program.names, 'es'), phones)}." if phones else ""


def ended(program: ProgramFacts, alert_number: str, *, has_expired: bool) -> ComposedText:
    """Return the neutral text of an alert that was canceled, or whose broadcast period is over."""
    number, emergency = clean(alert_number), rules_for(program.country).emergency_number
    which = spaced(Spanish.event, number)
    if has_expired:
        return ComposedText(
            language="es",
            event=Spanish.event,
            headline=f"{which}: concluyó el periodo de difusión",
            description="Concluyó el periodo de difusión de esta alerta. La búsqueda continúa.",
            instruction=spaced(
                tip_line(program) or f"Si tiene información, llame al {emergency}.",
                f"Mencione el número de alerta {number}." if number else "",
            ),
            short=f"Fin del periodo de difusión de la {Spanish.event}. La búsqueda continúa.",
        )
    return ComposedText(
        language="es",
        event=Spanish.event,
        headline=f"Concluyó la {which}",
        description="Esta alerta concluyó. Le pedimos borrar las publicaciones y fotografías.",
        instruction="Borre las publicaciones y fotografías de esta alerta y no las vuelva a compartir. "
        "Gracias por su ayuda.",
        # Not "concluyó": without the accent that this alphabet lacks it would mean "I conclude".
        short=f"Fin de la {Spanish.event}. Por favor borre publicaciones y fotos.",
    )
