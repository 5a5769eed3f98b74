"""The open cases of each corridor: 75 from the United States to Mexico and 183 back (design §1), a few of Canada."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from cases.choices import Answer, EventKind, PersonRole, Sex

from .desks import open_desks
from .history import OldCase, take_over
from .opening import Facts

# Mexico's program began on 2 May 2012; the coordinators met in May 2016.
FIRST, LAST = datetime(2012, 5, 2, 15, tzinfo=UTC), datetime(2016, 5, 16, 20, tzinfo=UTC)


@dataclass(frozen=True)
class Corridor:
    """Open cases from one country toward another, led in turn by these agencies."""

    key: str
    toward: str
    leads: tuple[str, ...]
    count: int


CORRIDORS = (
    Corridor("US-MX", "MX", ("us-ca-chp", "us-tx-dps"), 75),
    Corridor("MX-US", "US", ("mx-bcn-amber", "mx-chh-amber", "mx-fgr-amber"), 183),
    Corridor("US-CA", "CA", ("us-tx-dps", "us-ca-chp"), 6),
    Corridor("CA-US", "US", ("ca-on-opp", "ca-qc-sq"), 3),
    Corridor("MX-CA", "CA", ("mx-fgr-amber",), 2),
)

Place = tuple[str, str, str]
PLACES: dict[str, tuple[Place, ...]] = {
    "us-ca-chp": (
        ("San Diego", "US-CA", "America/Los_Angeles"), ("Fresno", "US-CA", "America/Los_Angeles"),
        ("Los Angeles", "US-CA", "America/Los_Angeles"), ("Calexico", "US-CA", "America/Los_Angeles"),
    ),
    "us-tx-dps": (
        ("Houston", "US-TX", "America/Chicago"), ("El Paso", "US-TX", "America/Denver"),
        ("San Antonio", "US-TX", "America/Chicago"), ("Laredo", "US-TX", "America/Chicago"),
    ),
    "mx-bcn-amber": (
        ("Tijuana", "MX-BCN", "America/Tijuana"), ("Mexicali", "MX-BCN", "America/Tijuana"),
        ("Ensenada", "MX-BCN", "America/Tijuana"), ("Tecate", "MX-BCN", "America/Tijuana"),
    ),
    "mx-chh-amber": (
        ("Ciudad Juárez", "MX-CHH", "America/Ciudad_Juarez"), ("Chihuahua", "MX-CHH", "America/Chihuahua"),
        ("Ojinaga", "MX-CHH", "America/Ojinaga"),
    ),
    "mx-fgr-amber": (
        ("Monterrey", "MX-NLE", "America/Monterrey"), ("Guadalajara", "MX-JAL", "America/Mexico_City"),
        ("Hermosillo", "MX-SON", "America/Hermosillo"), ("Nuevo Laredo", "MX-TAM", "America/Matamoros"),
    ),
    "ca-on-opp": (("Windsor", "CA-ON", "America/Toronto"), ("Niagara Falls", "CA-ON", "America/Toronto")),
    "ca-qc-sq": (("Gatineau", "CA-QC", "America/Toronto"),),
}  # fmt: skip
CROSSINGS: dict[tuple[str, str], tuple[str, ...]] = {
    ("us-ca-chp", "MX"): ("san_ysidro", "otay_mesa", "calexico_west", "tecate"),
    ("us-tx-dps", "MX"): ("paso_del_norte", "laredo_juarez_lincoln", "hidalgo", "eagle_pass_1"),
    ("mx-bcn-amber", "US"): ("san_ysidro", "calexico_east", "otay_mesa", "tecate"),
    ("mx-chh-amber", "US"): ("bridge_of_the_americas", "ysleta", "presidio", "santa_teresa"),
    ("mx-fgr-amber", "US"): ("laredo_gateway", "pharr", "nogales_mariposa", "brownsville_veterans"),
    ("ca-on-opp", "US"): ("ambassador", "rainbow"),
    ("ca-qc-sq", "US"): ("champlain",),
}
GIVEN = {
    "F": ("Alma", "Brisa", "Dalia", "Elsa", "Greta", "Ines", "Jade", "Lía", "Nora", "Olga", "Perla"),
    "M": ("Abel", "Bruno", "Dario", "Elio", "Gael", "Hugo", "Ivan", "León", "Nilo", "Omar", "Pablo"),
}
SURNAMES = ("Demo", "Ejemplo", "Sample", "Muestra", "Example", "Ficticia", "Exemple")
HOW = (
    ("kept_after_visit", "FAM", "parent"), ("home", "FAM", "parent"), ("school", "FAM", "grandparent"),
    ("left_with_known_person", "NFA", "acquaintance"), ("street", "NFA", "unknown"),
)  # fmt: skip
TOPS, BOTTOMS = ("t_shirt", "hoodie", "shirt", "sweater", "polo"), ("jeans", "shorts", "pants", "sweatpants")
COLORS = ("red", "blue", "green", "yellow", "purple", "gray", "white", "orange", "pink")
HAIR, EYES, EVIDENCE = ("BLK", "BRO", "SDY", "RED"), ("BRO", "HAZ", "GRN"), ("family_there", "witness", "statement")
OLDEST = 17


def open_corridors() -> None:
    """Take over the cases of every corridor, evenly spread from the first day to the last."""
    desks = open_desks(*PLACES)
    take_over(
        OldCase(
            facts=_facts(corridor, lead, number),
            desk=desks[lead],
            key=key_of(corridor.key, number),
            opened_at=opened_at,
            happened_at=opened_at - timedelta(hours=2 + number % 40, minutes=number * 7 % 60),
        )
        for corridor in CORRIDORS
        for number in range(corridor.count)
        for lead in [corridor.leads[number % len(corridor.leads)]]
        for opened_at in [FIRST + (LAST - FIRST) / (corridor.count - 1) * number]
    )


def key_of(corridor: str, number: int) -> str:
    """Return the file number of one case of a corridor, counted from 0."""
    return f"DEMO-{corridor}-{number + 1:03d}"


def _facts(corridor: Corridor, lead: str, number: int) -> Facts:
    """Return the facts of one case. Lists of unequal lengths are walked in step, so that cases differ."""

    def pick(values: Any, stride: int = 1) -> Any:
        return values[number * stride // len(corridor.leads) % len(values)]

    how, category, relationship = pick(HOW)
    place, subdivision, zone = pick(PLACES[lead])
    surname = f"Demo-{pick(SURNAMES, 3)}"
    return Facts(
        event={
            "kind": EventKind.LAST_SEEN, "place": place, "subdivision_id": subdivision, "time_zone": zone,
            "how_taken": how, "force": pick(Answer.values), "category_at_intake": category,
        },
        child={
            **_child(number), "first_surname": surname, "second_surname": pick(SURNAMES, 5),
            "hair": pick(HAIR), "eyes": pick(EYES), "nationalities": [corridor.key[:2]],
            "clothing": [{"item": pick(TOPS), "colors": [pick(COLORS)]},
                         {"item": pick(BOTTOMS), "colors": [pick(COLORS, 4)]}],
        },
        suspect={
            **_relative(number, relationship), "first_surname": surname, "hair": pick(HAIR, 3),
        } if category == "FAM" else {},
        crossing={
            "toward": corridor.toward, "evidence": pick(EVIDENCE), "confidence": "likely",
            "crossing_point": pick(CROSSINGS.get((lead, corridor.toward), ("",))),
        },
    )  # fmt: skip


def _child(number: int) -> dict[str, Any]:
    sex, age = (Sex.FEMALE, Sex.MALE)[number // 3 % 2], _age(number)
    return {
        "given_names": GIVEN[sex][number % len(GIVEN[sex])],
        "sex": sex,
        "age_years": age,
        "height_cm": 50 + age * 7,
        "weight_kg": 4 + age * 3,
    }


def _relative(number: int, relationship: str) -> dict[str, Any]:
    sex = (Sex.MALE, Sex.MALE, Sex.FEMALE)[number // 4 % 3]
    return {
        "given_names": GIVEN[sex][number * 3 % len(GIVEN[sex])],
        "sex": sex,
        "age_years": _age(number) + 20 + number % 15 + (23 if relationship == "grandparent" else 0),
        "role": PersonRole.ABDUCTOR,
        "relationship": relationship,
    }


def _age(number: int) -> int:
    return number * 5 % (OLDEST + 1)
