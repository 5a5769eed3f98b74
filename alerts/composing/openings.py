"""How a text opens when it corrects an error, and the neutral text of an alert that is withdrawn from the public.

The sentences are whole in each language, like everything that is composed (U10, U20).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from alerts.composing import english, french, spanish
from alerts.composing.composed_text import ComposedText
from alerts.composing.facts import AlertFacts, Described, ProgramFacts
from alerts.composing.typed import clean, spaced

LEADS = {"en": "Correction", "es": "Corrección", "fr": "Correction"}
PARTLY_WITHDRAWN = {
    "en": "Part of this alert was withdrawn. Please delete earlier posts and pictures and share only this text.",
    "es": "Se retiró una parte de esta alerta. Borre las publicaciones y fotografías anteriores y comparta "
    "únicamente este texto.",
    "fr": "Une partie de cette alerte a été retirée. Veuillez supprimer les publications et les photos antérieures "
    "et ne partager que ce texte.",
}


@dataclass(frozen=True)
class Disregard:
    """What the reader is told to disregard, as it was published."""

    plates: tuple[str, ...] = ()
    names: tuple[str, ...] = ()  # of somebody who is still sought, under another name
    people: tuple[str, ...] = ()  # named, and not sought any more
    is_unnamed_person: bool = False
    is_unplated_vehicle: bool = False


def to_disregard(before: AlertFacts, after: AlertFacts) -> Disregard:
    """Return what was said before and is not said any more: plates, names, people, vehicles."""
    present = {item.key: item for item in (*after.children, *after.people)}
    plates_now = _plates(after)
    renamed = [item for item in (*before.children, *before.people) if item.key in present]
    gone = [item for item in before.people if item.key not in present]
    vehicles_now = {vehicle.key for vehicle in after.vehicles}
    return Disregard(
        plates=tuple(plate for plate in _plates(before) if plate not in plates_now),
        names=tuple(name for item in renamed for name in _names(item) if name not in _names(present[item.key])),
        people=tuple(clean(item.name) for item in gone if clean(item.name)),
        is_unnamed_person=any(not clean(item.name) for item in gone),
        is_unplated_vehicle=any(
            vehicle.key not in vehicles_now and not any(plate.number for plate in vehicle.plates)
            for vehicle in before.vehicles
        ),
    )


def correction(language: str, what: Disregard) -> str:
    """Return the sentences after "Correction:" in one language."""
    return CORRECTIONS[language](what)


def compose_withdrawn(language: str, program: ProgramFacts, alert_number: str) -> ComposedText:
    """Return the text of an alert whose publication was withdrawn, without a trace of anybody (U18)."""
    number = clean(alert_number)
    headline, description, instruction, short = WITHDRAWN[language](number)
    module = MODULES[language]
    phone = module.tip_line(program)
    return ComposedText(
        language=language,
        event=EVENTS[language],
        headline=headline,
        description=description,
        instruction=spaced(instruction, phone),
        short=short,
    )


def _plates(facts: AlertFacts) -> list[str]:
    return [clean(plate.number) for vehicle in facts.vehicles for plate in vehicle.plates if clean(plate.number)]


def _names(item: Described) -> tuple[str, ...]:
    return tuple(name for name in (clean(item.name), clean(item.also_known_as)) if name)


def _english(what: Disregard) -> str:
    plates, names = english.joined(what.plates), english.joined(what.names)
    return spaced(
        f"Disregard the license {'plates' if len(what.plates) > 1 else 'plate'} {plates} given earlier."
        if plates
        else "",
        f"Disregard the {'names' if len(what.names) > 1 else 'name'} {names} given earlier." if names else "",
        *(f"{name}, named earlier, is not being sought." for name in what.people),
        "Disregard the person described earlier." if what.is_unnamed_person else "",
        "Disregard the vehicle described earlier." if what.is_unplated_vehicle else "",
        "This text replaces the earlier one.",
    )


def _spanish(what: Disregard) -> str:
    plates, names = spanish.joined(what.plates), spanish.joined(what.names)
    several = len(what.names) > 1
    return spaced(
        f"No tome en cuenta las placas {plates} difundidas anteriormente." if plates else "",
        f"No tome en cuenta {'los nombres' if several else 'el nombre'} {names}"
        f" {'difundidos' if several else 'difundido'} anteriormente."
        if names
        else "",
        *(f"Ya no se busca a {name}, cuyo nombre se difundió anteriormente." for name in what.people),
        "No tome en cuenta a la persona descrita anteriormente." if what.is_unnamed_person else "",
        "No tome en cuenta el vehículo descrito anteriormente." if what.is_unplated_vehicle else "",
        "Este texto sustituye al anterior.",
    )


def _french(what: Disregard) -> str:
    plates, names = french.joined(what.plates), french.joined(what.names)
    plate_words = (
        f"des plaques d'immatriculation {plates} diffusées"
        if len(what.plates) > 1
        else f"de la plaque d'immatriculation {plates} diffusée"
    )
    name_words = f"des noms {names} diffusés" if len(what.names) > 1 else f"du nom {names} diffusé"
    return spaced(
        f"Ne tenez pas compte {plate_words} auparavant." if plates else "",
        f"Ne tenez pas compte {name_words} auparavant." if names else "",
        *(f"On ne recherche plus {name}, dont le nom a été diffusé auparavant." for name in what.people),
        "Ne tenez pas compte de la personne décrite auparavant." if what.is_unnamed_person else "",
        "Ne tenez pas compte du véhicule décrit auparavant." if what.is_unplated_vehicle else "",
        "Ce texte remplace le précédent.",
    )


def _withdrawn_english(number: str) -> tuple[str, str, str, str]:
    return (
        f"{spaced(EVENTS['en'], number)}: withdrawn from publication",
        "The issuing program has withdrawn what was published about this alert.",
        "Please delete posts and pictures of this alert and do not share them until the program publishes it again.",
        f"{EVENTS['en']} withdrawn. Please delete posts and pictures.",
    )


def _withdrawn_spanish(number: str) -> tuple[str, str, str, str]:
    return (
        f"{spaced(EVENTS['es'], number)}: se retiró su difusión",
        "El programa emisor retiró lo que se había publicado sobre esta alerta.",
        "Borre las publicaciones y fotografías de esta alerta y no las comparta hasta que el programa la publique "
        "de nuevo.",
        f"Se retiró la {EVENTS['es']}. Por favor borre publicaciones y fotos.",
    )


def _withdrawn_french(number: str) -> tuple[str, str, str, str]:
    return (
        f"{spaced(EVENTS['fr'], number)}{french.COLON} diffusion retirée",
        "Le programme émetteur a retiré ce qui avait été publié au sujet de cette alerte.",
        "Veuillez supprimer les publications et les photos de cette alerte et ne pas les partager tant que le "
        "programme ne l'a pas publiée de nouveau.",
        "Alerte AMBER retirée. Veuillez supprimer les publications et les photos.",
    )


MODULES = {"en": english, "es": spanish, "fr": french}
EVENTS = {"en": english.English.event, "es": spanish.Spanish.event, "fr": french.French.event}
CORRECTIONS: dict[str, Callable[[Disregard], str]] = {"en": _english, "es": _spanish, "fr": _french}
WITHDRAWN: dict[str, Callable[[str], tuple[str, str, str, str]]] = {
    "en": _withdrawn_english,
    "es": _withdrawn_spanish,
    "fr": _withdrawn_french,
}
