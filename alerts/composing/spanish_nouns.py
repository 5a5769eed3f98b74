"""Spanish words for who is looked for.

Mexican law speaks of niñas, niños y adolescentes (LGDNNA, Art. 5: adolescentes are those from 12 to under 18). A
teenager's sex shows in the article only, so "una adolescente" keeps it where "niña" needs none.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from alerts.composing.facts import Described
from alerts.composing.groups import AgeGroup, Group, Sex, sex_of


@dataclass(frozen=True)
class Person:
    """The forms of one noun that sentences need."""

    apposed: str  # after a name: "Sofía, niña de 8 años"
    indefinite: str  # alone, or after a number
    definite: str
    demonstrative: str


_ONE = {
    (AgeGroup.YOUNG, Sex.FEMALE): Person("niña", "una niña", "la niña", "esta niña"),
    (AgeGroup.YOUNG, Sex.MALE): Person("niño", "un niño", "el niño", "este niño"),
    (AgeGroup.YOUNG, Sex.UNKNOWN): Person(
        "niña o niño", "una niña o un niño", "la niña o el niño", "esta niña o este niño"
    ),
    (AgeGroup.TEEN, Sex.FEMALE): Person("una adolescente", "una adolescente", "la adolescente", "esta adolescente"),
    (AgeGroup.TEEN, Sex.MALE): Person("un adolescente", "un adolescente", "el adolescente", "este adolescente"),
    (AgeGroup.TEEN, Sex.UNKNOWN): Person(
        "adolescente", "una o un adolescente", "la persona adolescente", "esta persona adolescente"
    ),
    (AgeGroup.MINOR, Sex.FEMALE): Person(
        "niña o adolescente", "una niña o adolescente", "la niña o adolescente", "esta niña o adolescente"
    ),
    (AgeGroup.MINOR, Sex.MALE): Person(
        "niño o adolescente", "un niño o adolescente", "el niño o adolescente", "este niño o adolescente"
    ),
    (AgeGroup.MINOR, Sex.UNKNOWN): Person(
        "niña, niño o adolescente",
        "una niña, niño o adolescente",
        "la niña, niño o adolescente",
        "esta niña, niño o adolescente",
    ),
    (AgeGroup.ADULT, Sex.FEMALE): Person("mujer", "una mujer", "la mujer", "esta mujer"),
    (AgeGroup.ADULT, Sex.MALE): Person("hombre", "un hombre", "el hombre", "este hombre"),
    (AgeGroup.ADULT, Sex.UNKNOWN): Person("persona", "una persona", "la persona", "esta persona"),
}

_PEOPLE = Person("personas", "personas", "las personas", "estas personas")
_SEVERAL = {
    (AgeGroup.YOUNG, Sex.FEMALE): Person("niñas", "niñas", "las niñas", "estas niñas"),
    (AgeGroup.YOUNG, Sex.MALE): Person("niños", "niños", "los niños", "estos niños"),
    (AgeGroup.YOUNG, Sex.UNKNOWN): Person(
        "niñas o niños", "niñas o niños", "las niñas y los niños", "estas niñas y estos niños"
    ),
    (AgeGroup.TEEN, Sex.FEMALE): Person("adolescentes", "adolescentes", "las adolescentes", "estas adolescentes"),
    (AgeGroup.TEEN, Sex.MALE): Person("adolescentes", "adolescentes", "los adolescentes", "estos adolescentes"),
    (AgeGroup.TEEN, Sex.UNKNOWN): Person(
        "adolescentes", "adolescentes", "las y los adolescentes", "estas y estos adolescentes"
    ),
    (AgeGroup.MINOR, Sex.FEMALE): Person(
        "niñas o adolescentes", "niñas o adolescentes", "las niñas y adolescentes", "estas niñas y adolescentes"
    ),
    (AgeGroup.MINOR, Sex.MALE): Person(
        "niños o adolescentes", "niños o adolescentes", "los niños y adolescentes", "estos niños y adolescentes"
    ),
    (AgeGroup.MINOR, Sex.UNKNOWN): Person(
        "niñas, niños o adolescentes",
        "niñas, niños o adolescentes",
        "las niñas, niños y adolescentes",
        "estas niñas, niños y adolescentes",
    ),
    (AgeGroup.ADULT, Sex.FEMALE): Person("mujeres", "mujeres", "las mujeres", "estas mujeres"),
    (AgeGroup.ADULT, Sex.MALE): Person("hombres", "hombres", "los hombres", "estos hombres"),
}
_GIRL_AND_BOY = Person("niña y niño", "una niña y un niño", "la niña y el niño", "esta niña y este niño")


def person_words(group: Group) -> Person:
    """Return the words for one person."""
    return _ONE[group.age, group.sex]


def people_words(group: Group, people: Sequence[Described]) -> Person:
    """Return the words for several; two of whom one is a girl and one a boy are named as such."""
    if group.age is AgeGroup.YOUNG and group.sex is Sex.MIXED and sorted(map(_code, people)) == ["F", "M"]:
        return _GIRL_AND_BOY
    sex = Sex.UNKNOWN if group.sex is Sex.MIXED else group.sex
    return _SEVERAL.get((group.age, sex), _PEOPLE)


def _code(person: Described) -> str:
    return sex_of(person).value
