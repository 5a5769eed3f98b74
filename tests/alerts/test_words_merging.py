"""Two officers change the words of one alert or Update: field by field, with both values where both did (U31)."""

from __future__ import annotations

from typing import Any

import pytest
from django.urls import reverse

from alerts.services import updates
from cases.models import Vehicle
from cases.services.facts import record_facts
from tests.cases.test_rows_merging import RowEditor

pytestmark = pytest.mark.django_db


@pytest.fixture
def address(draft_alert: Any) -> str:
    """The page on which the draft is worded."""
    return reverse("alerts:alert-edit", args=[draft_alert.pk])


def words(alert: Any, language: str = "es") -> tuple[str, str, str]:
    """Return the present words in one language."""
    text = alert.texts.get(language=language)
    return text.headline, text.description, text.instruction


def test_different_fields_go_together_and_the_officer_is_told(
    address: str, draft_alert: Any, baja_coordinator: Any, baja_approver: Any
) -> None:
    _headline, before, _instruction = words(draft_alert)
    mine, theirs = RowEditor(baja_coordinator, address), RowEditor(baja_approver, address)
    assert theirs.save(**{"es-headline": "Otro título", "settings-duration_hours": "20"}).status_code == 302
    answer = mine.save(**{"es-instruction": "Llame al 911.", "fr-headline": "Autre titre"})
    assert answer.status_code == 302
    assert words(draft_alert) == ("Otro título", before, "Llame al 911.")
    assert words(draft_alert, "fr")[0] == "Autre titre"
    draft_alert.refresh_from_db()
    assert (draft_alert.duration_hours, set(draft_alert.authors)) == (20, {baja_coordinator.pk, baja_approver.pk})
    told = mine.client.get(answer.url).text
    assert "junto con lo que otra persona modificó" in told


def test_both_values_stand_side_by_side_and_one_is_chosen(
    address: str, draft_alert: Any, baja_coordinator: Any, baja_approver: Any
) -> None:
    mine, theirs = RowEditor(baja_coordinator, address), RowEditor(baja_approver, address)
    assert theirs.save(**{"es-headline": "Título de Beto", "fr-headline": "Titre de Beto"}).status_code == 302
    answer = mine.save(**{"es-headline": "Título de Blanca", "en-instruction": "Call 911."})
    assert mine.conflicts(answer) == ["es-headline"]
    section = mine.page.xpath('//section[@aria-labelledby="conflicts"]')[0]
    text = " ".join(section.text_content().split())
    assert "Título de Blanca" in text and "Título de Beto" in text and baja_approver.full_name in text
    assert section.xpath(".//legend/text()") == ["Español: Titular"]
    assert section.xpath(".//strong/@lang") == ["es", "es"]
    assert words(draft_alert)[0] == "Título de Beto", "nothing was saved yet"
    assert words(draft_alert, "en")[2] != "Call 911."
    answer = mine.save()
    assert mine.conflicts(answer) == ["es-headline"], "sent without a choice it asks again"
    assert mine.save(**{"choose-es-headline": "mine"}).status_code == 302
    assert (words(draft_alert)[0], words(draft_alert, "en")[2]) == ("Título de Blanca", "Call 911.")
    assert words(draft_alert, "fr")[0] == "Titre de Beto"


def test_choosing_the_colleagues_words_keeps_them(
    address: str, draft_alert: Any, baja_coordinator: Any, baja_approver: Any
) -> None:
    mine, theirs = RowEditor(baja_coordinator, address), RowEditor(baja_approver, address)
    theirs.save(**{"es-headline": "Título de Beto"})
    assert mine.conflicts(mine.save(**{"es-headline": "Mío"})) == ["es-headline"]
    assert mine.save(**{"choose-es-headline": "theirs"}).status_code == 302
    assert words(draft_alert)[0] == "Título de Beto"


def test_error_beside_a_conflict_shows_both(
    address: str, draft_alert: Any, baja_coordinator: Any, baja_approver: Any
) -> None:
    mine, theirs = RowEditor(baja_coordinator, address), RowEditor(baja_approver, address)
    theirs.save(**{"es-headline": "Título de Beto"})
    answer = mine.save(**{"es-headline": "Mío", "settings-duration_hours": "9999"})
    assert mine.conflicts(answer) == ["es-headline"]
    assert mine.page.xpath('//*[@id="id_settings-duration_hours"]/@aria-invalid') == ["true"]


def test_words_composed_anew_are_a_newer_version_too(
    address: str, draft_alert: Any, baja_coordinator: Any, baja_approver: Any
) -> None:
    first = RowEditor(baja_approver, address)
    first.save(**{"es-headline": "Título de Beto"})
    mine = RowEditor(baja_coordinator, address)
    first.client.post(reverse("alerts:alert-step", args=[draft_alert.pk, "recompose"]), {"nonce": "again"})
    assert mine.conflicts(mine.save(**{"es-headline": "Mío"})) == ["es-headline"]
    assert "Título de Beto" not in mine.page.xpath('//section[@aria-labelledby="conflicts"]')[0].text_content()


def test_page_without_its_beginning_is_refused_over_a_newer_version(
    address: str, draft_alert: Any, baja_coordinator: Any, baja_approver: Any
) -> None:
    mine, theirs = RowEditor(baja_coordinator, address), RowEditor(baja_approver, address)
    theirs.save(**{"es-headline": "Título de Beto"})
    for base in ("", "[]", "{"):
        assert mine.save(base=base, **{"es-headline": "Mío"}).status_code == 409
    assert words(draft_alert)[0] == "Título de Beto"


def test_words_of_an_update_are_merged(
    active_alert: Any, active_case: Any, california_officer: Any, baja_coordinator: Any, baja_approver: Any
) -> None:
    vehicle = Vehicle.objects.get(case=active_case)
    vehicle.plate = "8ABC456"
    record_facts(case=active_case, by=california_officer, items=[(vehicle, ["plate"])])
    update = active_alert.updates.open().get()
    address = reverse("alerts:update-edit", args=[update.pk])
    mine, theirs = RowEditor(baja_coordinator, address), RowEditor(baja_approver, address)
    assert theirs.save(**{"es-headline": "Beto", "fr-headline": "Titre"}).status_code == 302
    answer = mine.save(**{"es-headline": "Blanca", "es-instruction": "Llame al 911."})
    assert mine.conflicts(answer) == ["es-headline"]
    update.refresh_from_db()
    assert update.texts["es"]["headline"] == "Beto"
    before = updates.update_hash(update)
    assert mine.save(**{"choose-es-headline": "mine"}).status_code == 302
    update.refresh_from_db()
    found = update.texts
    assert (found["es"]["headline"], found["es"]["instruction"], found["fr"]["headline"]) == (
        "Blanca", "Llame al 911.", "Titre",
    )  # fmt: skip
    assert updates.update_hash(update) != before
