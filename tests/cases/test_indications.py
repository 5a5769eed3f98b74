"""A sighting becomes an indication of crossing: taken over by the lead agency, proposed by any other (U2)."""

from __future__ import annotations

from typing import Any

import pytest
from django.urls import reverse
from django.utils import timezone, translation

from agencies.refusals import ActRefused, NotPermitted
from alerts.models import Delivery
from alerts.services.requests import acknowledge
from cases.forms.proposals import show_proposals
from cases.models import CorrectionProposal, CrossingIndication, Sighting
from cases.services.indications import indication_of, propose_indication, take_over
from cases.services.sightings import add_sighting
from tests.project.returned_forms import NONCE, signed_in

pytestmark = pytest.mark.django_db
SAID = {"toward": "MX", "toward_subdivision": "MX-CHH", "crossing_point": "bridge_of_the_americas",
        "confidence": "likely", "nonce": NONCE}  # fmt: skip


@pytest.fixture
def sighting(sent_request: Any, baja_coordinator: Any) -> Sighting:
    """A camera of Baja California saw the vehicle; where it was heading is not said."""
    acknowledge(request=sent_request, by=baja_coordinator)
    seen = Sighting(evidence="camera", seen_at=timezone.now(), time_zone="America/Tijuana", place="Tijuana")
    return add_sighting(case=sent_request.case, by=baja_coordinator, sighting=seen)


def address(sighting: Sighting) -> str:
    return reverse("cases:sighting-indication", args=[sighting.case_id, sighting.pk])


def of_sightings() -> Any:
    return CrossingIndication.objects.filter(sighting__isnull=False)


def test_lead_agency_takes_a_sighting_over_in_one_act(
    sighting: Sighting, california_officer: Any, baja_coordinator: Any, sent_request: Any
) -> None:
    client, case = signed_in(california_officer), sighting.case
    version = case.facts_version
    page = client.get(reverse("cases:case-detail", args=[case.pk])).text
    assert f'action="{address(sighting)}"' in page
    taken = "Taken over as an indication of crossing"
    assert taken not in page
    assert client.post(address(sighting), SAID).status_code == 302
    row = of_sightings().get()
    assert (row.sighting, row.evidence, row.observed_at, row.time_zone) == (
        sighting, "camera", sighting.seen_at, "America/Tijuana",
    )  # fmt: skip
    assert (row.toward, row.toward_subdivision_id, row.confidence) == ("MX", "MX-CHH", "likely")
    case.refresh_from_db()
    assert (case.facts_version, case.destination_country) == (version + 1, "MX")
    fields = case.events.filter(kind="facts_changed").latest("at").detail["fields"]
    assert "crossingindication.sighting" in fields
    told = Delivery.objects.filter(notice__kind="facts_changed").values_list("address", flat=True)
    assert list(told) == [baja_coordinator.email], "an asked program is told as of any other indication"
    page = client.get(reverse("cases:case-detail", args=[case.pk])).text
    assert f'href="#sighting-{sighting.pk}"' in page and f'action="{address(sighting)}"' not in page
    assert taken in page
    asked = signed_in(baja_coordinator, "en").get(reverse("alerts:request-detail", args=[sent_request.pk])).text
    assert f'href="#sighting-{sighting.pk}"' in asked and f'id="sighting-{sighting.pk}"' in asked


def test_two_presses_make_one_indication(sighting: Sighting, california_officer: Any) -> None:
    client = signed_in(california_officer)
    assert [client.post(address(sighting), SAID).status_code for _ in range(2)] == [302, 302]
    assert client.post(address(sighting), {**SAID, "nonce": "another-form"}).status_code == 409
    assert of_sightings().count() == 1
    again = indication_of(sighting)
    again.toward = "MX"
    with pytest.raises(ActRefused):
        take_over(indication=again, by=california_officer)


@pytest.mark.parametrize(
    ("wrong", "field"),
    [({"toward": ""}, "toward"), ({"confidence": ""}, "confidence"), ({"toward": "CA"}, "toward_subdivision"),
     ({"crossing_point": "none_such"}, "crossing_point")],
)  # fmt: skip
def test_what_is_missing_or_does_not_fit_comes_back(
    wrong: dict[str, str], field: str, sighting: Sighting, california_officer: Any
) -> None:
    response = signed_in(california_officer).post(address(sighting), {**SAID, **wrong})
    assert response.status_code == 422
    assert list(response.context["form"].errors) == [field]
    assert not of_sightings().exists()


def test_asked_agency_proposes_and_the_lead_agency_accepts_with_one_press(
    sighting: Sighting, california_officer: Any, baja_coordinator: Any
) -> None:
    client, case = signed_in(baja_coordinator), sighting.case
    assert address(sighting) in client.get(reverse("cases:case-detail", args=[case.pk])).text
    assert client.post(address(sighting), SAID).status_code == 422, "a proposal needs its reason"
    assert client.post(address(sighting), {**SAID, "reason": "Vista por dos cámaras."}).status_code == 302
    assert not of_sightings().exists(), "the facts are the lead agency's"
    proposal = CorrectionProposal.objects.get()
    assert (proposal.subject_type, proposal.value) == (
        "sighting", ["MX", "MX-CHH", "bridge_of_the_americas", "likely"],
    )  # fmt: skip
    with translation.override("fr"):
        (shown,) = show_proposals([proposal])
        places = "Chihuahua (Mexique), Pont des Amériques / Puente Córdova-Américas"
        assert shown.proposed == f"Vers\u00a0: {places} (Probable)"
    accept = reverse("cases:correction-decide", args=[case.pk, proposal.pk, "accept"])
    assert signed_in(california_officer).post(accept, {"nonce": NONCE}).status_code == 302
    row = of_sightings().get()
    assert (row.sighting, row.toward, row.confidence) == (sighting, "MX", "likely")
    assert case.events.get(kind="correction_accepted").actor == baja_coordinator


def test_proposal_of_what_was_taken_over_meanwhile_is_refused(
    sighting: Sighting, california_officer: Any, baja_coordinator: Any
) -> None:
    row = indication_of(sighting)
    row.toward, row.confidence = "MX", "likely"
    proposal = propose_indication(indication=row, by=baja_coordinator, reason="r")
    take_over(indication=row, by=california_officer)
    accept = reverse("cases:correction-decide", args=[sighting.case_id, proposal.pk, "accept"])
    assert signed_in(california_officer).post(accept, {"nonce": NONCE}).status_code == 409
    assert of_sightings().count() == 1
    with pytest.raises(ActRefused):
        propose_indication(indication=indication_of(sighting), by=baja_coordinator, reason="r")


def test_only_the_right_sides_take_over_and_propose(
    sighting: Sighting, california_officer: Any, california_legal: Any, baja_coordinator: Any, quebec_coordinator: Any
) -> None:
    row = indication_of(sighting)
    row.toward = "MX"
    for person in (california_legal, baja_coordinator, quebec_coordinator):
        with pytest.raises(NotPermitted):
            take_over(indication=row, by=person)
    for person in (california_officer, california_legal, quebec_coordinator):
        with pytest.raises(NotPermitted):
            propose_indication(indication=row, by=person, reason="r")
    for person in (california_legal, quebec_coordinator):
        assert signed_in(person).get(address(sighting)).status_code == 404
        assert signed_in(person).post(address(sighting), SAID).status_code == 404


def test_sighting_of_another_case_is_not_found(
    sighting: Sighting, california_officer: Any, active_case: Any, make_user: Any
) -> None:
    from cases.services.files import open_case

    other = open_case(by=california_officer, agency=active_case.lead_agency)
    foreign = reverse("cases:sighting-indication", args=[other.pk, sighting.pk])
    assert signed_in(california_officer).post(foreign, SAID).status_code == 404


def test_ended_case_takes_nothing_over(sighting: Sighting, california_officer: Any) -> None:
    from cases import workflow

    workflow.apply(sighting.case, "close_as_hoax", by=california_officer)
    assert signed_in(california_officer).post(address(sighting), SAID).status_code == 409
    assert not of_sightings().exists()
