"""One complete alert and the lexicon of the delivered code lists, for the tests of composing."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from alerts.composing.facts import (
    AlertFacts,
    ChildFacts,
    CrossingFacts,
    EventFacts,
    Garment,
    Mark,
    PersonFacts,
    PlaceFacts,
    Plate,
    ProgramFacts,
    VehicleFacts,
)
from alerts.composing.lexicon import Lexicon

CODES_FILE = Path(__file__).parents[3] / "cases" / "data" / "codes.json"
CODE_LISTS: dict[str, list[dict[str, Any]]] = json.loads(CODES_FILE.read_text(encoding="utf-8"))["lists"]


def new_lexicon() -> Lexicon:
    """Return a lexicon of the delivered lists without any gaps noted yet."""
    return Lexicon(
        (name, row["code"], row["en"], row["es"], row["fr"], row.get("grammar"))
        for name, rows in CODE_LISTS.items()
        for row in rows
    )


PROGRAM = ProgramFacts(
    names={"en": "Texas AMBER Alert Program", "es": "Alerta AMBER Texas", "fr": "Programme d'alerte AMBER du Texas"},
    country="US",
    tip_phone="512-555-0142",
    abroad_phone="+1 512 555 0142",
)
GIRL = ChildFacts(
    name="Sofía Ramírez De la Cruz",
    also_known_as="Sofi",
    sex="F",
    age_years=8,
    height_cm=124,
    weight_kg=25,
    hair="BRO",
    eyes="BRO",
    skin="MBR",
    clothing=(
        Garment("t_shirt_contrast_collar", ("white", "blue")),
        Garment("shorts", ("red",)),
        Garment("sneakers", ("white",)),
    ),
    marks=(Mark("scar", "left_cheek"), Mark("glasses")),
    medical=("65", "80"),
)
MOTHER = PersonFacts(
    name="Marta López Díaz",
    sex="F",
    age_years=35,
    height_cm=163,
    weight_kg=60,
    hair="BLK",
    eyes="GRN",
    clothing=(Garment("blouse", ("light_blue",)),),
    role="abductor",
    relationship="parent",
    cautions=("00",),
)
SEDAN = VehicleFacts(
    make="Toyota",
    model="Corolla",
    year=2019,
    colors=("WHI",),
    style="4D",
    plates=(Plate("8ABC123", "US-TX"), Plate("12-K", "MX-CHH", is_partial=True)),
)
EVENT = EventFacts(
    happened_at=datetime(2026, 11, 24, 0, 40, tzinfo=UTC),
    time_zone="America/Denver",
    kind="last_seen",
    place=PlaceFacts("El Paso", "US-TX"),
    how_taken="kept_after_visit",
    force="yes",
    weapon="handgun",
    threats="yes",
)
ALERT = AlertFacts(
    children=(GIRL,),
    event=EVENT,
    program=PROGRAM,
    alert_number="TX-2026-0042",
    people=(MOTHER,),
    vehicles=(SEDAN,),
    crossing=CrossingFacts("plate_reader", "MX", "bridge_of_the_americas"),
    subdivision_names={
        "US-TX": {"en": "Texas", "es": "Texas", "fr": "Texas"},
        "MX-CHH": {"en": "Chihuahua", "es": "Chihuahua", "fr": "Chihuahua"},
        "MX-BCN": {"en": "Baja California", "es": "Baja California", "fr": "Basse-Californie"},
    },
)
