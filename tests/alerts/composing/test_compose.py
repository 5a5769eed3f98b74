"""One complete alert, word for word, in three languages; what alerts say when they end; what keeps texts short."""

from __future__ import annotations

from dataclasses import replace

import pytest

from alerts.composing.compose import compose, compose_ended
from alerts.composing.composed_text import ComposedText, first_that_fits
from alerts.composing.facts import AboardFacts, ChildFacts, LegFacts, PlaceFacts, Plate, ProgramFacts
from alerts.composing.gsm import BASIC_ALPHABET
from tests.alerts.composing.sample_alert import ALERT, EVENT, GIRL, PROGRAM, SEDAN, new_lexicon

GOLDEN = {
    "en": ComposedText(
        language="en",
        event="AMBER Alert",
        headline="AMBER Alert: Sofía Ramírez De la Cruz, 8-year-old girl, El Paso, Texas; "
        "white Toyota Corolla 4-door sedan, plate 8ABC123",
        description="Child: Sofía Ramírez De la Cruz (also known as Sofi), an 8-year-old girl, 4 feet 1 inch (1.24 m), "
        "55 pounds (25 kg), brown hair, brown eyes. She was wearing a white T-shirt with a blue collar, red shorts, "
        "and white sneakers. Distinguishing marks: scar on the left cheek, glasses. "
        "She has epilepsy and needs medication.\n"
        "Last seen: Nov 23, 2026, 5:40 p.m. MST, El Paso, Texas.\n"
        "How: The girl was not returned after a visit. Force was used. Threats were made. A handgun was reported.\n"
        "Alleged abductor: Marta López Díaz, a 35-year-old woman, the girl's mother, 5 feet 4 inches (1.63 m), "
        "132 pounds (60 kg), black hair, green eyes. She was wearing a light blue blouse. "
        "Warning: she may be armed and dangerous.\n"
        "Vehicle: White 2019 Toyota Corolla 4-door sedan, license plates 8ABC123 (Texas) "
        "and 12-K (Chihuahua, partial).\n"
        "May be heading to: Mexico. Possible crossing point: Bridge of the Americas / Puente Córdova-Américas.",
        instruction="If you see this girl, the suspect, or the vehicle, call 911 immediately. Do not approach. "
        "To give information: Texas AMBER Alert Program, 512-555-0142 (from another country: +1 512 555 0142). "
        "Quote alert number TX-2026-0042.",
        short="AMBER Alert: white Toyota Corolla 4-door sedan, plate 8ABC123. Do not approach, call 911.",
    ),
    "es": ComposedText(
        language="es",
        event="Alerta AMBER",
        headline="Alerta AMBER: Sofía Ramírez De la Cruz, niña de 8 años, El Paso, Texas; "
        "sedán Toyota Corolla blanco, placas 8ABC123",
        description="Se busca a: Sofía Ramírez De la Cruz (también se le conoce como Sofi), niña de 8 años, "
        "estatura 4 pies 1 pulgada (1.24 m), peso 55 libras (25 kg), cabello castaño, ojos cafés. "
        "Llevaba playera blanca con cuello azul, shorts rojos y tenis blancos. "
        "Señas particulares: cicatriz en la mejilla izquierda, lentes. Tiene epilepsia y necesita tomar medicamento.\n"
        "Se le vio por última vez: 23 de noviembre de 2026, 17:40 (hora estándar de la montaña), El Paso, Texas.\n"
        "Cómo ocurrió: No se le reintegró al terminar una convivencia. Se usó la fuerza. Hubo amenazas. "
        "Se reportó la presencia de un arma de fuego corta.\n"
        "Presunta sustractora: Marta López Díaz, mujer de 35 años, madre de la niña, "
        "estatura 5 pies 4 pulgadas (1.63 m), peso 132 libras (60 kg), cabello negro, ojos verdes. "
        "Llevaba blusa azul claro. Precaución: esta persona podría estar armada y ser peligrosa.\n"
        "Vehículo: Sedán blanco de 4 puertas, marca Toyota, submarca Corolla, modelo (año) 2019, "
        "placas 8ABC123 (Texas) y 12-K (Chihuahua, número parcial).\n"
        "Podrían dirigirse a: México. Posible cruce: Puente Córdova-Américas / Bridge of the Americas.",
        instruction="Si ve a esta niña, a la persona sospechosa o el vehículo, llame de inmediato al 911. "
        "No se acerque. "
        "Para dar información: Alerta AMBER Texas, 512-555-0142 (desde otro país: +1 512 555 0142). "
        "Mencione el número de alerta TX-2026-0042.",
        short="Alerta AMBER: sedan Toyota Corolla blanco, placas 8ABC123. No se acerque, llame al 911.",
    ),
    "fr": ComposedText(
        language="fr",
        event="Alerte AMBER",
        headline="Alerte AMBER\u00a0: Sofía Ramírez De la Cruz, fillette de 8 ans, El Paso (Texas); "
        "berline Toyota Corolla blanche, plaque 8ABC123",
        description="Enfant recherchée\u00a0: Sofía Ramírez De la Cruz (aussi appelée Sofi), fillette de 8 ans, "
        "4 pieds 1 pouce (1,24 m), 55 livres (25 kg), cheveux bruns, yeux bruns. "
        "Elle portait un t-shirt blanc à col bleu, un short rouge et des espadrilles blanches. "
        "Signes distinctifs\u00a0: cicatrice à la joue gauche, lunettes. "
        "Elle souffre d'épilepsie et doit prendre un médicament.\n"
        "Vue pour la dernière fois\u00a0: le 23 novembre 2026 à 17 h 40 (heure normale des Rocheuses), "
        "El Paso (Texas).\n"
        "Circonstances\u00a0: La fillette n'a pas été ramenée après une visite. La force a été employée. "
        "Des menaces ont été proférées. La présence d'une arme de poing a été signalée.\n"
        "Ravisseuse présumée\u00a0: Marta López Díaz, femme de 35 ans, mère de la fillette, "
        "5 pieds 4 pouces (1,63 m), 132 livres (60 kg), cheveux noirs, yeux verts. "
        "Elle portait un chemisier bleu pâle. Attention\u00a0: cette personne pourrait être armée et dangereuse.\n"
        "Véhicule\u00a0: Berline Toyota Corolla 2019 blanche à 4 portes, plaques d'immatriculation 8ABC123 (Texas) "
        "et 12-K (Chihuahua, numéro partiel).\n"
        "Direction possible\u00a0: Mexique. "
        "Passage frontalier possible\u00a0: Pont des Amériques / Puente Córdova-Américas.",
        instruction="Si vous voyez cette fillette, la personne suspecte ou le véhicule, composez immédiatement le 911. "
        "Ne vous approchez pas. Pour donner des renseignements\u00a0: Programme d'alerte AMBER du Texas, 512-555-0142 "
        "(de l'étranger\u00a0: +1 512 555 0142). Mentionnez le numéro d'alerte TX-2026-0042.",
        short="Alerte AMBER : berline Toyota Corolla blanche, plaque 8ABC123. Composez le 911.",
    ),
}
LANGUAGES = ("en", "es", "fr")


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("part", ["event", "headline", "description", "instruction", "short", "language"])
def test_complete_alert_reads_word_for_word(language, part):
    assert getattr(compose(ALERT, language, new_lexicon()), part) == getattr(GOLDEN[language], part)


def test_evidence_of_a_crossing_stays_inside():
    for language in LANGUAGES:
        assert "plate reader" not in compose(ALERT, language, new_lexicon()).description.casefold()
        assert (
            compose(ALERT, language, new_lexicon()).description
            == compose(
                replace(ALERT, crossing=replace(ALERT.crossing, evidence="witness")), language, new_lexicon()
            ).description
        )


@pytest.mark.parametrize("language", LANGUAGES)
def test_long_headlines_drop_names_before_they_drop_the_plate(language):
    children = tuple(ChildFacts(name=f"{name} Hernández De la Cruz Villaseñor", sex="F", age_years=7)
                     for name in ("Guadalupe", "María Fernanda", "Ximena", "Valentina"))  # fmt: skip
    headline = compose(replace(ALERT, children=children), language, new_lexicon()).headline
    assert len(headline) <= 160
    assert "Guadalupe" in headline
    assert "Valentina" not in headline
    assert "3" in headline
    assert "8ABC123" in headline


@pytest.mark.parametrize("language", LANGUAGES)
def test_hopelessly_long_facts_still_make_a_headline_and_a_short_text(language):
    facts = replace(
        ALERT,
        children=(ChildFacts(name="Ana " * 80),),
        event=replace(EVENT, place=PlaceFacts("Kilómetro " * 40)),
        vehicles=(replace(SEDAN, model="Corolla " * 60, plates=(Plate("X" * 200),)),),
    )
    text = compose(facts, language, new_lexicon())
    assert 0 < len(text.headline) <= 160
    assert 0 < len(text.short) <= 90
    assert "911" in text.short


@pytest.mark.parametrize("language", LANGUAGES)
def test_short_text_names_no_child(language):
    without_vehicle = compose(replace(ALERT, vehicles=()), language, new_lexicon()).short
    assert "Sof" not in without_vehicle
    assert "El Paso" in without_vehicle
    assert "Sof" not in compose(ALERT, language, new_lexicon()).short


def test_nothing_known_leaves_no_empty_label():
    event = replace(EVENT, happened_at=None, place=PlaceFacts(), how_taken="", force="unknown", weapon="", threats="no")
    bare = replace(ALERT, children=(ChildFacts(),), event=event, people=(), vehicles=(), crossing=None)
    expected = {"en": "Child: A child.", "es": "Se busca a: una niña, niño o adolescente.",
                "fr": "Enfant recherché\u00a0: Enfant."}  # fmt: skip
    assert {language: compose(bare, language, new_lexicon()).description for language in LANGUAGES} == expected


BUS = LegFacts(
    mode="bus", from_place=PlaceFacts("Montréal", "CA-QC"), to_place=PlaceFacts("Buffalo", "US-NY"),
    aboard=AboardFacts(children=(0,)),
)  # fmt: skip
NAMES_OF_PLACES = {
    "CA-QC": {"en": "Quebec", "es": "Quebec", "fr": "Québec"},
    "US-NY": {"en": "New York", "es": "Nueva York", "fr": "État de New York"},
}


@pytest.mark.parametrize(("leg", "expected"), [
    (BUS, {
        "en": "Travel: Sofía Ramírez De la Cruz may be traveling by bus from Montréal, Quebec, to Buffalo, New York.",
        "es": "Traslado: Sofía Ramírez De la Cruz podría viajar en autobús de Montréal, Quebec, a Buffalo, Nueva York.",
        "fr": "Déplacement\u00a0: Sofía Ramírez De la Cruz pourrait voyager en autocar, trajet\u00a0: "
              "Montréal (Québec) – Buffalo (État de New York).",
    }),
    (replace(BUS, mode="ferry", from_place=PlaceFacts(), aboard=AboardFacts(children=(0,), people=(0,))), {
        "en": "Travel: Sofía Ramírez De la Cruz and Marta López Díaz may be traveling by ferry to Buffalo, New York.",
        "es": "Traslado: Sofía Ramírez De la Cruz y Marta López Díaz podrían viajar en transbordador "
              "a Buffalo, Nueva York.",
        "fr": "Déplacement\u00a0: Sofía Ramírez De la Cruz et Marta López Díaz pourraient voyager en traversier, "
              "destination\u00a0: Buffalo (État de New York).",
    }),
    (LegFacts(mode="on_foot", from_place=PlaceFacts("Sarnia")), {
        "en": "Travel: May be traveling on foot from Sarnia.",
        "es": "Traslado: Podría viajar a pie de Sarnia.",
        "fr": "Déplacement possible\u00a0: À pied, départ\u00a0: Sarnia.",
    }),
    (LegFacts(mode="zz_unlisted"), {"en": None, "es": None, "fr": None}),
])  # fmt: skip
@pytest.mark.parametrize("language", LANGUAGES)
def test_journey_is_said_with_its_ends_and_who_is_on_it(language, leg, expected):
    facts = replace(ALERT, legs=(leg,), subdivision_names={**ALERT.subdivision_names, **NAMES_OF_PLACES})
    lines = compose(facts, language, new_lexicon()).description.split("\n")
    said = [line for line in lines if line.startswith(("Travel", "Traslado", "Déplacement"))]
    assert said == [expected[language]] if expected[language] else said == []


def test_program_without_phones_still_says_what_to_do():
    facts = replace(ALERT, program=ProgramFacts(country="CA"))
    text = compose(facts, "fr", new_lexicon()).instruction
    assert "composez immédiatement le 911" in text
    assert "renseignements" not in text
    assert text.endswith("Mentionnez le numéro d'alerte TX-2026-0042.")


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("family", ["cancelled", "expired"])
def test_ended_alert_shows_no_trace_of_the_child(language, family):
    text = compose_ended(language, PROGRAM, "TX-2026-0042", family)
    everything = " ".join((text.headline, text.description, text.instruction, text.short)).casefold()
    for word in ("sof", "girl", "niña", "fillette", "deceased", "sin vida", "8abc123"):
        assert word not in everything
    assert "TX-2026-0042" in text.headline
    assert len(text.headline) <= 160
    assert len(text.short) <= 90
    assert set(text.short) <= BASIC_ALPHABET


def test_cancelled_alert_asks_to_delete_and_expired_one_says_the_search_goes_on():
    cancelled = [compose_ended(language, PROGRAM, "X", "cancelled").description for language in LANGUAGES]
    assert cancelled == [
        "This alert has ended. Please delete posts and pictures.",
        "Esta alerta concluyó. Le pedimos borrar las publicaciones y fotografías.",
        "Cette alerte est terminée. Veuillez supprimer les publications et les photos.",
    ]
    for language, phrase in zip(LANGUAGES, ("search continues", "búsqueda continúa", "se poursuivent"), strict=True):
        text = compose_ended(language, PROGRAM, "X", "expired")
        assert phrase in text.description
        assert "512-555-0142" in text.instruction


def test_ended_alert_refuses_another_reason():
    with pytest.raises(ValueError, match="reason family"):
        compose_ended("en", PROGRAM, "X", "found_deceased")


def test_ended_headline_stays_short_with_a_long_number():
    assert (
        compose_ended("es", PROGRAM, "9" * 300, "expired").headline == "Alerta AMBER: concluyó el periodo de difusión"
    )


def test_list_without_a_fitting_candidate_is_refused():
    with pytest.raises(ValueError, match="no candidate"):
        first_that_fits(["too long", ""], 3)


def test_same_facts_say_different_headlines_in_each_language():
    headlines = {compose(replace(ALERT, children=(replace(GIRL, age_years=None),)), one, new_lexicon()).headline
                 for one in LANGUAGES}  # fmt: skip
    assert len(headlines) == 3
