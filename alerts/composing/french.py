"""An alert in the French of Canada.

Québec typography: no space before ; ! ?, a non-breaking one before a colon. Several colors of one thing do not agree
(des chaussettes bleu et blanc), a single color does (des chaussettes blanches). The phrases are linguistic data,
reviewed as a whole, and no gettext messages: see `voice.py`.
"""

from __future__ import annotations

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
from alerts.composing.french_nouns import Person, people_words, person_words
from alerts.composing.groups import AgeGroup, Group, Sex, age_group, group_of, sex_of
from alerts.composing.lexicon import Noun
from alerts.composing.measures import both_units, feet_and_inches, meters, pounds
from alerts.composing.moments import zone_name
from alerts.composing.typed import capital, clean, listed, sentence, spaced
from alerts.composing.voice import Voice, program_name

COLON = "\u00a0:"
TRAVEL = {
    "bus": "en autocar", "train": "en train", "flight": "en avion", "ferry": "en traversier", "on_foot": "à pied",
}  # fmt: skip
MONTHS = (
    "janvier", "février", "mars", "avril", "mai", "juin", "juillet", "août", "septembre", "octobre", "novembre",
    "décembre",
)  # fmt: skip
ARTICLES = {("m", "s"): "un", ("f", "s"): "une"}


class French(Voice):
    """Says an alert in French."""

    language = "fr"
    event = "Alerte AMBER"
    colon = COLON
    country_names = {"US": "États-Unis", "MX": "Mexique", "CA": "Canada"}
    calls = ("N'approchez pas, composez le {number}.", "Composez le {number}.")

    # -- paragraphs ----------------------------------------------------------------------------------------------------

    def child(self, child: ChildFacts) -> str:
        words = words_for(child)
        is_adult = age_group(child.age_years) is AgeGroup.ADULT
        label = "Personne recherchée" if is_adult else f"Enfant {words.agree('recherché')}"
        name = self._name(child, words) if clean(child.name) else ""
        who = sentence(listed(name, with_age(words.noun, child.age_years), self._looks(child)))
        return self.paragraph(label, spaced(
            who, *self._clothes_and_marks(child, words.subject), self._medical(child, words.subject)
        ))  # fmt: skip

    def last_seen(self) -> str:
        words = self._words()
        was_taken = self.facts.event.kind == "taken"
        label = words.agree("Enlevé") if was_taken else f"{words.agree('Vu')} pour la dernière fois"
        moment = self.moment()
        when = f"le {date_words(moment)} à {clock(moment)} ({zone_name(moment, 'fr')})" if moment else ""
        told = listed(when, self.where(in_full=True))
        return self.paragraph(label, told if told.endswith(".") or not told else f"{told}.")

    def how(self) -> str:
        event, words = self.facts.event, self._words()
        clause = self.clause(event.how_taken, (words.gender == "f") + 2 * (self.group.size > 1))
        weapon = self.words("weapon", event.weapon, "indefinite")
        return self.paragraph("Circonstances", spaced(
            sentence(f"{words.definite} {clause}") if clause else "",
            "La force a été employée." if event.force == "yes" else "",
            "Des menaces ont été proférées." if event.threats == "yes" else "",
            f"La présence d'{weapon} a été signalée." if weapon else "",
        ))  # fmt: skip

    def person(self, person: PersonFacts) -> str:
        words = words_for(person, adult_without_age=True)
        known = sex_of(person) is not Sex.UNKNOWN or person.age_years is not None
        noun = with_age(words.noun, person.age_years) if known else ""
        name = self._name(person, words) if clean(person.name) else self._alias_alone(person, words)
        who = listed(name, noun, self._relationship(person), self._looks(person))
        dangers = self.cautions(person.cautions, "danger", "may")
        warning = f"Attention{COLON} cette personne pourrait {joined(dangers)}." if dangers else ""
        return self.paragraph(
            self.title(person),
            spaced(sentence(who), *self._clothes_and_marks(person, words.subject), warning),
        )

    def vehicle(self, vehicle: VehicleFacts) -> str:
        year = str(vehicle.year) if vehicle.year else ""
        none = "sans plaque d'immatriculation" if vehicle.has_no_plates else ""
        plates = self._all_plates(self.plates(vehicle)) or none
        told = listed(self._vehicle(vehicle, year=year, with_tail=True), plates)
        return self.paragraph("Véhicule", spaced(sentence(told), self.aboard(vehicle)))

    def leg(self, leg: LegFacts) -> str:
        by, names = TRAVEL.get(leg.mode, ""), self.names_aboard(leg.aboard)
        start, end = (in_parentheses(*self.place_in_full(place)) for place in (leg.from_place, leg.to_place))
        # A preposition before a proper name would need its article and elision; a route needs neither.
        way = f"trajet{COLON} {start} – {end}" if start and end else ""
        way = way or (f"départ{COLON} {start}" if start else f"destination{COLON} {end}" if end else "")
        if not names:
            return self.paragraph("Déplacement possible", sentence(listed(by, way)))
        may = "pourraient voyager" if len(names) > 1 else "pourrait voyager"
        return self.paragraph("Déplacement", sentence(listed(spaced(joined(names), may, by), way)) if by or way else "")

    def heading(self) -> str:
        crossing = self.facts.crossing
        if crossing is None:
            return ""
        toward = self.country_names.get(crossing.toward, "")
        point = self.lexicon.label("crossing_point", crossing.crossing_point, "fr")
        return spaced(
            self.paragraph("Direction possible", f"{toward}." if toward else ""),
            self.paragraph("Passage frontalier possible", sentence(point)),
        )

    # -- one-line texts ------------------------------------------------------------------------------------------------

    def who(self) -> list[str]:
        children = self.facts.children
        nameless = nameless_group(children)
        if len(children) == 1:
            return [listed(clean(children[0].name), nameless), nameless]
        named = [words for words in map(name_and_age, children) if words]
        if not named:
            return [nameless]
        first = f"{named[0]} et {count(len(children) - 1, 'autre enfant', 'autres enfants')}"
        return [joined(named) if len(named) == len(children) else first, first, nameless]

    def where(self, *, in_full: bool) -> str:
        place, subdivision = self.place_and_subdivision()
        if not in_full or not (place and subdivision):
            return place or (subdivision if in_full else "")
        return in_parentheses(place, subdivision)

    def vehicle_words(self, vehicle: VehicleFacts) -> str:
        return self._vehicle(vehicle, year="", with_tail=False)

    def plate_words(self, plate: Plate) -> str:
        return f"{'plaque partielle' if plate.is_partial else 'plaque'} {plate.number}"

    def aboard_sentence(self, names: list[str]) -> str:
        may = "pourraient se trouver" if len(names) > 1 else "pourrait se trouver"
        return sentence(f"{joined(names)} {may} dans ce véhicule")

    def instruction(self) -> str:
        seen = [self._words().demonstrative]
        if self.suspects():
            seen.append("les personnes suspectes" if self.suspects() > 1 else "la personne suspecte")
        if self.facts.vehicles:
            seen.append("l'un des véhicules" if len(self.facts.vehicles) > 1 else "le véhicule")
        number = clean(self.facts.alert_number)
        return spaced(
            f"Si vous voyez {joined(seen, 'ou')}, composez immédiatement le {self.rules.emergency_number}. "
            "Ne vous approchez pas.",
            tip_line(self.facts.program),
            f"Mentionnez le numéro d'alerte {number}." if number else "",
        )

    # -- phrases -------------------------------------------------------------------------------------------------------

    def _words(self) -> Person:
        return people_words(self.group) if self.group.size > 1 else person_words(self.group)

    def _name(self, person: Described, words: Person) -> str:
        name, alias = clean(person.name), clean(person.also_known_as)
        return f"{name} (aussi {words.agree('appelé')} {alias})" if alias else name

    def _alias_alone(self, person: Described, words: Person) -> str:
        alias = clean(person.also_known_as)
        return f"{words.agree('connu')} sous le nom de {alias}" if alias else ""

    def _looks(self, person: Described) -> str:
        hair = self.lexicon.adjective("hair", person.hair, "fr", "m", "p")
        eyes = self.lexicon.adjective("eyes", person.eyes, "fr", "m", "p")
        skin = self.lexicon.adjective("skin", person.skin, "fr") if self.rules.says_complexion else ""
        return listed(
            self._height(person.height_cm),
            self._weight(person.weight_kg),
            f"cheveux {hair}" if hair else self.words("hair", person.hair, "phrase"),
            f"yeux {eyes}" if eyes else "",
            f"teint {skin}" if skin else "",
        )

    def _height(self, height_cm: int | None) -> str:
        if not height_cm or height_cm < 0:
            return ""
        feet, inches = feet_and_inches(height_cm)
        imperial = spaced(count(feet, "pied", "pieds"), count(inches, "pouce", "pouces"))
        return both_units(meters(height_cm, ","), imperial, imperial_first=self.rules.imperial_first)

    def _weight(self, weight_kg: int | None) -> str:
        if not weight_kg or weight_kg < 0:
            return ""
        imperial = count(pounds(weight_kg), "livre", "livres")
        return both_units(f"{weight_kg} kg", imperial, imperial_first=self.rules.imperial_first)

    def _relationship(self, person: PersonFacts) -> str:
        child = self._words().definite
        phrase = self.words_by_sex("relationship", person.relationship, "phrase", person)
        return phrase.replace("{of_child}", of(child)).replace("{child}", child)

    def _clothes_and_marks(self, person: Described, subject: str) -> tuple[str, str]:
        clothes = [words for words in map(self._garment, person.clothing) if words]
        marks = [words for words in map(self._mark, person.marks) if words]
        return (
            f"{capital(subject)} portait {joined(clothes)}." if clothes else "",
            f"Signes distinctifs{COLON} {listed(*marks)}." if marks else "",
        )

    def _garment(self, garment: Garment) -> str:
        noun = self.lexicon.noun("garment", garment.item, "fr")
        if noun is None:
            return ""
        colors, patterns = self.plain_colors_and_patterns(garment.colors)
        part = self.garment_part(garment.item)
        own, rest = (colors[:1], colors[1:]) if part else (colors, [])
        article = ARTICLES.get((noun.gender, noun.number), "des")
        words = spaced(article, noun.text, self._colors(own, noun), self._colors(patterns, noun), noun.tail)
        if part is None:
            return words
        shade = self._colors(rest, part)
        return f"{words} à {part.text} {shade}" if shade else spaced(words, part.plain)

    def _colors(self, codes: Sequence[str], noun: Noun) -> str:
        if len(codes) > 1:
            return joined([self.lexicon.adjective("color", code, "fr") for code in codes])
        return "".join(self.lexicon.adjective("color", code, "fr", noun.gender, noun.number) for code in codes)

    def _mark(self, mark: Mark) -> str:
        noun = self.lexicon.noun("mark_kind", mark.kind, "fr")
        return spaced(noun.text, self.words("body_location", mark.location, "at")) if noun else ""

    def _medical(self, child: ChildFacts, subject: str) -> str:
        has = joined(self.cautions(child.medical, "medical", "has"))
        needs = joined(self.cautions(child.medical, "medical", "needs"))
        told = [part for part in (f"souffre {has}" if has else "", f"doit {needs}" if needs else "") if part]
        return sentence(f"{subject} {' et '.join(told)}") if told else ""

    def _vehicle(self, vehicle: VehicleFacts, *, year: str, with_tail: bool) -> str:
        style = self.lexicon.noun("vehicle_style", vehicle.style, "fr")
        make = self.make_and_model(vehicle)
        if style:
            tail = style.tail if with_tail else ""
            return spaced(style.text, make, year, self._vehicle_colors(vehicle, style.gender), tail)
        if make:
            colors = self._vehicle_colors(vehicle, "f")
            return spaced(make, year, f"de couleur {colors}" if colors else "")
        colors = self._vehicle_colors(vehicle, "m")
        return spaced("véhicule", year, colors) if year or colors else ""

    def _vehicle_colors(self, vehicle: VehicleFacts, gender: str) -> str:
        codes = [code for code in dict.fromkeys(vehicle.colors) if self.lexicon.is_said("vehicle_color", code)]
        own = gender if len(codes) == 1 else "m"
        return joined([self.lexicon.adjective("vehicle_color", code, "fr", own) for code in codes])

    def _all_plates(self, plates: Sequence[Plate]) -> str:
        numbers = []
        for plate in plates:
            remark = listed(self.subdivision_name(plate.issuer), "numéro partiel" if plate.is_partial else "")
            numbers.append(f"{plate.number} ({remark})" if remark else plate.number)
        return f"plaque{'s' if len(numbers) > 1 else ''} d'immatriculation {joined(numbers)}" if numbers else ""


def in_parentheses(place: str, subdivision: str) -> str:
    """Return "Montréal (Québec)", or the one that is known."""
    return f"{place} ({subdivision})" if place and subdivision else place or subdivision


def words_for(person: Described, *, adult_without_age: bool = False) -> Person:
    """Return the nouns for one person; a suspect whose age is not known is spoken of as an adult."""
    group = group_of([person])
    if adult_without_age and group.age is AgeGroup.MINOR:
        group = Group(1, group.sex, AgeGroup.ADULT)
    return person_words(group)


def with_age(noun: str, age_years: int | None) -> str:
    """Return "fillette de 8 ans", "garçon d'un an", "enfant de moins d'un an"; without an age the noun alone."""
    if age_years is None or age_years < 0:
        return noun
    if age_years < 2:
        return f"{noun} {'d' if age_years else 'de moins d'}'un an"
    return f"{noun} de {age_years} ans"


def name_and_age(child: Described) -> str:
    """Return "Sofía Ramírez (8 ans)", "" for a child who is not named."""
    name = clean(child.name)
    if not name or child.age_years is None or child.age_years < 0:
        return name
    age = count(child.age_years, "an", "ans") or "moins d'un an"
    return f"{name} ({age})"


def nameless_group(children: Sequence[Described]) -> str:
    """Return "fillette de 8 ans", "2 fillettes", "une fillette et 2 garçons", "3 enfants"."""
    group = group_of(children)
    if group.size == 1:
        return with_age(person_words(group).noun, children[0].age_years if children else None)
    kinds = Counter((age_group(child.age_years), sex_of(child)) for child in children)
    if any(sex is Sex.UNKNOWN for _age, sex in kinds):
        return f"{group.size} {people_words(group).noun}"
    told = []
    for (age, sex), size in kinds.items():
        kind = Group(size, sex, age)
        told.append(f"{size} {people_words(kind).noun}" if size > 1 else person_words(kind).indefinite)
    return joined(told)


def of(definite: str) -> str:
    """Return "de la fillette", "du garçon", "des enfants", "de l'enfant"."""
    for article, contracted in (("le ", "du "), ("les ", "des ")):
        if definite.startswith(article):
            return contracted + definite.removeprefix(article)
    return f"de {definite}"


def joined(items: Sequence[str], conjunction: str = "et") -> str:
    """Return the items as a series, without a comma before the conjunction."""
    if len(items) < 2:
        return "".join(items)
    return f"{', '.join(items[:-1])} {conjunction} {items[-1]}"


def count(number: int, one: str, several: str) -> str:
    """Return "1 pied", "4 pieds"; nothing for none."""
    return f"{number} {one if number == 1 else several}" if number else ""


def date_words(moment: datetime) -> str:
    """Return "23 novembre 2026", on the first of a month "1er novembre 2026"."""
    return f"{moment.day}{'er' if moment.day == 1 else ''} {MONTHS[moment.month - 1]} {moment.year}"


def clock(moment: datetime) -> str:
    """Return "17 h 40", on the hour "17 h"."""
    return f"{moment.hour} h {moment.minute:02d}" if moment.minute else f"{moment.hour} h"


def tip_line(program: ProgramFacts) -> str:
    """Return whom to call with information, "" when the program has no number."""
    tip, abroad = clean(program.tip_phone), clean(program.abroad_phone)
    phones = f"{tip} (de l'étranger{COLON} {abroad})" if tip and abroad else tip or abroad
    name = program_name(program.names, "fr")
    return f"Pour donner des renseignements{COLON} {listed(name, phones)}." if phones else ""


def ended(program: ProgramFacts, alert_number: str, *, has_expired: bool) -> ComposedText:
    """Return the neutral text of an alert that was canceled, or whose broadcast period is over."""
    number, emergency = clean(alert_number), rules_for(program.country).emergency_number
    which = spaced(French.event, number)
    if has_expired:
        return ComposedText(
            language="fr",
            event=French.event,
            headline=f"{which}{COLON} la période de diffusion est terminée",
            description="La période de diffusion de cette alerte est terminée. Les recherches se poursuivent.",
            instruction=spaced(
                tip_line(program) or f"Si vous avez des renseignements, composez le {emergency}.",
                f"Mentionnez le numéro d'alerte {number}." if number else "",
            ),
            short=f"{French.event}{COLON} la diffusion est terminée. Les recherches se poursuivent.",
        )
    return ComposedText(
        language="fr",
        event=French.event,
        headline=f"{which} terminée" if not number else f"{French.event} {number}{COLON} alerte terminée",
        description="Cette alerte est terminée. Veuillez supprimer les publications et les photos.",
        instruction="Veuillez supprimer les publications et les photos de cette alerte et ne plus les partager. "
        "Merci de votre aide.",
        short="Fin de l'alerte AMBER. Veuillez supprimer les publications et les photos.",
    )
