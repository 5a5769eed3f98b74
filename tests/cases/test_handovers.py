"""Handing a case over: nothing changes until the named recipient accepts; then whatever waits has an owner."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

import pytest
from django.urls import reverse
from django.utils import timezone

from agencies import access, scope
from agencies.models import Agency, AlertProgram, AuditEvent
from agencies.refusals import ActRefused, NotPermitted, TransitionConflict
from alerts import delivery
from alerts import workflow as alerts_workflow
from alerts.desk_items import what_needs
from alerts.models import Delivery, Duty
from alerts.services import drafts, requests
from cases.access import forget_agencies
from cases.models import Case, CaseAccess, CaseEvent, CaseHandover, FactsDraft, LegalReview, Recovery
from cases.services import handovers, opinions, questions_elsewhere
from tests.project.returned_forms import NONCE, signed_in

pytestmark = pytest.mark.django_db
TEXAS = "us-tx-dps"


@pytest.fixture
def texas() -> Any:
    """The agency that the case is offered to; on no case of the others."""
    return Agency.objects.get(code=TEXAS)


@pytest.fixture
def texas_officer(make_user: Any) -> Any:
    """A duty officer in Texas."""
    return make_user("tess.officer@texas.example", TEXAS, "duty_officer")


@pytest.fixture
def texas_coordinator(make_user: Any) -> Any:
    """A coordinator in Texas."""
    return make_user("tom.coord@texas.example", TEXAS, "coordinator")


def offer(case: Any, by: Any, agency: Any, **values: Any) -> CaseHandover:
    usual = {"reason": "jurisdiction", "hours": 24, "keeps_level": "look", "keeps_hours": 72}
    return handovers.offer_case(case=case, by=by, agency=agency, **(usual | values))


def accept(handover: CaseHandover, by: Any) -> None:
    handovers.accept_handover(handover=handover, by=by)


@contextmanager
def refused(words: str) -> Iterator[None]:
    """Expect a refusal that says these words."""
    with pytest.raises(ActRefused) as refusal:
        yield
    assert words in str(refusal.value.message)


def fresh(user: Any) -> Any:
    return type(user).objects.get(pk=user.pk)


def sees(user: Any, case: Any) -> bool:
    return Case.objects.visible_to(fresh(user)).filter(pk=case.pk).exists()


def test_nothing_changes_until_it_is_accepted(
    active_case: Any, california_officer: Any, texas: Any, texas_officer: Any
) -> None:
    offered = offer(active_case, california_officer, texas)
    active_case.refresh_from_db()
    assert active_case.lead_agency.code == "us-ca-chp"
    assert CaseAccess.objects.filter(case=active_case).count() == 1
    assert not sees(texas_officer, active_case)
    client = signed_in(texas_officer)
    page = client.get(offered.url)
    assert page.status_code == 200
    assert active_case.reference in page.text
    for secret in ("Quimby", "Zoraida", "7XYZ123", "San Diego"):
        assert secret not in page.text
    assert client.get(reverse("cases:case-detail", args=[active_case.pk])).status_code == 404
    assert client.get(f"/api/v1/cases/{active_case.pk}/").status_code == 404


def test_acceptance_makes_the_recipient_lead_and_leaves_what_the_offer_said(
    active_case: Any, california_officer: Any, texas: Any, texas_officer: Any
) -> None:
    offered = offer(active_case, california_officer, texas)
    accept(offered, texas_officer)
    case = Case.objects.get(pk=active_case.pk)
    assert case.lead_agency == texas
    held = {row.agency.code: (row.level, row.purpose) for row in CaseAccess.objects.filter(case=case)}
    assert held == {"us-ca-chp": ("look", "handed"), TEXAS: ("own", "lead")}
    old = CaseAccess.objects.get(case=case, agency__code="us-ca-chp")
    assert timedelta(hours=71) < old.until - timezone.now() <= timedelta(hours=72)
    assert sees(california_officer, case)
    assert sees(texas_officer, case)
    event = CaseEvent.objects.get(case=case, kind="handover.accept")
    assert (event.agency, event.only_for) == (texas, None)
    told = AuditEvent.objects.get(action="case.handed_over")
    assert (told.actor_id, told.case_id, told.field_names) == (texas_officer.pk, case.pk, ["lead_agency"])
    client = signed_in(california_officer)
    assert client.get(reverse("cases:case-facts", args=[case.pk])).status_code == 404
    assert client.get(reverse("cases:case-detail", args=[case.pk])).status_code == 200
    assert signed_in(texas_officer).get(reverse("cases:case-facts", args=[case.pk])).status_code == 200


def test_old_lead_agency_that_keeps_nothing_sees_the_record_only(
    active_case: Any, california_officer: Any, texas: Any, texas_officer: Any
) -> None:
    offered = offer(active_case, california_officer, texas, keeps_level="")
    accept(offered, texas_officer)
    client = signed_in(california_officer)
    assert client.get(reverse("cases:case-detail", args=[active_case.pk])).status_code == 404
    page = client.get(offered.url)
    assert page.status_code == 200
    assert reverse("cases:case-detail", args=[active_case.pk]) not in page.text


def test_new_lead_agency_takes_back_what_the_old_one_kept(
    active_case: Any, california_officer: Any, texas: Any, texas_officer: Any
) -> None:
    from cases.services.sharing import end_share

    accept(offer(active_case, california_officer, texas, keeps_level="contribute"), texas_officer)
    end_share(share=CaseAccess.objects.get(case=active_case, purpose="handed"), by=fresh(texas_officer))
    assert not sees(california_officer, active_case)


def test_only_the_lead_agency_offers_and_only_the_recipient_ends(
    sent_request: Any, california_officer: Any, california_legal: Any, california_staff: Any, baja_coordinator: Any,
    quebec_coordinator: Any, superuser: Any, texas: Any, texas_officer: Any,
) -> None:  # fmt: skip
    case = sent_request.case
    others = (california_legal, california_staff, baja_coordinator, quebec_coordinator, superuser)
    for person in (*others, texas_officer):
        with pytest.raises(NotPermitted):
            offer(case, person, texas)
        assert signed_in(person).get(reverse("cases:handover-offer", args=[case.pk])).status_code == 404
    offered = offer(case, california_officer, texas)
    for person in (*others, california_officer):
        with pytest.raises(NotPermitted):
            accept(offered, person)
        with pytest.raises(NotPermitted):
            handovers.refuse_handover(handover=offered, by=person, refusal="no_capacity")
    for person in (*others, texas_officer):
        with pytest.raises(NotPermitted):
            handovers.withdraw_handover(handover=offered, by=person)
    for person in others:
        assert signed_in(person).get(offered.url).status_code == 404


def test_person_who_is_named_alone_accepts(
    active_case: Any, california_officer: Any, texas: Any, texas_officer: Any, texas_coordinator: Any
) -> None:
    offered = offer(active_case, california_officer, texas, person=texas_coordinator)
    with pytest.raises(NotPermitted):
        accept(offered, texas_officer)
    assert signed_in(texas_officer).get(offered.url).status_code == 404
    assert [row.user for row in Delivery.objects.filter(notice__kind="handover_offered")] == [texas_coordinator]
    accept(offered, texas_coordinator)
    assert sees(texas_officer, active_case)


def test_what_cannot_be_offered_is_refused(
    active_case: Any, california_officer: Any, california_coordinator: Any, texas: Any, texas_officer: Any
) -> None:
    nobody = Agency.objects.get(code="us-nm-dps")
    with pytest.raises(ActRefused):
        offer(active_case, california_officer, nobody)
    with pytest.raises(ActRefused):
        offer(active_case, california_officer, active_case.lead_agency)
    with pytest.raises(ActRefused):
        offer(active_case, california_officer, texas, person=california_coordinator)
    for wrong in ({"hours": 0}, {"hours": 721}, {"reason": ""}, {"keeps_level": "own"}, {"keeps_hours": 0}):
        with pytest.raises(ActRefused):
            offer(active_case, california_officer, texas, **wrong)
    offer(active_case, california_officer, texas)
    with pytest.raises(ActRefused):
        offer(active_case, california_officer, texas)
    assert CaseHandover.objects.count() == 1


def test_refusal_and_withdrawal_leave_the_case_and_are_told(
    active_case: Any, california_officer: Any, texas: Any, texas_officer: Any
) -> None:
    first = offer(active_case, california_officer, texas)
    handovers.refuse_handover(handover=first, by=texas_officer, refusal="no_capacity", note="Tomorrow.")
    second = offer(active_case, california_officer, texas)
    handovers.withdraw_handover(handover=second, by=california_officer)
    active_case.refresh_from_db()
    assert active_case.lead_agency.code == "us-ca-chp"
    assert (first.status, first.refusal, second.status) == ("refused", "no_capacity", "withdrawn")
    told = {(row.notice.kind, row.user.email) for row in Delivery.objects.filter(notice__handover__isnull=False)}
    assert told == {
        ("handover_offered", texas_officer.email), ("handover_withdrawn", texas_officer.email),
        ("handover_refused", california_officer.email),
    }  # fmt: skip
    kept = CaseEvent.objects.filter(case=active_case, kind__startswith="handover.")
    assert {event.only_for.code for event in kept} == {"us-ca-chp"}
    with pytest.raises(TransitionConflict):
        accept(second, texas_officer)


def test_offer_expires(active_case: Any, california_officer: Any, texas: Any, texas_officer: Any) -> None:
    offered = offer(active_case, california_officer, texas)
    CaseHandover.objects.filter(pk=offered.pk).update(expires_at=timezone.now() - timedelta(seconds=1))
    with refused("expired"):
        accept(offered, texas_officer)
    assert [item.kind for item in what_needs(fresh(texas_officer)) if item.kind == "handover"] == []
    assert handovers.expire_due() == 1
    offered.refresh_from_db()
    assert offered.status == "expired"
    told = Delivery.objects.filter(notice__kind="handover_expired").values_list("user__email", flat=True)
    assert set(told) == {texas_officer.email, california_officer.email}
    offer(active_case, california_officer, texas)


def test_desk_of_both_sides_and_mails_hold_references_only(
    active_case: Any, california_officer: Any, texas: Any, texas_officer: Any, mailoutbox: list[Any]
) -> None:
    offered = offer(active_case, california_officer, texas, note="Private words.")
    (theirs,) = (item for item in what_needs(texas_officer) if item.kind == "handover")
    (ours,) = (item for item in what_needs(california_officer) if item.kind == "handover_sent")
    assert theirs.url == ours.url == offered.url
    assert theirs.due_at == offered.expires_at
    delivery.send_due()
    (mail,) = (mail for mail in mailoutbox if mail.to == [texas_officer.email])
    assert active_case.reference in mail.body
    assert offered.url in mail.body
    for secret in ("Quimby", "Zoraida", "7XYZ123", "Private words."):
        assert secret not in mail.body + mail.subject


def test_requests_drafts_and_questions_find_their_new_owner(
    sent_request: Any, california_officer: Any, california_coordinator: Any, california_legal: Any,
    baja_coordinator: Any, texas: Any, texas_officer: Any, make_user: Any,
) -> None:  # fmt: skip
    case = sent_request.case
    draft = requests.save_draft(case=case, program=AlertProgram.objects.get(code="us-id"), by=california_officer)
    facts = FactsDraft.objects.create(case=case, agency=case.lead_agency, page="p", saved_by=california_officer)
    inside = opinions.ask_opinion(case=case, by=california_coordinator, question="custody", hours=2)
    quebec = Agency.objects.get(code="ca-qc-sq")
    make_user("juriste@quebec.example", quebec.code, "legal_advisor", "fr")
    elsewhere = questions_elsewhere.ask_elsewhere(
        case=case, by=california_coordinator, agency=quebec, question="custody", hours=2, sight_hours=0
    )
    accept(offer(case, california_officer, texas), texas_officer)
    for item in (sent_request, draft, facts, inside, elsewhere):
        item.refresh_from_db()
    assert sent_request.requesting_agency == draft.requesting_agency == facts.agency == texas
    assert (inside.status, elsewhere.status, elsewhere.asking_agency) == ("withdrawn", "requested", texas)
    assert Delivery.objects.filter(notice__kind="lead_changed", user=baja_coordinator).count() == 1
    requests.acknowledge(request=sent_request, by=baja_coordinator)
    requests.withdraw(request=sent_request, by=fresh(texas_officer), reason="other")
    with pytest.raises(NotPermitted):
        requests.send_draft(request=draft, by=fresh(california_officer))
    assert LegalReview.objects.filter(case=case, status="requested").count() == 1


def test_alert_of_the_home_program_must_not_be_orphaned(
    active_case: Any, california_officer: Any, texas: Any, texas_officer: Any
) -> None:
    offered = offer(active_case, california_officer, texas)
    alert = drafts.start_alert(case=active_case, program=AlertProgram.objects.get(code="us-ca"), by=california_officer)
    with refused("only its officers"):
        accept(offered, texas_officer)
    offered.refresh_from_db()
    assert offered.status == "offered"
    assert Case.objects.get(pk=active_case.pk).lead_agency.code == "us-ca-chp"
    handovers.withdraw_handover(handover=offered, by=california_officer)
    with refused("only its officers"):
        offer(active_case, california_officer, texas)
    alerts_workflow.apply(alert, "discard", by=california_officer)
    Duty.objects.create(
        kind="cancel_alert", case=active_case, program=alert.program, alert=alert, due_at=timezone.now()
    )
    with refused("only its officers"):
        offer(active_case, california_officer, texas)
    Duty.objects.update(status="superseded")
    accept(offer(active_case, california_officer, texas), texas_officer)


def test_alert_of_the_receiving_program_stays_with_it(
    active_alert: Any, california_officer: Any, baja_coordinator: Any, texas: Any, texas_officer: Any
) -> None:
    from alerts.services.cancellations import ask_cancellation

    request = active_alert.request
    accept(offer(active_alert.case, california_officer, texas), texas_officer)
    request.refresh_from_db()
    ask_cancellation(request=request, by=fresh(texas_officer), reason="recovered")
    assert sees(baja_coordinator, active_alert.case)
    active_alert.refresh_from_db()
    assert active_alert.status == "active"


def test_child_that_the_lead_agency_holds_is_identified_first(
    active_case: Any, california_officer: Any, texas: Any, texas_officer: Any
) -> None:
    Recovery.objects.create(
        case=active_case, child=active_case.children.get(), located_at=timezone.now(), place="Tijuana",
        time_zone="America/Tijuana", subdivision=active_case.origin, condition="unharmed",
        holding_agency=active_case.lead_agency, reported_by=california_officer,
    )  # fmt: skip
    with refused("holds a child"):
        offer(active_case, california_officer, texas)


def test_accepting_works_behind_the_second_lock(
    sent_request: Any, california_officer: Any, texas: Any, texas_officer: Any
) -> None:
    offered = offer(sent_request.case, california_officer, texas)
    with scope.acting_for(access.all_agency_ids(texas_officer)):
        assert Case.objects.filter(pk=offered.case_id).count() == 0
        accept(CaseHandover.objects.get(pk=offered.pk), texas_officer)
    with scope.acting_for(access.all_agency_ids(texas_officer)):
        assert Case.objects.get(pk=offered.case_id).lead_agency == texas


@pytest.mark.parametrize("language", ["en", "es", "fr"])
def test_pages_offer_and_accept_once(
    active_case: Any, california_officer: Any, texas: Any, texas_officer: Any, language: str
) -> None:
    ours, theirs = signed_in(california_officer, language), signed_in(texas_officer, language)
    address = reverse("cases:handover-offer", args=[active_case.pk])
    assert address in ours.get(reverse("cases:case-detail", args=[active_case.pk])).text
    form = {"agency": str(texas.pk), "person": "", "reason": "jurisdiction", "hours": "72", "keeps_level": "look",
            "keeps_hours": "72", "nonce": NONCE}  # fmt: skip
    wrong = ours.post(address, form | {"person": "nobody@texas.example", "reason": "", "nonce": "n" * 20})
    assert wrong.status_code == 422
    assert set(wrong.context["form"].errors) == {"person", "reason"}
    assert wrong.context["form"]["keeps_hours"].value() == "72"
    for _time in range(2):
        answer = ours.post(address, form)
        assert answer.status_code == 302, answer.text
    offered = CaseHandover.objects.get()
    assert answer.headers["Location"] == offered.url
    assert "<form" in theirs.get(offered.url).text
    end = reverse("cases:handover-accept", args=[offered.pk])
    assert theirs.post(end, {"nonce": "a" * 20}).status_code == 422
    for _time in range(2):
        assert theirs.post(end, {"is_meant": "on", "nonce": "b" * 20}).headers["Location"] == reverse(
            "cases:case-detail", args=[active_case.pk]
        )
    assert CaseEvent.objects.filter(kind="handover.accept").count() == 1
    assert theirs.post(end, {"is_meant": "on", "nonce": "c" * 20}).status_code == 409


def test_page_refuses_and_withdraws(active_case: Any, california_officer: Any, texas: Any, texas_officer: Any) -> None:
    ours, theirs = signed_in(california_officer), signed_in(texas_officer)
    offered = offer(active_case, california_officer, texas)
    refuse = reverse("cases:handover-refuse", args=[offered.pk])
    assert theirs.post(refuse, {"refusal": "", "nonce": "a" * 20}).status_code == 422
    assert theirs.post(refuse, {"refusal": "no_capacity", "nonce": "b" * 20}).headers["Location"] == offered.url
    again = offer(active_case, california_officer, texas)
    withdraw = reverse("cases:handover-withdraw", args=[again.pk])
    assert theirs.post(withdraw, {"nonce": "a" * 20}).status_code == 404
    assert ours.post(withdraw, {"nonce": "a" * 20}).headers["Location"] == again.url
    assert "no_capacity" not in ours.get(offered.url).text


def test_api_offers_and_ends(active_case: Any, california_officer: Any, texas: Any, texas_officer: Any) -> None:
    ours, theirs = signed_in(california_officer), signed_in(texas_officer)
    address = f"/api/v1/cases/{active_case.pk}/handovers/"

    def post(client: Any, where: str, **body: Any) -> Any:
        return client.post(where, json.dumps(body), content_type="application/json")

    made = post(ours, address, agency=TEXAS, reason="jurisdiction", hours=24, keeps_level="look")
    assert made.status_code == 201, made.text
    assert (made.json()["status"], made.json()["keeps_hours"]) == ("offered", 72)
    assert post(ours, address, agency=TEXAS, reason="jurisdiction", hours=24).status_code == 409
    assert [row["id"] for row in ours.get(address).json()] == [made.json()["id"]]
    one = f"/api/v1/handovers/{made.json()['id']}/"
    assert theirs.get(one).json()["reference"] == active_case.reference
    assert theirs.get(address).status_code == 404
    assert post(theirs, one + "withdraw/").status_code == 404
    assert post(theirs, one + "refuse/", refusal="nonsense").status_code == 400
    assert post(theirs, one + "refuse/", refusal="no_capacity").json()["status"] == "refused"
    second = post(ours, address, agency=TEXAS, person=texas_officer.email, reason="capacity", hours=24).json()
    assert second["is_for_one_person"] is True
    assert post(theirs, f"/api/v1/handovers/{second['id']}/accept/").json()["status"] == "accepted"
    forget_agencies(active_case)
    assert Case.objects.get(pk=active_case.pk).lead_agency == texas
