"""Corrections of places, travel legs, links and documents; and facts that changed since one was proposed (U31)."""

from __future__ import annotations

import json
import uuid
from datetime import timedelta
from typing import Any

import pytest
from django.urls import reverse
from django.utils import timezone, translation

from agencies.refusals import ActRefused
from cases.forms.corrections import correction_form, facts_of, value_now, whole_value, with_value
from cases.forms.proposals import corrected, show_proposals
from cases.models import Case, CorrectionProposal, Document, Link, TravelLeg
from cases.services.corrections import accept_correction, propose_correction
from cases.services.facts import keep_document, record_facts
from tests.project.returned_forms import NONCE, signed_in

pytestmark = pytest.mark.django_db


@pytest.fixture
def case(sent_request: Any, california_officer: Any) -> Any:
    """California's case with a bus, who is on it, and a kept file; Baja California was asked."""
    case = sent_request.case
    event = case.abduction
    event.latitude, event.longitude, event.road = "32.53400", "-117.03800", "I-5"
    leg = TravelLeg(
        case=case, mode="bus", carrier="Zqlines", to_place="Ensenada", arrival_zone="America/Tijuana",
        arrives_at=timezone.now().replace(microsecond=0, second=0), ticket="ZQ-TICKET",
    )  # fmt: skip
    record_facts(
        case=case, by=california_officer,
        items=[(event, ["latitude", "longitude", "road"]), (leg, ["mode", "carrier"])],
    )  # fmt: skip
    link = Link(case=case, child=case.children.get(), leg=leg, since=timezone.now(), time_zone="America/Tijuana")
    record_facts(case=case, by=california_officer, items=[(link, ["child", "leg", "since", "time_zone"])])
    keep_document(
        case=case, by=california_officer, content=b"%PDF-1", name="scan.pdf", mime_type="application/pdf", kind="other"
    )
    return Case.objects.get(pk=case.pk)


def rows(case: Any) -> dict[str, Any]:
    return {
        "abduction": case.abduction, "travelleg": case.legs.get(), "link": case.links.get(),
        "document": case.documents.get(),
    }  # fmt: skip


def propose(case: Any, by: Any, kind: str, name: str, *value: str) -> Any:
    row = rows(case)[kind]
    before = value_now(row, name)
    form = correction_form(row, name, list(value))
    assert form.is_valid(), form.errors
    return propose_correction(
        case=case, by=by, subject=rows(case)[kind], field_name=name, before=before, value=list(value), reason="r"
    )


WAYS = [
    ("abduction", "road", ["Carretera 1D"], {"road": "Carretera 1D"}),
    ("abduction", "latitude", ["32.53300", "-117.01900"], {"latitude": "32.53300", "longitude": "-117.01900"}),
    ("travelleg", "carrier", ["Zqbus"], {"carrier": "Zqbus"}),
    ("travelleg", "arrives_at", ["2026-11-21T04:30", "America/Hermosillo"], {"arrival_zone": "America/Hermosillo"}),
    ("travelleg", "to_subdivision", ["MX-SON"], {"to_subdivision_id": "MX-SON"}),
    ("link", "until", ["2027-01-01T10:00", "America/Tijuana"], {"time_zone": "America/Tijuana"}),
    ("link", "confidence", ["confirmed"], {"confidence": "confirmed"}),
    ("document", "name", ["denuncia.pdf"], {"name": "denuncia.pdf"}),
    ("document", "kind", ["authority"], {"kind": "authority"}),
]  # fmt: skip


@pytest.mark.parametrize(("kind", "name", "value", "kept"), WAYS)
def test_fact_is_proposed_and_taken_over_in_one_act(
    case: Any, california_officer: Any, baja_coordinator: Any, kind: str, name: str, value: list[str],
    kept: dict[str, str],
) -> None:  # fmt: skip
    proposal = propose(case, baja_coordinator, kind, name, *value)
    for language in ("en", "es", "fr"):
        with translation.override(language):
            (shown,) = show_proposals([proposal])
            assert shown.proposed and shown.proposed != shown.now and not shown.before
    accept = reverse("cases:correction-decide", args=[case.pk, proposal.pk, "accept"])
    assert signed_in(california_officer).post(accept, {"nonce": NONCE, "seen": shown.seen}).status_code == 302
    row = rows(Case.objects.get(pk=case.pk))[kind]
    assert {key: str(getattr(row, key)) for key in kept} == kept
    proposal.refresh_from_db()
    assert proposal.decision == "accepted"
    assert f"{kind}.{name}" in case.events.filter(kind="facts_changed").latest("at").detail["fields"]


def test_zone_alone_makes_another_moment_of_the_same_clock(
    case: Any, california_officer: Any, baja_coordinator: Any
) -> None:
    link, leg = case.links.get(), case.legs.get()
    link.until = link.since + timedelta(hours=9)
    record_facts(case=case, by=california_officer, items=[(link, ["until"])])
    case = Case.objects.get(pk=case.pk)
    for kind, name, zone in (("travelleg", "arrives_at", "America/Monterrey"), ("link", "since", "America/Monterrey")):
        clock, _zone = value_now(rows(case)[kind], name)
        proposal = propose(case, baja_coordinator, kind, name, clock, zone)
        accept = reverse("cases:correction-decide", args=[case.pk, proposal.pk, "accept"])
        (shown,) = show_proposals([proposal])
        sent = {"nonce": str(uuid.uuid4()), "seen": shown.seen}
        assert signed_in(california_officer).post(accept, sent).status_code == 302
        case = Case.objects.get(pk=case.pk)
        assert value_now(rows(case)[kind], name) == [clock, zone]
    assert case.legs.get().arrives_at == leg.arrives_at - timedelta(hours=2)
    assert case.links.get().until == link.until


def test_page_offers_every_fact_of_the_four_kinds(case: Any, baja_coordinator: Any) -> None:
    client = signed_in(baja_coordinator)
    listed = client.get(reverse("cases:correction-list", args=[case.pk])).text
    for kind, name in (("abduction", "road"), ("abduction", "latitude"), ("travelleg", "arrives_at"), ("link", "leg")):
        address = reverse("cases:correction-propose", args=[case.pk, kind, rows(case)[kind].pk, name])
        assert address in listed
        assert client.get(address).status_code == 200
    assert "32.53400, -117.03800" in listed
    for name in ("longitude", "arrival_zone"):  # they go with their other half
        kind = "abduction" if name == "longitude" else "travelleg"
        address = reverse("cases:correction-propose", args=[case.pk, kind, rows(case)[kind].pk, name])
        assert client.get(address).status_code == 404
    half = reverse("cases:correction-propose", args=[case.pk, "abduction", case.abduction.pk, "latitude"])
    wrong = {"fact-latitude": "32.5", "fact-longitude": "", "reason": "r", "nonce": NONCE}
    assert client.post(half, wrong).status_code == 422
    right = {**wrong, "fact-longitude": "-117.1"}
    assert client.post(half, right).status_code == 302
    assert CorrectionProposal.objects.get().value == ["32.5", "-117.1"]


def test_what_is_held_back_is_not_offered_and_not_told(
    case: Any, california_officer: Any, baja_coordinator: Any
) -> None:
    client = signed_in(baja_coordinator)
    listed = client.get(reverse("cases:correction-list", args=[case.pk])).text
    assert "ZQ-TICKET" not in listed and "scan.pdf" not in listed
    kept = case.documents.get()
    address = reverse("cases:correction-propose", args=[case.pk, "document", kept.pk, "name"])
    assert client.get(address).status_code == 404
    proposal = propose_correction(
        case=case, by=baja_coordinator, subject=case.legs.get(), field_name="ticket", before=[], value=["ZQ-2"],
        reason="r",
    )  # fmt: skip
    (shown,) = show_proposals([proposal])
    assert (shown.now, shown.before) == ("ZQ-TICKET", ""), "a part that the proposer could not see has not changed"


def test_third_agency_hears_nothing_of_a_proposal_about_a_booking_or_a_hidden_end(
    case: Any, california_officer: Any, baja_coordinator: Any, quebec_coordinator: Any, quebec: Any
) -> None:
    from tests.cases.test_parts import hold, key, share

    share(case, california_officer, quebec, level="contribute")
    case = Case.objects.get(pk=case.pk)
    booking = propose(case, baja_coordinator, "travelleg", "ticket", "ZQ-2")
    link = propose(case, baja_coordinator, "link", "confidence", "confirmed")
    visible = CorrectionProposal.objects.visible_to(quebec_coordinator)  # type: ignore[attr-defined]
    assert set(visible.values_list("pk", flat=True)) == {link.pk}
    hold(case, california_officer, key(case.legs.get(), "row"))
    assert not visible.exists()
    led = CorrectionProposal.objects.visible_to(california_officer)  # type: ignore[attr-defined]
    assert set(led.values_list("pk", flat=True)) == {booking.pk, link.pk}


def test_fact_that_changed_since_is_taken_over_only_on_sight_of_both_values(
    case: Any, california_officer: Any, baja_coordinator: Any
) -> None:
    proposal = propose(case, baja_coordinator, "travelleg", "carrier", "Zqbus")
    leg = case.legs.get()
    leg.carrier = "Zqferry"
    record_facts(case=case, by=california_officer, items=[(leg, ["carrier"])])
    (shown,) = show_proposals([CorrectionProposal.objects.get()])
    assert (shown.before, shown.now, shown.proposed) == ("Zqlines", "Zqferry", "Zqbus")
    client = signed_in(california_officer, "en")
    page = client.get(reverse("cases:case-detail", args=[case.pk])).text
    assert "The fact has changed since" in page and "Recorded when it was proposed" in page
    accept = reverse("cases:correction-decide", args=[case.pk, proposal.pk, "accept"])
    for unseen in ({}, {"seen": "no json"}, {"seen": json.dumps(["Zqlines"])}):
        client.post(accept, {"nonce": NONCE, **unseen})
        proposal.refresh_from_db()
        assert (proposal.decision, case.legs.get().carrier) == ("", "Zqferry"), unseen
    assert client.post(accept, {"nonce": f"{NONCE}2", "seen": shown.seen}).status_code == 302
    assert case.legs.get().carrier == "Zqbus"


def test_facts_that_change_during_the_act_are_not_written_over(
    case: Any, california_officer: Any, baja_coordinator: Any
) -> None:
    proposal = propose(case, baja_coordinator, "travelleg", "carrier", "Zqbus")
    seen_version = case.facts_version
    row, names = corrected(proposal)
    event = case.abduction
    event.road = "I-805"
    record_facts(case=case, by=california_officer, items=[(event, ["road"])])
    with pytest.raises(ActRefused):
        accept_correction(proposal=proposal, by=california_officer, row=row, names=names, seen_version=seen_version)


def test_partner_system_proposes_reads_what_stands_now_and_accepts(
    case: Any, california_officer: Any, baja_coordinator: Any
) -> None:
    asked, lead = signed_in(baja_coordinator), signed_in(california_officer)
    link = case.links.get()
    body = {
        "subject_type": "link", "subject_id": str(link.pk), "field_name": "until",
        "value": ["2027-01-01T10:00", "America/Tijuana"], "reason": "Seen leaving.",
    }  # fmt: skip
    address = reverse("api:case-corrections", args=[case.pk])
    assert asked.post(address, {**body, "value": ["2027-01-01T10:00", ""]}, "application/json").status_code == 400
    assert asked.post(address, body, "application/json").status_code == 201
    assert asked.post(address, {**body, "field_name": "time_zone"}, "application/json").status_code == 400
    proposal = CorrectionProposal.objects.get()
    told = lead.get(reverse("api:correction-detail", args=[proposal.pk])).json()
    assert (told["now"], told["is_overtaken"]) == (told["before"], False)
    link.until = timezone.now() + timezone.timedelta(days=3)
    record_facts(case=case, by=california_officer, items=[(link, ["until"])])
    told = lead.get(reverse("api:correction-detail", args=[proposal.pk])).json()
    assert told["is_overtaken"] is True
    accept = reverse("api:correction-accept", args=[proposal.pk])
    assert lead.post(accept, {}, "application/json").status_code == 409
    assert lead.post(accept, {"seen": told["now"]}, "application/json").status_code == 200
    assert case.links.get().until.isoformat().startswith("2027-01-01T18:00")


def test_alert_of_a_partner_stays_one(case: Any, california_officer: Any) -> None:
    kept = keep_document(
        case=case, by=california_officer, content=b"<alert/>", name="a.xml", mime_type="text/xml", kind="partner_cap"
    )
    offered = {(fact.subject_id, fact.name) for _kind, facts in facts_of(case) for fact in facts}
    assert (kept.pk, "name") in offered and (kept.pk, "kind") not in offered
    other = Document.objects.exclude(pk=kept.pk).get()
    assert not correction_form(other, "kind", ["partner_cap"]).is_valid()


@pytest.mark.parametrize(
    ("kind", "name", "typed", "kept"),
    [
        ("link", "since", ["2026-11-21T04:30", ""], ["2026-11-21T04:30", ""]), ("link", "since", ["", ""], []),
        ("link", "since", ["2026-11-21T04:30"], ["2026-11-21T04:30", ""]), ("vehicle", "plate", ["", "A1"], ["A1"]),
        ("abduction", "latitude", ["", "-117.1"], ["", "-117.1"]),
    ],
)  # fmt: skip
def test_two_fields_that_belong_together_stay_in_their_order(
    kind: str, name: str, typed: list[str], kept: list[str]
) -> None:
    assert whole_value(kind, name, typed) == kept


def test_emptying_a_pair_is_a_value_too(case: Any) -> None:
    sent = with_value(case.links.get(), "since", [])
    assert (sent["fact-since"], sent["fact-time_zone"]) == ("", "")
