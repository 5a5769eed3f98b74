"""The paper pack prints in three languages: directory with dates, blank sheet, scripts in all of them (U42)."""

from __future__ import annotations

import io
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone, translation
from pypdf import PdfReader

from agencies.models import Agency, AlertProgram
from alerts.paper_packs import SCRIPTS, paper_pack

pytestmark = pytest.mark.django_db


def address(language: str) -> str:
    return reverse("alerts:paper-pack", args=[language])


@pytest.mark.parametrize(
    ("language", "words"),
    [
        ("en", ("Duty directory", "Phone scripts", "Date of birth")),
        ("es", ("Directorio de guardias", "Guiones telefónicos", "Fecha de nacimiento")),
        ("fr", ("Répertoire des permanences", "Scripts téléphoniques", "Date de naissance")),
    ],
)
def test_pack_is_one_dated_file_in_each_language(
    language: str, words: tuple[str, ...], active_case: Any, california_officer: Any
) -> None:
    client = Client()
    client.force_login(california_officer)
    Agency.objects.filter(code="us-ca-chp").update(desk_phone="+19165550199")
    answer = client.get(address(language))
    assert (answer.status_code, answer["Content-Type"]) == (200, "application/pdf")
    reader = PdfReader(io.BytesIO(answer.content))
    text = " ".join(" ".join(page.extract_text().split()) for page in reader.pages)
    for word in words:
        assert word in text
    assert "+1 916 555-0199" in text
    assert "- -" not in text, "no hyphen of an address is doubled"
    assert "Zoraida" not in text
    assert california_officer.full_name not in str(reader.metadata)
    for script in SCRIPTS:
        for spoken in ("en", "es", "fr"):
            with translation.override(spoken):
                assert str(script[1]).split(".")[0] in text


def test_every_program_stands_in_the_directory_with_what_is_known(california_officer: Any) -> None:
    agency = AlertProgram.objects.get(code="us-ca").agency
    Agency.objects.filter(pk=agency.pk).update(desk_verified_at=timezone.now())
    rows = [row for country in paper_pack("en", california_officer).directory for row in country.rows]
    assert {row[0].split("\n")[0] for row in rows} == {
        str(item) for item in AlertProgram.objects.filter(is_active=True)
    }
    verified = {row[0].split("\n")[0]: row[4] for row in rows}
    assert verified[str(AlertProgram.objects.get(code="us-ca"))] != "never"
    assert verified[str(AlertProgram.objects.get(code="mx-bcn"))] == "never"


def test_only_who_holds_a_role_prints_it(superuser: Any, california_legal: Any) -> None:
    client = Client()
    assert client.get(address("en")).status_code == 302
    client.force_login(superuser)
    assert client.get(address("en")).status_code == 404
    client.force_login(california_legal)
    assert client.get(address("en")).status_code == 200
    assert client.get(address("de")).status_code == 404
