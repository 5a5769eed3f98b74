"""Sightings: any agency on the case adds one, whoever searches is told at once, nobody's name travels (U2)."""

from __future__ import annotations

from typing import Any

import pytest
from django.core import mail
from django.urls import reverse
from django.utils import timezone

from agencies.refusals import ActRefused, NotPermitted
from alerts.models import Delivery, Notice
from cases.models import Case, CaseEvent, Sighting
from cases.services.sightings import add_sighting
from tests.project.returned_forms import NONCE, signed_in

pytestmark = pytest.mark.django_db
FORM = {
    "evidence": "camera", "seen_at": "2026-11-20T19:05", "place": "Ciudad Juárez", "subdivision": "MX-CHH",
    "toward": "MX", "toward_subdivision": "MX-CHH", "crossing_point": "bridge_of_the_americas",
    "confidence": "likely", "nonce": NONCE,
}  # fmt: skip


def a_sighting(**fields: Any) -> Sighting:
    return Sighting(evidence="camera", seen_at=timezone.now(), time_zone="America/Tijuana", place="Tijuana", **fields)


def test_asked_agency_adds_a_sighting_and_both_sides_are_told(
    sent_request: Any, baja_coordinator: Any, california_officer: Any, california_legal: Any, quebec_coordinator: Any
) -> None:
    case, version = sent_request.case, sent_request.case.facts_version
    add_sighting(case=case, by=baja_coordinator, sighting=a_sighting(toward="MX"))
    notice = Notice.objects.get(kind="sighting")
    told = set(Delivery.objects.filter(notice=notice).values_list("address", flat=True))
    assert told == {baja_coordinator.email, california_officer.email}
    case.refresh_from_db()
    assert case.facts_version == version, "a sighting is evidence, the facts are the lead agency's"
    assert CaseEvent.objects.filter(case=case, kind="sighting_added", agency__code="mx-bcn-amber").exists()


def test_notice_holds_the_reference_and_no_name(sent_request: Any, baja_coordinator: Any) -> None:
    from alerts.mails import MailComposer

    case = sent_request.case
    add_sighting(case=case, by=baja_coordinator, sighting=a_sighting())
    for delivery in Delivery.objects.filter(notice__kind="sighting"):
        sent = MailComposer().compose(delivery)
        text = f"{sent.subject}\n{sent.body}"
        assert case.reference in text
        for secret in ("Zoraida", "Quimby", "Waldemar", "7XYZ123", "Ford", "Tijuana"):
            assert secret not in text
    assert mail.outbox == []


def test_whoever_is_not_on_the_case_adds_nothing(
    active_case: Case, quebec_coordinator: Any, california_legal: Any
) -> None:
    for person in (quebec_coordinator, california_legal):
        with pytest.raises(NotPermitted):
            add_sighting(case=active_case, by=person, sighting=a_sighting())
        address = reverse("cases:sighting-add", args=[active_case.pk])
        assert signed_in(person).get(address).status_code == 404
    assert not Sighting.objects.exists()


def test_case_that_has_ended_takes_no_sighting(active_case: Case, california_officer: Any) -> None:
    from cases import workflow

    workflow.apply(active_case, "close_as_hoax", by=california_officer)
    with pytest.raises(ActRefused):
        add_sighting(case=active_case, by=california_officer, sighting=a_sighting())


def test_page_takes_the_zone_from_the_place_and_names_both_sides(active_case: Case, california_officer: Any) -> None:
    client = signed_in(california_officer)
    assert client.post(reverse("cases:sighting-add", args=[active_case.pk]), FORM).status_code == 302
    sighting = Sighting.objects.get()
    assert sighting.time_zone == "America/Ciudad_Juarez"
    assert sighting.seen_at.isoformat() == "2026-11-21T02:05:00+00:00"
    page = client.get(reverse("cases:case-detail", args=[active_case.pk])).text
    assert "Bridge of the Americas / Puente Córdova-Américas" in page
    assert "Nov 20, 2026, 19:05" in page, "the time of the place"
    assert "Nov 20, 2026, 18:05" in page, "the time of the reader in California"


def test_place_may_be_coordinates_alone(active_case: Case, california_officer: Any) -> None:
    client, address = signed_in(california_officer), reverse("cases:sighting-add", args=[active_case.pk])
    form = {"evidence": "camera", "seen_at": "2026-11-20T19:05", "time_zone": "America/Denver", "nonce": NONCE}
    assert client.post(address, form).status_code == 422
    assert client.post(address, {**form, "latitude": "31.75"}).status_code == 422
    assert client.post(address, {**form, "latitude": "31.75", "longitude": "-106.45"}).status_code == 302
    assert not Sighting.objects.get().place


@pytest.mark.parametrize(
    ("typed", "kept"),
    [("79901", "79901"), ("79901-1234", "79901-1234"), ("h2y1c6", "H2Y 1C6"), ("H2Y 1C6", "H2Y 1C6"), ("1234", None),
     ("D2Y 1C6", None)],
)  # fmt: skip
def test_postal_codes_of_three_countries(
    typed: str, kept: str | None, active_case: Case, california_officer: Any
) -> None:
    response = signed_in(california_officer).post(
        reverse("cases:sighting-add", args=[active_case.pk]), {**FORM, "postal_code": typed}
    )
    assert response.status_code == (302 if kept else 422)
    assert [item.postal_code for item in Sighting.objects.all()] == ([kept] if kept else [])
