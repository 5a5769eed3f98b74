"""Finds in words that officers typed what has no authority: names, aliases, handles, coded descriptions (U28).

Words are compared without accents and capitals, whole: Quimby is not in Quimbyville. A surname with particles stays
together: "de la Cruz" is one name, and "la Cruz" is none. One word alone is a name where it is typed with a capital:
"la calle" is not the family Calle. What is also a word of the program's name, of a place, plate or border crossing of
the case or of somebody who may be named says nothing. Paraphrases are for the approver to read (`typed_words_read`).
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import NamedTuple

from agencies.models import Subdivision
from alerts.models import Alert
from cases.choices import ChildStatus
from cases.models import Child, Person
from cases.models.code import code_rows
from cases.models.part import as_read_by

LANGUAGES = ("en", "es", "fr")
NAME, LOOKS, MEDICAL = "name", "looks", "medical"
SHORTEST = 2  # letters of a name that can be told from initials
AMBIGUOUS = 3  # letters of a name that is a word of its own in some language: counts with its capitals and accents
NEARBY = 2  # words from a color to the hair, eyes or skin that it describes, in the same part of the sentence
CAUTION_OR_MEDICAL = "caution"
NOT_SAYING = {"01", "XXX", "other"}
# What a hair, eye or skin color describes; the color alone may be that of a coat.
DESCRIBED = {
    "hair": "hair haired cabello cabellos pelo cheveux chevelure",
    "eyes": "eye eyes eyed ojo ojos oeil yeux",
    "skin": "skin skinned complexion piel tez peau teint",
}
LIKE = re.compile(r"\s+(?:or|o|ou)\s+")
PREFIXES = ("color ", "de ")  # "color miel": what is typed is "ojos miel"
# "brown hair and a black coat": what follows describes something else.
TURNS = frozenset(["and", "with", "in", "wearing", "y", "e", "con", "en", "et", "avec"])
SIX = 6  # letters that "diabetes" and "diabética" share with each other and with no other word of the lists


class Word(NamedTuple):
    """One word: as it is compared, as it was typed, and the number of the part of the sentence in which it stands."""

    plain: str
    written: str
    part: int = 0


@dataclass(frozen=True)
class Wanted:
    """Words not to be said. `near`: only beside one of these; `is_root`: any form of the word.

    `has_capital`: only where it is typed with a capital; `written`: only so, or all or first in capitals.
    """

    kind: str
    words: tuple[str, ...]
    written: str = ""
    near: frozenset[str] = frozenset()
    is_root: bool = False
    has_capital: bool = False


@dataclass(frozen=True)
class Found:
    """What may not be said, as it was typed, and in which language's text."""

    kind: str
    words: str
    language: str


def words_in(text: str) -> list[Word]:
    """Return the words of a text in their order; an apostrophe and a hyphen divide words."""
    words, part = [], 0
    for written, sign in re.findall(r"([^\W_]+)|([.,;!?()\n])", text):
        plain = plain_of(written)
        part += bool(sign) or plain in TURNS
        if written:
            words.append(Word(plain, written, part))
    return words


def plain_of(word: str) -> str:
    """Return a word without capitals and accents."""
    loose = unicodedata.normalize("NFKD", word.casefold())
    return "".join(sign for sign in loose if not unicodedata.combining(sign)).replace("œ", "oe")


def root_of(plain: str) -> str:
    """Return what the forms of an adjective or noun share: castaño, castaña; tattoo, tattoos; cicatriz, cicatrices."""
    if plain.endswith("ces") and len(plain) > 5:
        return plain[:-3] + "z"
    root = plain[:-1] if len(plain) > 3 and plain.endswith("s") else plain
    return root[:-1] if len(root) > 4 and root[-1] in "aeo" else root


def recognized(
    alert: Alert, texts: Mapping[str, str], *, unnamed: Iterable[Child | Person], named: Iterable[Child | Person],
    undescribed: Iterable[Person], described: Iterable[Person], is_medical_told: bool,
) -> list[Found]:  # fmt: skip
    """Return what texts by language say of people whom this program may not name or describe, each word once."""
    known = set(_tokens(_public_words(alert, named)))
    ordinary = _ordinary_roots()
    wanted = [name for person in unnamed for name in names_of(person, ordinary)]
    wanted += _looks_of(undescribed, [*described, *_children(alert)])
    wanted += _medical_needs(described) if not is_medical_told else []
    found: dict[tuple[str, str, str], Found] = {}
    for language, text in texts.items():
        typed = words_in(text)
        for item in wanted:
            for start in _places(item, typed):
                said = typed[start : start + len(item.words)]
                if not {word.plain for word in said} <= known:
                    words = " ".join(word.written for word in said)
                    found.setdefault((item.kind, language, plain_of(words)), Found(item.kind, words, language))
    return list(found.values())


def names_of(person: Child | Person, ordinary: Collection[str] = ()) -> list[Wanted]:
    """Return the names by which somebody would be known: whole, each surname alone, aliases, handle, document.

    A single name counts where it is typed with a capital, a handle however it is typed. One whose root is that of an
    `ordinary` word (Moreno, Brown), or one of three letters or fewer, counts as it is written or in capitals. Given
    names alone are not among them: a text may tell of roses.
    """
    given, surnames = person.given_names, [person.first_surname, person.second_surname]
    aliases = re.split(r"[,;/]|\s+(?:or|o|ou|y|and|et)\s+", person.also_known_as)
    wholes = [f"{given} {surname}" for surname in surnames if given and surname]
    names = [person.name, *wholes, " ".join(filter(None, surnames)), *surnames, *aliases, person.name_on_document]
    names = [name for name in names if plain_of(name.strip()) != plain_of(given.strip())]
    wanted: dict[tuple[str, ...], Wanted] = {}
    for name, is_handle in ((getattr(person, "online_handle", ""), True), *((name, False) for name in names)):
        words = words_in(name)
        if not words or sum(len(word.plain) for word in words) < SHORTEST:
            continue
        plain = tuple(word.plain for word in words)
        is_single = len(plain) == 1
        is_ambiguous = is_single and (len(plain[0]) <= AMBIGUOUS or root_of(plain[0]) in ordinary)
        written = words[0].written if is_ambiguous else ""
        item = Wanted(NAME, plain, written, has_capital=is_single and not is_handle)
        wanted.setdefault(plain, item)
    return list(wanted.values())


def _places(item: Wanted, typed: list[Word]) -> Iterator[int]:
    size = len(item.words)
    for start in range(len(typed) - size + 1):
        said = typed[start : start + size]
        if not all(_is_same(item, want, word) for want, word in zip(item.words, said, strict=True)):
            continue
        if item.near:
            around = typed[max(0, start - NEARBY) : start + size + NEARBY]
            if not any(word.plain in item.near and word.part == said[0].part for word in around):
                continue
        yield start


def _is_same(item: Wanted, want: str, word: Word) -> bool:
    if item.has_capital and word.written.isalpha() and word.written[0].islower():
        return False
    if item.written:
        return word.written in {item.written, item.written.upper(), item.written.capitalize()}
    if item.kind == NAME:
        return want == word.plain
    root, other = root_of(want), root_of(word.plain)
    if root == other:
        return True
    return item.is_root and len(root) >= SIX and root[:SIX] == other[:SIX] and len(word.plain) >= len(root) - 1


def _children(alert: Alert) -> list[Child]:
    return [child for child in alert.case.children.all() if child.status != ChildStatus.RECOVERED]


def _looks_of(undescribed: Iterable[Person], told: Iterable[Child | Person]) -> list[Wanted]:
    """Return the recorded looks and cautions of people who may not be described, less what others may be told by."""
    may_be_said = {value for person in told for value in _coded(person)}
    wanted: list[Wanted] = []
    for person in undescribed:
        for list_name, code in _coded(person):
            if (list_name, code) not in may_be_said:
                near = frozenset(DESCRIBED.get(list_name, "").split())
                wanted += [Wanted(LOOKS, words, near=near) for words in _labels(list_name, code)]
    return wanted


def _coded(person: Child | Person) -> Iterator[tuple[str, str]]:
    yield from ((name, getattr(person, name)) for name in DESCRIBED if getattr(person, name))
    yield from (("mark_kind", row.get("kind", "")) for row in person.marks or ())
    yield from ((CAUTION_OR_MEDICAL, code) for code in getattr(person, "cautions", ()) or ())


def _medical_needs(described: Iterable[Person]) -> list[Wanted]:
    """Return every medical value of the list: a program that may not tell them tells none, recorded or not."""
    told = {code for person in described for code in person.cautions or ()}
    codes = [row["code"] for row in code_rows() if row["list_name"] == CAUTION_OR_MEDICAL]
    medical = [code for code in codes if (not code.isdigit() or code >= "50") and code not in told]
    return [
        Wanted(MEDICAL, words, is_root=len(words) == 1)
        for code in medical for words in _labels(CAUTION_OR_MEDICAL, code)
    ]  # fmt: skip


def _labels(list_name: str, code: str) -> list[tuple[str, ...]]:
    """Return the label of a value in three languages, "gray or partly gray" as two, as words to compare."""
    if code in NOT_SAYING:
        return []
    row = next((row for row in code_rows() if (row["list_name"], row["code"]) == (list_name, code)), {})
    found = []
    for language in LANGUAGES:
        for part in LIKE.split((row.get(f"label_{language}") or "").lower()):
            prefix = next((start for start in PREFIXES if part.startswith(start)), "")
            found.append(tuple(word.plain for word in words_in(part.removeprefix(prefix))))
    return [words for words in dict.fromkeys(found) if words]


def _ordinary_roots() -> set[str]:
    """Return the roots of the words of all code lists: colors, looks, garments, which some surnames are too."""
    labels = (row[f"label_{language}"] or "" for row in code_rows() for language in LANGUAGES)
    return {root_of(word.plain) for label in labels for word in words_in(label)}


def _tokens(texts: Iterable[str]) -> Iterator[str]:
    return (word.plain for text in texts for word in words_in(text or ""))


def _public_words(alert: Alert, named: Iterable[Child | Person]) -> Iterator[str]:
    """Yield what may be said in any case: the program, vehicles, who may be named, and the places of the case.

    Among these are the issuers of plates, border crossings, and whither somebody may be on the way, as everybody may
    read them: composed words say them too.
    """
    program, case = alert.program, alert.case
    places: list[Subdivision | None] = [area.subdivision for area in alert.areas.select_related("subdivision")]
    for owner in (program, program.agency):
        yield from (getattr(owner, f"name_{language}") for language in LANGUAGES)
    event = case.abduction
    yield from (event.place, event.municipality, event.neighborhood, event.road, event.cross_street)
    places.append(event.subdivision)
    for leg in case.legs.select_related("from_subdivision", "to_subdivision"):
        yield from (leg.from_place, leg.to_place, leg.carrier, leg.route)
        places += [leg.from_subdivision, leg.to_subdivision]
    for vehicle in case.vehicles.all():
        yield from (vehicle.make, vehicle.model)
    vehicles = as_read_by(case.vehicles.all())
    places += [plate.issuer for plate in case.plates.filter(vehicle__in=vehicles).select_related("issuer")]
    ways = [
        way for rows in (case.crossingindications, case.sightings)
        for way in as_read_by(rows.select_related("toward_subdivision"))
    ]  # fmt: skip
    places += [way.toward_subdivision for way in ways]
    crossings = {way.crossing_point for way in ways} - {""}
    for row in code_rows() if crossings else ():
        if row["list_name"] == "crossing_point" and row["code"] in crossings:
            yield from (row[f"label_{language}"] for language in LANGUAGES)
    for place in filter(None, places):
        yield from (getattr(place, f"name_{language}") for language in LANGUAGES)
    for person in named:
        yield from (person.given_names, person.first_surname, person.second_surname, person.also_known_as)
