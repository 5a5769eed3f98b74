"""The facts of the demo's detailed cases, in codes, so that each can be told in three languages."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from cases.choices import Answer, EventKind, PersonRole, Sex

from .opening import Facts


@dataclass(frozen=True)
class Story:
    """One case: its lead agency, its facts, and the portrait's colors (background, shirt, hair) with its authority."""

    agency: str
    facts: Facts
    colors: tuple[str, str, str] = ("#dfe7ee", "#7a869a", "#3b2a20")
    basis: str = "police_authority"


def wearing(*garments: tuple[str, ...]) -> list[dict[str, Any]]:
    """Return rows of clothing from a garment's code followed by the codes of its colors."""
    return [{"item": item, "colors": colors} for item, *colors in garments]


SAN_DIEGO = {"place": "San Diego", "subdivision_id": "US-CA", "time_zone": "America/Los_Angeles"}
SACRAMENTO = {"place": "Sacramento", "subdivision_id": "US-CA", "time_zone": "America/Los_Angeles"}
EL_PASO = {"place": "El Paso", "subdivision_id": "US-TX", "time_zone": "America/Denver"}
TIJUANA = {"place": "Tijuana", "subdivision_id": "MX-BCN", "time_zone": "America/Tijuana"}
ENSENADA = {"place": "Ensenada", "subdivision_id": "MX-BCN", "time_zone": "America/Tijuana"}
JUAREZ = {"place": "Ciudad Juárez", "subdivision_id": "MX-CHH", "time_zone": "America/Ciudad_Juarez"}
SHERBROOKE = {"place": "Sherbrooke", "subdivision_id": "CA-QC", "time_zone": "America/Toronto"}
MONTREAL = {"place": "Montréal", "subdivision_id": "CA-QC", "time_zone": "America/Toronto"}
OTTAWA = {"place": "Ottawa", "subdivision_id": "CA-ON", "time_zone": "America/Toronto"}

RED_SHORTS_GIRL = Story(
    "us-ca-chp",
    Facts(
        event={
            **SACRAMENTO, "kind": EventKind.TAKEN, "place_kind": "park", "how_taken": "forced_into_vehicle",
            "force": Answer.YES, "weapon": "none", "threats": Answer.NO, "dangers": ["threat_to_life", "very_young"],
            "category_at_intake": "NFA",
        },
        child={
            "given_names": "Zoe", "first_surname": "Demo-Sample", "also_known_as": "Zo", "sex": Sex.FEMALE,
            "age_years": 6, "height_cm": 117, "weight_kg": 21, "hair": "BRO", "eyes": "GRN", "skin": "FAR",
            "clothing": wearing(("t_shirt_contrast_collar", "white", "blue"), ("shorts", "red"), ("sneakers", "pink")),
            "marks": [{"kind": "freckles", "location": "face"}], "medical": ["60"],
            "nationalities": ["US"], "languages_spoken": ["en"],
        },
        suspect={
            "given_names": "Max", "first_surname": "Fictional-Demo", "sex": Sex.MALE, "age_years": 38,
            "height_cm": 182, "weight_kg": 88, "hair": "BLK", "eyes": "BRO", "role": PersonRole.ABDUCTOR,
            "relationship": "stranger", "clothing": wearing(("hoodie", "gray"), ("jeans", "blue"), ("cap", "black")),
            "marks": [{"kind": "tattoo", "location": "left_forearm"}],
        },
        vehicle={
            "make": "Ford", "model": "F-150", "year": 2019, "color": "BLU", "style": "PK", "plate": "DEMO-101",
            "plate_issuer_id": "US-CA",
        },
    ),
    colors=("#dfe7ee", "#f4f4f4", "#5a3a22"),
)  # fmt: skip

YELLOW_RAINCOAT_BOY = Story(
    "us-ca-chp",
    Facts(
        event={
            **SAN_DIEGO, "kind": EventKind.LAST_SEEN, "place_kind": "school", "how_taken": "school",
            "force": Answer.UNKNOWN, "dangers": ["violence_history"], "category_at_intake": "FAM",
        },
        child={
            "given_names": "Noah", "first_surname": "Demo-Example", "sex": Sex.MALE, "age_years": 9, "height_cm": 134,
            "weight_kg": 30, "hair": "RED", "eyes": "BLU", "skin": "FAR",
            "clothing": wearing(("raincoat", "yellow"), ("pants", "khaki"), ("boots", "green"), ("backpack", "orange")),
            "marks": [{"kind": "glasses"}], "medical": [], "custody": "order_sole", "custody_holder": "father",
            "custody_country": "US",
        },
        suspect={
            "given_names": "Rita", "first_surname": "Demo-Example", "sex": Sex.FEMALE, "age_years": 33,
            "height_cm": 168, "hair": "RED", "eyes": "GRN", "role": PersonRole.ABDUCTOR, "relationship": "parent",
            "clothing": wearing(("dress", "navy"), ("sandals", "brown")),
        },
        vehicle={
            "make": "Toyota", "model": "RAV4", "year": 2021, "color": "SIL", "style": "LL", "plate": "DEMO-102",
            "plate_issuer_id": "US-CA",
        },
    ),
    colors=("#e8eef4", "#e0b020", "#b4532a"),
)  # fmt: skip

PURPLE_DRESS_GIRL = Story(
    "mx-bcn-amber",
    Facts(
        event={
            **TIJUANA, "kind": EventKind.LAST_SEEN, "place_kind": "store", "how_taken": "public_place",
            "force": Answer.UNKNOWN, "threats": Answer.UNKNOWN, "dangers": ["unknown_taker", "trafficking_risk"],
            "category_at_intake": "NFA",
        },
        child={
            "given_names": "Ana", "first_surname": "Demo-Ramírez", "second_surname": "Ejemplo", "sex": Sex.FEMALE,
            "age_years": 4, "height_cm": 101, "weight_kg": 16, "hair": "BLK", "eyes": "BRO", "skin": "MBR",
            "clothing": wearing(("dress", "purple"), ("sweater", "white"), ("sandals", "pink"), ("hair_bow", "yellow")),
            "marks": [{"kind": "birthmark", "location": "right_arm"}], "medical": ["80"],
            "nationalities": ["MX"], "languages_spoken": ["es"],
        },
        suspect={
            "given_names": "Persona", "first_surname": "Ficticia-Demo", "sex": Sex.FEMALE, "age_years": 45,
            "height_cm": 158, "hair": "GRY", "eyes": "BRO", "role": PersonRole.SUSPECT, "relationship": "stranger",
            "clothing": wearing(("blouse", "green"), ("pants", "black")),
        },
        vehicle={
            "make": "Nissan", "model": "Frontier", "year": 2016, "color": "WHI", "style": "PK", "plate": "DEMO-201",
            "plate_issuer_id": "MX-BCN",
        },
    ),
    colors=("#efe6f2", "#7d3c98", "#17120f"),
    basis="parental_consent",
)  # fmt: skip

GREEN_JACKET_TEENAGER = Story(
    "mx-bcn-amber",
    Facts(
        event={
            **ENSENADA, "kind": EventKind.LAST_SEEN, "place_kind": "bus_station", "how_taken": "lured_online",
            "threats": Answer.YES, "dangers": ["trafficking_risk"], "category_at_intake": "NFA",
        },
        child={
            "given_names": "Iker", "first_surname": "Muestra-Demo", "second_surname": "Ejemplo", "sex": Sex.MALE,
            "age_years": 14, "height_cm": 163, "weight_kg": 52, "hair": "BRO", "eyes": "HAZ", "skin": "LBR",
            "clothing": wearing(("jacket", "green"), ("jeans", "black"), ("sneakers", "white")),
            "marks": [{"kind": "scar", "location": "chin"}, {"kind": "braces"}], "medical": ["90"],
        },
        suspect={
            "given_names": "Otro", "first_surname": "Inventado-Demo", "sex": Sex.MALE, "age_years": 29, "hair": "BLK",
            "role": PersonRole.SUSPECT, "relationship": "acquaintance", "clothing": wearing(("hoodie", "maroon")),
        },
        vehicle={
            "make": "Volkswagen", "model": "Jetta", "year": 2014, "color": "RED", "style": "4D", "plate": "DEMO-202",
            "plate_issuer_id": "MX-BCN",
        },
    ),
    colors=("#e6efe6", "#2e7d4f", "#4a2f1b"),
    basis="prosecutor_order",
)  # fmt: skip

BLUE_COAT_BOY = Story(
    "ca-qc-sq",
    Facts(
        event={
            **SHERBROOKE, "kind": EventKind.TAKEN, "place_kind": "daycare", "how_taken": "daycare",
            "force": Answer.NO, "threats": Answer.YES, "dangers": ["threat_to_life", "suicide_risk", "very_young"],
            "category_at_intake": "FAM",
        },
        child={
            "given_names": "Théo", "first_surname": "Exemple", "second_surname": "Démo", "sex": Sex.MALE,
            "age_years": 3, "height_cm": 96, "weight_kg": 14, "hair": "BLN", "eyes": "BLU", "skin": "FAR",
            "clothing": wearing(("coat", "blue"), ("knit_hat", "red"), ("pants", "gray"), ("boots", "brown")),
            "marks": [], "medical": ["60"], "nationalities": ["CA"], "languages_spoken": ["fr"],
        },
        suspect={
            "given_names": "Rémi", "first_surname": "Exemple-Démo", "sex": Sex.MALE, "age_years": 36, "height_cm": 177,
            "weight_kg": 80, "hair": "BRO", "eyes": "BLU", "role": PersonRole.ABDUCTOR, "relationship": "parent",
            "cautions": ["05"], "clothing": wearing(("shirt", "plaid", "red"), ("jeans", "blue")),
            "marks": [{"kind": "beard"}],
        },
        vehicle={
            "make": "Honda", "model": "CR-V", "year": 2020, "color": "DGR", "style": "LL", "plate": "DEMO 301",
            "plate_issuer_id": "CA-QC",
        },
        crossing={
            "toward": "US", "toward_subdivision_id": "US-VT", "evidence": "phone_location",
            "crossing_point": "derby_line", "confidence": "possible",
        },
    ),
    colors=("#e4ecf5", "#1f4e9c", "#d8b25a"),
)  # fmt: skip

HOCKEY_GIRL = Story(
    "ca-qc-sq",
    Facts(
        event={
            **MONTREAL, "kind": EventKind.LAST_SEEN, "place_kind": "school", "how_taken": "left_with_known_person",
            "dangers": ["violence_history"], "category_at_intake": "FAM",
        },
        child={
            "given_names": "Maëlle", "first_surname": "Démo-Fictif", "sex": Sex.FEMALE, "age_years": 11,
            "height_cm": 146, "weight_kg": 38, "hair": "BRO", "eyes": "BRO", "skin": "LGT",
            "clothing": wearing(("hoodie", "turquoise"), ("leggings", "black"), ("sneakers", "white")),
            "marks": [{"kind": "pierced_ears"}], "medical": [],
        },
        suspect={
            "given_names": "Guy", "first_surname": "Démo-Fictif", "sex": Sex.MALE, "age_years": 58, "hair": "WHI",
            "role": PersonRole.ABDUCTOR, "relationship": "grandparent", "clothing": wearing(("jacket", "beige")),
        },
        vehicle={
            "make": "Subaru", "model": "Outback", "year": 2018, "color": "GRY", "style": "SW", "plate": "DEMO 302",
            "plate_issuer_id": "CA-QC",
        },
    ),
    colors=("#e8f1f0", "#1aa6a6", "#3a2618"),
)  # fmt: skip

# Alerts of these cases are kept in force; when a case ends, the next one of its country follows.
ALERT_STORIES: dict[str, tuple[Story, ...]] = {
    "US": (RED_SHORTS_GIRL, YELLOW_RAINCOAT_BOY),
    "MX": (PURPLE_DRESS_GIRL, GREEN_JACKET_TEENAGER),
    "CA": (BLUE_COAT_BOY, HOCKEY_GIRL),
}

FLIGHT_TO_TIJUANA = Story(
    "ca-qc-sq",
    Facts(
        event={
            **MONTREAL, "kind": EventKind.LAST_SEEN, "place_kind": "airport", "how_taken": "kept_after_visit",
            "force": Answer.NO, "threats": Answer.YES, "dangers": ["leaving_country", "mental_crisis"],
            "category_at_intake": "FAM",
        },
        child={
            "given_names": "Léonie", "first_surname": "Exemple", "second_surname": "Ejemplo-Demo", "sex": Sex.FEMALE,
            "age_years": 7, "height_cm": 122, "weight_kg": 23, "hair": "BRO", "eyes": "BRO", "skin": "LBR",
            "clothing": wearing(("skirt", "dark_blue"), ("sweater", "pink"), ("tights", "white"), ("shoes", "black")),
            "marks": [{"kind": "glasses"}, {"kind": "mole", "location": "left_cheek"}], "medical": ["80"],
            "nationalities": ["CA", "MX"], "languages_spoken": ["fr", "es"],
        },
        suspect={
            "given_names": "Óscar", "first_surname": "Ejemplo-Demo", "sex": Sex.MALE, "age_years": 40,
            "height_cm": 174, "hair": "BLK", "eyes": "BRO", "role": PersonRole.ABDUCTOR, "relationship": "parent",
            "cautions": ["40"], "clothing": wearing(("suit", "gray"),),
        },
        crossing={
            "toward": "MX", "toward_subdivision_id": "MX-BCN", "evidence": "ticket", "confidence": "likely",
        },
    ),
    colors=("#f6e9ee", "#e8a0b8", "#4a2d1a"),
)  # fmt: skip

EXERCISE = Story(
    "us-tx-dps",
    Facts(
        event={
            **EL_PASO, "kind": EventKind.TAKEN, "place_kind": "parking_lot", "how_taken": "in_stolen_vehicle",
            "dangers": ["very_young"], "category_at_intake": "NFA",
        },
        child={
            "given_names": "Exercise", "first_surname": "Demo-Child", "sex": Sex.UNKNOWN, "age_years": 2,
            "hair": "BRO", "eyes": "BRO", "clothing": wearing(("romper", "striped"), ("socks", "white")),
        },
        vehicle={
            "make": "Chevrolet", "model": "Tahoe", "year": 2017, "color": "BLK", "style": "LL", "plate": "DEMO-401",
            "plate_issuer_id": "US-TX",
        },
        crossing={
            "toward": "MX", "toward_subdivision_id": "MX-CHH", "evidence": "plate_reader",
            "crossing_point": "bridge_of_the_americas", "confidence": "likely",
        },
    ),
)  # fmt: skip

DRAFT = Story(
    "us-ca-chp",
    Facts(event={**SAN_DIEGO, "kind": EventKind.LAST_SEEN, "place_kind": "home"}),
)

RECOVERED = Story(
    "ca-on-opp",
    Facts(
        event={**OTTAWA, "kind": EventKind.LAST_SEEN, "place_kind": "park", "how_taken": "left_with_known_person",
               "category_at_intake": "FAM"},
        child={
            "given_names": "Emily", "first_surname": "Demo-Sample", "sex": Sex.FEMALE, "age_years": 5, "hair": "BLN",
            "eyes": "BLU", "clothing": wearing(("overalls", "orange"), ("t_shirt", "white")),
        },
    ),
)  # fmt: skip

LOCATED = Story(
    "mx-chh-amber",
    Facts(
        event={**JUAREZ, "kind": EventKind.LAST_SEEN, "place_kind": "relative_home", "how_taken": "kept_after_visit",
               "category_at_intake": "FAM"},
        child={
            "given_names": "Mateo", "first_surname": "Demo-Muestra", "second_surname": "Ejemplo", "sex": Sex.MALE,
            "age_years": 8, "hair": "BLK", "eyes": "BRO", "clothing": wearing(("school_uniform", "navy")),
        },
    ),
)  # fmt: skip

UNFOUNDED = Story(
    "mx-chh-amber",
    Facts(
        event={**JUAREZ, "kind": EventKind.LAST_SEEN, "place_kind": "street", "how_taken": "vanished_alone",
               "category_at_intake": "LIM"},
        child={
            "given_names": "Regina", "first_surname": "Demo-Ficticia", "sex": Sex.FEMALE, "age_years": 16,
            "hair": "BRO", "eyes": "BRO", "clothing": wearing(("t_shirt", "black"), ("jeans", "blue")),
        },
    ),
)  # fmt: skip
