"""Clothes, vehicles and people agree in gender and number, and are called what they are called where it is read."""

from __future__ import annotations

from dataclasses import replace

import pytest

from alerts.composing.compose import compose
from alerts.composing.facts import AlertFacts, ChildFacts, Garment, PersonFacts, PlaceFacts, Plate, VehicleFacts
from tests.alerts.composing.sample_alert import ALERT, EVENT, GIRL, MOTHER, PROGRAM, SEDAN, new_lexicon


def composed(language, **changes):
    return compose(replace(ALERT, **changes), language, new_lexicon())


def wearing(language, *clothing):
    child = ChildFacts(sex="F", age_years=8, clothing=clothing)
    return composed(language, children=(child,), people=(), vehicles=(), crossing=None).description.split("\n")[0]


@pytest.mark.parametrize(
    "language, item, colors, expected",
    [
        ("en", "shorts", ["red"], "She was wearing red shorts."),
        ("es", "shorts", ["red"], "Llevaba shorts rojos."),
        ("fr", "shorts", ["red"], "Elle portait un short rouge."),
        ("en", "t_shirt", ["white"], "She was wearing a white T-shirt."),
        ("es", "t_shirt", ["white"], "Llevaba playera blanca."),
        ("fr", "t_shirt", ["white"], "Elle portait un t-shirt blanc."),
        ("en", "socks", ["white"], "She was wearing white socks."),
        ("es", "socks", ["white"], "Llevaba calcetines blancos."),
        ("fr", "socks", ["white"], "Elle portait des chaussettes blanches."),
        ("en", "cap", ["orange"], "She was wearing an orange cap."),
        ("es", "boots", ["orange"], "Llevaba botas naranja."),
        ("fr", "boots", ["orange"], "Elle portait des bottes orange."),
        ("es", "hoodie", ["red"], "Llevaba sudadera roja con capucha."),
        ("fr", "hoodie", ["green"], "Elle portait un chandail vert à capuchon."),
        ("en", "socks", ["blue", "white"], "She was wearing blue and white socks."),
        ("es", "skirt", ["red", "black"], "Llevaba falda roja y negra."),
        ("fr", "socks", ["blue", "white"], "Elle portait des chaussettes bleu et blanc."),
        ("fr", "skirt", ["navy"], "Elle portait une jupe bleu marine."),
        ("es", "blouse", ["navy"], "Llevaba blusa azul marino."),
        ("en", "dress", ["blue", "white", "striped"], "She was wearing a blue and white striped dress."),
        ("es", "blouse", ["floral"], "Llevaba blusa floreada."),
        ("fr", "dress", ["red", "polka_dot"], "Elle portait une robe rouge à pois."),
        ("en", "underwear", ["white"], "She was wearing white underwear."),
        ("en", "school_uniform", [], "She was wearing a school uniform."),
        ("en", "t_shirt_contrast_collar", ["white", "blue"], "She was wearing a white T-shirt with a blue collar."),
        ("es", "t_shirt_contrast_collar", ["white", "blue"], "Llevaba playera blanca con cuello azul."),
        ("fr", "t_shirt_contrast_collar", ["white", "blue"], "Elle portait un t-shirt blanc à col bleu."),
        ("es", "shirt_contrast_collar", ["white"], "Llevaba camisa blanca con cuello de otro color."),
    ],
)
def test_garments_agree_with_their_colors(language, item, colors, expected):
    assert wearing(language, Garment(item, tuple(colors))).endswith(expected)


def test_spanish_never_turns_shorts_into_a_short_circuit():
    text = wearing("es", Garment("shorts", ("red",)), Garment("t_shirt_contrast_collar", ("white", "blue")))
    assert "cortocircuito" not in text
    assert "collar" not in text
    assert "shorts rojos y playera blanca con cuello azul" in text


@pytest.mark.parametrize(
    "language, style, colors, expected",
    [
        ("en", "PK", ["BLU"], "Vehicle: Blue 2019 Toyota Corolla pickup truck"),
        ("es", "PK", ["RED"], "Vehículo: Camioneta pick-up roja, marca Toyota, submarca Corolla, modelo (año) 2019"),
        ("es", "SD", ["RED", "WHI"], "Vehículo: Sedán rojo y blanco, marca Toyota"),
        ("es", "", ["WHI"], "modelo (año) 2019, color blanco"),
        ("fr", "SD", ["WHI"], "Véhicule\u00a0: Berline Toyota Corolla 2019 blanche"),
        ("fr", "LL", ["WHI"], "Véhicule\u00a0: VUS Toyota Corolla 2019 blanc"),
        ("fr", "SD", ["BLU", "WHI"], "Véhicule\u00a0: Berline Toyota Corolla 2019 bleu et blanc"),
        ("fr", "", ["WHI"], "Véhicule\u00a0: Toyota Corolla 2019 de couleur blanche"),
    ],
)
def test_vehicles_agree_with_their_colors(language, style, colors, expected):
    vehicle = replace(SEDAN, style=style, colors=tuple(colors), plates=())
    assert expected in composed(language, vehicles=(vehicle,)).description


def test_girl_and_female_suspect_are_feminine_throughout():
    spanish, french = composed("es").description, composed("fr").description
    assert "Presunta sustractora: Marta López Díaz, mujer de 35 años, madre de la niña" in spanish
    assert "esta persona podría estar armada y ser peligrosa" in spanish
    for phrase in ("Enfant recherchée", "aussi appelée Sofi", "fillette de 8 ans", "Vue pour la dernière fois",
                   "La fillette n'a pas été ramenée", "Ravisseuse présumée", "mère de la fillette"):  # fmt: skip
        assert phrase in french
    assert "Suspect" not in french


def test_boy_and_male_suspect_are_masculine_throughout():
    boy, man = replace(GIRL, sex="M", age_years=5), replace(MOTHER, sex="M", role="suspect")
    spanish = composed("es", children=(boy,), people=(man,)).description
    french = composed("fr", children=(boy,), people=(man,)).description
    assert "niño de 5 años" in spanish
    assert "Sospechoso: Marta López Díaz, hombre de 35 años, padre del niño" in spanish
    for phrase in ("Enfant recherché\u00a0:", "aussi appelé Sofi", "garçon de 5 ans", "Vu pour la dernière fois",
                   "Le garçon n'a pas été ramené ", "père du garçon", "Il portait"):  # fmt: skip
        assert phrase in french


@pytest.mark.parametrize(
    "language, age, sex, expected",
    [
        ("en", 0, "F", "A girl under 1 year old."), ("en", 8, "F", "An 8-year-old girl."),
        ("en", 15, "M", "A 15-year-old boy."), ("en", 11, "U", "An 11-year-old child."), ("en", None, "U", "A child."),
        ("en", 40, "F", "A 40-year-old woman."),
        ("es", 0, "F", "una niña de menos de 1 año."), ("es", 1, "M", "un niño de 1 año."),
        ("es", 12, "F", "una adolescente de 12 años."), ("es", 17, "M", "un adolescente de 17 años."),
        ("es", 11, "U", "una niña o un niño de 11 años."), ("es", 14, "U", "una o un adolescente de 14 años."),
        ("es", None, "U", "una niña, niño o adolescente."), ("es", 40, "M", "un hombre de 40 años."),
        ("fr", 0, "F", "fillette de moins d'un an."), ("fr", 1, "M", "garçon d'un an."),
        ("fr", 14, "F", "adolescente de 14 ans."), ("fr", 14, "M", "adolescent de 14 ans."),
        ("fr", 5, "U", "enfant de 5 ans."), ("fr", 14, "U", "jeune de 14 ans."), ("fr", None, "F", "fille."),
    ],
)  # fmt: skip
def test_each_age_and_sex_has_its_own_words(language, age, sex, expected):
    bare = AlertFacts(children=(ChildFacts(sex=sex, age_years=age),), event=EVENT, program=PROGRAM, alert_number="X")
    line = compose(bare, language, new_lexicon()).description.split("\n")[0]
    assert line.split(": ", 1)[1].casefold() == expected.casefold()


@pytest.mark.parametrize(
    "kinds, english, spanish, french",
    [
        ([("F", 8)], "this girl,", "a esta niña,", "cette fillette,"),
        ([("U", 8)], "this child,", "a esta niña o este niño,", "cet enfant,"),
        ([("F", 8), ("F", 5)], "these girls,", "a estas niñas,", "ces fillettes,"),
        ([("F", 8), ("M", 5)], "these children,", "a esta niña y este niño,", "ces enfants,"),
        ([("F", 8), ("M", 15)], "these children,", "a estas niñas, niños y adolescentes,", "ces enfants,"),
        ([("U", 8), ("M", 5)], "these children,", "a estas niñas y estos niños,", "ces enfants,"),
        ([("F", 13), ("M", 15)], "these children,", "a estas y estos adolescentes,", "ces adolescents,"),
    ],
)
def test_single_children_and_groups_have_their_own_sentence(kinds, english, spanish, french):
    children = tuple(ChildFacts(name=f"N{sex}", sex=sex, age_years=age) for sex, age in kinds)
    for language, expected in (("en", english), ("es", spanish), ("fr", french)):
        assert expected in composed(language, children=children).instruction


@pytest.mark.parametrize(
    "kinds, expected",
    [
        ([("F", 8), ("F", 5)], ("2 girls", "2 niñas", "2 fillettes")),
        ([("F", 8), ("M", 5)], ("a girl and a boy", "una niña y un niño", "une fillette et un garçon")),
        ([("F", 8), ("M", 15)], ("a girl and a boy", "una niña y un adolescente", "une fillette et un adolescent")),
        ([("U", 8), ("F", 5), ("F", 4)], ("3 children", "3 niñas o niños", "3 enfants")),
        ([("U", 8), ("F", 15)], ("2 children", "2 niñas, niños o adolescentes", "2 enfants")),
    ],
)
def test_groups_without_names_are_counted_by_kind(kinds, expected):
    children = tuple(ChildFacts(sex=sex, age_years=age) for sex, age in kinds)
    for language, phrase in zip(("en", "es", "fr"), expected, strict=True):
        assert f": {phrase}, El Paso" in composed(language, children=children).headline


def test_groups_agree_in_what_happened():
    children = (GIRL, replace(GIRL, name="Ana"))
    event = replace(EVENT, how_taken="home", kind="taken")
    french = composed("fr", children=children, event=event).description
    assert "Enlevées\u00a0: le 23 novembre 2026" in french
    assert "Les fillettes ont été enlevées à leur domicile." in french
    assert "mère des fillettes" in french
    spanish = composed("es", children=children, event=event).description
    assert "Se les sustrajo: 23 de noviembre de 2026" in spanish
    assert "Se les sustrajo de su domicilio." in spanish
    english = composed("en", children=children, event=event).description
    assert "The girls were taken from home." in english
    assert "the girls' mother" in english


def test_spanish_joins_with_e_before_the_sound_i():
    children = (ChildFacts(name="Ana"), ChildFacts(name="Isabel"))
    assert "Ana e Isabel" in composed("es", children=children).headline
    children = (ChildFacts(name="Ana"), ChildFacts(name="Yolanda"))
    assert "Ana y Yolanda" in composed("es", children=children).headline


def test_person_known_only_by_an_alias_is_said_so():
    man = PersonFacts(also_known_as="El Güero", sex="M", role="companion", relationship="stranger")
    assert "Companion: Known as El Güero, a man, not known to the girl." in composed("en", people=(man,)).description
    expected = "Acompañante: Se le conoce como El Güero, hombre, persona desconocida para la niña."
    assert expected in composed("es", people=(man,)).description
    expected = "Accompagnateur\u00a0: Connu sous le nom de El Güero, homme, personne inconnue de la fillette."
    assert expected in composed("fr", people=(man,)).description


def test_alias_of_a_child_who_is_not_named_is_not_said():
    for language in ("en", "es", "fr"):
        text = composed(language, children=(replace(GIRL, name=""),))
        assert "Sofi" not in text.description + text.headline


@pytest.mark.parametrize("language", ["en", "es", "fr"])
def test_reporter_and_caller_are_never_mentioned(language):
    people = (replace(MOTHER, role="reporter"), replace(MOTHER, role="caller"))
    assert "Marta" not in composed(language, people=people).description


def test_complexion_is_said_in_mexico_only():
    for country, is_said in (("US", False), ("CA", False), ("MX", True)):
        text = composed("es", program=replace(PROGRAM, country=country)).description
        assert ("tez morena" in text) is is_said


def test_only_dangers_of_suspects_and_medical_needs_of_children_are_said():
    child, person = replace(GIRL, medical=("00", "70", "90")), replace(MOTHER, cautions=("20", "70", "90", "05"))
    english = composed("en", children=(child,), people=(person,)).description
    assert "She has diabetes." in english
    assert "Warning: she may be violent." in english
    assert not {"drug", "suicid", "armed"} & set(english.casefold().replace(".", " ").split())


@pytest.mark.parametrize("language, phrase", [("en", "no hair"), ("es", "sin cabello"), ("fr", "sans cheveux")])
def test_no_hair_is_said_as_such_and_unknown_hair_is_not_said(language, phrase):
    assert phrase in composed(language, people=(replace(MOTHER, hair="BAL"),)).description
    unknown = composed(language, people=(replace(MOTHER, hair="XXX"),)).description
    assert not [word for word in ("unknown", "desconoce", "inconnu") if word in unknown.casefold()]


def test_names_that_end_with_a_stop_get_no_second_one():
    child, event = ChildFacts(name="Ben Roy Jr.", sex="M"), replace(EVENT, place=PlaceFacts("Main St."))
    for language in ("en", "es", "fr"):
        assert ".." not in composed(language, children=(child,), event=event).description


def test_plates_stand_as_printed_with_their_issuer():
    vehicle = VehicleFacts(plates=(Plate("abc-12 d", "MX-BCN"), Plate("77", "XX-YY", is_partial=True)))
    assert (
        "License plates abc-12 d (Baja California) and 77 (partial)." in composed("en", vehicles=(vehicle,)).description
    )
    expected = "Placas abc-12 d (Baja California) y 77 (número parcial)."
    assert expected in composed("es", vehicles=(vehicle,)).description
    expected = "Plaques d'immatriculation abc-12 d (Basse-Californie) et 77 (numéro partiel)."
    assert expected in composed("fr", vehicles=(vehicle,)).description


def test_place_does_not_repeat_its_subdivision():
    event = replace(EVENT, place=PlaceFacts("Tijuana, Baja California", "MX-BCN"))
    assert composed("es", event=event).description.count("Baja California") == 1
