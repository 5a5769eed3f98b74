"""Plates of a vehicle over time: none is lost, alerts name those that count (U26)."""

from __future__ import annotations

from typing import Any

import pytest
from django.urls import reverse

from agencies.models import AlertProgram, AuditEvent, Subdivision
from agencies.refusals import ActRefused, NotPermitted
from alerts.composing.compose import compose
from alerts.gathering import gather_facts, lexicon
from cases.models import Case, Plate
from cases.services.facts import record_facts
from cases.services.plates import add_plate, replace_plate
from tests.project.returned_forms import NONCE, signed_in

pytestmark = pytest.mark.django_db


def standings(case: Case) -> list[tuple[str, str]]:
    return [(plate.number, plate.standing) for plate in case.plates.order_by("id")]


def descriptions(case: Case) -> list[str]:
    facts = gather_facts(case, AlertProgram.objects.get(code="mx-bcn"), "BC-1")
    return [compose(facts, language, lexicon()).description for language in ("en", "es", "fr")]  # type: ignore[arg-type]


def a_plate(number: str, issuer: str = "MX-BCN") -> Plate:
    return Plate(number=number, issuer=Subdivision.objects.get(code=issuer))


def test_plate_typed_at_intake_is_a_row(intake_case: Case) -> None:
    plate = intake_case.plates.get()
    assert (plate.number, plate.standing, plate.issuing_country, plate.issuer_id) == (
        "7XYZ123", "current", "US", "US-CA",
    )  # fmt: skip


def test_every_current_plate_is_said_in_three_languages(intake_case: Case, california_officer: Any) -> None:
    add_plate(vehicle=intake_case.vehicles.get(), by=california_officer, plate=a_plate("ABC-12?"))
    for text, partial in zip(descriptions(intake_case), ("partial", "número parcial", "numéro partiel"), strict=True):
        assert "7XYZ123" in text
        assert "ABC-12?" in text
        assert partial in text


@pytest.mark.parametrize(("because", "standing"), [("correction", "wrong"), ("change", "former")])
def test_replaced_plate_stays_and_is_said_no_more(
    because: str, standing: str, intake_case: Case, california_officer: Any
) -> None:
    earlier, version = intake_case.plates.get(), intake_case.facts_version
    later = replace_plate(earlier=earlier, by=california_officer, plate=a_plate("7XYZ128", "US-CA"), because=because)
    assert standings(intake_case) == [("7XYZ123", standing), ("7XYZ128", "current")]
    earlier.refresh_from_db()
    assert earlier.replaced_by == later
    assert earlier.replaced_at is not None
    assert (earlier.valid_until is not None) == (because == "change")
    assert all("7XYZ128" in text and "7XYZ123" not in text for text in descriptions(intake_case))
    intake_case.refresh_from_db()
    assert intake_case.facts_version == version + 1
    assert intake_case.vehicles.get().plate == "7XYZ128"
    event = AuditEvent.objects.filter(action="case.facts_changed").latest("at")
    assert "plate.number" in event.field_names
    assert "7XYZ" not in str(event.field_names) + str(event.detail)


def test_plate_that_was_changed_may_come_back(intake_case: Case, california_officer: Any) -> None:
    first = intake_case.plates.get()
    other = replace_plate(earlier=first, by=california_officer, plate=a_plate("7XYZ128", "US-CA"), because="change")
    replace_plate(earlier=other, by=california_officer, plate=a_plate("7XYZ123", "US-CA"), because="change")
    assert standings(intake_case) == [("7XYZ123", "former"), ("7XYZ128", "former"), ("7XYZ123", "current")]


def test_plate_edited_in_place_is_a_correction(intake_case: Case, california_officer: Any) -> None:
    vehicle = intake_case.vehicles.get()
    vehicle.plate = "7XYZ124"
    record_facts(case=intake_case, by=california_officer, items=[(vehicle, ["plate"])])
    assert standings(intake_case) == [("7XYZ123", "wrong"), ("7XYZ124", "current")]
    vehicle.plate = ""
    record_facts(case=intake_case, by=california_officer, items=[(vehicle, ["plate"])])
    assert standings(intake_case) == [("7XYZ123", "wrong"), ("7XYZ124", "wrong")]


def test_plate_that_does_not_count_is_not_replaced_again(intake_case: Case, california_officer: Any) -> None:
    earlier = intake_case.plates.get()
    replace_plate(earlier=earlier, by=california_officer, plate=a_plate("B1"), because="change")
    with pytest.raises(ActRefused):
        replace_plate(earlier=earlier, by=california_officer, plate=a_plate("B2"), because="change")
    with pytest.raises(ActRefused):
        add_plate(vehicle=intake_case.vehicles.get(), by=california_officer, plate=a_plate("b-1"))
    assert standings(intake_case) == [("7XYZ123", "former"), ("B1", "current")]


def test_only_the_lead_agency_changes_plates(sent_request: Any, baja_coordinator: Any) -> None:
    case = sent_request.case
    with pytest.raises(NotPermitted):
        replace_plate(earlier=case.plates.get(), by=baja_coordinator, plate=a_plate("B1"), because="correction")
    address = reverse("cases:plate-replace", args=[case.pk, case.plates.get().pk])
    assert signed_in(baja_coordinator).get(address).status_code == 404


def test_vehicle_without_plates_is_said_so(intake_case: Case, california_officer: Any) -> None:
    vehicle = intake_case.vehicles.get()
    vehicle.plate, vehicle.has_no_plates = "", True
    record_facts(case=intake_case, by=california_officer, items=[(vehicle, ["plate", "has_no_plates"])])
    for text, words in zip(
        descriptions(intake_case), ("no license plates", "sin placas", "sans plaque d'immatriculation"), strict=True
    ):
        assert words in text


def test_page_replaces_a_plate_and_keeps_what_was_typed(intake_case: Case, california_officer: Any) -> None:
    client = signed_in(california_officer)
    address = reverse("cases:plate-replace", args=[intake_case.pk, intake_case.plates.get().pk])
    wrong = client.post(address, {"number": "7xyz 12*", "kind": "ordinary", "nonce": NONCE})
    assert wrong.status_code == 422
    assert "7xyz 12*" in wrong.text
    form = {"number": "7xyz 12*", "kind": "temporary", "because": "correction", "issuer": "US-CA", "nonce": NONCE}
    assert client.post(address, form).status_code == 302
    assert standings(intake_case) == [("7XYZ123", "wrong"), ("7XYZ 12?", "current")]
    assert intake_case.plates.get(standing="current").is_partial
    page = client.get(reverse("cases:case-detail", args=[intake_case.pk])).text
    assert "Wrong, disregard" in page
