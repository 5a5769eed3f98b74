"""Who is looked for, as the grammars of the three languages need it: how many, of which sex, of which age group."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum

from alerts.composing.facts import Described


class Sex(Enum):
    """Sex of one person or of all of a group."""

    MALE = "M"
    FEMALE = "F"
    MIXED = "mixed"
    UNKNOWN = "U"


class AgeGroup(Enum):
    """Age groups with words of their own; Mexican law calls those from 12 to 17 adolescentes (LGDNNA, Art. 5)."""

    YOUNG = "under 12"
    TEEN = "12 to 17"
    MINOR = "under 18, exact age not known or various"
    ADULT = "18 and older"
    VARIOUS = "adults and children"


@dataclass(frozen=True)
class Group:
    """What can be said of all of them together."""

    size: int
    sex: Sex
    age: AgeGroup


def age_group(age_years: int | None) -> AgeGroup:
    """Return the age group of a child who is looked for; without an age, a minor."""
    if age_years is None or age_years < 0:
        return AgeGroup.MINOR
    if age_years < 12:
        return AgeGroup.YOUNG
    return AgeGroup.TEEN if age_years < 18 else AgeGroup.ADULT


def sex_of(person: Described) -> Sex:
    """Return the person's sex; anything but M and F is unknown."""
    return {"M": Sex.MALE, "F": Sex.FEMALE}.get(person.sex, Sex.UNKNOWN)


def sex_key(person: Described) -> str:
    """Return the key under which a lexicon keeps forms by sex: m, f or u."""
    return {"M": "m", "F": "f"}.get(person.sex, "u")


def group_of(people: Sequence[Described]) -> Group:
    """Return what `people` have in common; of nobody, one minor of unknown sex."""
    sexes = {sex_of(person) for person in people} or {Sex.UNKNOWN}
    ages = {age_group(person.age_years) for person in people} or {AgeGroup.MINOR}
    if len(sexes) == 1:
        (sex,) = sexes
    else:
        sex = Sex.UNKNOWN if Sex.UNKNOWN in sexes else Sex.MIXED
    if len(ages) == 1:
        (age,) = ages
    else:
        age = AgeGroup.VARIOUS if AgeGroup.ADULT in ages else AgeGroup.MINOR
    return Group(size=max(1, len(people)), sex=sex, age=age)
