"""New travel legs and links that another agency proposes: taken over in one act, or refused with a reason (U31)."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.core import mail
from django.urls import reverse
from django.utils import translation
from lxml import html

from agencies.refusals import NotPermitted
from alerts import tasks
from alerts.models import Notice
from cases.forms.proposals import corrected, show_proposals
from cases.models import Case, CorrectionProposal, Link, Person, TravelLeg
from cases.services.corrections import propose_row
from cases.services.facts import record_facts
from tests.project.returned_forms import NONCE, assert_error_beside, signed_in

pytestmark = pytest.mark.django_db
BUS = {
    "fact-mode": "bus", "fact-carrier": "Zqlines", "fact-ticket": "ZQ-7", "fact-to_place": "Central del norte, Tijuana",
    "fact-places_language": "es", "fact-arrives_at": "2031-03-01T20:30", "fact-to_subdivision": "MX-BCN",
    "reason": "La vendedora lo recuerda.", "nonce": NONCE,
}  # fmt: skip


@pytest.fixture
def case(sent_request: Any) -> Any:
    """California's case, of which Baja California was asked."""
    return sent_request.case


def page(case: Any, kind: str) -> str:
    return reverse("cases:row-propose", args=[case.pk, kind])


def decide(proposal: Any, decision: str) -> str:
    return reverse("cases:correction-decide", args=[proposal.case_id, proposal.pk, decision])


def a_leg(case: Any, by: Any, **row: str) -> Any:
    return propose_row(case=case, by=by, kind="travelleg", row={"mode": "bus", **row}, reason="Seen.")


def test_leg_is_proposed_on_a_page_and_taken_over_in_one_act(
    case: Any, california_officer: Any, baja_coordinator: Any
) -> None:
    asked, lead = signed_in(baja_coordinator, "es"), signed_in(california_officer, "en")
    assert page(case, "travelleg") in asked.get(reverse("cases:correction-list", args=[case.pk])).text
    early = asked.post(page(case, "travelleg"), {**BUS, "fact-mode": "", "reason": ""})
    assert early.status_code == 422
    assert_error_beside(html.fromstring(early.text), "fact-mode", None)
    assert not CorrectionProposal.objects.exists()
    assert asked.post(page(case, "travelleg"), BUS).status_code == 302
    assert asked.post(page(case, "travelleg"), BUS).status_code == 302
    proposal = CorrectionProposal.objects.get()
    assert (proposal.subject_type, proposal.field_name, proposal.reason_language) == ("travelleg", "", "es")
    assert not TravelLeg.objects.exists(), "nothing is recorded until the lead agency decides"
    version = Case.objects.get(pk=case.pk).facts_version
    shown = lead.get(reverse("cases:case-detail", args=[case.pk])).text
    for words in (
        "New travel leg",
        "Bus",
        "Zqlines",
        "ZQ-7",
        "Central del norte, Tijuana (Español)",
        "Baja California",
    ):
        assert words in shown, words
    assert lead.post(decide(proposal, "accept"), {"nonce": NONCE}).status_code == 302
    leg = TravelLeg.objects.get()
    assert (leg.pk, leg.ticket, leg.places_language) == (proposal.subject_id, "ZQ-7", "es")
    assert leg.arrival_zone == "America/Tijuana", "the zone of the place, as on every page of a leg"
    assert leg.police_only_groups == {"ticket"}
    event = case.events.filter(kind="facts_changed").latest("at")
    assert "travelleg.mode" in event.detail["fields"] and not event.detail["correction"]
    assert Case.objects.get(pk=case.pk).facts_version == version + 1
    assert case.events.filter(kind="correction_accepted", actor=baja_coordinator).count() == 1
    assert lead.post(decide(proposal, "accept"), {"nonce": f"{NONCE}2"}).status_code in (302, 409)
    assert TravelLeg.objects.count() == 1
    assert "New travel leg" not in lead.get(reverse("cases:case-detail", args=[case.pk])).text


def test_link_is_proposed_between_rows_that_the_proposer_reads(
    case: Any, california_officer: Any, baja_coordinator: Any
) -> None:
    from tests.cases.test_parts import hold, key

    hidden = Person(given_names="Zqhidden", role="suspect")
    record_facts(case=case, by=california_officer, items=[(hidden, ["given_names"])])
    hold(Case.objects.get(pk=case.pk), california_officer, key(hidden, "row"))
    asked, lead = signed_in(baja_coordinator, "en"), signed_in(california_officer, "en")
    child, vehicle = case.children.get(), case.vehicles.get()
    form = asked.get(page(case, "link")).text
    assert "Zqhidden" not in form and str(hidden.pk) not in form
    typed = {
        "fact-child": str(child.pk), "fact-since": "2026-11-20T10:00", "fact-time_zone": "America/Tijuana",
        "fact-until": "2026-11-20T12:00", "reason": "A camera.", "nonce": NONCE,
    }  # fmt: skip
    for wrong in (
        {},
        {"fact-person": str(hidden.pk)},
        {"fact-vehicle": str(vehicle.pk), "fact-until": "2026-11-19T12:00"},
    ):
        assert asked.post(page(case, "link"), {**typed, **wrong}).status_code == 422, wrong
    assert asked.post(page(case, "link"), {**typed, "fact-vehicle": str(vehicle.pk)}).status_code == 302
    proposal = CorrectionProposal.objects.get()
    (shown,) = show_proposals([proposal])
    words = dict(shown.facts)
    assert words["Child"] == child.name and "7XYZ123" in words["Vehicle"]
    assert words["Since"].endswith("(America/Tijuana)")
    assert lead.post(decide(proposal, "accept"), {"nonce": NONCE}).status_code == 302
    link = Link.objects.get()
    assert (link.child_id, link.vehicle_id, link.until - link.since) == (child.pk, vehicle.pk, timedelta(hours=2))


def test_refusal_needs_a_reason_and_the_proposer_is_told_without_a_name(
    case: Any, california_officer: Any, baja_coordinator: Any
) -> None:
    proposal = a_leg(case, baja_coordinator, carrier="Zqlines")
    lead = signed_in(california_officer, "en")
    assert lead.post(decide(proposal, "refuse"), {"nonce": NONCE}).status_code == 422
    refused = {"nonce": NONCE, "refusal-refusal": "not_enough_known"}
    assert lead.post(decide(proposal, "refuse"), refused).status_code == 302
    assert not TravelLeg.objects.exists()
    assert Notice.objects.filter(kind="correction_refused", deliveries__user=baja_coordinator).count() == 1
    tasks.sweep()
    letters = [str(letter.message()) for letter in mail.outbox]
    assert any(case.reference in letter for letter in letters)
    assert not any(word in letter for letter in letters for word in ("Zqlines", case.children.get().given_names))
    desk = signed_in(baja_coordinator, "es").get(reverse("alerts:desk")).text
    assert "Tramo de viaje nuevo" in desk


def test_only_lead_and_proposer_read_a_proposed_row(
    case: Any, california_officer: Any, baja_coordinator: Any, quebec_coordinator: Any, quebec: Any
) -> None:
    from tests.cases.test_parts import share

    share(case, california_officer, quebec, level="contribute")
    proposal = a_leg(Case.objects.get(pk=case.pk), baja_coordinator, ticket="ZQ-7")
    seen = CorrectionProposal.objects.visible_to  # type: ignore[attr-defined]
    assert [seen(person).count() for person in (california_officer, baja_coordinator, quebec_coordinator)] == [1, 1, 0]
    third = signed_in(quebec_coordinator, "en")
    assert "ZQ-7" not in third.get(reverse("cases:case-detail", args=[case.pk])).text
    assert third.get(reverse("api:correction-detail", args=[proposal.pk])).status_code == 404
    assert third.post(decide(proposal, "accept"), {"nonce": NONCE}).status_code == 404
    own = a_leg(Case.objects.get(pk=case.pk), quebec_coordinator)
    assert own.agency.code == quebec.code, "whoever contributes to a share proposes rows too"


@pytest.mark.parametrize("who", ["california_officer", "quebec_coordinator"])
def test_nobody_else_proposes_a_row(case: Any, who: str, request: Any) -> None:
    person = request.getfixturevalue(who)
    with pytest.raises(NotPermitted):
        a_leg(case, person)
    client = signed_in(person)
    assert client.get(page(case, "travelleg")).status_code == 404
    assert client.post(page(case, "travelleg"), BUS).status_code == 404
    body = {"subject_type": "travelleg", "row": {"mode": "bus"}, "reason": "r"}
    address = reverse("api:case-corrections", args=[case.pk])
    assert client.post(address, body, "application/json").status_code == 404
    assert not CorrectionProposal.objects.exists()


def test_other_kinds_are_not_proposed_whole(case: Any, baja_coordinator: Any) -> None:
    client = signed_in(baja_coordinator)
    assert client.get(page(case, "person")).status_code == 404
    with pytest.raises(NotPermitted):
        propose_row(case=case, by=baja_coordinator, kind="person", row={"role": "suspect"}, reason="r")
    with pytest.raises(NotPermitted):
        propose_row(case=case, by=baja_coordinator, kind="travelleg", row={}, reason="r")


def test_row_whose_end_is_gone_no_longer_fits(case: Any, california_officer: Any, baja_coordinator: Any) -> None:
    leg = TravelLeg(mode="bus")
    record_facts(case=case, by=california_officer, items=[(leg, ["mode"])])
    row = {"child": str(case.children.get().pk), "leg": str(leg.pk)}
    proposal = propose_row(case=case, by=baja_coordinator, kind="link", row=row, reason="Seen aboard.")
    leg.delete()
    answer = signed_in(california_officer, "en").post(decide(proposal, "accept"), {"nonce": NONCE}, follow=True)
    assert "The proposed value no longer fits the other facts." in answer.text
    proposal.refresh_from_db()
    assert proposal.decision == "" and not Link.objects.exists()
    (shown,) = show_proposals([proposal])
    assert dict(shown.facts)["Travel leg"] == "Not visible to your agency"


def test_partner_system_proposes_a_row_and_takes_it_over(
    case: Any, california_officer: Any, baja_coordinator: Any
) -> None:
    asked, lead = signed_in(baja_coordinator, "es"), signed_in(california_officer, "en")
    address = reverse("api:case-corrections", args=[case.pk])
    row = {"mode": "bus", "to_place": "Central", "arrives_at": "2031-03-01T20:30", "arrival_zone": "America/Tijuana"}
    body = {"subject_type": "travelleg", "row": row, "reason": "Visto."}
    for wrong, field in (
        ({"row": {**row, "mode": "rocket"}}, "row.mode"), ({"row": {"mode": "bus", "speed": "9"}}, "row.speed"),
        ({"subject_type": "person"}, "subject_type"), ({"value": ["x"]}, "row"), ({"reason": ""}, "reason"),
        ({"row": {**row, "arrival_zone": ""}}, "row.arrival_zone"),
    ):  # fmt: skip
        answer = asked.post(address, {**body, **wrong}, "application/json")
        assert (answer.status_code, list(answer.json()["errors"])) == (400, [field])
    neither = {"subject_type": "travelleg", "reason": "r"}
    errors = asked.post(address, neither, "application/json").json()["errors"]
    assert sorted(errors) == ["field_name", "subject_id", "value"]
    key = {"Idempotency-Key": "one"}
    first, second = (asked.post(address, body, "application/json", headers=key) for _time in range(2))
    assert (first.status_code, first.json()) == (201, second.json())
    proposal = CorrectionProposal.objects.get()
    told = lead.get(reverse("api:correction-detail", args=[proposal.pk])).json()
    assert told["row"] == {**row, "places_language": "es"}
    assert (told["value"], told["now"], told["is_overtaken"]) == ([], [], False)
    accept = reverse("api:correction-accept", args=[proposal.pk])
    assert asked.post(accept, {}, "application/json").status_code == 404
    assert lead.post(accept, {}, "application/json").status_code == 200
    assert TravelLeg.objects.get().to_place == "Central"
    assert lead.post(accept, {}, "application/json").status_code == 409
    assert lead.get(reverse("api:correction-detail", args=[proposal.pk])).json()["now"] == []


def test_words_of_a_row_are_in_the_language_of_the_reader(case: Any, baja_coordinator: Any) -> None:
    proposal = a_leg(case, baja_coordinator, to_subdivision="MX-SON", confidence="confirmed")
    told = {}
    for language in ("en", "es", "fr"):
        with translation.override(language):
            (shown,) = show_proposals([proposal])
            told[language] = (shown.label, [words for _label, words in shown.facts])
    assert told["en"] == ("New travel leg", ["Bus", "Sonora (Mexico)", "Confirmed"])
    assert told["es"][0] == "Tramo de viaje nuevo" and told["fr"][0] == "Nouvelle étape du voyage"
    assert told["es"][1][0] == "Autobús" and told["fr"][1][0] == "Autocar"
    row, names = corrected(proposal)
    assert (row.case_id, names) == (case.pk, ["mode", "to_subdivision", "confidence"])
