"""Correction of an error or new information: asked where programs follow the facts, and never guessed (U20)."""

from __future__ import annotations

from typing import Any

import pytest
from django.urls import reverse
from lxml import html

from alerts.services import changes
from cases.models import Case, CaseEvent, Plate, Vehicle
from cases.services.corrections import accept_correction, propose_correction
from cases.services.facts import ChangeUnsaid, record_facts
from tests.project.conftest import facts_form

pytestmark = pytest.mark.django_db
ASKED = {
    "en": ("Say whether this corrects an error or is new information.", "Correction of an error"),
    "es": ("Indique si se corrige un error o si se trata de información nueva.", "Corrección de un error"),
    "fr": (
        "Indiquez s'il s'agit de la correction d'une erreur ou d'un nouveau renseignement.",
        "Correction d'une erreur",
    ),
}


def facts_page(case: Case) -> str:
    """Return the address of the page with every coded fact."""
    return reverse("cases:case-facts", args=[case.pk])


def other_plate(case: Case, **more: str) -> dict[str, Any]:
    """Return the form of the facts with another plate."""
    fresh = Case.objects.get(pk=case.pk)
    return {**facts_form(fresh), "vehicle-plate": "8ABC456", "nonce": "n", **more}


def row_form(case: Case, **more: str) -> tuple[str, dict[str, Any]]:
    """Return address and form of the vehicle's own page, with another color."""
    vehicle = case.vehicles.get()
    address = reverse("cases:row-change", args=[case.pk, "vehicle", vehicle.pk])
    data = {"make": "Ford", "model": "F-150", "year": "2019", "color": "RED", "style": "PK", "nonce": "n",
            "facts_version": str(Case.objects.get(pk=case.pk).facts_version)}  # fmt: skip
    return address, {**data, **more}


@pytest.mark.parametrize("language", ["en", "es", "fr"])
def test_missing_choice_brings_the_facts_back_in_the_readers_language(
    language, active_alert, active_case, california_officer, client
):
    california_officer.language = language
    california_officer.save(update_fields=["language"])
    client.force_login(california_officer)
    response = client.post(facts_page(active_case), other_plate(active_case))
    assert response.status_code == 422
    page = html.fromstring(response.content.decode())
    words, correction = ASKED[language]
    assert words in page.text_content()
    assert correction in page.text_content()
    assert page.xpath('//input[@name="vehicle-plate"]/@value') == ["8ABC456"]
    assert page.xpath('//input[@name="change-kind"]/@value') == ["correction", "new"]
    assert Vehicle.objects.get().plate == "7XYZ123"
    assert not active_alert.updates.exists()
    assert not CaseEvent.objects.filter(kind="facts_changed", at__gt=active_alert.activated_at).exists()


@pytest.mark.parametrize(("kind", "standing"), [("correction", "wrong"), ("new", "former")])
def test_choice_names_the_update_and_what_becomes_of_the_plate(
    kind, standing, active_alert, active_case, california_officer, client
):
    client.force_login(california_officer)
    form = other_plate(active_case, **{"change-kind": kind})
    assert client.post(facts_page(active_case), form).status_code == 302
    update = active_alert.updates.open().get()
    opening = {code: text["description"].split("\n")[0] for code, text in update.texts.items()}
    if kind == "correction":
        assert update.kind == "correction"
        assert opening["en"].startswith("Correction: Disregard the license plate 7XYZ123")
        assert opening["es"].startswith("Corrección: No tome en cuenta las placas 7XYZ123")
        assert opening["fr"].startswith("Correction\u00a0: Ne tenez pas compte de la plaque d'immatriculation 7XYZ123")
    else:
        assert update.kind == "change"
        assert not any("7XYZ123" in text["description"] for text in update.texts.values())
    assert Plate.objects.get(number="7XYZ123").standing == standing
    event = CaseEvent.objects.filter(kind="facts_changed").latest("at")
    assert event.detail["correction"] == (kind == "correction")


def test_row_page_asks_too_and_keeps_what_was_typed(active_alert, active_case, california_officer, client):
    client.force_login(california_officer)
    address, form = row_form(active_case)
    assert "change-kind" in client.get(address).content.decode()
    response = client.post(address, form)
    assert response.status_code == 422
    page = html.fromstring(response.content.decode())
    assert page.xpath('//select[@name="color"]/option[@selected]/@value') == ["RED"]
    assert Vehicle.objects.get().color == "BLU"
    assert client.post(address, {**form, "change-kind": "correction"}).status_code == 302
    assert active_alert.updates.open().get().kind == "correction"


def test_place_page_asks_too(active_alert, active_case, california_officer, client):
    client.force_login(california_officer)
    address = reverse("cases:place-detail", args=[active_case.pk])

    def save(**typed: str) -> Any:
        version = str(Case.objects.get().facts_version)
        return client.post(address, {"nonce": "n" + version, "facts_version": version, **typed})

    assert save(neighborhood="Barrio Logan").status_code == 302  # nobody knew it before
    response = save(neighborhood="Logan Heights")
    assert response.status_code == 422
    assert ASKED["en"][0] in html.fromstring(response.content.decode()).text_content()
    assert save(neighborhood="Logan Heights", **{"change-kind": "new"}).status_code == 302


def test_nobody_is_asked_while_no_program_follows(active_case, california_officer, client):
    client.force_login(california_officer)
    assert "change-kind" not in client.get(facts_page(active_case)).content.decode()
    assert client.post(facts_page(active_case), other_plate(active_case)).status_code == 302
    assert Vehicle.objects.get().plate == "8ABC456"


def test_sent_request_that_nobody_received_asks_nothing_an_acknowledged_one_does(
    sent_request, active_case, california_officer, baja_coordinator
):
    from alerts.services import requests

    assert not changes.is_followed(active_case)
    requests.acknowledge(request=sent_request, by=baja_coordinator)
    assert changes.is_followed(active_case)
    vehicle = Vehicle.objects.get()
    vehicle.color = "RED"
    with pytest.raises(ChangeUnsaid):
        record_facts(
            case=active_case, by=california_officer, items=[(vehicle, ["color"])], is_correction=None, is_asked=True
        )
    assert Vehicle.objects.get().color == "BLU"


def test_filling_in_what_nobody_knew_is_new_and_asks_nothing(active_alert, active_case, california_officer):
    vehicle = Vehicle.objects.get()
    vehicle.second_color = "WHI"
    record_facts(
        case=active_case, by=california_officer, items=[(vehicle, ["second_color"])], is_correction=None, is_asked=True
    )
    assert active_alert.updates.open().get().kind == "change"


def test_free_text_asks_nothing(active_alert, active_case, california_officer):
    event = active_case.abduction
    event.circumstances, event.circumstances_language = "One.", "en"
    names = ["circumstances", "circumstances_language"]
    record_facts(case=active_case, by=california_officer, items=[(event, names)])
    event.circumstances = "Two."
    record_facts(
        case=active_case, by=california_officer, items=[(event, ["circumstances"])], is_correction=None, is_asked=True
    )
    assert not active_alert.updates.exists()


def test_api_asks_by_field_and_takes_the_answer(active_alert, active_case, california_officer, client):
    client.force_login(california_officer)
    address = reverse("api:vehicle-detail", args=[active_case.vehicles.get().pk])
    body = {"version": Case.objects.get().facts_version, "plate": "8ABC456"}
    answer = client.patch(address, body, content_type="application/json")
    assert answer.status_code == 400
    assert list(answer.json()["errors"]) == ["is_correction"]
    assert Vehicle.objects.get().plate == "7XYZ123"
    assert client.patch(address, {**body, "is_correction": True}, content_type="application/json").status_code == 200
    assert active_alert.updates.open().get().kind == "correction"


def test_proposed_correction_taken_over_is_a_correction(
    active_alert, active_case, california_officer, baja_coordinator
):
    vehicle = active_case.vehicles.get()
    proposal = propose_correction(
        case=active_case, by=baja_coordinator, subject=vehicle, field_name="color", before=["BLU"], value=["RED"],
        reason="Seen in daylight.",
    )  # fmt: skip
    vehicle.color = "RED"
    accept_correction(proposal=proposal, by=california_officer, row=vehicle, names=["color"])
    assert active_alert.updates.open().get().kind == "correction"
