"""Names, measures and labels as the three countries use them (U24, U27)."""

from __future__ import annotations

from typing import Any

import pytest
from django.urls import reverse
from django.utils import translation
from lxml import html

from cases.forms.rows import ChildRowForm, VehicleRowForm
from cases.forms.units import read_height, read_weight
from cases.models import Case, Child, Vehicle
from cases.templatetags.measures import height, weight
from tests.project.conftest import facts_form
from tests.project.returned_forms import NONCE, assert_error_beside, signed_in


def test_names_are_sorted_and_shown_with_whole_surnames() -> None:
    names = [
        ("Ana", "Saint-Pierre", ""), ("Álvaro", "de la Cruz", "García"), ("Beto", "Crúz", ""), ("Zoé", "Ávila", "Ruiz"),
        ("Solo", "", ""),
    ]  # fmt: skip
    children = [Child(given_names=given, first_surname=first, second_surname=second) for given, first, second in names]
    assert [child.surnames for child in sorted(children, key=lambda child: child.sorting_key)] == [
        "Ávila Ruiz", "Crúz", "de la Cruz García", "Saint-Pierre", "",
    ]  # fmt: skip
    assert children[1].name == "Álvaro de la Cruz García"
    assert children[0].name == "Ana Saint-Pierre"


@pytest.mark.django_db
def test_labels_of_names_and_vehicles_are_mexican_in_spanish() -> None:
    with translation.override("es"):
        child, vehicle = ChildRowForm(instance=Child()), VehicleRowForm(instance=Vehicle())
        assert [child[name].label for name in ("given_names", "first_surname", "second_surname")] == [
            "Nombre(s)", "Apellido paterno", "Apellido materno",
        ]  # fmt: skip
        assert [vehicle[name].label for name in ("make", "model", "year")] == [
            "Marca", "Submarca (línea)", "Modelo (año)",
        ]  # fmt: skip
    assert not any("middle" in name for name in child.fields)
    assert not child.fields["second_surname"].required


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("language", "words"), [("es", "“Lobo” no es un año"), ("en", "“Lobo” is not a year"), ("fr", "Lobo")]
)
def test_name_in_the_place_of_the_year_is_refused_by_name(
    language: str, words: str, intake_case: Case, california_officer: Any
) -> None:
    form = {**facts_form(intake_case), "vehicle-year": "Lobo", "nonce": NONCE}
    response = signed_in(california_officer, language).post(reverse("cases:case-facts", args=[intake_case.pk]), form)
    assert response.status_code == 422
    assert words in response.text
    assert_error_beside(html.fromstring(response.text), "vehicle-year", "Lobo")


@pytest.mark.parametrize(
    ("typed", "centimeters"),
    [("120", 120), ("120 cm", 120), ("1.20 m", 120), ("1,20 m", 120), ("1 m 20", 120), ("3 ft 11 in", 119),
     ("3'11\"", 119), ("4 pi 2 po", 127), ("3 pies 11 pulg", 119), ("47 in", 119), ("4 ft", 122)],
)  # fmt: skip
def test_height_is_read_in_either_measure(typed: str, centimeters: int) -> None:
    assert read_height(typed) == centimeters


@pytest.mark.parametrize(("typed", "kilograms"), [("23", 23), ("23 kg", 23), ("51 lb", 23), ("51 libras", 23)])
def test_weight_is_read_in_either_measure(typed: str, kilograms: int) -> None:
    assert read_weight(typed) == kilograms


@pytest.mark.parametrize("typed", ["five feet", "-3", "1e9", "12 stone", "3 ft 11 in 2"])
def test_what_is_no_measure_is_refused(typed: str) -> None:
    with pytest.raises(ValueError):
        read_height(typed)


def test_measures_stand_side_by_side_in_three_languages() -> None:
    shown = []
    for language in ("en", "es", "fr"):
        with translation.override(language):
            shown.append((height(119), weight(23)))
    assert shown == [
        ("119 cm (3 ft 11 in)", "23 kg (51 lb)"), ("119 cm (3 pies 11 pulg.)", "23 kg (51 lb)"),
        ("119 cm (3 pi 11 po)", "23 kg (51 lb)"),
    ]  # fmt: skip
    assert height(152) == "152 cm (5 ft 0 in)"


@pytest.mark.django_db
def test_child_is_not_asked_for_the_cautions_of_suspects() -> None:
    from cases.forms.facts import ChildForm, SuspectForm

    child = {code for code, _label in ChildForm().fields["medical"].choices}
    suspect = {code for code, _label in SuspectForm().fields["cautions"].choices}
    assert {"60", "70", "90"} <= child < suspect
    assert suspect - child >= {"00", "15", "30"}


def test_colon_follows_the_language() -> None:
    from django.utils import translation

    from agencies.templatetags.punctuation import colon

    found = {}
    for language in ("en", "es", "fr"):
        with translation.override(language):
            found[language] = colon("X")
    assert found == {"en": "X:", "es": "X:", "fr": "X\u00a0:"}
    assert colon("What kind of change is this?") == "What kind of change is this?"
