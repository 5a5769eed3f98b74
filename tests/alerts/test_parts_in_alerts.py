"""Police-only parts in requests, sheets and public texts: the asked program gets what was given, the public none."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from agencies.models import AlertProgram
from alerts.gathering import gather_facts
from alerts.models import KeptRequest
from alerts.services import requests
from alerts.services.drafts import photo_for
from alerts.sheet_content import request_sheet
from cases.models import Case
from cases.services import parts
from cases.services.facts import add_photo, record_facts
from tests.project.conftest import photo_bytes

pytestmark = pytest.mark.django_db


@pytest.fixture
def told(active_case: Any, california_officer: Any) -> Any:
    """The case, with circumstances and a photo of the child and one of nobody known."""
    event = active_case.abduction
    event.circumstances, event.circumstances_language = "Zqwords", "en"
    record_facts(case=active_case, by=california_officer, items=[(event, ["circumstances", "circumstances_language"])])
    child = active_case.children.get()
    add_photo(case=active_case, by=california_officer, raw=photo_bytes(), child=child, basis="parental_consent")
    add_photo(case=active_case, by=california_officer, raw=photo_bytes())
    return Case.objects.get(pk=active_case.pk)


def key(row: Any, group: str) -> str:
    return f"{row._meta.model_name}:{row.pk}:{group}"


def hold(case: Any, by: Any, *keys: str) -> None:
    parts.mark_parts(case=case, by=by, keys=keys, is_police_only=True, reason="investigation")


def said(sheet: Any) -> str:
    return str(sheet.sections)


def test_sheet_holds_what_the_program_was_given(told: Any, california_officer: Any, baja_coordinator: Any) -> None:
    program, vehicle = AlertProgram.objects.get(code="mx-bcn"), told.vehicles.get()
    hold(told, california_officer, key(told.abduction, "words"), key(vehicle, "row"))
    item = requests.send_request(case=told, program=program, by=california_officer)
    sheet = request_sheet(item, "es", california_officer)
    assert ("Zqwords" in said(sheet), "7XYZ123" in said(sheet), len(sheet.photos)) == (False, False, 1)
    held = [key(told.abduction, "words"), key(vehicle, "row"), key(told.photos.get(child=None), "row")]
    parts.give_parts(case=told, by=california_officer, agency=program.agency, keys=held)
    sheet = request_sheet(item, "es", california_officer)
    assert ("Zqwords" in said(sheet), "7XYZ123" in said(sheet), len(sheet.photos)) == (True, True, 2)


def test_page_and_api_of_a_request_leave_out_what_was_not_given(
    told: Any, california_officer: Any, baja_coordinator: Any
) -> None:
    hold(told, california_officer, key(told.abduction, "words"), key(told.vehicles.get(), "row"))
    item = requests.send_request(case=told, program=AlertProgram.objects.get(code="mx-bcn"), by=california_officer)
    client = Client()
    client.force_login(baja_coordinator)
    for address in (
        reverse("alerts:request-detail", args=[item.pk]), f"/api/v1/requests/{item.pk}/", f"/api/v1/cases/{told.pk}/",
        reverse("alerts:criteria-desk", args=[told.pk]),
    ):  # fmt: skip
        answer = client.get(address)
        assert answer.status_code == 200
        assert "Zqwords" not in answer.text
        assert "7XYZ123" not in answer.text


def test_public_text_never_uses_a_police_only_part(told: Any, california_officer: Any, baja_coordinator: Any) -> None:
    program, vehicle, child = AlertProgram.objects.get(code="mx-bcn"), told.vehicles.get(), told.children.get()
    before = gather_facts(told, program, "X")
    assert (len(before.vehicles), before.children[0].hair, before.crossing is None) == (1, "BRO", False)
    keys = [key(vehicle, "row"), key(child, "looks"), key(told.crossingindications.get(), "row")]
    hold(told, california_officer, *keys)
    item = requests.send_request(case=told, program=program, by=california_officer)
    parts.give_parts(
        case=told, by=california_officer, agency=program.agency, keys=keys
    )  # to the police, not the public
    after = gather_facts(Case.objects.get(pk=told.pk), program, "X")
    assert (after.vehicles, after.children[0].hair, after.crossing) == ((), "", None)
    requests.acknowledge(request=item, by=baja_coordinator)
    requests.decide(request=item, by=baja_coordinator, decision="accept")
    item.refresh_from_db()
    texts = " ".join(f"{text.headline} {text.description}" for text in item.alert.texts.all())
    assert "Ford" not in texts
    assert "7XYZ123" not in texts


def test_photo_that_is_police_only_is_no_picture_of_an_alert(told: Any, california_officer: Any) -> None:
    program = AlertProgram.objects.get(code="mx-bcn")
    photo = told.photos.get(child__isnull=False)
    assert photo_for(program, told) == photo
    for authority in told.publication_authorities.filter(item="photo"):
        authority.delete()
    hold(told, california_officer, key(photo, "row"))
    assert photo_for(program, Case.objects.get(pk=told.pk)) is None


def test_holding_back_what_an_alert_tells_prepares_its_update(
    told: Any, california_officer: Any, active_alert: Any
) -> None:
    hold(told, california_officer, key(told.vehicles.get(), "row"))
    update = active_alert.updates.open().get()
    texts = str(update.texts)
    assert "7XYZ123" not in texts.replace("Disregard", "") or "Disregard" in texts


def test_facts_read_are_those_of_the_program(told: Any, california_officer: Any, baja_coordinator: Any) -> None:
    hold(told, california_officer, key(told.vehicles.get(), "row"))
    item = requests.send_request(case=told, program=AlertProgram.objects.get(code="mx-bcn"), by=california_officer)
    requests.acknowledge(request=item, by=baja_coordinator)
    from alerts.models import FactsRead

    assert "7XYZ123" not in str(FactsRead.objects.get(request=item).facts)


def test_kept_sheet_is_the_sheet_as_released(told: Any, california_officer: Any, baja_coordinator: Any) -> None:
    hold(told, california_officer, key(told.abduction, "words"))
    item = requests.send_request(case=told, program=AlertProgram.objects.get(code="mx-bcn"), by=california_officer)
    requests.acknowledge(request=item, by=baja_coordinator)
    requests.decide(request=item, by=baja_coordinator, decision="decline", reason="too_much_time")
    kept = KeptRequest.objects.get(request=item)
    assert "Zoraida" in str(kept.sheet)
    assert "Zqwords" not in str(kept.sheet)
