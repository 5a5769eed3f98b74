"""The request page shows old and new values side by side, in the reader's language, until acknowledged (U20)."""

from __future__ import annotations

from typing import Any

import pytest
from django.urls import reverse
from lxml import html

from agencies.refusals import ActRefused
from alerts.models import Duty, FactsRead
from alerts.services import changes, requests, updates
from alerts.services.updates import update_hash
from cases.models import Case, Vehicle
from cases.services.facts import record_facts
from cases.services.publication import revoke_authority

pytestmark = pytest.mark.django_db
SINCE_ISSUE = {
    "en": "What has changed since your program last issued",
    "es": "Qué cambió desde la última emisión de su programa",
    "fr": "Ce qui a changé depuis la dernière émission de votre programme",
}


def change(case: Any, by: Any, **values: str) -> None:
    """Give the vehicle other values."""
    vehicle = Vehicle.objects.get(case=case)
    for name, value in values.items():
        setattr(vehicle, name, value)
    record_facts(case=case, by=by, items=[(vehicle, list(values))])


def shown(client: Any, person: Any, request: Any, language: str = "") -> tuple[str, list[tuple[str, str, str]]]:
    """Return the text of the request page and the rows of what changed: what, before, now."""
    if language:
        person.language = language
        person.save(update_fields=["language"])
    client.force_login(person)
    page = html.fromstring(client.get(reverse("alerts:request-detail", args=[request.pk])).content.decode())
    rows = [
        tuple(" ".join(cell.text_content().split()) for cell in row.xpath("./th|./td"))
        for row in page.xpath('//section[contains(@class, "confirm")]//table/tbody/tr')
    ]
    return page.text_content(), rows


@pytest.mark.parametrize(
    ("language", "row"),
    [
        ("en", ("Vehicle: color", "Blue", "Red")),
        ("es", ("Vehículo: color", "Azul", "Rojo")),
        ("fr", ("Véhicule\u00a0: couleur", "Bleu", "Rouge")),
    ],
)
def test_program_with_an_alert_sees_what_changed_since_it_issued(
    language, row, active_alert, active_case, california_officer, baja_coordinator, client
):
    change(active_case, california_officer, color="RED")
    words, rows = shown(client, baja_coordinator, active_alert.request, language)
    what = row[0].replace("\u00a0", " ")
    assert [(item[0].replace("\u00a0", " "), *item[1:]) for item in rows] == [(what, *row[1:])]
    assert SINCE_ISSUE[language] in words


def test_refused_difference_is_shown_with_the_next_one(
    active_alert, active_case, california_officer, baja_coordinator, client
):
    change(active_case, california_officer, color="RED")
    updates.refuse(update=active_alert.updates.open().get(), by=baja_coordinator, reason="not_confirmed")
    change(active_case, california_officer, plate="8ABC456")
    _words, rows = shown(client, baja_coordinator, active_alert.request)
    assert {(row[1], row[2]) for row in rows} == {("Azul", "Rojo"), ("7XYZ123 (US-CA)", "8ABC456 (US-CA)")}


def test_program_that_has_issued_nothing_sees_what_changed_since_it_read(
    accepted_request, active_case, california_officer, baja_coordinator, client
):
    change(active_case, california_officer, color="RED")
    words, rows = shown(client, baja_coordinator, accepted_request, "en")
    assert rows == [("Vehicle: color", "Blue", "Red")]
    assert "What has changed since your program last read the facts" in words
    duty = Duty.objects.get(kind="acknowledge_change")
    changes.acknowledge_change(duty=duty, by=baja_coordinator)
    assert shown(client, baja_coordinator, accepted_request)[1] == []
    change(active_case, california_officer, plate="8ABC456")
    assert [row[1:] for row in shown(client, baja_coordinator, accepted_request)[1]] == [
        ("7XYZ123 (US-CA)", "8ABC456 (US-CA)")
    ]


def test_unread_changes_add_up_until_they_are_acknowledged(
    accepted_request, active_case, california_officer, baja_coordinator, client
):
    change(active_case, california_officer, color="RED")
    change(active_case, california_officer, color="GRN")
    _words, rows = shown(client, baja_coordinator, accepted_request, "en")
    assert rows == [("Vehicle: color", "Blue", "Green")]
    assert Duty.objects.filter(kind="acknowledge_change", status="open").count() == 1


def test_names_that_may_not_be_published_are_still_read_by_the_program(
    accepted_request, active_case, california_officer, baja_coordinator, client
):
    for row in active_case.publication_authorities.all():
        revoke_authority(authority=row, by=california_officer)
    child = active_case.children.get()
    child.given_names = "Zenobia"
    record_facts(case=active_case, by=california_officer, items=[(child, ["given_names"])])
    _words, rows = shown(client, baja_coordinator, accepted_request, "en")
    assert rows == [("Child: name", "Zoraida Quimby", "Zenobia Quimby")]


def test_what_changed_while_reading_is_not_acknowledged_unread(
    accepted_request, active_case, california_officer, baja_coordinator, client
):
    change(active_case, california_officer, color="RED")
    duty, seen = Duty.objects.get(kind="acknowledge_change"), Case.objects.get().facts_version
    change(active_case, california_officer, plate="8ABC456")
    with pytest.raises(ActRefused) as refusal:
        changes.acknowledge_change(duty=duty, by=baja_coordinator, seen_version=seen)
    assert "changed again" in str(refusal.value.message)
    client.force_login(baja_coordinator)
    address = reverse("alerts:change-acknowledge", args=[duty.pk])
    assert client.post(address, {"nonce": "a", "facts_version": str(seen)}).status_code == 409
    assert client.post(address, {"nonce": "b", "facts_version": str(seen + 1)}).status_code == 302
    duty.refresh_from_db()
    assert duty.status == "discharged"


def test_issuing_the_update_is_reading_the_change(
    active_alert, active_case, california_officer, baja_coordinator, baja_approver, client
):
    change(active_case, california_officer, color="RED")
    update = active_alert.updates.open().get()
    page, _rows = shown(client, baja_coordinator, active_alert.request)
    assert "Leer, emitir o rechazar la actualización preparada" in page
    updates.submit(update=update, by=baja_coordinator)
    updates.issue(update=update, by=baja_approver, seen_hash=update_hash(update))
    assert FactsRead.objects.get().facts["facts"]["vehicles"][0]["colors"] == ["RED"]
    assert shown(client, baja_coordinator, active_alert.request)[1] == []


def test_asking_side_is_not_shown_what_the_program_has_to_acknowledge(
    active_alert, active_case, california_officer, client
):
    change(active_case, california_officer, color="RED")
    assert shown(client, california_officer, active_alert.request)[1] == []


def test_request_that_nobody_acknowledged_has_read_nothing(sent_request, baja_coordinator):
    assert not FactsRead.objects.exists()
    requests.acknowledge(request=sent_request, by=baja_coordinator)
    kept = FactsRead.objects.get()
    assert kept.version == sent_request.case.facts_version
    assert kept.facts["facts"]["children"][0]["name"] == "Zoraida Quimby"
