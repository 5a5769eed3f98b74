"""French words for who is looked for, with the gender that sentences agree with.

"Enfant" takes either gender, so a girl is "recherchée" even where no word tells her age; of unknown sex it is
masculine.
"""

from __future__ import annotations

from dataclasses import dataclass

from alerts.composing.groups import AgeGroup, Group, Sex


@dataclass(frozen=True)
class Person:
    """The forms of one noun that sentences need."""

    noun: str
    indefinite: str
    definite: str
    demonstrative: str
    gender: str
    subject: str = ""  # elle, il, l'enfant …
    is_plural: bool = False

    def agree(self, participle: str) -> str:
        """Return the participle (masculine singular in é, i or u) in this noun's gender and number."""
        return participle + ("e" if self.gender == "f" else "") + ("s" if self.is_plural else "")


_PERSON = Person("personne", "une personne", "la personne", "cette personne", "f", "cette personne")
_CHILD = Person("enfant", "un enfant", "l'enfant", "cet enfant", "m", "l'enfant")
_ONE = {
    (AgeGroup.YOUNG, Sex.FEMALE): Person("fillette", "une fillette", "la fillette", "cette fillette", "f", "elle"),
    (AgeGroup.YOUNG, Sex.MALE): Person("garçon", "un garçon", "le garçon", "ce garçon", "m", "il"),
    (AgeGroup.TEEN, Sex.FEMALE): Person(
        "adolescente", "une adolescente", "l'adolescente", "cette adolescente", "f", "elle"
    ),
    (AgeGroup.TEEN, Sex.MALE): Person("adolescent", "un adolescent", "l'adolescent", "cet adolescent", "m", "il"),
    (AgeGroup.TEEN, Sex.UNKNOWN): Person("jeune", "un ou une jeune", "l'enfant", "cet enfant", "m", "l'enfant"),
    (AgeGroup.MINOR, Sex.FEMALE): Person("fille", "une fille", "l'enfant", "cette enfant", "f", "elle"),
    (AgeGroup.MINOR, Sex.MALE): Person("garçon", "un garçon", "l'enfant", "cet enfant", "m", "il"),
    (AgeGroup.ADULT, Sex.FEMALE): Person("femme", "une femme", "la femme", "cette femme", "f", "elle"),
    (AgeGroup.ADULT, Sex.MALE): Person("homme", "un homme", "l'homme", "cet homme", "m", "il"),
    (AgeGroup.ADULT, Sex.UNKNOWN): _PERSON,
}


def _several(noun: str, gender: str) -> Person:
    return Person(noun, noun, f"les {noun}", f"ces {noun}", gender, is_plural=True)


_SEVERAL = {
    (AgeGroup.YOUNG, Sex.FEMALE): _several("fillettes", "f"),
    (AgeGroup.YOUNG, Sex.MALE): _several("garçons", "m"),
    (AgeGroup.TEEN, Sex.FEMALE): _several("adolescentes", "f"),
    (AgeGroup.TEEN, Sex.MALE): _several("adolescents", "m"),
    (AgeGroup.TEEN, Sex.MIXED): _several("adolescents", "m"),
    (AgeGroup.TEEN, Sex.UNKNOWN): _several("jeunes", "m"),
    (AgeGroup.MINOR, Sex.FEMALE): _several("filles", "f"),
    (AgeGroup.MINOR, Sex.MALE): _several("garçons", "m"),
    (AgeGroup.ADULT, Sex.FEMALE): _several("femmes", "f"),
    (AgeGroup.ADULT, Sex.MALE): _several("hommes", "m"),
    (AgeGroup.ADULT, Sex.MIXED): _several("personnes", "f"),
    (AgeGroup.ADULT, Sex.UNKNOWN): _several("personnes", "f"),
}


def person_words(group: Group) -> Person:
    """Return the words for one person."""
    return _ONE.get((group.age, group.sex), _CHILD)


def people_words(group: Group) -> Person:
    """Return the words for several people."""
    if group.age is AgeGroup.VARIOUS:
        return _several("personnes", "f")
    return _SEVERAL.get((group.age, group.sex), _several("enfants", "m"))
