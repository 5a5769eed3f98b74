"""Ways past the locks that a reader of the code once found; each is walked as it was described, and ends nowhere."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from agencies import scope
from agencies.models import Agency, AlertProgram, AuditEvent, ProgramDesk
from agencies.refusals import ActRefused
from agencies.services import grant_membership
from alerts.models import AlertUpdate, FactsRead, KeptRequest
from alerts.services import requests
from alerts.territory import first_area
from cases.models import Case, CaseAccess, Person, Plate, Sighting, TravelLeg
from cases.services import blind_questions, handovers, parts, sharing
from cases.services.facts import record_facts
from cases.services.indications import indication_of, propose_indication
from cases.services.opinions import ask_opinion, give_opinion
from cases.services.questions_elsewhere import ask_elsewhere
from cases.services.sightings import add_sighting
from tests.alerts import test_api as api
from tests.cases.conftest import quebec, shared  # noqa: F401
from tests.project.returned_forms import NONCE, signed_in

pytestmark = pytest.mark.django_db
LOOK: Any = {"level": "look", "purpose": "assist", "hours": 24}


def hold(case: Any, by: Any, *keys: str) -> None:
    parts.mark_parts(case=case, by=by, keys=keys, is_police_only=True, reason="protection")


def page_of(case: Any, who: Any) -> str:
    return signed_in(who).get(reverse("cases:case-detail", args=[case.pk])).text


def preview(case: Any, by: Any, agency_id: Any) -> str:
    sent = {"agency": agency_id, **LOOK, "preview": "1", "nonce": NONCE}
    answer = signed_in(by).post(reverse("cases:share-list", args=[case.pk]), sent)
    assert answer.status_code == 200
    assert case.reference in answer.text
    return answer.text


def test_custody_that_is_held_back_is_in_no_update(
    active_alert: Any, california_officer: Any, baja_coordinator: Any
) -> None:
    case = active_alert.case
    child = case.children.get()
    hold(case, california_officer, f"child:{child.pk}:custody")
    child.refresh_from_db()
    child.custody, child.custody_holder, child.custody_country, child.hair = "order_sole", "mother", "US", "BLK"
    changed = ["custody", "custody_holder", "custody_country", "hair"]
    record_facts(case=Case.objects.get(pk=case.pk), by=california_officer, items=[(child, changed)])
    update = AlertUpdate.objects.latest("created_at")
    assert update.facts["custody"] == {}
    assert "Madre" not in signed_in(baja_coordinator).get(reverse("alerts:update-detail", args=[update.pk])).text


def test_preview_shows_nothing_that_an_agency_kept_to_itself(
    active_case: Any, california_officer: Any, california_coordinator: Any, california_legal: Any,
    quebec_coordinator: Any, quebec: Any,  # noqa: F811
) -> None:  # fmt: skip
    review = ask_opinion(case=active_case, by=california_coordinator, question="may_activate", hours=2)
    give_opinion(
        review=review, by=california_legal, opinion="with_conditions", conclusion="Open conclusion",
        grounds="Secret grounds", notes="Secret notes",
    )  # fmt: skip
    offer = handovers.offer_case(
        case=active_case, by=california_officer, agency=quebec, reason="jurisdiction", hours=24, keeps_level="look",
        keeps_hours=72,
    )  # fmt: skip
    handovers.accept_handover(handover=offer, by=quebec_coordinator)
    text = preview(active_case, quebec_coordinator, review.agency_id)
    assert [word for word in ("Secret grounds", "Secret notes", "Open conclusion") if word in text] == []
    assert not Agency.objects.filter(code__startswith="preview-").exists()


def test_preview_shows_no_advice_of_an_agency_whose_sight_ended(
    active_case: Any, california_coordinator: Any, california_officer: Any, quebec: Any, make_user: Any  # noqa: F811
) -> None:  # fmt: skip
    advisor = make_user("advisor@quebec.example", "ca-qc-sq", "legal_advisor", "fr")
    review = ask_elsewhere(
        case=active_case, by=california_coordinator, agency=quebec, question="may_activate", hours=2, sight_hours=1
    )
    give_opinion(
        review=review, by=advisor, opinion="with_conditions", conclusion="c", grounds="Secret grounds", notes="n"
    )
    CaseAccess.objects.filter(case=active_case, agency=quebec).update(until=timezone.now())
    assert "Secret grounds" not in preview(active_case, california_officer, quebec.pk)


def test_preview_shows_no_draft_of_a_program_whose_sight_ended(draft_alert: Any, california_officer: Any) -> None:
    case, baja = draft_alert.case, Agency.objects.get(code="mx-bcn-amber")
    CaseAccess.objects.filter(case=case, agency=baja).update(until=timezone.now())
    assert str(draft_alert.pk) not in preview(case, california_officer, baja.pk)


def test_address_of_a_home_stays_held_back_in_the_history(
    shared: Any, california_officer: Any, california_coordinator: Any, quebec_coordinator: Any,  # noqa: F811
    quebec: Any,  # noqa: F811
) -> None:  # fmt: skip
    sharing.share_by_hand(case=shared, by=california_officer, agency=quebec, **LOOK | {"level": "contribute"})
    event = Case.objects.get(pk=shared.pk).abduction
    event.road = "Zqshelter road"
    record_facts(case=event.case, by=california_officer, items=[(event, ["road"])])
    event.place_kind, event.road = "street", "Main"
    record_facts(case=Case.objects.get(pk=shared.pk), by=california_officer, items=[(event, ["place_kind", "road"])])
    witness = shared.people.get(role="reporter")
    witness.role = "witness"
    record_facts(case=Case.objects.get(pk=shared.pk), by=california_officer, items=[(witness, ["role"])])
    address = reverse("cases:case-history", args=[shared.pk])
    theirs, ours = (signed_in(who).get(address) for who in (quebec_coordinator, california_coordinator))
    assert theirs.status_code == 200
    assert [word for word in ("Zqshelter", "Zqroad", "Zqwitness") if word in theirs.text] == []
    assert all(word in ours.text for word in ("Zqshelter", "Zqroad", "Zqwitness"))


def test_parts_given_do_not_outlive_a_hand_over_and_back(
    shared: Any, california_officer: Any, quebec_coordinator: Any, quebec: Any  # noqa: F811
) -> None:  # fmt: skip
    reporter = shared.people.get(role="reporter")
    parts.give_parts(case=shared, by=california_officer, agency=quebec, keys=[f"person:{reporter.pk}:row"])
    assert "Zqwitness" in page_of(shared, quebec_coordinator)
    there = handovers.offer_case(case=shared, by=california_officer, agency=quebec, reason="jurisdiction", hours=24)
    handovers.accept_handover(handover=there, by=quebec_coordinator)
    back = handovers.offer_case(
        case=Case.objects.get(pk=shared.pk), by=quebec_coordinator, agency=Agency.objects.get(code="us-ca-chp"),
        reason="jurisdiction", hours=24, keeps_level="look", keeps_hours=72,
    )  # fmt: skip
    handovers.accept_handover(handover=back, by=california_officer)
    assert shared.reference in page_of(shared, quebec_coordinator)
    assert "Zqwitness" not in page_of(shared, quebec_coordinator)


def test_blind_question_needs_two_different_names_and_skips_what_is_not_read(
    sent_request: Any, california_officer: Any, quebec_coordinator: Any, monkeypatch: Any
) -> None:
    monkeypatch.setattr(blind_questions, "ANSWER_SECONDS", 0.0)
    case = sent_request.case
    child = case.children.get()
    case.children.update(birth_date=date(2019, 5, 4))
    names = f"{child.given_names} {child.first_surname}"

    def ask(agency: str, names: str) -> bool:
        return blind_questions.ask_about_child(
            by=quebec_coordinator, agency=Agency.objects.get(code=agency), reason="tip", names=names,
            birth_date=date(2019, 5, 4),
        ).is_hit  # fmt: skip

    for once in (f"{child.given_names} {child.given_names}", "de la Cruz"):
        with pytest.raises(ActRefused) as refused:
            ask("us-ca-chp", once)
        assert "given name and a surname" in str(refused.value.message)
    assert ask("mx-bcn-amber", names) is True
    hold(case, california_officer, f"child:{child.pk}:papers")
    assert ask("mx-bcn-amber", names) is False
    assert ask("us-ca-chp", names) is True


def test_blind_question_about_a_plate_skips_a_vehicle_that_is_not_read(
    sent_request: Any, california_officer: Any, quebec_coordinator: Any, monkeypatch: Any
) -> None:
    monkeypatch.setattr(blind_questions, "ANSWER_SECONDS", 0.0)
    vehicle = sent_request.case.vehicles.get()
    Plate.objects.create(vehicle=vehicle, case=sent_request.case, number="9OLD999")

    def ask(agency: str) -> bool:
        return blind_questions.ask_about_plate(
            by=quebec_coordinator, agency=Agency.objects.get(code=agency), reason="tip", plate="9OLD999"
        ).is_hit

    assert ask("mx-bcn-amber") is True
    hold(sent_request.case, california_officer, f"vehicle:{vehicle.pk}:row")
    assert ask("mx-bcn-amber") is False
    assert ask("us-ca-chp") is True


def test_proposal_about_a_sighting_that_is_held_back_is_not_there_by_api(
    sent_request: Any, california_officer: Any, baja_coordinator: Any, quebec_coordinator: Any, quebec: Any  # noqa: F811
) -> None:  # fmt: skip
    case = sent_request.case
    sharing.share_by_hand(case=case, by=california_officer, agency=quebec, **LOOK | {"level": "contribute"})
    sighting = Sighting(evidence="camera", seen_at=timezone.now(), time_zone="America/Toronto", place="Montréal")
    seen = add_sighting(case=Case.objects.get(pk=case.pk), by=quebec_coordinator, sighting=sighting)
    row = indication_of(seen)
    row.toward, row.confidence, row.toward_subdivision_id = "CA", "likely", "CA-QC"
    made = propose_indication(indication=row, by=quebec_coordinator, reason="Zqreason of the camera")
    address = f"/api/v1/corrections/{made.pk}/"
    assert signed_in(baja_coordinator).get(address).status_code == 200
    hold(Case.objects.get(pk=case.pk), california_officer, f"sighting:{seen.pk}:row")
    assert signed_in(baja_coordinator).get(address).status_code == 404


def test_program_that_was_given_the_reporter_cannot_name_them_to_all(
    sent_request: Any, california_officer: Any, baja_coordinator: Any, quebec_coordinator: Any, quebec: Any  # noqa: F811
) -> None:  # fmt: skip
    case = sent_request.case
    reporter = Person(given_names="Zqwitness", first_surname="Ruiz", role="reporter", phone="+16195550100")
    record_facts(case=case, by=california_officer, items=[(reporter, ["given_names"])])
    sharing.share_by_hand(case=case, by=california_officer, agency=quebec, **LOOK)
    reporter = case.people.get(role="reporter")
    baja = Agency.objects.get(code="mx-bcn-amber")
    parts.give_parts(case=Case.objects.get(pk=case.pk), by=california_officer, agency=baja,
                     keys=[f"person:{reporter.pk}:row"])  # fmt: skip
    sent = {"case": str(case.pk), "items": [{"item": "suspect_name", "subject": str(reporter.pk)}],
            "programs": ["mx-bcn"], "basis": "prosecutor_order"}  # fmt: skip
    client = api.signed_in(baja_coordinator)
    assert client.post(api.url("authority-list"), sent).status_code == 409
    case.people.filter(pk=reporter.pk).update(role="suspect", part_marks={"row": True})
    assert client.post(api.url("authority-list"), sent).status_code == 409
    assert "Zqwitness" not in page_of(case, quebec_coordinator)


def test_kept_sheet_is_printed_in_the_name_of_the_agency_that_kept_it(
    sent_request: Any, baja_coordinator: Any, quebec: Any, make_user: Any  # noqa: F811
) -> None:  # fmt: skip
    both = make_user("both@both.example", "mx-bcn-amber", "duty_officer", "es")
    grant_membership(user=both, agency=quebec, role="duty_officer", by=None)
    requests.acknowledge(request=sent_request, by=baja_coordinator)
    requests.decide(request=sent_request, by=baja_coordinator, decision="decline", reason="criteria_not_met")
    kept, client = KeptRequest.objects.get(), Client()
    client.force_login(both)
    session = client.session
    session["acts_for"] = quebec.pk
    session.save()
    assert client.get(reverse("alerts:request-kept-sheet", args=[kept.pk])).status_code == 200
    [event] = AuditEvent.objects.filter(actor_id=both.pk, action="request.kept_sheet_printed")
    assert kept.agency_id in event.agency_ids


def test_part_given_to_one_desk_is_not_kept_for_the_other(
    active_case: Any, california_officer: Any, baja_coordinator: Any, make_user: Any
) -> None:
    program, second = AlertProgram.objects.get(code="mx-bcn"), AlertProgram.objects.get(code="mx-fgr").agency
    for place, agency in enumerate((program.agency, second)):
        ProgramDesk.objects.get_or_create(program=program, agency=agency, defaults={"position": place})
    make_user("fgr@fgr.example", second.code, "coordinator", "es")
    child = active_case.children.get()
    key = f"child:{child.pk}:health"
    hold(active_case, california_officer, key)
    child.refresh_from_db()
    child.medical = ["90"]
    record_facts(case=active_case, by=california_officer, items=[(child, ["medical"])])
    case = Case.objects.get(pk=active_case.pk)
    item = requests.send_request(case=case, program=program, by=california_officer)
    parts.give_parts(case=case, by=california_officer, agency=program.agency, keys=[key])
    requests.acknowledge(request=item, by=baja_coordinator)
    assert FactsRead.objects.get().facts["facts"]["children"][0]["medical"] == []
    requests.withdraw(request=type(item).objects.get(pk=item.pk), by=california_officer, reason="other")
    told = {
        kept.agency.code: any("iabet" in value for part in kept.sheet["sections"] for _label, value in part["rows"])
        for kept in KeptRequest.objects.all()
    }
    assert told == {program.agency.code: True, second.code: False}


def test_leg_that_is_held_back_makes_no_area(active_case: Any, california_officer: Any) -> None:
    leg = TravelLeg(mode="bus", to_place="Mérida", to_subdivision_id="MX-YUC")
    record_facts(case=active_case, by=california_officer, items=[(leg, ["mode"])])
    national = AlertProgram.objects.get(code="mx-fgr")
    ours = Agency.objects.get(code="us-ca-chp").pk
    with scope.acting_for([ours], person=california_officer.pk):
        before = first_area(national, Case.objects.get(pk=active_case.pk))
    hold(active_case, california_officer, f"travelleg:{leg.pk}:row")
    with scope.acting_for([ours], person=california_officer.pk):
        after = first_area(national, Case.objects.get(pk=active_case.pk))
    assert before == ["MX-YUC"]
    assert len(after) > 20
