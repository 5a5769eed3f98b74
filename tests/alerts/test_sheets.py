"""Sheets about a request for fax and photocopier, and the acuse de recibo (U8, U23, U44)."""

from __future__ import annotations

import io
from dataclasses import replace
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from pypdf import PdfReader

from agencies.models import AlertProgram, AuditEvent
from alerts.services import outside, requests
from alerts.sheet_content import request_sheet
from alerts.sheets import RESTRICTED, render_sheet
from cases.services.facts import add_photo
from cases.services.home_decisions import decide_at_home
from tests.alerts.test_outside import told
from tests.project.conftest import photo_bytes

pytestmark = pytest.mark.django_db


def sheet(item: Any, language: str = "es", layout: str = "request") -> str:
    """Return the address of the request sheet."""
    return reverse("alerts:request-sheet", args=[item.pk, layout, language])


def acuse(item: Any, language: str = "es") -> str:
    """Return the address of the acknowledgment."""
    return reverse("alerts:request-acuse", args=[item.pk, language])


def pages(client: Client, address: str) -> list[str]:
    """Download a sheet and return the words of each page, runs of spaces as one."""
    response = client.get(address)
    assert (response.status_code, response["Content-Type"]) == (200, "application/pdf")
    return [" ".join(page.extract_text().split()) for page in PdfReader(io.BytesIO(response.content)).pages]


def test_sheet_is_one_page_and_a_page_of_photos(client: Client, sent_request: Any, california_officer: Any) -> None:
    case = sent_request.case
    add_photo(case=case, by=california_officer, raw=photo_bytes(), child=case.children.get(), basis="parental_consent")
    client.force_login(california_officer)
    found = pages(client, sheet(sent_request))
    assert len(found) == 2
    for number, text in enumerate(found, start=1):
        assert f"{sent_request.number} – {number}/2" in text
        assert all(words in text for words in RESTRICTED)
        assert california_officer.full_name in text  # who printed it, and when
    for words in ("Zoraida Quimby", "7XYZ123", "San Diego", "Folio", "Firma"):
        assert words in found[0]


@pytest.mark.parametrize(
    "language,words",
    [("en", ("Not activated", "Criteria not met: age", "Endangered missing advisory")),
     ("es", ("No activada", "Aviso de persona desaparecida en riesgo")), ("fr", ("Avis de disparition inquiétante",))],
)  # fmt: skip
def test_sheet_says_what_the_home_program_decided_why_and_instead(
    client: Client, sent_request: Any, california_officer: Any, language: str, words: tuple[str, ...]
) -> None:
    client.force_login(california_officer)
    (text, *_photos) = pages(client, sheet(sent_request, "en"))
    assert "not recorded yet" in text
    decide_at_home(
        case=sent_request.case, program=AlertProgram.objects.get(code="us-ca"), by=california_officer,
        outcome="not_activated", reason="criteria_age", alternative="advisory",
    )  # fmt: skip
    (text, *_photos) = pages(client, sheet(sent_request, language))
    for said in words:
        assert said in text, said


@pytest.mark.parametrize(
    "language,words",
    [("en", "Request to an alert program"), ("es", "Solicitud a un programa de alerta"),
     ("fr", "Demande à un programme d'alerte")],
)  # fmt: skip
def test_sheet_speaks_the_language_that_is_asked_for(
    language: str, words: str, client: Client, sent_request: Any, california_officer: Any
) -> None:
    client.force_login(california_officer)  # who reads English
    assert words in pages(client, sheet(sent_request, language))[0]


def test_free_words_are_marked_as_untranslated(client: Client, active_case: Any, california_officer: Any) -> None:
    asked = requests.send_request(
        case=active_case, program=AlertProgram.objects.get(code="mx-bcn"), by=california_officer, note="Please hurry."
    )
    client.force_login(california_officer)
    (text,) = pages(client, sheet(asked))
    assert "English – sin traducir Please hurry." in text
    assert "sin traducir" not in pages(client, sheet(asked, "en"))[0]


def test_texas_has_its_own_layout_and_others_have_not(
    client: Client, active_case: Any, sent_request: Any, california_officer: Any
) -> None:
    asked = requests.send_request(
        case=active_case, program=AlertProgram.objects.get(code="us-tx"), by=california_officer
    )
    client.force_login(california_officer)
    text = " ".join(pages(client, sheet(asked, "en", "texas")))
    for words in ("initial", "Fax", "Investigating officer", "Phone for the media", "Valid for 24 hours"):
        assert words in text
    assert client.get(sheet(sent_request, "en", "texas")).status_code == 404


def test_long_text_goes_on_to_a_second_page_and_loses_nothing(
    client: Client, active_case: Any, california_officer: Any
) -> None:
    note = " ".join(f"word{number}" for number in range(260))
    asked = requests.send_request(
        case=active_case, program=AlertProgram.objects.get(code="mx-bcn"), by=california_officer, note=note
    )
    active_case.abduction.circumstances = " ".join(f"fact{number}" for number in range(600))
    active_case.abduction.circumstances_language = "en"
    active_case.abduction.save()
    client.force_login(california_officer)
    text = " ".join(pages(client, sheet(asked, "en")))
    assert "word259" in text
    assert "fact599" in text


def test_acuse_bears_officer_position_folio_and_time_but_no_child(
    client: Client, sent_request: Any, baja_coordinator: Any, california_officer: Any
) -> None:
    client.force_login(baja_coordinator)
    assert client.get(acuse(sent_request)).status_code == 404  # nothing has been acknowledged
    requests.acknowledge(
        request=sent_request, by=baja_coordinator, receiver_reference="BC/77", position="Jefa de turno"
    )
    for person in (baja_coordinator, california_officer):
        client.force_login(person)
        (text,) = pages(client, acuse(sent_request))
        for words in ("Acuse de recibo", str(baja_coordinator), "Jefa de turno", "BC/77", sent_request.number, "PST"):
            assert words in text
        assert "Quimby" not in text


def test_acuse_of_a_telephone_answer_says_who_recorded_it(
    client: Client, active_case: Any, california_officer: Any
) -> None:
    asked = requests.send_request(
        case=active_case, program=AlertProgram.objects.get(code="us-nm"), by=california_officer
    )
    outside.record_answer(request=asked, by=california_officer, step="acknowledge", informant=told())
    client.force_login(california_officer)
    (text,) = pages(client, acuse(asked, "en"))
    assert "Officer: Sgt. Noor" in text
    assert f"Recorded by the requester: {california_officer}" in text


def test_downloads_are_recorded_and_only_for_those_who_see_the_request(
    client: Client, sent_request: Any, baja_coordinator: Any, quebec_coordinator: Any, superuser: Any
) -> None:
    client.force_login(baja_coordinator)
    response = client.get(sheet(sent_request))
    name = sent_request.number.replace("/", "-")
    assert response["Content-Disposition"] == f'inline; filename="{name}-es.pdf"'
    event = AuditEvent.objects.get(action="request.sheet_printed")
    shares = event.detail.pop("shares")  # by which share the case of another agency was met
    assert (list(shares), event.purpose) == ([str(sent_request.case_id)], "request")
    assert (event.actor_id, event.case_id, event.detail) == (
        baja_coordinator.pk, sent_request.case_id, {"language": "es", "layout": "request"}
    )  # fmt: skip
    for person in (quebec_coordinator, superuser):
        client.force_login(person)
        assert client.get(sheet(sent_request)).status_code == 404
        assert client.get(acuse(sent_request)).status_code == 404
    client.force_login(baja_coordinator)
    assert client.get(sheet(sent_request, "xx")).status_code == 404
    assert client.get(sheet(sent_request, "es", "other")).status_code == 404
    assert AuditEvent.objects.filter(action="request.sheet_printed").count() == 1


def test_exercise_is_said_on_every_sheet(sent_request: Any, california_officer: Any) -> None:
    content = replace(request_sheet(sent_request, "fr", california_officer), is_exercise=True)
    (page,) = PdfReader(io.BytesIO(render_sheet(content))).pages
    assert "EXERCISE / SIMULACRO / EXERCICE" in page.extract_text()
